//! How long an answer is fresh, how old it is, and whether it may be used stale (RFC 9111 §4.2, RFC 5861).
//!
//! Reads the origin's fields and three points in time; what is then done is decided elsewhere.

use crate::cache::directives::{Directives, delta_seconds};
use crate::facts::Headers;
use crate::time::{Millis, parse_http_date};

/// When an answer was asked for and when its head arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// When the request was sent.
    pub requested_at: Millis,
    /// When the head of the answer arrived.
    pub responded_at: Millis,
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

/// Seconds for which the answer is fresh, counted from its creation; `None` where the origin does not say.
///
/// RFC 9111 §4.2.1: for a shared cache `s-maxage` before `max-age` before `Expires`.
pub fn explicit_lifetime_s(headers: &Headers) -> Option<u64> {
    let control = Directives::read(headers, "cache-control");
    if let Some(seconds) = control.seconds("s-maxage").or_else(|| control.seconds("max-age")) {
        return Some(seconds);
    }
    let expires = headers.value("expires")?;
    let created = headers.value("date").and_then(parse_http_date);
    // RFC 9111 §5.3: an invalid date means "already expired".
    Some(match (parse_http_date(expires), created) {
        (Some(expires), Some(created)) => expires.saturating_sub(created) / 1000,
        _ => 0,
    })
}

/// Seconds since the answer was made or last validated at the origin (RFC 9111 §4.2.3); never negative.
pub fn age_s(headers: &Headers, timing: Timing, now: Millis) -> u64 {
    let apparent = match headers.value("date").and_then(parse_http_date) {
        Some(date) => timing.responded_at.saturating_sub(date) / 1000,
        None => 0,
    };
    let told = headers.value("age").and_then(|age| delta_seconds(age.trim())).unwrap_or(0);
    let delay = timing.responded_at.saturating_sub(timing.requested_at) / 1000;
    let resident = now.saturating_sub(timing.responded_at) / 1000;
    apparent.max(told.saturating_add(delay)).saturating_add(resident)
}

/// Whether staleness may be overlooked on an error.
pub fn stale_rule(headers: &Headers) -> StaleRule {
    let control = Directives::read(headers, "cache-control");
    // RFC 9111 §4.2.4. `no-cache` with field names forbids only those fields, but to leave them out of a
    // copy would change the page: it counts as the whole.
    for directive in ["no-cache", "must-revalidate", "proxy-revalidate"] {
        if control.has(directive) {
            return StaleRule::Forbidden(directive);
        }
    }
    // RFC 5861 §4: an explicit permission of the same origin outweighs what `s-maxage` only implies.
    if let Some(seconds) = control.seconds("stale-if-error") {
        return StaleRule::AllowedFor(seconds);
    }
    // RFC 9111 §5.2.2.10: `s-maxage` implies `proxy-revalidate`.
    if control.has("s-maxage") { StaleRule::Forbidden("s-maxage") } else { StaleRule::Allowed }
}
