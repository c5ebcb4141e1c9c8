//! What stands in the way of copies: a first `Set-Cookie` that may prove harmless, and what the owner is told.
//!
//! The rules are `backsoon::rescue::first_cookie` and `backsoon::rescue::coverage`.

use crate::handle::Watched;
use crate::isolate;
use backsoon::cache::freshness::Timing;
use backsoon::cache::variants;
use backsoon::rescue::coverage::{coverage, is_start_page};
use backsoon::rescue::first_cookie::{MOST_BYTES, Witness};
use backsoon::rescue::judge::{self, StoreRefusal};
use backsoon::rescue::{AnswerHead, Judgement, StoredCopy};
use js_sys::Uint8Array;

/// A visitor's testimony that an answer with `Set-Cookie` is everybody's.
pub struct Proof {
    variant: String,
    cookies: Vec<String>,
    who: Witness,
}

impl Proof {
    /// Whether another visitor got the same bytes.
    pub fn holds(&self, bytes: &Uint8Array) -> bool {
        u64::from(bytes.byte_length()) <= MOST_BYTES
            && isolate::first_cookie_proves(&self.variant, &bytes.to_vec(), &self.cookies, &self.who)
    }
}

/// The copy that an answer with a first `Set-Cookie` may make, and what has to hold for it.
pub fn on_trial(
    on: &Watched,
    judgement: &Judgement,
    head: &AnswerHead,
    timing: Timing,
) -> Option<(Box<StoredCopy>, Proof)> {
    if !matches!(judgement, Judgement::Relay { refusal: StoreRefusal::SetCookie, .. }) {
        return None;
    }
    let who = Witness::of(&on.watch.request.headers)?;
    let variant = variants::name(&on.watch, &head.headers);
    if !isolate::first_cookie_open(&variant) {
        return None;
    }
    let (copy, cookies) = judge::on_trial(&on.watch, head, timing, &on.settings)?;
    Some((Box::new(copy), Proof { variant, cookies, who }))
}

/// Notes whether the start page is kept, for `status`.
pub fn note(on: &Watched, head: &AnswerHead, timing: Timing) {
    if is_start_page(&on.watch, head) {
        let found = coverage(&on.watch, head, timing, &on.settings);
        isolate::saw_start_page(&on.settings, on.host(), found);
    }
}
