//! Claims that an entry should end, and what a neutral request has to find before it does.
//!
//! No visitor's request ends an entry: an origin may answer one visitor with 404 or 403 for reasons of that visitor's
//! own. Such an answer is a claim. A neutral GET, which carries nothing of the visitor's, confirms it or does not.

use crate::cache::freshness::dated;
use crate::cache::refusal;
use crate::rescue::copy::Change;
use crate::rescue::failure;
use crate::rescue::judge::AnswerHead;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;

/// What an answer to one visitor says of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// 404 or 410.
    Gone,
    /// 401, 403 or 451.
    Refused,
    /// An answer with `private` or `no-store`.
    Withdrawn,
}

/// What a neutral GET found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A 200 that is for all: it may replace the entry.
    Good,
    /// 404 or 410: the entry ends.
    Gone,
    /// 401, 403 or 451: the entry is suspended.
    Refused(u16),
    /// A 2xx or 3xx with `private` or `no-store`: the owner withdrew the page from everybody.
    Withdrawn,
    /// An answer that says nothing of the entry.
    Other,
    /// The origin failed.
    Failed,
}

impl Finding {
    /// Whether nobody is shown the entry after this: it ends, is suspended, or is older than a change that the origin has
    /// not shown.
    pub fn withholds(self) -> bool {
        matches!(self, Self::Gone | Self::Refused(_) | Self::Withdrawn | Self::Other)
    }

    /// What is left of a change after this: what the origin still shows to everybody was not deleted.
    pub fn leaves(self, change: Change) -> Change {
        if self == Self::Good { Change::Changed } else { change }
    }

    /// Whether the finding counts only where the start page is not answered alike. A firewall that refuses clients
    /// without a name, or shows them a challenge, does so everywhere.
    pub fn needs_start_page(self) -> bool {
        matches!(self, Self::Refused(403) | Self::Withdrawn | Self::Other)
    }
}

/// What the answer claims, if anything. Only a GET or HEAD of the address itself can claim something of it: a body or
/// another method asks for something that the address does not name.
pub fn claim(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> Option<Claim> {
    let request = &watch.request;
    // Such a field may have named another address, and the answer is about that one.
    if !request.reads() || request.body || !watch.unlisted.is_empty() {
        return None;
    }
    match answer.status {
        404 | 410 => Some(Claim::Gone),
        401 | 403 | 451 => Some(Claim::Refused),
        // What an origin says to somebody whom it may know is private as a rule.
        200..=399 if !watch.is_identified() && is_for_one(watch, answer, settings) => Some(Claim::Withdrawn),
        _ => None,
    }
}

/// How a successful unsafe request changed its address (RFC 9111 §4.4); `None` for any other exchange.
pub fn change(watch: &Watch, answer: &AnswerHead) -> Option<Change> {
    if watch.request.is_safe() || !(200..400).contains(&answer.status) {
        return None;
    }
    // A redirect may as well lead to a log-in.
    let deleted = watch.request.method == "DELETE" && answer.status < 300;
    Some(if deleted { Change::Deleted } else { Change::Changed })
}

/// What the answer to a neutral GET means.
pub fn finding(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> Finding {
    match answer.status {
        _ if failure::from_answer(answer, 0, 0).is_some() => Finding::Failed,
        // It is about the asker's pace.
        429 => Finding::Failed,
        404 | 410 => Finding::Gone,
        status @ (401 | 403 | 451) => Finding::Refused(status),
        200..=399 if is_for_one(watch, answer, settings) => Finding::Withdrawn,
        200 => Finding::Good,
        _ => Finding::Other,
    }
}

/// Whether the origin no longer lets the page be stored for others, and the owner does not override that.
fn is_for_one(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> bool {
    let path = &watch.request.url.path;
    let overridden = settings.overrides_no_store(path);
    let dated = dated(&answer.headers).unwrap_or(0);
    !overridden && refusal::refused(&answer.headers, dated).is_some()
}
