//! Validators: the conditions under which an origin is asked, and what a client's own conditions mean for a
//! stored answer (RFC 9110 §13, RFC 9111 §4.3).

use crate::cache::directives::split_unquoted;
use crate::facts::Headers;
use crate::rescue::judge::AnswerHead;
use crate::steps::took;
use crate::time::{Millis, parse_http_date};

/// Request fields that make a request conditional or partial; they are ours to set while validating.
pub const CONDITIONS: [&str; 6] =
    ["if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"];

/// More tags of one `If-None-Match` are not compared: the answer is sent whole then, which is always right.
const MOST_TAGS: usize = 64;

/// What a client's conditions make of a stored answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Send the answer.
    Send,
    /// The client has it already: 304.
    NotModified,
    /// Only the origin can judge this condition (`If-Match`, `If-Unmodified-Since`).
    AskOrigin,
}

/// The fields that ask the origin whether a stored answer still holds; empty where it has no validator.
pub fn validators(stored: &Headers) -> Vec<(String, String)> {
    let etag = stored.value("etag").map(|tag| ("if-none-match".to_owned(), tag.to_owned()));
    let date = stored.value("last-modified").filter(|date| parse_http_date(date).is_some());
    let date = date.map(|date| ("if-modified-since".to_owned(), date.to_owned()));
    etag.into_iter().chain(date).collect()
}

/// Judges the client's conditions against a stored answer (RFC 9110 §13.2.2, RFC 9111 §4.3.2).
pub fn met(request: &Headers, stored: &AnswerHead, responded_at: Millis) -> Met {
    if request.has("if-match") || request.has("if-unmodified-since") {
        return Met::AskOrigin;
    }
    // Conditions are about a representation: other statuses have none.
    if stored.status != 200 {
        return Met::Send;
    }
    if request.has("if-none-match") {
        let etag = stored.headers.value("etag").unwrap_or_default();
        let mut listed = request.values("if-none-match").flat_map(split_unquoted).take(MOST_TAGS);
        let known = listed.any(|tag| tag == "*" || (!etag.is_empty() && weakly_equal(tag, etag)));
        return if known { Met::NotModified } else { Met::Send };
    }
    let Some(since) = request.value("if-modified-since").and_then(parse_http_date) else { return Met::Send };
    // RFC 9111 §4.3.2: without Last-Modified the answer's own date stands for it, without that its arrival.
    let fields = ["last-modified", "date"];
    let changed = fields.iter().find_map(|name| stored.headers.value(name).and_then(parse_http_date));
    let changed = changed.unwrap_or(responded_at);
    // The test is by seconds, since dates on the wire have no smaller unit.
    if changed / 1000 <= since / 1000 { Met::NotModified } else { Met::Send }
}

/// Whether `If-Range` lets the range stand (RFC 9110 §13.1.5): by strong comparison only.
pub fn range_stands(request: &Headers, stored: &Headers) -> bool {
    let Some(condition) = request.value("if-range").map(str::trim) else { return true };
    if condition.ends_with('"') {
        return !condition.starts_with("W/") && stored.value("etag") == Some(condition);
    }
    stored.value("last-modified").is_some_and(|date| date.trim() == condition)
}

/// Whether a 304 speaks of the stored answer (RFC 9111 §4.3.4): a strong tag must be the same, a weak one
/// or a date must not contradict, and without any validator the only stored answer is meant.
pub fn confirms(stored: &Headers, answer: &Headers) -> bool {
    match (answer.value("etag"), stored.value("etag")) {
        (Some(theirs), Some(ours)) => weakly_equal(theirs, ours),
        (Some(_), None) => false,
        (None, _) => match (answer.value("last-modified"), stored.value("last-modified")) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        },
    }
}

fn weakly_equal(a: &str, b: &str) -> bool {
    took(a.len().min(b.len()));
    opaque(a) == opaque(b)
}

/// The tag without its mark of weakness.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}
