//! The rows of `data/runbook/` as the build made them.

use super::rank::Stage;

include!(concat!(env!("OUT_DIR"), "/runbook.rs"));

/// A fact that an owner can say: its place in [`FACTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact(pub u16);

/// A fact `key=value`.
#[derive(Debug)]
pub struct FactRow {
    pub key: &'static str,
    pub value: &'static str,
    /// Whether several values of the key can hold at once.
    pub many: bool,
    /// What is said of it after "you report".
    pub words: &'static str,
}

/// A product that commands are for.
#[derive(Debug)]
pub struct Subject {
    pub id: &'static str,
    pub name: &'static str,
    /// Whether it stands between visitors and the application.
    pub gateway: bool,
    /// Whether somebody else runs it.
    pub managed: bool,
    /// The gateway ids of a verdict that it stands for, beside its own.
    pub covers: &'static [&'static str],
}

/// Commands for one subject, or for `any`.
#[derive(Debug)]
pub struct Commands {
    pub on: &'static str,
    /// Those that change nothing.
    pub look: &'static [&'static str],
    /// Those that do.
    pub change: &'static [&'static str],
}

/// One step.
#[derive(Debug)]
pub struct Step {
    pub id: &'static str,
    pub stage: Stage,
    /// Causes that it is for; `*` is any failure that is not the visitor's.
    pub causes: &'static [&'static str],
    /// Layers that it is for, where no cause of it is open.
    pub layers: &'static [&'static str],
    /// First-ranked layers that rule it out.
    pub not_layers: &'static [&'static str],
    /// Subjects of which one must be there.
    pub only_on: &'static [&'static str],
    /// Facts of which one must be known.
    pub only_with: &'static [Fact],
    /// Facts that rule it out.
    pub not_with: &'static [Fact],
    /// Sets of facts that, all known, make it the first thing to do.
    pub decided_by: &'static [&'static [Fact]],
    pub raised_by: &'static [Fact],
    pub lowered_by: &'static [Fact],
    /// Among steps that fit alike: cheaper and more telling ones first (0 to 40).
    pub weight: i16,
    pub step: &'static str,
    pub why: &'static str,
    /// What it can make worse; empty where nothing.
    pub risk: &'static str,
    pub commands: &'static [Commands],
    #[expect(dead_code, reason = "says where a row comes from to who reads the data, never at run time")]
    pub source: &'static str,
}
