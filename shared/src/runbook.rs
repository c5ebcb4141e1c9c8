//! The owner's runbook: from a verdict, and from what the owner knows beside it, the steps to take, best first.
//!
//! It decides order and wording from rows in `data/runbook/`. It refuses to know how the verdict came about,
//! and `diagnose` does not call it: the English texts stay out of every wasm, `cargo xtask diagnose` calls it.

mod known;
mod rank;
mod say;
mod tables;

pub use known::{OwnerFacts, Problem, keys};
pub use rank::{Chosen, Stage, chosen};

use crate::verdict::{OwnerStep, Verdict};

/// The owner's steps for this verdict, best first; empty where nothing failed.
pub fn steps(verdict: &Verdict, known: &OwnerFacts) -> Vec<OwnerStep> {
    let chosen = chosen(verdict, known);
    let mut steps: Vec<OwnerStep> =
        chosen.iter().map(|chosen| say::owner_step(chosen, verdict, known)).collect();
    for limit in &known.limits {
        let ends_in = verdict.causes.iter().filter(|cause| cause.evidence.contains(&limit.words));
        let causes: Vec<&str> = ends_in.map(|cause| cause.id).collect();
        let looks = |chosen: &Chosen| matches!(chosen.stage, Stage::Confirm | Stage::Fix);
        // The best step for what the limit ends in names the setting and its figure.
        let step = chosen
            .iter()
            .zip(&mut steps)
            .find(|(chosen, _)| looks(chosen) && causes.iter().any(|cause| chosen.is_for(cause)));
        if let Some((_, step)) = step {
            step.why.insert_str(0, &say::limit(limit));
        }
    }
    steps
}

/// The ids of all steps in `data/runbook/`, in the order of the table.
pub fn ids() -> impl Iterator<Item = &'static str> {
    tables::STEPS.iter().map(|step| step.id)
}
