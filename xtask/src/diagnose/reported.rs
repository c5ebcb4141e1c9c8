//! Reads the report that a visitor copied out of the extension: Markdown with the facts as JSON in a fence.
//!
//! The facts are taken as the browser delivered them. A field that is missing is a fact that was not delivered.

use backsoon::facts::{Beside, Exchange, Fault, Headers, Phase, TransportError, View};
use serde::Deserialize;
use serde_json::Value;

use super::Named;

#[derive(Deserialize)]
struct Report {
    request: Request,
    response: Option<Response>,
    elapsed_ms: Option<u32>,
    ttfb_ms: Option<u32>,
    transport_error: Option<Broken>,
    #[serde(default)]
    beside: Around,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    reason: Option<String>,
    http_version: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body_utf8: Option<String>,
    body_complete: Option<bool>,
}

#[derive(Deserialize)]
struct Broken {
    phase: String,
    fault: String,
    text: String,
}

#[derive(Default, Deserialize)]
struct Around {
    without_cookies: Option<u16>,
    from_cache: Option<bool>,
    from_service_worker: Option<bool>,
    edge_reachable: Option<bool>,
    online: Option<bool>,
    captive_portal: Option<bool>,
    proxied: Option<bool>,
}

/// The facts in a fence of a Markdown text; `None` where this is no report.
pub fn in_fence(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("```json\n")?;
    let end = rest.find("\n```")?;
    rest.get(..end).filter(|facts| is_report(&serde_json::from_str(facts).unwrap_or_default()))
}

/// Whether JSON holds the facts of a report.
pub fn is_report(value: &Value) -> bool {
    value.get("view").and_then(Value::as_str) == Some("browser")
}

/// The exchange of a report.
///
/// # Errors
/// One line saying what was expected and what was found.
pub fn exchange(name: &str, facts: &str) -> Result<Named, String> {
    let report: Report =
        serde_json::from_str(facts).map_err(|why| format!("not a report of the extension: {why}"))?;
    let (response, around) = (report.response, report.beside);
    let body = response.as_ref().and_then(|response| response.body_utf8.clone());
    let exchange = Exchange {
        view: View::Browser,
        method: report.request.method,
        url: report.request.url,
        status: response.as_ref().map(|response| response.status),
        reason: response.as_ref().and_then(|response| response.reason.clone()),
        protocol: response.as_ref().and_then(|response| response.http_version.clone()),
        body: body.map(String::into_bytes),
        body_complete: response.as_ref().and_then(|response| response.body_complete),
        headers: Headers(response.map(|response| response.headers).unwrap_or_default()),
        elapsed_ms: report.elapsed_ms,
        ttfb_ms: report.ttfb_ms,
        transport_error: report.transport_error.map(|broken| TransportError {
            phase: phase(&broken.phase),
            fault: fault(&broken.fault),
            text: broken.text,
        }),
        beside: Beside {
            without_cookies: around.without_cookies,
            from_cache: around.from_cache,
            from_service_worker: around.from_service_worker,
            edge_reachable: around.edge_reachable,
            online: around.online,
            captive_portal: around.captive_portal,
            proxied: around.proxied,
            earlier: Vec::new(),
        },
    };
    Ok(Named { id: name.to_owned(), exchange })
}

fn phase(id: &str) -> Phase {
    match id {
        "dns" => Phase::Dns,
        "connect" => Phase::Connect,
        "tls" => Phase::Tls,
        "send" => Phase::Send,
        "headers" => Phase::Headers,
        "body" => Phase::Body,
        _ => Phase::Unknown,
    }
}

fn fault(id: &str) -> Fault {
    match id {
        "timeout" => Fault::Timeout,
        "closed" => Fault::Closed,
        "reset" => Fault::Reset,
        "refused" => Fault::Refused,
        "unreachable" => Fault::Unreachable,
        "name_not_resolved" => Fault::NameNotResolved,
        "invalid_http" => Fault::InvalidHttp,
        "certificate" => Fault::Certificate,
        "tls_protocol" => Fault::TlsProtocol,
        _ => Fault::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "## What shop.test answered\n\nThe site is down.\n\n```json\n{\n \"view\": \"browser\",\n \
        \"request\": {\"method\": \"GET\", \"url\": \"https://shop.test/\"},\n \"response\": {\"status\": 502, \
        \"headers\": [[\"server\", \"nginx\"]], \"body_utf8\": \"<h1>502</h1>\"},\n \
        \"beside\": {\"without_cookies\": 502, \"online\": true}\n}\n```\n";

    #[test]
    fn a_copied_report_is_read_back() {
        let named = exchange("report.md", in_fence(REPORT).unwrap()).unwrap();
        assert_eq!(named.exchange.status, Some(502));
        assert_eq!(named.exchange.view, View::Browser);
        assert_eq!(named.exchange.headers.value("Server"), Some("nginx"));
        assert_eq!(named.exchange.beside.without_cookies, Some(502));
    }

    #[test]
    fn other_markdown_is_no_report() {
        assert_eq!(in_fence("```json\n{\"a\": 1}\n```\n"), None);
        assert_eq!(in_fence("HTTP/1.1 502 Bad Gateway"), None);
    }
}
