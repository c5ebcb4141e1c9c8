//! Whether an answer may be kept in a cache for everybody (RFC 9111 §3), and whether it is good enough to
//! be shown in an outage.
//!
//! Stricter than the standard where a visitor's privacy is at stake: what was asked with cookies that may
//! identify, or with fields that are not known to be harmless, is not kept, and nothing with `Set-Cookie` ever is.

use crate::cache::directives::Policy;
use crate::cache::ending;
use crate::cache::freshness::{Lifetime, is_heuristic, lifetime};
use crate::cache::{refusal, vary};
use crate::facts::Headers;
use crate::rescue::cookies::CookieClass;
use crate::rescue::fields::listed;
use crate::rescue::judge::{AnswerHead, StoreRefusal};
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::time::Millis;

/// Statuses beyond the heuristically cacheable ones whose caching rules are known here, so that
/// `must-understand` is met (RFC 9111 §5.2.2.3).
const UNDERSTOOD: [u16; 12] = [302, 303, 307, 400, 401, 402, 403, 406, 409, 415, 421, 451];

/// No browser's request without cookies is longer, in bytes.
const USUAL_BYTES: usize = 4096;

/// What may be done with an answer beside handing it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Kept as a cache entry, and good enough for an outage.
    Good,
    /// Kept for outages only, since the owner overrides this refusal (`OVERRIDE_NO_STORE`).
    Overridden(StoreRefusal),
    /// Only the first `Set-Cookie` stands in the way: kept for outages once it is proved to be everybody's
    /// (`first_cookie`).
    Trial,
    /// Kept as a cache entry only, and why it is no more: a redirect, an error with a lifetime.
    Entry(StoreRefusal),
    /// Not kept.
    No(StoreRefusal),
}

/// Judges an answer whose head arrived at this time. Never fails.
pub fn keep(watch: &Watch, answer: &AnswerHead, arrived: Millis, settings: &Settings) -> Keep {
    match entry(watch, answer, arrived, settings) {
        Some(refusal) => for_outages(watch, answer, refusal, arrived, settings).unwrap_or(Keep::No(refusal)),
        None => match good(watch, answer, arrived) {
            None => Keep::Good,
            // What is fresh for no moment and not good in an outage either is not worth its room.
            Some(refusal)
                if lifetime(answer.status, &answer.headers, arrived) == Lifetime::Unknown
                    || ending::is_page_for_a_part(&watch.request.url.path, &answer.headers) =>
            {
                Keep::No(refusal)
            }
            Some(refusal) => Keep::Entry(refusal),
        },
    }
}

/// Whether an answer that is refused may be kept for outages all the same. Only what nobody is identified by.
fn for_outages(
    watch: &Watch,
    answer: &AnswerHead,
    refusal: StoreRefusal,
    arrived: Millis,
    settings: &Settings,
) -> Option<Keep> {
    let anonymous = !watch.is_identified() && !watch.sent_headers().has("cookie");
    let overridden = settings.overrides_no_store(&watch.request.url.path);
    let ignored: &[&str] = match refusal {
        StoreRefusal::SetCookie if !overridden => &["set-cookie"],
        StoreRefusal::SetCookie | StoreRefusal::Private | StoreRefusal::NoStore if overridden => &OVERRIDDEN,
        _ => return None,
    };
    let kept = answer.headers.0.iter().filter(|(name, _)| !listed(ignored, name)).cloned().collect();
    let rest = AnswerHead { status: answer.status, headers: Headers(kept) };
    let allowed = anonymous
        && entry(watch, &rest, arrived, settings).is_none()
        && good(watch, &rest, arrived).is_none();
    let keep = if overridden { Keep::Overridden(refusal) } else { Keep::Trial };
    allowed.then_some(keep)
}

/// The fields by which an origin refuses, and which the owner overrides.
const OVERRIDDEN: [&str; 9] = [
    "cache-control",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "edge-control",
    "expires",
    "pragma",
    "set-cookie",
    "surrogate-control",
    "x-accel-expires",
];

/// Why the answer may not be a cache entry; `None` where it may.
fn entry(watch: &Watch, answer: &AnswerHead, arrived: Millis, settings: &Settings) -> Option<StoreRefusal> {
    let headers = &answer.headers;
    match watch.store {
        // What `Vary` names is in the key.
        Ok(()) | Err(StoreRefusal::Field) if watch.unkeyed_field(headers).is_none() => {}
        Ok(()) => return Some(StoreRefusal::Field),
        Err(refusal) => return Some(refusal),
    }
    if answer.status == 206 {
        return Some(StoreRefusal::Partial);
    }
    if answer.status == 304 || !(200..=599).contains(&answer.status) {
        return Some(StoreRefusal::Status);
    }
    if headers.has("set-cookie") {
        return Some(StoreRefusal::SetCookie);
    }
    if watch.is_identified() && ending::deceives(&watch.request.url.path, headers) {
        return Some(StoreRefusal::Ending);
    }
    let control = Policy::read(headers).directives;
    // `private="field"` restricts one field only, but an entry without it would be another answer.
    if control.has("private") {
        return Some(StoreRefusal::Private);
    }
    let understood = is_heuristic(answer.status) || UNDERSTOOD.contains(&answer.status);
    let must_understand = control.grants("must-understand");
    if must_understand && !understood {
        return Some(StoreRefusal::Status);
    }
    // RFC 9111 §5.2.2.3: who understands ignores the `no-store` that stands beside it for others.
    if control.has("no-store") && !must_understand {
        return Some(StoreRefusal::NoStore);
    }
    if let Some(refusal) = refusal::beside(headers, arrived) {
        return Some(refusal);
    }
    if is_of_request(watch, answer.status) {
        return Some(StoreRefusal::Status);
    }
    if vary::is_any(headers) || vary::names(headers, "authorization") {
        return Some(StoreRefusal::Vary);
    }
    if headers.has("vary") && vary::is_too_long(headers, watch.sent_headers()) {
        return Some(StoreRefusal::Vary);
    }
    // RFC 9111 §3.5.
    let for_all = control.grants("public") || control.grants("s-maxage");
    if watch.request.headers.has("authorization") && !for_all && !control.grants("must-revalidate") {
        return Some(StoreRefusal::Authorization);
    }
    // `public` is often set for a whole site, log-ins included.
    if watch.cookies == CookieClass::Identifying {
        return Some(StoreRefusal::Cookie);
    }
    let length = headers.value("content-length").and_then(|v| v.trim().parse::<u64>().ok());
    if length.is_some_and(|bytes| bytes > settings.max_copy_bytes) {
        return Some(StoreRefusal::TooLarge);
    }
    // RFC 9111 §3: explicit freshness, `public`, or a status that allows to guess.
    if !has_explicit(answer) && !control.grants("public") && !is_heuristic(answer.status) {
        return Some(StoreRefusal::Status);
    }
    None
}

/// Whether an answer may be about how this one client asked, and not about the address: who asks in another way would
/// get another.
fn is_of_request(watch: &Watch, status: u16) -> bool {
    let sent = watch.sent_headers();
    let asks_for_more =
        || ["range", "if-range", "if-match", "if-unmodified-since"].iter().any(|n| sent.has(n));
    let size = || sent.0.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum::<usize>();
    match status {
        // RFC 6585 forbids to store 428, 429 and 431.
        408 | 412 | 416 | 417 | 421 | 425 | 428 | 429 | 431 => true,
        // Servers have limits of their own for what a request may be.
        400 | 413 | 414 => size() > USUAL_BYTES,
        200 => false,
        _ => asks_for_more(),
    }
}

/// Why an answer that may be an entry is not good enough for an outage. Here every field counts, beside the one
/// that decides its freshness: what is private to browsers is not shown to strangers in an emergency.
fn good(watch: &Watch, answer: &AnswerHead, arrived: Millis) -> Option<StoreRefusal> {
    if answer.status != 200 {
        return Some(StoreRefusal::Status);
    }
    if answer.headers.has("content-range") {
        return Some(StoreRefusal::Partial);
    }
    if watch.request.headers.has("authorization") {
        return Some(StoreRefusal::Authorization);
    }
    refusal::refused(&answer.headers, arrived)
}

/// Whether the origin says itself for how long an answer is fresh.
pub fn has_explicit(answer: &AnswerHead) -> bool {
    let policy = Policy::read(&answer.headers);
    let seconds = ["max-age", "s-maxage"].iter().any(|directive| policy.directives.has(directive));
    !policy.directives.is_malformed() && (seconds || (!policy.targeted && answer.headers.has("expires")))
}
