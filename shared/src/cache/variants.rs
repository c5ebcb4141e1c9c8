//! Where the variants of an address live beside each other in a store that knows keys only.
//!
//! The newest variant stands whole under the address' own key, so that the common case needs one look-up;
//! each stands under a key of its own too, which the newest one's `Vary` leads to. A store cannot list keys:
//! what was forgotten with the newest entry is told from later variants by the time since which it counts.

use crate::cache::vary::{self, ORIGIN, Selecting};
use crate::facts::Headers;
use crate::rescue::OWN_PATH;
use crate::rescue::copy::StoredCopy;
use crate::rescue::harmless;
use crate::rescue::plan::Watch;

/// So long an entry keeps the address' own key.
const RENEWED_MS: u64 = 86_400_000;

/// The keys under which an answer is stored. `held`: what the address' own key holds.
pub fn keys(watch: &Watch, copy: &StoredCopy, held: Option<&StoredCopy>) -> Vec<String> {
    let own = variant_key(watch, copy);
    let address = held.is_none_or(|held| !pushes_out(watch, copy, held)).then(|| watch.key.clone());
    address.into_iter().chain(own).collect()
}

/// Whether an answer would take the place of everybody's because of a field that one visitor sent, and that nothing
/// said before selects by: who sends no such field would have no copy any more. What is older than a day may be what
/// the address was before it varied.
fn pushes_out(watch: &Watch, copy: &StoredCopy, held: &StoredCopy) -> bool {
    let of_visitor = |name: &str| {
        let site = name == ORIGIN && harmless::is_of_another_site(&watch.request);
        site || watch.unlisted.iter().any(|unlisted| unlisted == name)
    };
    let unsaid = |name: &str| held.selecting.iter().all(|(known, _)| known != name);
    let lately = copy.timing.responded_at.saturating_sub(held.timing.responded_at) < RENEWED_MS;
    held.good && lately && copy.selecting.iter().any(|(name, _)| of_visitor(name) && unsaid(name))
}

/// A name for the variant that an answer to this request is, apart from its coding: for what an isolate remembers of
/// it. Longer than the address' key, since no key holds a `#`.
pub fn name(watch: &Watch, answer: &Headers) -> String {
    let fields = names(&vary::selecting(answer, watch.sent_headers()));
    if fields.is_empty() {
        return watch.key.clone();
    }
    [&watch.key, "#", &vary::variant(&fields, watch.sent_headers())].concat()
}

/// Where the variant for this request would stand, if what stands under the address' own key is another
/// one's; `None` where that does not vary.
pub fn elsewhere(watch: &Watch, newest: &StoredCopy) -> Option<String> {
    let misfit = !vary::fits(&newest.selecting, &newest.head.headers, watch.sent_headers());
    if misfit { variant_key(watch, newest) } else { None }
}

/// Where an answer stands in a store that keeps one value for each key and pays for each write: under the address' own
/// key, unless that is known to hold another variant by the same fields, or one that says nothing of the asking site.
/// `there`: that variant's name.
pub fn only_key(watch: &Watch, copy: &StoredCopy, there: Option<&str>) -> String {
    let own = short_name(watch, copy);
    let by_site = names(&copy.selecting).iter().all(|name| name == ORIGIN);
    let beside =
        |there: &str| there != own && (fields_of(there) == fields_of(&own) || (there.is_empty() && by_site));
    let variant = if there.is_some_and(beside) { variant_key(watch, copy) } else { None };
    variant.unwrap_or_else(|| watch.key.clone())
}

/// What of a short name tells the selecting fields.
fn fields_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(fields, _)| fields)
}

/// A short name for the variant that a stored answer is, apart from its coding: which fields select it, and by which
/// values. Empty where it does not vary.
pub fn short_name(watch: &Watch, copy: &StoredCopy) -> String {
    let fields = names(&copy.selecting);
    if fields.is_empty() {
        return String::new();
    }
    let by = vary::variant(&fields, &Headers::default());
    [&by, ".", &vary::variant(&fields, watch.sent_headers())].concat()
}

/// Whether a variant found in such a store still counts: it came after the address' own entry began.
pub fn counts_far(newest: &StoredCopy, variant: &StoredCopy) -> bool {
    variant.timing.responded_at >= newest.since
}

/// Whether a variant found there still counts: nothing was forgotten between it and the newest.
pub fn counts(newest: &StoredCopy, variant: &StoredCopy) -> bool {
    variant.since == newest.since
}

/// What was confirmed or changed at an address holds for all its variants that are older.
pub fn inherit(newest: &StoredCopy, variant: &mut StoredCopy) {
    let asked = variant.timing.requested_at;
    variant.suspended = variant.suspended.or(newest.suspended.filter(|(_, at)| asked < *at));
    variant.outdated = variant.outdated.or(newest.outdated.filter(|(_, at)| asked < *at));
}

/// The entry as it is stored in place of what the key holds now.
#[must_use]
pub fn succeed(watch: &Watch, copy: StoredCopy, stored: Option<&StoredCopy>) -> StoredCopy {
    let since = stored.map_or(copy.timing.responded_at, |stored| stored.since);
    let selecting = match stored {
        Some(known) => vary::also_by_site(copy.selecting, &known.selecting, watch.sent_headers()),
        None => copy.selecting,
    };
    StoredCopy { since, selecting, ..copy }
}

/// The selecting fields apart from `Accept-Encoding`.
fn names(selecting: &Selecting) -> Vec<String> {
    selecting.iter().map(|(name, _)| name.clone()).filter(|name| name != "accept-encoding").collect()
}

/// One coding is as good as another where the client accepts it: such answers need no key of their own.
fn variant_key(watch: &Watch, copy: &StoredCopy) -> Option<String> {
    let mut fields: Vec<String> = copy.selecting.iter().map(|(name, _)| name.clone()).collect();
    // A server that names the asking site often says nothing of it to requests that name none.
    if watch.sent_headers().has(ORIGIN) && !fields.iter().any(|name| name == ORIGIN) {
        fields = vary::in_order(fields.into_iter().chain([ORIGIN.to_owned()]));
    }
    if fields.iter().all(|name| name == "accept-encoding") {
        return None;
    }
    let hash = vary::variant(&fields, watch.sent_headers());
    Some(watch.key.replacen(&format!("{OWN_PATH}copy"), &format!("{OWN_PATH}variant/{hash}"), 1))
}
