//! The worker: converts, fetches, stores and answers. Every decision is `backsoon::rescue`'s.
//!
//! Requests and responses stay the platform's own objects from end to end: the `worker` crate's own
//! `Response` cannot carry a status outside 200-599, and a body that is only relayed has no business in wasm.
//! From that crate come the event, the environment and the console.

mod asking;
mod config;
mod confirm;
mod convert;
mod coverage;
mod everywhere;
mod firewall;
mod generations;
mod handle;
mod isolate;
mod log;
mod look;
mod origin;
mod own;
mod parts;
mod patience;
mod preflights;
mod probe;
mod rescue;
mod second_look;
mod secondary;
mod store;
mod visit;

#[cfg(feature = "test-hook")]
mod hook;

use std::convert::Infallible;
use visit::Visit;
use wasm_bindgen::prelude::JsCast;
use web_sys::{Request, Response};
use worker::{Context, Env, event};

/// Lets a panic say in the log where it was; what becomes of its requests is js/entry.mjs's matter.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers one request. What cannot be answered here the entry module answers.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response, Infallible> {
    // js/entry.mjs hands over its `Visit` in the place of the platform's context.
    let visit: Visit =
        AsRef::<worker::worker_sys::Context>::as_ref(&context).unchecked_ref::<Visit>().clone();
    #[cfg(feature = "test-hook")]
    let wish = hook::before(&request).await;
    let answer =
        handle::handle(request, config::settings(&env), everywhere::bound(&env), visit.clone()).await;
    #[cfg(feature = "test-hook")]
    hook::after(wish);
    Ok(answer.unwrap_or_else(|error| {
        visit.give_up(&error);
        Response::error()
    }))
}
