//! Whether an answer whose looks are suspicious is replaced: only where something else speaks against the origin too.
//!
//! Looks and comparisons alone never replace an answer of a healthy origin; they only keep it out of the store.

use super::{SoftReason, Trust};
use crate::cache::directives::Directives;
use crate::rescue::judge::AnswerHead;
use crate::rescue::negotiate::Wants;
use crate::rescue::plan::Watch;

/// Which evidence an answer's suspicion needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Any: failures, such answers at several addresses, or a second look.
    Any,
    /// A second look: a neutral request for another address failed.
    Look,
    /// A second look that got the very same body, or a body that is a known gateway's own page.
    Alike,
}

/// An answer that may be an error's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// As what it counts where it is replaced.
    pub reason: SoftReason,
    needs: Needs,
    /// Whether its visitor waits for a second look although nothing else is known.
    holds: bool,
}

/// What is known beside the answer itself. All of it comes from other requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The origin failed lately.
    pub failures: bool,
    /// Error-looking answers came lately at several addresses that had good ones.
    pub spread: bool,
    /// What the last look at another address met: trouble, or a good answer; `None` where nobody looked lately.
    pub look: Option<bool>,
    /// That look, or anonymous visitors in place of a good copy, met the very same body.
    pub same: bool,
    /// More may be known soon: a look is under way.
    pub pending: bool,
}

/// What becomes of a suspicious answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighed {
    /// It is handed on.
    Live,
    /// It counts as a failure.
    Failed,
    /// It waits for the look that is under way.
    Wait,
}

/// The suspicion against an answer, from what its looks say. `has_copy`: a copy can be shown.
///
/// An answer to somebody, or one that says `private` or `no-store`, is never suspected because of a comparison.
pub fn suspicion(watch: &Watch, answer: &AnswerHead, trust: Trust, has_copy: bool) -> Option<Suspicion> {
    if watch.is_identified() {
        return match trust {
            Trust::Bad(SoftReason::Blank) if watch.wants == Wants::Navigation => {
                Some(Suspicion { reason: SoftReason::Blank, needs: Needs::Look, holds: false })
            }
            // A script's empty answer may well be the truth about somebody.
            Trust::Bad(SoftReason::Blank) | Trust::Doubtful(_) | Trust::Good => None,
            Trust::Bad(reason) => Some(Suspicion { reason, needs: Needs::Alike, holds: false }),
        };
    }
    let control = Directives::read(&answer.headers, "cache-control");
    let holds = !control.has("private") && !control.has("no-store");
    match trust {
        Trust::Bad(reason) => Some(Suspicion { reason, needs: Needs::Any, holds }),
        Trust::Doubtful(_) if has_copy && holds => {
            Some(Suspicion { reason: SoftReason::Doubted, needs: Needs::Look, holds })
        }
        Trust::Doubtful(_) | Trust::Good => None,
    }
}

impl Suspicion {
    /// Whether only a body that is certainly a gateway's own, or that others got too, confirms it.
    pub fn needs_alike(&self) -> bool {
        self.needs == Needs::Alike
    }

    /// Weighs it. `of_gateway`: the body is certainly a known gateway's own page. `aside`: nobody waits for the answer;
    /// then nothing is waited for, and while the origin fails such an answer is no sign that it is back.
    pub fn weigh(&self, evidence: Evidence, of_gateway: bool, aside: bool) -> Weighed {
        let met = evidence.look == Some(true);
        let confirmed = match self.needs {
            Needs::Any => met || evidence.failures || evidence.spread,
            Needs::Look => met,
            Needs::Alike => met && (evidence.same || of_gateway),
        };
        // While all is well nobody waits whose answer is personal.
        let waits = evidence.pending && (self.holds || evidence.failures);
        match (confirmed || (aside && evidence.failures), waits && !aside) {
            (true, _) => Weighed::Failed,
            (false, true) => Weighed::Wait,
            (false, false) => Weighed::Live,
        }
    }
}
