//! Failures that are made, not captured: each a script of bytes and an end.

use std::time::Duration;

use super::date;
use super::request::Request;
use super::script::{End, Script, Step, chunk, head, reason};

/// Every named failure with what it does; `status-<n>` (an error page of the application's own) comes on top.
/// `refused` is no script: nothing listens, so it exists as a mode and as a port of its own.
pub const FAILURES: &[(&str, &str)] = &[
    ("reset", "reads the request, then resets the connection without a byte"),
    ("hang", "reads the request and never answers"),
    ("empty", "closes the connection without a byte"),
    ("garbage", "answers with bytes that are not HTTP"),
    ("bad-status-line", "answers with a status that is not a number"),
    ("half-head", "closes in the middle of the header fields"),
    ("huge-head", "answers with 300 KB of header fields"),
    ("truncated", "promises 5000 bytes, sends 1200, closes"),
    ("truncated-reset", "promises 5000 bytes, sends 1200, resets"),
    ("truncated-chunked", "sends one chunk and closes without the last one"),
    ("bad-chunk", "sends a chunk whose size is not a number"),
    ("stalled", "sends the head and a part of the body, then nothing"),
    ("slow", "sends a whole page within 3 s, or within ?ms="),
    ("slow-head", "waits 3 s, or ?ms=, before a whole page"),
    ("103", "sends early hints, then a page"),
    ("999", "answers with status 999"),
    ("redirect-loop", "redirects to itself"),
    ("soft-error", "says 502 in a page with status 200"),
    ("soft-database", "says that the database is away, with status 200"),
    ("catch-all", "says under 200, at every address alike, what no list of an error's words knows"),
    ("redesign", "answers each address with a new page of its own, under 200"),
    ("blank", "answers 200 with an empty page"),
    ("502-json", "answers 502 with an error in JSON of its own"),
    ("503-retry-after", "answers 503 and asks to come back in 7 s"),
];

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// One of [`FAILURES`].
    Named(&'static str),
    /// A small HTML error page under this status.
    Status(u16),
}

impl Failure {
    /// Reads a name of [`FAILURES`] or `status-<n>`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(status) = text.strip_prefix("status-").and_then(|n| n.parse().ok()) {
            return Ok(Self::Status(status));
        }
        FAILURES.iter().find(|(name, _)| *name == text).map(|(name, _)| Self::Named(name)).ok_or_else(|| {
            let names: Vec<_> = FAILURES.iter().map(|(name, _)| *name).collect();
            format!("unknown failure {text:?}: expected one of {}, status-<n>", names.join(", "))
        })
    }

    /// The same text that `parse` reads.
    pub fn text(&self) -> String {
        match self {
            Self::Named(name) => (*name).to_string(),
            Self::Status(status) => format!("status-{status}"),
        }
    }

    /// What the origin does for it.
    pub fn script(&self, request: &Request) -> Script {
        let head_only = request.method == "HEAD";
        let page = |title: &str| page(title).into_bytes();
        let name = match self {
            Self::Status(status) => {
                let title = format!("{status} {}", reason(*status));
                return Script::answer(*status, HTML, &page(&title), head_only);
            }
            Self::Named(name) => *name,
        };
        let pause = Duration::from_millis(request.query("ms").and_then(|ms| ms.parse().ok()).unwrap_or(3000));
        match name {
            "reset" => Script::raw(vec![], End::Reset),
            "hang" => Script::raw(vec![], End::Hang),
            "empty" => Script::raw(vec![], End::Close),
            "garbage" => Script::raw(garbage(), End::Close),
            "bad-status-line" => Script::raw("HTTP/1.1 abc Nope\r\nContent-Length: 2\r\n\r\nno", End::Close),
            "half-head" => Script::raw("HTTP/1.1 200 OK\r\nContent-Type: text/ht", End::Close),
            "huge-head" => huge_head(),
            "truncated" => Script::raw(promised(5000, 1200), End::Close),
            "truncated-reset" => Script {
                // The pause lets the bytes arrive: a reset discards what the client has not read yet.
                steps: vec![Step::Send(promised(5000, 1200)), Step::Pause(Duration::from_millis(150))],
                end: End::Reset,
            },
            "truncated-chunked" => Script::raw([chunked(), chunk(&filler(1200))].concat(), End::Close),
            "bad-chunk" => Script::raw([chunked(), b"ZZZ\r\nno\r\n".to_vec()].concat(), End::Close),
            "stalled" => Script::raw(promised(5000, 1200), End::Hang),
            "slow" => slow(&page("Slow, but all there"), pause),
            "slow-head" => {
                let whole = Script::answer(200, HTML, &page("Late, but all there"), head_only);
                Script { steps: [vec![Step::Pause(pause)], whole.steps].concat(), end: End::KeepAlive }
            }
            "103" => {
                let hints =
                    b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n".to_vec();
                let whole = Script::answer(200, HTML, &page("After early hints"), head_only);
                Script { steps: [vec![Step::Send(hints)], whole.steps].concat(), end: End::KeepAlive }
            }
            "999" => Script::answer(999, HTML, &page("999"), head_only),
            "redirect-loop" => Script::answer(302, &[("Location", &request.target)], b"", head_only),
            "soft-error" => Script::answer(200, HTML, &page("502 Bad Gateway"), head_only),
            "soft-database" => {
                Script::answer(200, HTML, &page("Error establishing a database connection"), head_only)
            }
            "catch-all" => Script::answer(200, HTML, &catch_all(), head_only),
            "redesign" => Script::answer(200, HTML, &redesign(request.path()), head_only),
            "blank" => Script::answer(200, HTML, b"", head_only),
            "502-json" => {
                let body = br#"{"error":"upstream_unavailable","id":"c0ffee"}"#;
                Script::answer(502, &[("Content-Type", "application/json")], body, head_only)
            }
            _ => {
                let headers = &[("Content-Type", "text/html; charset=utf-8"), ("Retry-After", "7")];
                Script::answer(503, headers, &page("503 Service Unavailable"), head_only)
            }
        }
    }
}

const HTML: &[(&str, &str)] = &[("Content-Type", "text/html; charset=utf-8")];

fn page(title: &str) -> String {
    format!("<!DOCTYPE html>\n<html lang=\"en\"><title>{title}</title>\n<h1>{title}</h1>\n</html>\n")
}

/// A clock in it, as such pages have: never twice the same bytes.
fn catch_all() -> Vec<u8> {
    let says = "<p>We are making tea and a few improvements. Be right back!</p>";
    let page =
        page("Hello there").replace("</html>", &format!("{says}<p>{}</p></html>", date::time_of_day()));
    page.into_bytes()
}

/// As long as a page of the shop, so that only its words are other ones.
fn redesign(path: &str) -> Vec<u8> {
    let says = "<p>The meadow has moved house: same seeds, new paint, more light.</p>\n".repeat(24);
    page(&format!("Our new {path}")).replace("</html>", &format!("{says}</html>")).into_bytes()
}

/// A head that promises `promised` bytes, and `sent` of them.
fn promised(promised: usize, sent: usize) -> Vec<u8> {
    let length = promised.to_string();
    let mut bytes = head(200, "OK", &[("Content-Type", "text/html"), ("Content-Length", &length)]);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&filler(sent));
    bytes
}

fn chunked() -> Vec<u8> {
    let mut bytes = head(200, "OK", &[("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")]);
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn filler(length: usize) -> Vec<u8> {
    b"<p>Half of a page.</p>\n".iter().copied().cycle().take(length).collect()
}

/// The same 256 bytes each time, no two neighbours alike, none of them the start of "HTTP/".
fn garbage() -> Vec<u8> {
    (0..=255u8).map(|n| n.wrapping_mul(37).wrapping_add(11)).collect()
}

fn huge_head() -> Script {
    let value = "v".repeat(3000);
    let names: Vec<String> = (0..100).map(|n| format!("X-Filler-{n}")).collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
    Script::answer(200, &headers, b"", false)
}

/// The page in ten pieces over the whole time.
fn slow(body: &[u8], whole: Duration) -> Script {
    let length = body.len().to_string();
    let mut bytes =
        head(200, "OK", &[("Content-Type", "text/html; charset=utf-8"), ("Content-Length", &length)]);
    bytes.extend_from_slice(b"\r\n");
    let mut steps = vec![Step::Send(bytes)];
    for piece in body.chunks(body.len().div_ceil(10)) {
        steps.push(Step::Pause(whole / 10));
        steps.push(Step::Send(piece.to_vec()));
    }
    Script { steps, end: End::KeepAlive }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_failure_has_a_script_of_its_own() {
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        let mut scripts = Vec::new();
        for (name, _) in FAILURES {
            let failure = Failure::parse(name).expect("a name of the list");
            assert_eq!(failure.text(), *name);
            let script = failure.script(&request);
            assert!(!scripts.contains(&script), "{name} does what another one does");
            scripts.push(script);
        }
    }
}
