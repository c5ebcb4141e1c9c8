//! Where the variants of an address live beside each other in a store that knows keys only.
//!
//! The newest variant stands whole under the address' own key, so that the common case needs one look-up;
//! each stands under a key of its own too, which the newest one's `Vary` leads to. A store cannot list keys:
//! what was forgotten with the newest entry is told from later variants by the time since which it counts.

use crate::cache::vary;
use crate::rescue::OWN_PATH;
use crate::rescue::copy::StoredCopy;
use crate::rescue::plan::Watch;

/// The keys under which an answer is stored.
pub fn keys(watch: &Watch, copy: &StoredCopy) -> Vec<String> {
    let own = variant_key(watch, copy);
    std::iter::once(watch.key.clone()).chain(own).collect()
}

/// Where the variant for this request would stand, if what stands under the address' own key is another
/// one's; `None` where that does not vary.
pub fn elsewhere(watch: &Watch, newest: &StoredCopy) -> Option<String> {
    let misfit = !vary::fits(&newest.selecting, &newest.head.headers, watch.sent_headers());
    if misfit { variant_key(watch, newest) } else { None }
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

/// One coding is as good as another where the client accepts it: such answers need no key of their own.
fn variant_key(watch: &Watch, copy: &StoredCopy) -> Option<String> {
    let fields: Vec<String> = copy.selecting.iter().map(|(name, _)| name.clone()).collect();
    if fields.iter().all(|name| name == "accept-encoding") {
        return None;
    }
    let hash = vary::variant(&fields, watch.sent_headers());
    Some(watch.key.replacen(&format!("{OWN_PATH}copy"), &format!("{OWN_PATH}variant/{hash}"), 1))
}
