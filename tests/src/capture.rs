//! A capture file as facts: what the wire, the edge and a browser would each deliver of it.
//!
//! Reads `captures/FORMAT.md`. Judges nothing; a table of reference material is no exchange.

use backsoon::facts::{Exchange, Fault, Headers, Phase, TransportError, View};
use serde::Deserialize;
use serde_json::Value;

/// Most bytes of a body that any view delivers.
const BODY_LIMIT: usize = 64 * 1024;

/// One capture with the truth about it.
#[derive(Clone, Debug, Deserialize)]
pub struct Capture {
    /// `<gateway>/<failure>`.
    pub id: String,
    /// The gateway under test.
    #[serde(default)]
    pub gateway: Option<String>,
    #[serde(default)]
    request: Option<Request>,
    #[serde(default)]
    response: Option<Response>,
    #[serde(default)]
    elapsed_ms: Option<f64>,
    #[serde(default)]
    ttfb_ms: Option<f64>,
    #[serde(default)]
    transport_error: Option<Value>,
    /// What really happened.
    #[serde(default)]
    pub truth: Truth,
    /// `Some(false)` for controls and for failures that look healthy.
    #[serde(default)]
    pub visible_failure: Option<bool>,
    #[serde(default)]
    table: Option<Value>,
}

/// The truth about a capture.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Truth {
    /// Who made the answer.
    #[serde(default)]
    pub gateway: Option<String>,
    /// Whom the client talked to.
    #[serde(default)]
    pub front: Option<String>,
    /// Where it broke.
    #[serde(default)]
    pub layer: Option<String>,
    /// The true cause, or all that the source allows.
    #[serde(default)]
    pub causes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Request {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Response {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    http_version: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body_utf8: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    #[serde(default)]
    body_complete: Option<bool>,
}

/// Reads one capture file; `Ok(None)` for a table of reference material.
///
/// # Errors
/// One line saying what was expected and what was found.
pub fn parse(text: &str) -> Result<Option<Capture>, String> {
    let capture: Capture = serde_json::from_str(text)
        .map_err(|why| format!("not a capture (see tests/captures/FORMAT.md): {why}"))?;
    Ok(if capture.table.is_some() { None } else { Some(capture) })
}

impl Capture {
    /// The facts as `view` would deliver them.
    #[must_use]
    pub fn exchange(&self, view: View) -> Exchange {
        let response = self.response.as_ref();
        let request = self.request.as_ref();
        let mut headers = response.map(|r| r.headers.clone()).unwrap_or_default();
        if view != View::Wire {
            for (name, _) in &mut headers {
                name.make_ascii_lowercase();
            }
            headers.sort_by(|a, b| a.0.cmp(&b.0));
            // What `fetch` never shows (Fetch §4.6, connection-specific fields).
            headers.retain(|(name, _)| {
                !matches!(name.as_str(), "connection" | "keep-alive" | "transfer-encoding")
            });
        }
        let wire = view == View::Wire;
        Exchange {
            view,
            method: request.and_then(|r| r.method.clone()).unwrap_or_default(),
            url: request.and_then(|r| r.url.clone()).unwrap_or_default(),
            status: response.and_then(|r| r.status),
            reason: response
                .and_then(|r| r.reason.clone())
                .filter(|reason| wire && (self.http1() || !reason.is_empty())),
            protocol: response.and_then(|r| r.http_version.clone()).filter(|_| wire),
            headers: Headers(headers),
            body: response.and_then(body),
            body_complete: response.and_then(|r| r.body_complete),
            elapsed_ms: self.elapsed_ms.map(millis),
            ttfb_ms: self.ttfb_ms.map(millis),
            transport_error: self.transport_error.as_ref().map(|error| transport_error(error, view)),
            ..Exchange::default()
        }
    }

    /// The facts of a browser that could not read the body (webRequest without a page script).
    #[must_use]
    pub fn without_body(&self) -> Exchange {
        Exchange { body: None, body_complete: None, ..self.exchange(View::Browser) }
    }

    /// What two captures have to share to show the same evidence (FORMAT.md, "Scoring").
    #[must_use]
    pub fn evidence(&self) -> String {
        let response = self.response.as_ref();
        let url = self.request.as_ref().and_then(|r| r.url.as_deref()).unwrap_or_default();
        let path = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
        let fields = response.map(|r| r.headers.as_slice()).unwrap_or_default().iter();
        let fields = fields.map(|(name, value)| {
            let telling = telling(&name.to_ascii_lowercase());
            (name.clone(), if telling { masked(value, path) } else { String::new() })
        });
        let body =
            response.and_then(|r| r.body_utf8.as_ref().filter(|b| !b.is_empty()).or(r.body_base64.as_ref()));
        let error = self.transport_error.as_ref().map(|error| match error {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        format!(
            "{:?}\n{:?}\n{:?}\n{}\n{}\n{}",
            response.and_then(|r| r.status),
            response.and_then(|r| r.reason.as_ref()),
            fields.collect::<Vec<_>>(),
            masked(body.map_or("", String::as_str), path),
            masked(&error.unwrap_or_default(), path),
            self.elapsed_ms.unwrap_or(0.0) >= 900.0
        )
    }

    fn http1(&self) -> bool {
        let version = self.response.as_ref().and_then(|r| r.http_version.as_deref());
        version.is_some_and(|version| version.starts_with("HTTP/1"))
    }
}

fn telling(name: &str) -> bool {
    ["x-", "cf-", "l5d-"].iter().any(|start| name.starts_with(start))
        || ["server", "via", "retry-after", "content-type", "www-authenticate", "proxy-status"]
            .contains(&name)
}

/// The path as `PATH`, runs of digits and long runs of hexadecimal digits as `#`.
fn masked(text: &str, path: &str) -> String {
    let text = if path.chars().count() > 1 { text.replace(path, "PATH") } else { text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let hex = rest.bytes().take_while(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)).count();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let taken = if hex >= 12 { hex } else { digits };
        if taken > 0 {
            out.push('#');
            rest = &rest[taken..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn millis(value: f64) -> u32 {
    value.clamp(0.0, f64::from(u32::MAX)) as u32
}

fn body(response: &Response) -> Option<Vec<u8>> {
    let mut bytes = match (&response.body_utf8, &response.body_base64) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(text)) => base64(text),
        (None, None) => return None,
    };
    bytes.truncate(BODY_LIMIT);
    Some(bytes)
}

/// RFC 4648 §4; bytes outside the alphabet are skipped.
#[must_use]
pub fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let Some(six) = alphabet.iter().position(|known| *known == byte) else { continue };
        bits = (bits << 6) | six as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}

fn transport_error(error: &Value, view: View) -> TransportError {
    let field = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let (phase, kind) = (field("phase"), field("error"));
    let text = error.as_str().unwrap_or_else(|| field("text")).to_owned();
    let fault = match kind {
        "closed" => Fault::Closed,
        "timeout" => Fault::Timeout,
        "invalid_http" => Fault::InvalidHttp,
        "ConnectionResetError" | "BrokenPipeError" => Fault::Reset,
        "ConnectionRefusedError" => Fault::Refused,
        "SSLCertVerificationError" => Fault::Certificate,
        "gaierror" => Fault::NameNotResolved,
        "curl_92" | "curl_18" | "curl_52" => Fault::Closed,
        "curl_56" => Fault::Reset,
        "curl_28" => Fault::Timeout,
        "curl_35" => Fault::TlsProtocol,
        "curl_60" => Fault::Certificate,
        "curl_7" => Fault::Refused,
        "curl_6" => Fault::NameNotResolved,
        _ if kind.starts_with("SSL") => Fault::TlsProtocol,
        _ if text.contains("Errno 113") || text.contains("Errno 101") => Fault::Unreachable,
        _ if text.contains("Errno 111") => Fault::Refused,
        _ => Fault::Unknown,
    };
    let phase = match phase {
        "dns" => Phase::Dns,
        "connect" => Phase::Connect,
        "tls" => Phase::Tls,
        "send" => Phase::Send,
        "headers" => Phase::Headers,
        "body" => Phase::Body,
        // HTTP/2 stream errors come from curl, which says no more than that the answer broke off.
        "curl" => Phase::Body,
        _ => Phase::Unknown,
    };
    match view {
        View::Wire => TransportError { phase, fault, text },
        // A Worker says "Network connection lost." for most of these; only our own time limit is known as such.
        View::Edge if fault == Fault::Timeout || phase == Phase::Body => {
            TransportError { phase, fault, text: String::new() }
        }
        View::Edge => TransportError {
            phase: Phase::Unknown,
            fault: Fault::Unknown,
            text: "Network connection lost.".into(),
        },
        // A browser's net error says the fault, not how far it came.
        View::Browser => TransportError { phase, fault, text: String::new() },
    }
}
