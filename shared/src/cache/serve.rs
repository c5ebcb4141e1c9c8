//! The head of an answer that is given from store: the whole, a part of it, or "you have it already".
//!
//! Says nothing of why it is given from store: the `Cache-Status` member is an argument.

use crate::cache::conditional::{self, Met};
use crate::cache::freshness;
use crate::cache::range::{self, Part, Ranged};
use crate::facts::Headers;
use crate::rescue::copy::StoredCopy;
use crate::rescue::judge::AnswerHead;
use crate::rescue::request::RequestFacts;
use crate::status::CacheStatus;
use crate::status::cache_status::Forward;
use crate::time::Millis;

/// Which bytes of the stored body go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Send {
    /// All.
    Whole,
    /// A part.
    Part(Part),
    /// None: HEAD, 304, 416.
    Nothing,
}

/// An answer from store, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Status and all fields.
    pub head: AnswerHead,
    /// Which bytes of the stored body.
    pub send: Send,
}

/// Fields that a 304 carries (RFC 9110 §15.4.5), beside those that say how it came about.
const OF_NOT_MODIFIED: [&str; 13] = [
    // A script that asks conditionally by itself must be allowed to read the answer.
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "age",
    "cache-control",
    "cache-status",
    "cdn-cache-control",
    "content-location",
    "date",
    "etag",
    "expires",
    "proxy-status",
    "vary",
];

/// The answer for a client that wants a stored answer or none, and there is none (RFC 9111 §5.2.1.7).
pub fn only_if_cached() -> AnswerHead {
    let member = CacheStatus::forwarded(Forward::Request, None).because("only-if-cached").write();
    let fields = [
        ("cache-control", "no-store".to_owned()),
        ("cache-status", member),
        // Says nothing of the origin or the visitor.
        ("access-control-allow-origin", "*".to_owned()),
        ("access-control-expose-headers", "Retry-After, Cache-Status".to_owned()),
    ];
    AnswerHead { status: 504, headers: fields.into_iter().collect() }
}

/// Serves a stored answer for this request. `extra` are the fields that tell how it came about.
pub fn serve(
    stored: &StoredCopy,
    request: &RequestFacts,
    extra: Vec<(String, String)>,
    now: Millis,
) -> Served {
    let age_s = freshness::age_s(&stored.head.headers, stored.timing, now);
    serve_aged(stored, request, extra, age_s)
}

/// The same where its age is known already, in seconds.
pub fn serve_aged(
    stored: &StoredCopy,
    request: &RequestFacts,
    extra: Vec<(String, String)>,
    age_s: u64,
) -> Served {
    let kept = stored.head.headers.0.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("age")).cloned();
    let mut fields: Vec<(String, String)> = kept.collect();
    // RFC 9111 §5.1.
    fields.push(("age".to_owned(), age_s.to_string()));
    fields.extend(extra);
    let whole = Headers(fields);
    let head = |status: u16, headers: Headers| AnswerHead { status, headers };
    let conditional = matches!(request.method.as_str(), "GET" | "HEAD");
    if conditional
        && conditional::met(&request.headers, &stored.head, stored.timing.responded_at) == Met::NotModified
    {
        let listed = |name: &str| OF_NOT_MODIFIED.iter().any(|n| n.eq_ignore_ascii_case(name));
        let fields = whole.0.into_iter().filter(|(name, _)| listed(name)).collect();
        return Served { head: head(304, Headers(fields)), send: Send::Nothing };
    }
    match asked_part(stored, request) {
        Ranged::Part(part) => {
            let mut fields = without_length(whole);
            fields.push((
                "content-range".to_owned(),
                format!("bytes {}-{}/{}", part.first, part.last, part.whole),
            ));
            fields.push(("content-length".to_owned(), part.len().to_string()));
            Served { head: head(206, Headers(fields)), send: Send::Part(part) }
        }
        Ranged::Unsatisfiable => {
            let length = stored.body_length().unwrap_or(0);
            let mut fields = without_length(whole);
            fields.retain(|(name, _)| name != "content-type" && name != "content-encoding");
            fields.push(("content-range".to_owned(), format!("bytes */{length}")));
            Served { head: head(416, Headers(fields)), send: Send::Nothing }
        }
        Ranged::Whole => {
            let send = if request.method == "HEAD" { Send::Nothing } else { Send::Whole };
            Served { head: head(stored.head.status, whole), send }
        }
    }
}

/// RFC 9110 §14.2: a range is of a GET, of a 200, and of a body whose length is known.
fn asked_part(stored: &StoredCopy, request: &RequestFacts) -> Ranged {
    let (Some(field), Some(length)) = (request.headers.value("range"), stored.body_length()) else {
        return Ranged::Whole;
    };
    let can = request.method == "GET" && stored.head.status == 200;
    if !can || !conditional::range_stands(&request.headers, &stored.head.headers) {
        return Ranged::Whole;
    }
    range::ranged(field, length)
}

fn without_length(headers: Headers) -> Vec<(String, String)> {
    headers.0.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")).collect()
}
