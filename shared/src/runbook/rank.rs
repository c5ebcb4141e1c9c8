//! Which steps fit, and in what order: facts that decide, then what confirms, mends, prevents and tells.
//!
//! Total and deterministic: equal scores keep the order of the table. It knows nothing of wording.

use std::collections::BTreeSet;

use super::known::{self, OwnerFacts};
use super::tables::{Fact, STEPS, Step};
use crate::verdict::{AtFault, Verdict};

/// What a step is for, in the order in which an incident needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Looks, and changes nothing.
    Confirm,
    /// Mends.
    Fix,
    /// Keeps it from coming back.
    Prevent,
    /// Tells people.
    Tell,
}

impl Stage {
    /// The name in `data/runbook/`.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Confirm => "confirm",
            Stage::Fix => "fix",
            Stage::Prevent => "prevent",
            Stage::Tell => "tell",
        }
    }

    /// Most steps of the stage in one runbook: eight in all, what a person can hold during an outage.
    fn most(self) -> usize {
        match self {
            Stage::Confirm | Stage::Fix => 3,
            Stage::Prevent | Stage::Tell => 1,
        }
    }
}

/// A step that was chosen, and on what ground.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The row's id in `data/runbook/`.
    pub id: &'static str,
    /// What it is for.
    pub stage: Stage,
    /// Whether the owner's facts by themselves call for it.
    pub decided: bool,
    pub(super) step: &'static Step,
    pub(super) ground: Ground,
    /// The facts that spoke for it.
    pub(super) facts: Vec<Fact>,
}

/// By what of the verdict a step fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The place of its best cause in the verdict.
    Cause(usize),
    /// The place of its best layer.
    Layer(usize),
    /// It fits every failure.
    Any,
}

impl Ground {
    fn score(self) -> i16 {
        let less = |most: i16, rank: usize, by: i16| {
            most.saturating_sub(by.saturating_mul(i16::try_from(rank.min(4)).unwrap_or(4)))
        };
        match self {
            Ground::Cause(rank) => less(100, rank, 10),
            Ground::Layer(rank) => less(60, rank, 10),
            Ground::Any => 50,
        }
    }
}

/// What one fact is worth: three ranks of a cause.
const PER_FACT: i16 = 30;
/// A step this much worse than the best of its stage is noise.
const TOO_FAR: i16 = 70;

/// The steps for this verdict, best first.
pub fn chosen(verdict: &Verdict, known: &OwnerFacts) -> Vec<Chosen> {
    if verdict.fault == AtFault::None {
        return Vec::new();
    }
    let subjects = subjects(verdict, known);
    let mut scored: Vec<(i16, Chosen)> =
        STEPS.iter().filter_map(|step| weigh(step, verdict, known, &subjects)).collect();
    // Stable: rows of one stage and score keep the order of the table.
    scored.sort_by_key(|(score, c)| (!c.decided, c.stage, std::cmp::Reverse(*score)));
    let mut kept: Vec<(i16, Chosen)> = Vec::new();
    for (score, candidate) in scored {
        let same = || kept.iter().filter(|(_, c)| c.stage == candidate.stage);
        let best = same().filter(|(_, c)| !c.decided).map(|(s, _)| *s).max().unwrap_or(score);
        let near = candidate.decided || score >= best.saturating_sub(TOO_FAR);
        if near && same().count() < candidate.stage.most() {
            kept.push((score, candidate));
        }
    }
    kept.into_iter().map(|(_, chosen)| chosen).collect()
}

/// The products that are known to be there: who answered, who stands in front, and what the owner said.
pub fn subjects(verdict: &Verdict, known: &OwnerFacts) -> Vec<&'static str> {
    let front = verdict.front.as_ref().map(|front| front.id.as_str());
    let mut all: Vec<&'static str> = Vec::new();
    for id in std::iter::once(verdict.gateway.id.as_str()).chain(front) {
        all.extend(known::subjects(id));
    }
    all.extend(&known.stack);
    let mut seen = BTreeSet::new();
    all.retain(|id| seen.insert(*id));
    all
}

fn weigh(
    step: &'static Step,
    verdict: &Verdict,
    known: &OwnerFacts,
    subjects: &[&'static str],
) -> Option<(i16, Chosen)> {
    let said = |facts: &[Fact]| facts.iter().copied().filter(|fact| known.has(*fact)).collect::<Vec<_>>();
    let layer = verdict.layers.first().map(|layer| layer.id);
    let out = layer.is_some_and(|id| step.not_layers.contains(&id))
        || !said(step.not_with).is_empty()
        || (!step.only_with.is_empty() && said(step.only_with).is_empty())
        || (!step.only_on.is_empty() && !step.only_on.iter().any(|on| subjects.contains(on)));
    if out {
        return None;
    }
    let decided = step.decided_by.iter().find(|all| all.iter().all(|fact| known.has(*fact)));
    // An owner's facts may lead where the verdict knows nothing, but never against the causes that it names.
    let knows_nothing = verdict.causes.is_empty() && verdict.layers.is_empty();
    let may_lead = decided.is_some() && knows_nothing && verdict.fault != AtFault::Visitor;
    let ground = ground(step, verdict).or(may_lead.then_some(Ground::Any))?;
    let decided = decided.filter(|_| matches!(ground, Ground::Cause(_)) || verdict.causes.is_empty());
    let decided: Vec<Fact> = decided.map(|all| all.to_vec()).unwrap_or_default();
    let (raised, lowered) = (said(step.raised_by), said(step.lowered_by));
    let count = |facts: &[Fact]| i16::try_from(facts.len()).unwrap_or(0).saturating_mul(PER_FACT);
    let score = ground
        .score()
        .saturating_add(step.weight)
        .saturating_add(count(&raised))
        .saturating_add(count(&decided))
        .saturating_sub(count(&lowered));
    let decides = !decided.is_empty();
    let mut facts = decided;
    facts.extend(raised);
    facts.extend(said(step.only_with));
    facts.sort_unstable();
    facts.dedup();
    Some((score, Chosen { id: step.id, stage: step.stage, decided: decides, step, ground, facts }))
}

/// By what the step fits; without a cause or layer to go by, only what fits every failure does.
fn ground(step: &Step, verdict: &Verdict) -> Option<Ground> {
    let cause = verdict.causes.iter().position(|cause| step.causes.contains(&cause.id));
    let layer = || verdict.layers.iter().position(|layer| step.layers.contains(&layer.id));
    let any = step.causes.contains(&"*") && verdict.fault != AtFault::Visitor;
    cause.map(Ground::Cause).or_else(|| layer().map(Ground::Layer)).or(any.then_some(Ground::Any))
}
