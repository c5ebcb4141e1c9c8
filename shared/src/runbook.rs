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
    chosen(verdict, known).iter().map(|chosen| say::owner_step(chosen, verdict, known)).collect()
}

/// The ids of all steps in `data/runbook/`, in the order of the table.
pub fn ids() -> impl Iterator<Item = &'static str> {
    tables::STEPS.iter().map(|step| step.id)
}
