//! The entry module's `Visit` (js/visit.mjs): what wasm tells it, so that it can answer without wasm.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{Request, Response};

#[wasm_bindgen]
extern "C" {
    /// One request of a visitor, as seen from outside the wasm.
    pub type Visit;

    /// Fetches the origin's answer. `limit_ms` bounds the wait for the head of the answer, never its body.
    #[wasm_bindgen(method, catch)]
    pub async fn ask(this: &Visit, request: &Request, limit_ms: u32) -> Result<Response, JsValue>;

    /// Replaces the remembered answer by one that can still be relayed.
    #[wasm_bindgen(method)]
    pub fn keep(this: &Visit, answer: &Response);
}
