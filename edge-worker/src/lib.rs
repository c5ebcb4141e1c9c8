//! The worker: converts, fetches, stores and answers. Every decision is `backsoon::rescue`'s.
//!
//! Requests and responses stay the platform's own objects from end to end: a body that is only relayed has no
//! business in wasm. That is also why the `worker` crate is not here: its `Response` cannot carry a status
//! outside 200-599, what it starts and exports beside weighs 14 KB after gzip, and its way out of a panic
//! answers every request in flight with an error, where js/entry.mjs has the origin's answers.

mod asking;
mod config;
mod convert;
mod handle;
mod isolate;
mod log;
mod look;
mod origin;
mod own;
mod rescue;
mod store;
mod visit;

#[cfg(feature = "test-hook")]
mod hook;

use visit::Visit;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{Request, Response};

/// Answers one request. What cannot be answered here the entry module answers.
#[wasm_bindgen]
pub async fn fetch(request: Request, env: JsValue, visit: Visit) -> Response {
    #[cfg(feature = "test-hook")]
    let wish = hook::before(&request).await;
    let answer = handle::handle(request, config::settings(&env), visit.clone()).await;
    #[cfg(feature = "test-hook")]
    hook::after(wish);
    answer.unwrap_or_else(|error| {
        visit.give_up(&error);
        Response::error()
    })
}
