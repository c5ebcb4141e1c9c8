//! Looks at refusals (403, 429): whether a firewall refuses everybody, which is a failure of the site.
//!
//! When it is one, `backsoon::rescue::firewall` decides.

use crate::confirm;
use crate::convert;
use crate::handle::Watched;
use crate::isolate;
use backsoon::rescue::firewall::{self, MOST_BYTES, may_refuse};
use backsoon::rescue::generations::print;
use backsoon::rescue::tier::fingerprint;
use backsoon::rescue::{AnswerHead, Failure, Kind};
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// So long a refusal's body is waited for.
const LIMIT_MS: u32 = 1500;

/// The answer, and the failure that it stands for where everybody is refused. `aside`: nobody waits for it.
pub async fn look(
    on: &Watched,
    answer: Response,
    head: &AnswerHead,
    elapsed_ms: u32,
    aside: bool,
) -> Result<(Response, Option<Failure>), JsValue> {
    let request = &on.watch.request;
    if !may_refuse(head.status)
        || request.method != "GET"
        || request.body
        || on.watch.is_drafted()
        || on.settings.refusal_outage_s == 0
    {
        return Ok((answer, None));
    }
    let (shown, body) = match convert::split(&answer)? {
        Some((shown, look)) => {
            if !aside {
                on.visit.keep(&shown);
            }
            let read = convert::prefix(&look, MOST_BYTES, LIMIT_MS).await;
            (shown, told(head, &read.map(|read| read.bytes.to_vec()).unwrap_or_default()))
        }
        None => (answer, told(head, &[])),
    };
    if isolate::refused(&on.settings, request, body) {
        let own = on.clone();
        on.visit.background(async move {
            if let Some((start, head)) = confirm::start_page(&own, Kind::Page).await {
                let body = self::body(&start, &head).await;
                isolate::start_page(&own.settings, own.host(), body);
            }
        });
    }
    let fails = isolate::refuses_everybody(&on.settings, on.host(), body);
    Ok((shown, fails.then(|| firewall::failure(head.status, elapsed_ms))))
}

/// What tells one answer's status and body from another's. Reads the body.
pub async fn body(answer: &Response, head: &AnswerHead) -> (u16, u64) {
    let read = match answer.body() {
        Some(stream) => convert::prefix(&stream, MOST_BYTES, LIMIT_MS).await,
        None => None,
    };
    told(head, &read.map(|read| read.bytes.to_vec()).unwrap_or_default())
}

fn told(head: &AnswerHead, bytes: &[u8]) -> (u16, u64) {
    let print = print(head.headers.value("content-type"), bytes);
    (head.status, print.unwrap_or_else(|| fingerprint(bytes)))
}
