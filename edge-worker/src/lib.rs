//! The worker: converts, fetches, stores and answers. Every decision is `backsoon::rescue`'s.
//!
//! Requests and responses stay the platform's own objects from end to end: the `worker` crate's own
//! `Response` cannot carry a status outside 200-599, and a body that is only relayed has no business in wasm.

mod visit;

#[cfg(feature = "test-hook")]
mod hook;

use std::convert::Infallible;
use visit::Visit;
use wasm_bindgen::JsCast;
use worker::{Context, Env, event};

/// Answers one request. It never fails: what goes wrong ends in an answer, at worst the entry module's.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    _env: Env,
    context: Context,
) -> Result<web_sys::Response, Infallible> {
    // js/entry.mjs hands over its `Visit` in the place of the platform's context.
    let visit: &Visit = context.as_ref().unchecked_ref();
    #[cfg(feature = "test-hook")]
    hook::before(&request).await;
    let answer = visit.ask(&request, 5000).await;
    #[cfg(feature = "test-hook")]
    hook::after(&request);
    match answer {
        Ok(answer) => Ok(answer),
        Err(_) => std::future::pending().await,
    }
}
