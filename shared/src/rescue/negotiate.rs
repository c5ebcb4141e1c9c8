//! What the client can use: a page for a person, JSON or text for a program, or nothing but the head.
//!
//! Knows the request's own words only (`Accept`, `Sec-Fetch-*`), never the user agent's name.

use crate::page::Form;
use crate::rescue::request::RequestFacts;
use crate::steps::took;

/// More media ranges of one request are not looked at.
const MOST_RANGES: usize = 64;

/// What kind of request this is, as far as an answer for a failure is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A person waits for a page.
    Navigation,
    /// A program that asks for JSON by name.
    Json,
    /// A program that asks for plain text or Markdown.
    Text,
    /// An image, script, style, font or other part of a page.
    Subresource,
    /// Nothing said: curl, a monitor, a `fetch` with default fields.
    Anything,
}

/// Reads what the request asks for.
pub fn wants(request: &RequestFacts) -> Wants {
    let dest = request.headers.value("sec-fetch-dest").map(str::trim).unwrap_or_default();
    match dest {
        "document" | "iframe" | "frame" | "fencedframe" => return Wants::Navigation,
        "embed" | "object" if is_framed(request) => return Wants::Navigation,
        "" | "empty" => {}
        _ => return Wants::Subresource,
    }
    let accepted: Vec<(String, u16)> = accepted(request).collect();
    match best(&accepted) {
        Some("text/html") => Wants::Navigation,
        Some(range) if is_json(range) => Wants::Json,
        Some(_) => Wants::Text,
        None if only_media(&accepted) => Wants::Subresource,
        None => Wants::Anything,
    }
}

/// The range that the client likes best of those that we have an answer for: the highest quality, and of equals the
/// first. `application/*` and `text/*` count only where no named type is liked as much.
fn best(accepted: &[(String, u16)]) -> Option<&str> {
    let named = most(accepted, |range| {
        let text = matches!(range, "text/html" | "text/plain" | "text/markdown");
        text || (is_json(range) && !range.contains('*'))
    });
    let group = most(accepted, |range| matches!(range, "application/*" | "text/*"));
    let (range, _) = match (named, group) {
        (Some(named), Some(group)) if named.1 < group.1 => group,
        (named, group) => named.or(group)?,
    };
    Some(range)
}

fn most(accepted: &[(String, u16)], fits: impl Fn(&str) -> bool) -> Option<(&str, u16)> {
    let mut found: Option<(&str, u16)> = None;
    for (range, quality) in accepted.iter().filter(|(range, quality)| *quality > 0 && fits(range)) {
        if found.is_none_or(|(_, best)| *quality > best) {
            found = Some((range, *quality));
        }
    }
    found
}

/// Whether `Accept` names nothing but ranges that `usual` allows, without parameters, and likes none of them more than
/// the first that `best` allows. A client that says more than that may be answered otherwise than its like.
pub fn accepts_only(request: &RequestFacts, best: fn(&str) -> bool, usual: fn(&str) -> bool) -> bool {
    let mut liked: Option<(String, u16)> = None;
    let members = request.headers.values("accept").flat_map(|value| value.split(','));
    for (count, member) in members.enumerate() {
        let Some((range, quality)) = weighted(member) else { continue };
        if count >= MOST_RANGES || !(usual(&range) || best(&range)) || !is_plain(member, &range) {
            return false;
        }
        if liked.as_ref().is_none_or(|(_, most)| quality > *most) {
            liked = Some((range, quality));
        }
    }
    liked.is_none_or(|(range, _)| best(&range))
}

/// Whether a member of `Accept` has no parameter that could select another answer. Chrome names the version of signed
/// exchanges.
fn is_plain(member: &str, range: &str) -> bool {
    let plain = |part: &str| {
        let part = part.trim().to_ascii_lowercase();
        part.is_empty() || part.starts_with("q=") || part == "charset=utf-8"
    };
    range == "application/signed-exchange" || member.split(';').skip(1).all(plain)
}

/// Whether the page is shown in a frame.
pub fn is_framed(request: &RequestFacts) -> bool {
    let field = |name: &str| request.headers.value(name).map(str::trim).unwrap_or_default();
    match field("sec-fetch-dest") {
        "iframe" | "frame" | "fencedframe" => true,
        "embed" | "object" => field("sec-fetch-mode") == "navigate",
        _ => false,
    }
}

/// The form of our own answer for a failure of which the origin sent nothing that could be relayed.
pub fn form(wants: Wants, request: &RequestFacts) -> Form {
    match wants {
        Wants::Navigation => Form::Html,
        Wants::Json | Wants::Text => {
            let accepted: Vec<(String, u16)> = accepted(request).collect();
            match best(&accepted) {
                Some("application/json" | "application/*") => Form::Json,
                Some("text/markdown") => Form::Markdown,
                _ if wants == Wants::Json => Form::Problem,
                _ => Form::Text,
            }
        }
        Wants::Subresource => Form::HeadersOnly,
        // A script's `fetch` says Sec-Fetch-Dest: empty and reads JSON sooner than prose.
        Wants::Anything if request.headers.has("sec-fetch-dest") => Form::Problem,
        Wants::Anything => Form::Text,
    }
}

/// Whether an answer with this `Content-Type` is what the client asked for by name.
pub fn answers(wants: Wants, content_type: Option<&str>) -> bool {
    let media = media_type(content_type.unwrap_or_default());
    match wants {
        Wants::Navigation => media == "text/html" || media == "application/xhtml+xml",
        Wants::Json => is_json(&media),
        Wants::Text => media == "text/plain" || media == "text/markdown",
        Wants::Subresource | Wants::Anything => true,
    }
}

/// The media type alone, lower-case.
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A range of images, fonts, styles, scripts, sound or film.
pub fn is_media(range: &str) -> bool {
    range.starts_with("image/")
        || range.starts_with("font/")
        || range.starts_with("audio/")
        || range.starts_with("video/")
        || range == "text/css"
        || range.ends_with("javascript")
}

fn is_json(media: &str) -> bool {
    media == "application/json"
        || media == "application/*"
        || media.ends_with("+json")
        || media == "text/json"
}

/// The members of `Accept`: media range and quality in thousandths.
fn accepted(request: &RequestFacts) -> impl Iterator<Item = (String, u16)> {
    let members = request.headers.values("accept").flat_map(|value| value.split(','));
    members.take(MOST_RANGES).filter_map(weighted)
}

/// A member of `Accept`; `None` where it is empty.
fn weighted(member: &str) -> Option<(String, u16)> {
    took(member.len());
    let mut parts = member.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?.to_ascii_lowercase();
    let weight = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    // Nonsense counts as 1.
    Some((range, weight.map_or(1000, |weight| thousandths(weight).unwrap_or(1000))))
}

/// A weight in thousandths (RFC 9110 §12.4.2): 0 to 1 with three decimals, more are not looked at; `None` for
/// nonsense. Without the floating point that this would be alone in needing.
pub fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    match whole {
        "1" => Some(1000),
        "0" => {
            let digit = |place: usize| match decimals.as_bytes().get(place) {
                Some(digit @ b'0'..=b'9') => Some(u16::from(digit.saturating_sub(b'0'))),
                Some(_) => None,
                None => Some(0),
            };
            let tens = |value: u16, digit: u16| value.saturating_mul(10).saturating_add(digit);
            (0..3).map(digit).try_fold(0, |value, digit| digit.map(|digit| tens(value, digit)))
        }
        _ => None,
    }
}

/// Every named range is of images, fonts, styles, scripts, sound or film: browsers without Sec-Fetch.
fn only_media(accepted: &[(String, u16)]) -> bool {
    let mut named = accepted.iter().filter(|(range, _)| range != "*/*").peekable();
    named.peek().is_some() && named.all(|(range, _)| is_media(range))
}
