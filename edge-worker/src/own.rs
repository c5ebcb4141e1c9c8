//! The worker's own addresses.

use crate::convert::{self, Body};
use crate::isolate;
use backsoon::rescue::{Endpoint, Settings};
use backsoon::status::document::{self, Known};
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// Answers one of our own addresses.
pub fn answer(endpoint: Endpoint, settings: &Settings, host: &str) -> Result<Response, JsValue> {
    let known = Known {
        breaker: &isolate::breaker(settings, host),
        refusing: isolate::refuses_since(settings, host),
        start_page: isolate::known_start_page(settings, host),
    };
    let answer = document::answer(endpoint, &known, settings, convert::now());
    let body = if answer.body.is_empty() { Body::Empty } else { Body::Text(answer.body) };
    convert::response(answer.status, answer.fields.iter().copied(), body)
}
