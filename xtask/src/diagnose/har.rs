//! A HAR file (what browsers save of their network panel) as facts, seen as a browser sees them.

use backsoon::facts::{Exchange, Fault, Headers, Phase, TransportError, View};
use backsoon_tests::capture::base64;
use serde_json::Value;

use super::Named;

/// The exchanges of a HAR file, in its order.
///
/// # Errors
/// One line where it has no list of entries.
pub fn exchanges(name: &str, har: &Value) -> Result<Vec<Named>, String> {
    let entries = har.pointer("/log/entries").and_then(Value::as_array);
    let entries = entries.ok_or("a HAR file without `log.entries`")?;
    let named = |(at, entry)| Named { id: format!("{name}#{}", at + 1), exchange: exchange(entry) };
    Ok(entries.iter().enumerate().map(named).collect())
}

fn exchange(entry: &Value) -> Exchange {
    let text = |path: &str| entry.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let millis = |path: &str| {
        let value = entry.pointer(path).and_then(Value::as_f64).filter(|value| *value >= 0.0);
        value.map(|value| value.min(f64::from(u32::MAX)) as u32)
    };
    // Status 0 is a browser's way of saying that no answer came.
    let status =
        entry.pointer("/response/status").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
    let status = status.filter(|status| *status != 0);
    let fields = entry.pointer("/response/headers").and_then(Value::as_array).cloned().unwrap_or_default();
    let pair = |field: &Value| {
        let part = |key: &str| field.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((part("name")?.to_ascii_lowercase(), part("value")?))
    };
    let content = entry.pointer("/response/content/text").and_then(Value::as_str);
    let encoded = entry.pointer("/response/content/encoding").and_then(Value::as_str) == Some("base64");
    let body = content.map(|content| if encoded { base64(content) } else { content.as_bytes().to_vec() });
    let headers = Headers(fields.iter().filter_map(pair).collect());
    // `size` 0 says that there was none, where the answer itself does not say otherwise: browsers write it for
    // bodies that they no longer had, too. Without a size nobody knows.
    let none = entry.pointer("/response/content/size").and_then(Value::as_i64) == Some(0)
        && headers.value("content-length").is_none_or(|length| length.trim() == "0")
        && !headers.has("content-encoding");
    let said =
        ["/response/_error", "/_error", "/_errorText"].iter().map(|path| text(path)).find(|t| !t.is_empty());
    Exchange {
        view: View::Browser,
        method: text("/request/method"),
        url: text("/request/url"),
        status,
        headers,
        body: body.or_else(|| (none && status.is_some()).then(Vec::new)),
        elapsed_ms: millis("/time"),
        ttfb_ms: millis("/timings/wait"),
        transport_error: said.filter(|said| !own_doing(said)).map(net_error),
        ..Exchange::default()
    }
}

/// Whether the browser ended the request itself: somebody went elsewhere, or an extension stopped it. Nothing
/// failed then, as far as is told.
fn own_doing(said: &str) -> bool {
    said.contains("ABORTED") || said.contains("BLOCKED_BY_")
}

/// Chromium's `net::ERR_*` names.
fn net_error(text: String) -> TransportError {
    let has = |part: &str| text.contains(part);
    let (phase, fault) = if has("NAME_NOT_RESOLVED") || has("DNS") {
        (Phase::Dns, Fault::NameNotResolved)
    } else if has("CONNECTION_REFUSED") {
        (Phase::Connect, Fault::Refused)
    } else if has("ADDRESS_UNREACHABLE") || has("INTERNET_DISCONNECTED") || has("NETWORK_CHANGED") {
        (Phase::Connect, Fault::Unreachable)
    } else if has("CERT_") {
        (Phase::Tls, Fault::Certificate)
    } else if has("SSL_") {
        (Phase::Tls, Fault::TlsProtocol)
    } else if has("CONNECTION_TIMED_OUT") {
        (Phase::Connect, Fault::Timeout)
    } else if has("TIMED_OUT") {
        (Phase::Headers, Fault::Timeout)
    } else if has("EMPTY_RESPONSE") {
        (Phase::Headers, Fault::Closed)
    } else if has("CONNECTION_RESET") {
        (Phase::Headers, Fault::Reset)
    } else if has("INVALID_HTTP") || has("INVALID_RESPONSE") || has("HEADERS") {
        (Phase::Headers, Fault::InvalidHttp)
    } else if has("CONTENT_LENGTH_MISMATCH")
        || has("INCOMPLETE_CHUNKED")
        || has("HTTP2_PROTOCOL")
        || has("QUIC")
    {
        (Phase::Body, Fault::Closed)
    } else {
        (Phase::Unknown, Fault::Unknown)
    };
    TransportError { phase, fault, text }
}
