//! Asks the origin, and tells what came of it.

use crate::convert;
use crate::visit::Visit;
use backsoon::cache::freshness::Timing;
use backsoon::rescue::{Outgoing, Thrown};
use backsoon::time::Millis;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Request, Response};

/// What came of asking, and when.
pub struct Asked {
    /// The platform's own response, or what it threw.
    pub answer: Result<Response, Thrown>,
    /// When it was asked, and when the head of the answer arrived or the failure was known.
    pub timing: Timing,
}

/// The same for something that the visitor's answer does not wait for.
pub async fn ask_aside(visit: &Visit, request: Request, outgoing: &Outgoing, limit_ms: u32) -> Asked {
    let requested_at = convert::now();
    let answer = match convert::addressed(request, outgoing) {
        Ok(request) => visit.ask_aside(&request, limit_ms).await,
        Err(error) => Err(error),
    };
    asked(answer, requested_at)
}

/// Sends the visitor's request on, once. `limit_ms` bounds the wait for the head of the answer.
pub async fn ask(visit: &Visit, request: Request, outgoing: &Outgoing, limit_ms: u32) -> Asked {
    let requested_at = convert::now();
    let answer = match convert::addressed(request, outgoing) {
        Ok(request) => visit.ask(&request, limit_ms).await,
        Err(error) => Err(error),
    };
    asked(answer, requested_at)
}

fn asked(answer: Result<Response, JsValue>, requested_at: Millis) -> Asked {
    let timing = Timing { requested_at, responded_at: convert::now() };
    let elapsed = timing.responded_at.saturating_sub(requested_at);
    let elapsed = u32::try_from(elapsed).unwrap_or(u32::MAX);
    Asked { answer: answer.map_err(|error| convert::thrown(&error, elapsed)), timing }
}
