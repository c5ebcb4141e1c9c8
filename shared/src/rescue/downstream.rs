//! How long the next cache (a browser, a CDN) may keep a copy that is shown because the origin failed.
//!
//! No longer than the stored answer is fresh by the origin's own word. A copy that is stale, that is fresh by a guess
//! only, or that carries our note must be validated before it is used again.

use crate::cache::directives::{Directives, Policy};
use crate::cache::freshness::Lifetime;
use crate::cache::targeted;
use crate::facts::Headers;
use crate::rescue::copy::StoredCopy;
use crate::rescue::fields::listed;
use crate::time::Millis;

/// Fields that give an answer a lifetime, beside `Cache-Control` and the targeted fields.
const LIFETIMES: [&str; 5] =
    ["expires", "edge-control", "x-accel-expires", "fastly-surrogate-control", "cache-control"];

/// Whether the copy may go out with the origin's own caching fields.
pub fn is_fresh(copy: &StoredCopy, now: Millis) -> bool {
    let headers = &copy.head.headers;
    let newest =
        copy.generation == 0 && !copy.outage_only && copy.suspended.is_none() && copy.outdated.is_none();
    let (lifetime, age) = copy.sight(&Policy::read(headers), now);
    newest && matches!(lifetime, Lifetime::Explicit(_)) && age.ttl_s > 0 && tells_browsers(headers)
}

/// Whether browsers need not guess: they read neither targeted fields nor `s-maxage`.
fn tells_browsers(headers: &Headers) -> bool {
    let control = Directives::read(headers, "cache-control");
    !control.is_malformed() && (control.has("max-age") || control.has("no-cache") || headers.has("expires"))
}

/// Takes every lifetime from the fields: nobody uses the copy again without asking.
pub fn without_lifetime(headers: &mut Headers) {
    let control = Directives::read(headers, "cache-control");
    let kept = ["private", "no-transform"].into_iter().filter(|name| control.has(name));
    let value = kept.fold("no-cache".to_owned(), |value, name| [&value, ", ", name].concat());
    headers.0.retain(|(name, _)| !listed(&LIFETIMES, name) && !listed(&targeted::FIELDS, name));
    headers.0.push(("cache-control".to_owned(), value));
}
