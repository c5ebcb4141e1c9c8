//! The report that a visitor can copy: Markdown for people, with the facts as a capture that
//! `cargo xtask diagnose` reads back.
//!
//! It carries no query of the address, no cookie and no header of the request. The body is in it only where
//! the page failed: an error page is evidence, a healthy page is the visitor's own.

use crate::js;
use crate::owner::Owner;
use backsoon::facts::{Exchange, TransportError};
use backsoon::verdict::{AtFault, Verdict};
use wasm_bindgen::JsValue;

/// Header fields that carry what identifies the visitor.
const PRIVATE: &[&str] = &["set-cookie", "set-cookie2", "authorization", "proxy-authorization"];

/// The report. `title`, `headline` and `evidence` are what the popup shows, `owner` what the site said of itself.
pub fn markdown(
    title: &str,
    headline: &str,
    (exchange, verdict): (&Exchange, &Verdict),
    evidence: &[String],
    owner: &Owner,
) -> String {
    let failed = verdict.fault != AtFault::None;
    let facts = capture(exchange, failed);
    js::set(&facts, "owner", if owner.speaks() { said(owner) } else { JsValue::NULL });
    js::set(&facts, "evidence", js::texts(evidence.iter().map(String::as_str)));
    let facts = js_sys::JSON::stringify_with_replacer_and_space(&facts, &JsValue::NULL, &1.into());
    let facts = facts.ok().and_then(|text| text.as_string()).unwrap_or_default();
    let fence = fence_for(&facts);
    format!("## {title}\n\n{headline}\n\n{fence}json\n{facts}\n{fence}\n")
}

/// A fence longer than any run of backticks in the text: the page's own text cannot end it.
fn fence_for(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.saturating_add(1).max(3))
}

/// The exchange in the form of `tests/captures/FORMAT.md`, with `view` and `beside`.
fn capture(exchange: &Exchange, with_body: bool) -> JsValue {
    let request = js::object([
        ("method", exchange.method.as_str().into()),
        ("url", without_query(&exchange.url).into()),
    ]);
    let kept: Vec<(String, String)> =
        exchange.headers.0.iter().filter(|(name, _)| !is_private(name)).cloned().collect();
    let body =
        exchange.body.as_ref().filter(|_| with_body).map(|body| String::from_utf8_lossy(body).into_owned());
    let response = match exchange.status {
        None => JsValue::NULL,
        Some(status) => js::object([
            ("status", status.into()),
            ("reason", js::or_null(exchange.reason.as_deref())),
            ("http_version", js::or_null(exchange.protocol.as_deref())),
            ("headers", js::from_pairs(&kept)),
            ("body_utf8", js::or_null(body)),
            ("body_complete", js::or_null(exchange.body_complete)),
        ]),
    };
    js::object([
        ("view", "browser".into()),
        ("request", request),
        ("response", response),
        ("elapsed_ms", js::or_null(exchange.elapsed_ms)),
        ("ttfb_ms", js::or_null(exchange.ttfb_ms)),
        ("transport_error", exchange.transport_error.as_ref().map_or(JsValue::NULL, broken)),
        ("beside", beside(exchange)),
    ])
}

fn said(owner: &Owner) -> JsValue {
    js::object([
        ("message", owner.message.as_str().into()),
        ("eta", js::or_null(owner.eta.as_deref())),
        ("reference", js::or_null(owner.reference.as_deref())),
        ("status_page", js::or_null(owner.status_page.as_deref())),
        ("contact", js::or_null(owner.contact.as_deref())),
    ])
}

fn beside(exchange: &Exchange) -> JsValue {
    let beside = &exchange.beside;
    js::object([
        ("without_cookies", js::or_null(beside.without_cookies)),
        ("from_cache", js::or_null(beside.from_cache)),
        ("from_service_worker", js::or_null(beside.from_service_worker)),
        ("edge_reachable", js::or_null(beside.edge_reachable)),
        ("online", js::or_null(beside.online)),
        ("captive_portal", js::or_null(beside.captive_portal)),
        ("proxied", js::or_null(beside.proxied)),
    ])
}

fn broken(error: &TransportError) -> JsValue {
    js::object([
        ("phase", error.phase.as_str().into()),
        ("fault", error.fault.as_str().into()),
        ("text", error.text.as_str().into()),
    ])
}

fn is_private(name: &str) -> bool {
    PRIVATE.iter().any(|private| name.eq_ignore_ascii_case(private))
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_cannot_end_the_fence() {
        assert_eq!(fence_for("plain"), "```");
        assert_eq!(fence_for("a ``` b ````` c"), "``````");
    }

    #[test]
    fn the_query_stays_at_home() {
        assert_eq!(without_query("https://shop.test/a?token=1#x"), "https://shop.test/a");
        assert_eq!(without_query("https://shop.test/a#b?c"), "https://shop.test/a");
    }
}
