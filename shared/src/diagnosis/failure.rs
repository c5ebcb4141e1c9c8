//! Decides where it broke and which causes the evidence leaves open.
//!
//! Rows are asked in order: what a proxy says of itself by the standard, the maker's own, what broke the transport, those of the maker's kind. The first that
//! holds speaks; a row never guesses beyond what its condition saw.

use crate::diagnosis::clock::Clock;
use crate::diagnosis::evidence::Evidence;
use crate::diagnosis::gateway::Who;
use crate::diagnosis::tables::{
    APP_LAYER, CAUSES, DEFAULT_APP, DEFAULT_GATEWAY, DEFAULT_HINTS, DEFAULT_SOFT, DEFAULT_STANDARD,
    DEFAULT_TRANSPORT, DEFAULT_UNKNOWN, FailureRow, Kind, LAYERS, failures,
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
///
/// `clock` is asked only where something failed: a slow answer that is well is nobody's limit.
pub fn failure(evidence: &Evidence, who: &Who, broken: bool, clock: impl Fn() -> Clock) -> Option<Failure> {
    let maker = who.maker.as_ref().map(|maker| maker.row);
    let own = maker.map(|row| row.failures);
    let kind = maker.map(|row| row.kind);
    let app = matches!(kind, Some(Kind::App | Kind::Framework));
    let class = match kind {
        _ if app => DEFAULT_APP,
        Some(Kind::None) | None => DEFAULT_UNKNOWN,
        Some(_) => DEFAULT_GATEWAY,
    };
    // A source that tells no status may still have shown a maker's own error page.
    let bad = broken || evidence.status >= 400 || (evidence.status == 0 && maker.is_some());
    let lists = if bad {
        let transport = broken.then_some(DEFAULT_TRANSPORT);
        let hints = (!app).then_some(DEFAULT_HINTS);
        [Some(DEFAULT_STANDARD), own, transport, hints, Some(class), Some(DEFAULT_UNKNOWN)]
    } else {
        // Under a status of success only an answer that itself tells of a failure is one.
        [Some(DEFAULT_SOFT), None, None, None, None, None]
    };
    let mut rows = lists.into_iter().flatten().flat_map(failures);
    let row = rows.find(|row| evidence.meets(&row.when))?;
    let known = who.maker.as_ref().is_some_and(|maker| maker.certainty >= Certainty::Likely);
    Some(told(evidence, row, known, &clock()))
}

/// `known` says that the maker is known: then a row's first place is right more than 4 times in 5. How sure a
/// statement is comes from the row alone, whatever the clock adds.
fn told(evidence: &Evidence, row: FailureRow, known: bool, clock: &Clock) -> Failure {
    let words = evidence.words(&row.when);
    let certainty = |alone: bool, first: bool| match (row.sure, alone) {
        (true, true) => Certainty::Certain,
        (_, true) => Certainty::Likely,
        _ if first && (row.sure || known) => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let mut layers = row.layers.to_vec();
    let mut causes = row.causes.to_vec();
    if !row.sure {
        causes = clock.order(row.causes);
        if clock.behind() && !layers.contains(&APP_LAYER) {
            layers.push(APP_LAYER);
        }
    }
    let ids = layers.iter().filter_map(|number| LAYERS.get(usize::from(*number)));
    let layers = ids.enumerate().map(|(at, id)| Layer {
        id,
        certainty: certainty(row.layers.len() == 1 && at == 0, at == 0),
        evidence: words.clone(),
    });
    let story = causes.first().and_then(|number| CAUSES.get(usize::from(*number))).map(|cause| cause.story);
    let rows = causes.iter().filter_map(|number| Some((number, CAUSES.get(usize::from(*number))?)));
    let causes = rows.map(|(number, cause)| Cause {
        id: cause.id,
        // What only the clock brought up is no more than possible.
        certainty: certainty(row.causes == [*number], false),
        error: cause.error,
        evidence: clock.evidence(words.clone(), *number),
    });
    Failure { layers: layers.collect(), causes: causes.collect(), story }
}
