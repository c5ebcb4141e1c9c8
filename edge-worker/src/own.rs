//! The worker's own addresses.

use crate::convert::{self, Body};
use crate::isolate;
use backsoon::rescue::{Endpoint, Settings};
use backsoon::status::document;
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// Answers one of our own addresses.
pub fn answer(endpoint: Endpoint, settings: &Settings, host: &str) -> Result<Response, JsValue> {
    let answer = document::answer(endpoint, &isolate::breaker(settings, host), settings, convert::now());
    let body = if answer.body.is_empty() { Body::Empty } else { Body::Text(answer.body) };
    convert::response(answer.status, answer.fields.iter().copied(), body)
}
