//! Whether an answer may be kept in a cache for everybody (RFC 9111 §3), and whether it is good enough to
//! be shown in an outage.
//!
//! Stricter than the standard where a visitor's privacy is at stake: what was asked with cookies that may
//! identify is kept only where the origin says that it is for all, and nothing with `Set-Cookie` ever is.

use crate::cache::directives::{Directives, Policy};
use crate::cache::freshness::{Lifetime, is_heuristic, lifetime};
use crate::cache::vary;
use crate::rescue::cookies::CookieClass;
use crate::rescue::judge::{AnswerHead, StoreRefusal};
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::time::Millis;

/// Statuses beyond the heuristically cacheable ones whose caching rules are known here, so that
/// `must-understand` is met (RFC 9111 §5.2.2.3).
const UNDERSTOOD: [u16; 12] = [302, 303, 307, 400, 401, 402, 403, 406, 409, 415, 421, 451];

/// What may be done with an answer beside handing it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Kept as a cache entry, and good enough for an outage.
    Good,
    /// Kept as a cache entry only, and why it is no more: a redirect, an error with a lifetime.
    Entry(StoreRefusal),
    /// Not kept.
    No(StoreRefusal),
}

/// Judges an answer whose head arrived at this time. Total.
pub fn keep(watch: &Watch, answer: &AnswerHead, arrived: Millis, settings: &Settings) -> Keep {
    match entry(watch, answer, settings) {
        Some(refusal) => Keep::No(refusal),
        None => match good(watch, answer) {
            None => Keep::Good,
            // What is fresh for no moment and not good in an outage either is not worth its room.
            Some(refusal) if lifetime(answer.status, &answer.headers, arrived) == Lifetime::Unknown => {
                Keep::No(refusal)
            }
            Some(refusal) => Keep::Entry(refusal),
        },
    }
}

/// Why the answer may not be a cache entry; `None` where it may.
fn entry(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> Option<StoreRefusal> {
    if let Err(refusal) = watch.store {
        return Some(refusal);
    }
    let headers = &answer.headers;
    if answer.status == 206 {
        return Some(StoreRefusal::Partial);
    }
    if answer.status == 304 || !(200..=599).contains(&answer.status) {
        return Some(StoreRefusal::Status);
    }
    if headers.has("set-cookie") {
        return Some(StoreRefusal::SetCookie);
    }
    let control = Policy::read(headers).directives;
    // `private="field"` restricts one field only, but an entry without it would be another answer.
    if control.has("private") {
        return Some(StoreRefusal::Private);
    }
    let understood = is_heuristic(answer.status) || UNDERSTOOD.contains(&answer.status);
    let must_understand = control.has("must-understand");
    if must_understand && !understood {
        return Some(StoreRefusal::Status);
    }
    // RFC 9111 §5.2.2.3: who understands ignores the `no-store` that stands beside it for others.
    if control.has("no-store") && !must_understand {
        return Some(StoreRefusal::NoStore);
    }
    if vary::is_any(headers) || vary::names(headers, "authorization") {
        return Some(StoreRefusal::Vary);
    }
    // RFC 9111 §3.5.
    let for_all = control.has("public") || control.has("s-maxage");
    if watch.request.headers.has("authorization") && !for_all && !control.has("must-revalidate") {
        return Some(StoreRefusal::Authorization);
    }
    if watch.cookies == CookieClass::Identifying {
        if vary::names(headers, "cookie") {
            return Some(StoreRefusal::Vary);
        }
        if !for_all {
            return Some(StoreRefusal::Cookie);
        }
    }
    let length = headers.value("content-length").and_then(|v| v.trim().parse::<u64>().ok());
    if length.is_some_and(|bytes| bytes > settings.max_copy_bytes) {
        return Some(StoreRefusal::TooLarge);
    }
    // RFC 9111 §3: explicit freshness, `public`, or a status that allows to guess.
    if !has_explicit(answer) && !control.has("public") && !is_heuristic(answer.status) {
        return Some(StoreRefusal::Status);
    }
    None
}

/// Why an answer that may be an entry is not good enough for an outage. Here `Cache-Control` counts beside
/// a targeted field: what is private to browsers is not shown to strangers in an emergency.
fn good(watch: &Watch, answer: &AnswerHead) -> Option<StoreRefusal> {
    if answer.status != 200 {
        return Some(StoreRefusal::Status);
    }
    if answer.headers.has("content-range") {
        return Some(StoreRefusal::Partial);
    }
    if watch.request.headers.has("authorization") {
        return Some(StoreRefusal::Authorization);
    }
    let control = Directives::read(&answer.headers, "cache-control");
    if control.has("private") {
        return Some(StoreRefusal::Private);
    }
    if control.has("no-store") || answer.headers.value("pragma").is_some_and(|p| p.trim() == "no-store") {
        return Some(StoreRefusal::NoStore);
    }
    None
}

fn has_explicit(answer: &AnswerHead) -> bool {
    let policy = Policy::read(&answer.headers);
    let seconds = ["max-age", "s-maxage"].iter().any(|directive| policy.directives.has(directive));
    seconds || (!policy.targeted && answer.headers.has("expires"))
}
