//! Asks the origin, and tells what came of it.

use crate::convert;
use crate::visit::Visit;
use backsoon::cache::freshness::Timing;
use backsoon::rescue::{Outgoing, Thrown};
use web_sys::{Request, Response};

/// What came of asking, and when.
pub struct Asked {
    /// The platform's own response, or what it threw.
    pub answer: Result<Response, Thrown>,
    /// When it was asked, and when the head of the answer arrived or the failure was known.
    pub timing: Timing,
}

/// Sends the visitor's request on, once. `limit_ms` bounds the wait for the head of the answer; `aside`: no visitor
/// waits for it.
pub async fn ask(visit: &Visit, request: &Request, outgoing: &Outgoing, limit_ms: u32, aside: bool) -> Asked {
    let requested_at = convert::now();
    let answer = convert::ask(visit, limit_ms, request, outgoing, aside).await;
    let timing = Timing { requested_at, responded_at: convert::now() };
    let elapsed = timing.responded_at.saturating_sub(requested_at);
    let elapsed = u32::try_from(elapsed).unwrap_or(u32::MAX);
    Asked { answer: answer.map_err(|error| convert::thrown(&error, elapsed)), timing }
}
