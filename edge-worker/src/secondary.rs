//! Asks the owner's second server for what the origin failed and of which there is no copy.
//!
//! Whether, how, and what of its answer is shown, `backsoon::rescue::secondary` decides.

use crate::convert;
use crate::handle::Watched;
use backsoon::rescue::Rescue;
use backsoon::rescue::secondary::{LIMIT_MS, StandIn, shown};
use wasm_bindgen::prelude::JsValue;
use web_sys::{Headers, Request, RequestInit, Response};

/// Its answer; `None` where it has none to show.
pub async fn ask(on: &Watched, how: &StandIn, rescue: &Rescue<'_>) -> Option<Response> {
    let request = request(how).ok()?;
    let answer = convert::ask_aside(&on.visit, LIMIT_MS, &request).await.ok()?;
    match shown(rescue, &convert::head(&answer), &on.settings) {
        Some(edits) => convert::edited(answer, &edits).ok(),
        None => {
            convert::discard(&answer);
            None
        }
    }
}

fn request(how: &StandIn) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &how.headers.0 {
        headers.append(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(&how.method);
    init.set_headers(&headers);
    Request::new_with_str_and_init(&how.url, &init)
}
