//! A capture as the bytes that went over the wire: status line with its reason, fields in their order and
//! case, the body in its framing, and the same end.
//!
//! What a capture does not hold is filled in the dullest way: chunk borders (one chunk), HTTP/2 (as
//! HTTP/1.1). Documented captures hold excerpts; their `Content-Length` is made to fit.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::request::Request;
use super::script::{End, Script, Step, chunk, reason};
use crate::capture::base64;

#[derive(Deserialize)]
struct Capture {
    request: Option<Asked>,
    response: Option<Response>,
    ttfb_ms: Option<u64>,
    transport_error: Option<Broken>,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
}

#[derive(Deserialize)]
struct Response {
    status: Option<u16>,
    reason: Option<String>,
    http_version: Option<String>,
    headers: Vec<(String, String)>,
    framing: Option<String>,
    framing_error: Option<String>,
    body_utf8: Option<String>,
    body_base64: Option<String>,
    body_complete: Option<bool>,
}

#[derive(Deserialize)]
struct Broken {
    error: String,
    raw_base64: Option<String>,
}

/// The script of `<directory>/<id>.json`; the error says what is wrong with the file.
pub fn script(directory: &Path, id: &str, request: &Request) -> Result<Script, String> {
    let id = id.strip_prefix("doc/").map_or_else(|| id.to_string(), |rest| format!("documented/{rest}"));
    if id.split('/').count() != 2 || id.contains("..") {
        return Err(format!("no capture {id:?}: expected <gateway>/<kind>"));
    }
    let text = std::fs::read_to_string(directory.join(format!("{id}.json")))
        .map_err(|error| format!("no capture {id:?}: {error}"))?;
    let capture: Capture =
        serde_json::from_str(&text).map_err(|error| format!("capture {id:?} cannot be read: {error}"))?;
    let mut script = replay(&capture, request).map_err(|why| format!("capture {id:?}: {why}"))?;
    if request.query("pace").is_some() {
        script.steps.insert(0, Step::Pause(Duration::from_millis(capture.ttfb_ms.unwrap_or(0))));
    }
    Ok(script)
}

fn replay(capture: &Capture, request: &Request) -> Result<Script, String> {
    let end = capture.transport_error.as_ref().map(how_it_ended);
    let Some(response) = &capture.response else {
        let broken =
            capture.transport_error.as_ref().ok_or("it has neither an answer nor an error to replay")?;
        let raw = broken.raw_base64.as_deref().map(base64).unwrap_or_default();
        return Ok(Script::raw(raw, end.unwrap_or(End::Close)));
    };
    let status = response.status.ok_or("its source does not tell the status")?;
    let body = match (&response.body_utf8, &response.body_base64) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(text)) => base64(text),
        (None, None) => vec![],
    };
    // RFC 9110 §9.3.2, §15.4.5: neither of these has a body, whatever its Content-Length says.
    let bodiless = request.method == "HEAD" || status < 200 || status == 204 || status == 304;
    let chunked = response.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
    let mut bytes = head(response, status, body.len());
    if chunked && !bodiless {
        if !body.is_empty() {
            bytes.extend_from_slice(&chunk(&body));
        }
        match (&response.framing_error, response.body_complete) {
            (Some(_), _) => bytes.extend_from_slice(b"ZZZ\r\n"),
            (None, Some(false)) => {}
            (None, _) => bytes.extend_from_slice(&chunk(b"")),
        }
    } else if !bodiless {
        bytes.extend_from_slice(&body);
    }
    Ok(with_end(bytes, end.unwrap_or_else(|| healthy_end(capture, response, bodiless))))
}

/// The end of an exchange that broke.
fn how_it_ended(broken: &Broken) -> End {
    match broken.error.as_str() {
        "timeout" => End::Hang,
        "closed" | "invalid_http" => End::Close,
        _ => End::Reset,
    }
}

/// The end of an exchange that did not break.
fn healthy_end(capture: &Capture, response: &Response, bodiless: bool) -> End {
    let says_close = response
        .headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close"));
    let framed = bodiless
        || response.headers.iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
        });
    // Captured on a HEAD, asked for with GET: the promised body does not exist.
    let unpaid = capture.request.as_ref().is_some_and(|asked| asked.method == "HEAD") && !bodiless;
    let whole = framed && response.body_complete != Some(false) && response.framing_error.is_none();
    let current = response.http_version.as_deref() != Some("HTTP/1.0");
    if whole && current && !says_close && !unpaid { End::KeepAlive } else { End::Close }
}

fn head(response: &Response, status: u16, body: usize) -> Vec<u8> {
    let version = match response.http_version.as_deref() {
        Some("HTTP/1.0") => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let phrase = response.reason.as_deref().unwrap_or_else(|| reason(status));
    let mut head = format!("{version} {status} {phrase}\r\n");
    let excerpt = response.framing.is_none() && response.body_complete.is_none();
    for (name, value) in &response.headers {
        if excerpt && name.eq_ignore_ascii_case("content-length") {
            head.push_str(&format!("{name}: {body}\r\n"));
        } else if !(excerpt && name.eq_ignore_ascii_case("content-encoding")) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn with_end(bytes: Vec<u8>, end: End) -> Script {
    let mut script = Script::raw(bytes, end);
    if end == End::Reset {
        // A reset discards what the client has not read yet; the captured client had read it.
        script.steps.push(Step::Pause(Duration::from_millis(150)));
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get() -> Request {
        Request { method: "GET".into(), target: "/".into(), ..Request::default() }
    }

    #[test]
    fn every_capture_that_holds_an_answer_or_an_error_can_be_replayed() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
        let (mut replayed, mut refused) = (0, vec![]);
        for gateway in std::fs::read_dir(&directory).expect("the captures").flatten() {
            let Ok(files) = std::fs::read_dir(gateway.path()) else { continue };
            for file in files.flatten() {
                let (folder, name) = (gateway.file_name(), file.file_name());
                let id = format!(
                    "{}/{}",
                    folder.to_string_lossy(),
                    name.to_string_lossy().trim_end_matches(".json")
                );
                match script(&directory, &id, &get()) {
                    Ok(_) => replayed += 1,
                    Err(why) => refused.push(why),
                }
            }
        }
        // Reference tables and documents that do not tell the status are no exchanges.
        refused
            .retain(|why| !(why.contains("does not tell the status") || why.contains("neither an answer")));
        assert_eq!(refused, Vec::<String>::new());
        assert!(replayed > 600, "only {replayed} captures could be replayed");
    }

    #[test]
    fn a_capture_comes_back_byte_for_byte() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
        let script = script(&directory, "nginx/refused", &get()).expect("a capture");
        let Some(Step::Send(bytes)) = script.steps.first() else { panic!("nothing is sent") };
        let text = String::from_utf8_lossy(bytes);
        assert!(text.starts_with("HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.22.1\r\nDate: "));
        assert!(text.contains("Content-Length: 157\r\nConnection: keep-alive\r\n\r\n<html>\r\n"));
        assert_eq!(script.end, End::KeepAlive);
    }
}
