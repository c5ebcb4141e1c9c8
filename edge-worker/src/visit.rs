//! The entry module's `Visit` (js/visit.mjs): what wasm tells it, so that it can answer without wasm.

use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;
use web_sys::Response;

#[wasm_bindgen]
extern "C" {
    /// One request of a visitor, as seen from outside the wasm.
    #[derive(Clone)]
    pub type Visit;

    /// Replaces the remembered answer by one that can still be relayed.
    #[wasm_bindgen(method)]
    pub fn keep(this: &Visit, answer: &Response);

    /// Leaves the visit to the entry module, for this reason.
    #[wasm_bindgen(method, js_name = giveUp)]
    pub fn give_up(this: &Visit, reason: &JsValue);

    #[wasm_bindgen(method, js_name = waitUntil)]
    fn wait_until(this: &Visit, promise: &js_sys::Promise);
}

impl Visit {
    /// Lets something go on after the visitor has the answer.
    pub fn background(&self, work: impl Future<Output = ()> + 'static) {
        self.go_on(Box::pin(work));
    }

    /// Boxed: what makes a promise of a future would be in the wasm once for each kind of work.
    fn go_on(&self, work: Pin<Box<dyn Future<Output = ()>>>) {
        self.wait_until(&future_to_promise(async {
            work.await;
            Ok(JsValue::UNDEFINED)
        }));
    }
}
