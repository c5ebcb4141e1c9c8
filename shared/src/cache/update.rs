//! What a 304 does to the stored answer that it confirms (RFC 9111 §3.2 and §4.3.4).

use crate::cache::conditional;
use crate::cache::freshness::Timing;
use crate::cache::reuse::Ask;
use crate::cache::serve::{Served, serve};
use crate::cache::{refusal, vary};
use crate::facts::Headers;
use crate::rescue::acting::acts;
use crate::rescue::copy::StoredCopy;
use crate::rescue::fields::{hop_by_hop, is_of_passage, is_ours};
use crate::rescue::judge::AnswerHead;
use crate::rescue::plan::Watch;
use crate::status::CacheStatus;
use crate::status::cache_status::Forward;
use crate::time::Millis;

/// What a 304 to our own question means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validated {
    /// The stored answer holds, with these newer fields: store them, and answer from it.
    Holds(Box<StoredCopy>),
    /// It speaks of another representation, or withdraws this one: ask again without conditions.
    Other,
}

/// Fields that describe the stored bytes: a 304 has none, so it cannot change them (RFC 9111 §3.2).
const OF_THE_BODY: [&str; 6] =
    ["content-encoding", "content-length", "content-range", "content-type", "transfer-encoding", "vary"];

/// A 304 with more fields than this does not update what is stored.
const MOST_FIELDS: usize = 256;

/// Judges a 304 that came for `ask`; `None` where it is no 304 or was the client's own question.
pub fn validated(ask: &Ask, stored: &StoredCopy, answer: &AnswerHead, timing: Timing) -> Option<Validated> {
    if answer.status != 304 || !ask.validates() {
        return None;
    }
    // What was for all and now is for one, or not to be stored at all: the whole answer decides.
    let for_one = vary::is_any(&answer.headers) || answer.headers.has("set-cookie");
    let kept_no_more = refusal::refused(&answer.headers, timing.responded_at).is_some();
    // Each of its fields is compared with each that is stored.
    let withdrawn = for_one || kept_no_more || answer.headers.0.len() > MOST_FIELDS;
    if withdrawn || !conditional::confirms(&stored.head.headers, &answer.headers) {
        return Some(Validated::Other);
    }
    let of_connection = hop_by_hop(&answer.headers);
    let newer = |name: &str, value: &str| {
        let fixed = OF_THE_BODY.iter().any(|f| f.eq_ignore_ascii_case(name));
        !fixed && !of_connection(name) && !is_ours(name) && !is_of_passage(name) && !acts(name, value)
    };
    let replaced: Vec<(String, String)> =
        answer.headers.0.iter().filter(|(name, value)| newer(name, value)).cloned().collect();
    let old = stored.head.headers.0.iter().filter(|(name, _)| {
        // The age at the last answer says nothing of this one.
        !name.eq_ignore_ascii_case("age") && !replaced.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    });
    let headers = Headers(old.cloned().chain(replaced.iter().cloned()).collect());
    let head = AnswerHead { status: stored.head.status, headers };
    Some(Validated::Holds(Box::new(StoredCopy {
        head,
        timing,
        // The origin has shown it again.
        suspended: None,
        outdated: None,
        ..stored.clone()
    })))
}

/// The answer for the client after a validation.
pub fn serve_validated(watch: &Watch, stored: &StoredCopy, now: Millis) -> Served {
    let member = CacheStatus {
        ttl_s: Some(stored.age(now).ttl_s),
        ..CacheStatus::forwarded(Forward::Stale, Some(304))
    };
    serve(stored, &watch.request, vec![("cache-status".to_owned(), member.write())], now)
}
