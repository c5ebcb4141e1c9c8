//! How long an answer is fresh, how old it is, and whether it may be used stale (RFC 9111 §4.2, RFC 5861).
//!
//! Reads the origin's fields and three points in time; what is then done is decided elsewhere.

use crate::cache::directives::{Directives, Policy, delta_seconds};
use crate::facts::Headers;
use crate::time::{Millis, parse_http_date};

/// A guess never lasts longer than a day (RFC 9111 §4.2.2 leaves the bound to the cache).
const LONGEST_GUESS_S: u64 = 86_400;

/// When an answer was asked for and when its head arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// When the request was sent.
    pub requested_at: Millis,
    /// When the head of the answer arrived.
    pub responded_at: Millis,
}

/// For how long an answer is fresh, in seconds from its creation, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The origin said so.
    Explicit(u64),
    /// A tenth of the time for which it had not changed.
    Heuristic(u64),
    /// Nothing tells: never fresh, always to be validated.
    Unknown,
}

impl Lifetime {
    /// The seconds; 0 where nothing tells.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Explicit(seconds) | Self::Heuristic(seconds) => seconds,
            Self::Unknown => 0,
        }
    }
}

/// Whether an answer may be used when it is no longer fresh and the origin fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleRule {
    /// Nothing forbids it (RFC 9111 §4.2.4: the cache is disconnected).
    Allowed,
    /// `stale-if-error` allows it for so many seconds beyond freshness, and no longer.
    AllowedFor(u64),
    /// The directive that forbids it.
    Forbidden(&'static str),
}

/// The lifetime of an answer with this status that arrived at this time.
pub fn lifetime(status: u16, headers: &Headers, responded_at: Millis) -> Lifetime {
    lifetime_by(&Policy::read(headers), status, headers, dated(headers).unwrap_or(responded_at))
}

/// What an answer's `Date` says; `None` where it says nothing.
pub fn dated(headers: &Headers) -> Option<Millis> {
    headers.value("date").and_then(parse_http_date)
}

/// The same where the policy is read already, of an answer that was created at this time.
pub fn lifetime_by(policy: &Policy, status: u16, headers: &Headers, created: Millis) -> Lifetime {
    // RFC 9111 §4.2.1: caches are encouraged to consider an answer stale whose freshness is in doubt.
    if policy.directives.is_malformed() {
        return Lifetime::Explicit(0);
    }
    if let Some(seconds) = explicit_s(policy, headers, created) {
        return Lifetime::Explicit(seconds);
    }
    // RFC 9111 §4.2.2: only where the status allows it by definition, or the answer says `public`.
    if policy.doubtful || (!is_heuristic(status) && !policy.directives.has("public")) {
        return Lifetime::Unknown;
    }
    match headers.value("last-modified").and_then(parse_http_date) {
        Some(changed) if changed < created => {
            Lifetime::Heuristic((created.saturating_sub(changed) / 10_000).min(LONGEST_GUESS_S))
        }
        _ => Lifetime::Unknown,
    }
}

/// RFC 9111 §4.2.1: for a shared cache `s-maxage` before `max-age` before `Expires`.
fn explicit_s(policy: &Policy, headers: &Headers, created: Millis) -> Option<u64> {
    let directives = &policy.directives;
    if let Some(seconds) = directives.seconds("s-maxage").or_else(|| directives.seconds("max-age")) {
        return Some(seconds);
    }
    if policy.targeted {
        return None;
    }
    let mut lines = headers.values("expires");
    let expires = lines.next()?;
    // RFC 9111 §5.3: an invalid date means "already expired"; two dates are no date.
    let at = if lines.next().is_some() { None } else { parse_http_date(expires) };
    Some(at.map_or(0, |at| at.saturating_sub(created) / 1000))
}

/// Whether freshness of such an answer may be guessed (RFC 9110 §15.1).
pub fn is_heuristic(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

/// Seconds since the answer was made or last validated at the origin (RFC 9111 §4.2.3); never negative.
pub fn age_s(headers: &Headers, timing: Timing, now: Millis) -> u64 {
    age_by(dated(headers), headers, timing, now)
}

/// The same where the `Date` is read already.
pub fn age_by(dated: Option<Millis>, headers: &Headers, timing: Timing, now: Millis) -> u64 {
    let apparent = match dated {
        Some(date) => timing.responded_at.saturating_sub(date) / 1000,
        None => 0,
    };
    // RFC 9111 §5.1: of several values the first counts, an invalid one is ignored.
    let first = headers.value("age").and_then(|age| age.split(',').next());
    let told = first.and_then(|age| delta_seconds(age.trim())).unwrap_or(0);
    let delay = timing.responded_at.saturating_sub(timing.requested_at) / 1000;
    let resident = now.saturating_sub(timing.responded_at) / 1000;
    apparent.max(told.saturating_add(delay)).saturating_add(resident)
}

/// Whether staleness may be overlooked on an error.
pub fn stale_rule(headers: &Headers) -> StaleRule {
    stale_rule_by(&Policy::read(headers).directives)
}

/// The same where the directives that count are read already.
pub fn stale_rule_by(control: &Directives) -> StaleRule {
    if let Some(directive) = strictly_forbidden(control) {
        return StaleRule::Forbidden(directive);
    }
    // RFC 5861 §4: an explicit permission of the same origin outweighs what `s-maxage` only implies.
    if let Some(seconds) = control.seconds("stale-if-error") {
        return StaleRule::AllowedFor(seconds);
    }
    // RFC 9111 §5.2.2.10: `s-maxage` implies `proxy-revalidate`.
    if control.has("s-maxage") { StaleRule::Forbidden("s-maxage") } else { StaleRule::Allowed }
}

/// For how many seconds beyond freshness the answer may be used while it is being validated (RFC 5861 §3).
pub fn while_revalidate_s(control: &Directives) -> u64 {
    match strictly_forbidden(control) {
        Some(_) => 0,
        None => control.seconds("stale-while-revalidate").unwrap_or(0),
    }
}

/// RFC 9111 §4.2.4. `no-cache` with field names forbids only those fields, but to leave them out of a copy
/// would change the answer: it counts as the whole.
fn strictly_forbidden(control: &Directives) -> Option<&'static str> {
    ["no-cache", "must-revalidate", "proxy-revalidate"].into_iter().find(|directive| control.has(directive))
}
