//! The worker's own addresses, and what this isolate has lately seen of the origin.

use crate::convert::{self, Body};
use backsoon::rescue::{Endpoint, Settings};
use backsoon::status::document;
use backsoon::status::health::{Health, reference};
use std::cell::RefCell;
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

thread_local! {
    static HEALTH: RefCell<Health> = RefCell::default();
}

/// The origin gave a proper answer.
pub fn origin_answered() {
    HEALTH.with(|health| {
        if let Ok(mut health) = health.try_borrow_mut() {
            health.answered(convert::now());
        }
    });
}

/// The origin failed. Gives the word by which the visitor and the owner can speak of this outage.
pub fn origin_failed(copy_shown: bool) -> String {
    let now = convert::now();
    HEALTH.with(|health| {
        let Ok(mut health) = health.try_borrow_mut() else { return reference(now) };
        health.failed(now, copy_shown);
        health.reference().unwrap_or_else(|| reference(now))
    })
}

/// Answers one of our own addresses.
pub fn answer(endpoint: Endpoint, settings: &Settings) -> Result<Response, JsValue> {
    let now = convert::now();
    let health = HEALTH.with(|health| health.try_borrow().map(|health| health.clone()).unwrap_or_default());
    let answer = document::answer(endpoint, &health, settings, now);
    let fields = answer.fields.iter().copied();
    let body = if answer.body.is_empty() { Body::Empty } else { Body::Text(answer.body) };
    convert::response(answer.status, fields, body)
}
