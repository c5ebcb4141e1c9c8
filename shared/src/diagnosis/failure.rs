//! Decides where it broke and which causes the evidence leaves open.
//!
//! Rows are asked in order: what broke the transport, the maker's own, those of its kind. The first that
//! holds speaks; a row never guesses beyond what its condition saw.

use crate::diagnosis::evidence::Evidence;
use crate::diagnosis::gateway::Who;
use crate::diagnosis::tables::{
    CAUSES, DEFAULT_APP, DEFAULT_GATEWAY, DEFAULT_SOFT, DEFAULT_TRANSPORT, DEFAULT_UNKNOWN, FAILURES, FailureRow,
    Kind,
};
use crate::verdict::{Cause, Certainty, Layer};

/// Where and why, with the row it stands on.
pub struct Failure {
    pub layers: Vec<Layer>,
    pub causes: Vec<Cause>,
    /// Number into `STORIES` of the first cause.
    pub story: Option<u16>,
}

/// What failed, or `None` where nothing did as far as can be seen.
pub fn failure(evidence: &Evidence, who: &Who, broken: bool) -> Option<Failure> {
    let maker = who.maker.as_ref().map(|maker| maker.row);
    let own = maker.and_then(|row| FAILURES.get(usize::from(row.failures.0)..usize::from(row.failures.1)));
    let class = match maker.map(|row| row.kind) {
        Some(Kind::App | Kind::Framework) => DEFAULT_APP,
        Some(Kind::None) | None => DEFAULT_UNKNOWN,
        Some(_) => DEFAULT_GATEWAY,
    };
    let bad = broken || evidence.status >= 400;
    let lists: [&'static [FailureRow]; 4] = if bad {
        [if broken { DEFAULT_TRANSPORT } else { &[] }, own.unwrap_or_default(), class, DEFAULT_UNKNOWN]
    } else {
        // Under a status of success only an answer that itself tells of a failure is one.
        [DEFAULT_SOFT, own.unwrap_or_default(), &[], &[]]
    };
    let mut rows = lists.iter().flat_map(|list| list.iter());
    let row = rows.find(|row| evidence.meets(&row.when) && (bad || !row.when.has.is_empty()))?;
    Some(told(evidence, row))
}

fn told(evidence: &Evidence, row: &'static FailureRow) -> Failure {
    let words = evidence.words(&row.when);
    let certainty = |alone: bool, first: bool| match (row.sure, alone, first) {
        (true, true, _) => Certainty::Certain,
        (true, false, true) | (false, true, _) => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let layers = row.layers.iter().enumerate().map(|(at, id)| Layer {
        id,
        certainty: certainty(row.layers.len() == 1, at == 0),
        evidence: words.clone(),
    });
    let causes = row.causes.iter().filter_map(|number| CAUSES.get(usize::from(*number))).map(|cause| Cause {
        id: cause.id,
        certainty: certainty(row.causes.len() == 1, false),
        error: cause.error,
        evidence: words.clone(),
    });
    let story = row.causes.first().and_then(|number| CAUSES.get(usize::from(*number))).map(|cause| cause.story);
    Failure { layers: layers.collect(), causes: causes.collect(), story }
}
