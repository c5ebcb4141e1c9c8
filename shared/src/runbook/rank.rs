//! Which steps fit, and in what order: facts that decide, then what confirms, mends, prevents and tells.
//!
//! Total and deterministic: equal scores keep the order of the table. It knows nothing of wording.

use std::cmp::Reverse;
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

impl Chosen {
    /// Whether the step is for this cause in particular.
    pub fn is_for(&self, cause: &str) -> bool {
        self.step.causes.contains(&cause)
    }
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
/// What a step loses whose causes are all covered by better ones.
const REPEATED: i16 = 30;
/// A step this much worse than the best of its stage is noise.
const TOO_FAR: i16 = 60;

/// The steps for this verdict, best first.
pub fn chosen(verdict: &Verdict, known: &OwnerFacts) -> Vec<Chosen> {
    if verdict.fault == AtFault::None {
        return Vec::new();
    }
    let subjects = subjects(verdict, known);
    let mut open: Vec<(i16, Chosen)> =
        STEPS.iter().filter_map(|step| weigh(step, verdict, known, &subjects)).collect();
    // Stable: what scores alike keeps the order of the table.
    open.sort_by_key(|(score, _)| Reverse(*score));
    let (decided, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, candidate)| candidate.decided);
    let mut kept: Vec<Chosen> = Vec::new();
    for (_, candidate) in decided {
        if of_stage(&kept, candidate.stage).count() < candidate.stage.most() {
            kept.push(candidate);
        }
    }
    for stage in [Stage::Confirm, Stage::Fix, Stage::Prevent, Stage::Tell] {
        let mut candidates: Vec<_> = open.iter().filter(|(_, candidate)| candidate.stage == stage).collect();
        let mut best = None;
        while of_stage(&kept, stage).count() < stage.most() {
            let covered: BTreeSet<&str> = of_stage(&kept, stage)
                .filter(|chosen| !tells_apart(chosen.step))
                .flat_map(|chosen| chosen.step.causes)
                .copied()
                .collect();
            let worth = |(score, candidate): &(i16, Chosen)| worth(*score, candidate, verdict, &covered);
            // The first of equals: `max_by_key` takes the last.
            let next = candidates.iter().enumerate().rev().max_by_key(|(_, candidate)| worth(candidate));
            let Some((at, candidate)) = next else { break };
            let worth = worth(candidate);
            if worth < best.unwrap_or(worth).saturating_sub(TOO_FAR) {
                break;
            }
            best = best.or(Some(worth));
            kept.push(candidates.remove(at).1.clone());
        }
    }
    kept
}

fn of_stage(kept: &[Chosen], stage: Stage) -> impl Iterator<Item = &Chosen> {
    kept.iter().filter(move |chosen| chosen.stage == stage)
}

/// A step for every failure tells open causes apart instead of betting on one.
fn tells_apart(step: &Step) -> bool {
    step.causes.contains(&"*")
}

/// What a step is worth beside those already chosen: the best cause that they leave uncovered counts, or its
/// own best less a discount, so that three steps do not all bet on one of many open causes.
fn worth(score: i16, candidate: &Chosen, verdict: &Verdict, covered: &BTreeSet<&str>) -> i16 {
    if tells_apart(candidate.step) || !matches!(candidate.ground, Ground::Cause(_)) {
        return score;
    }
    let listed = |id: &str| candidate.step.causes.contains(&id);
    if covered.is_empty()
        || !verdict.causes.iter().any(|cause| listed(cause.id) && covered.contains(cause.id))
    {
        return score;
    }
    let left = verdict.causes.iter().position(|cause| listed(cause.id) && !covered.contains(cause.id));
    let without = score.saturating_sub(candidate.ground.score());
    let new = left.map_or(i16::MIN, |rank| without.saturating_add(Ground::Cause(rank).score()));
    new.max(score.saturating_sub(REPEATED))
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
    let decided = step.decided_by.iter().find(|all| all.iter().all(|fact| known.has(*fact)));
    let layer = verdict.layers.first().map(|layer| layer.id);
    let out = layer.is_some_and(|id| step.not_layers.contains(&id))
        || !said(step.not_with).is_empty()
        || (!step.only_with.is_empty() && said(step.only_with).is_empty())
        // Facts that decide for a step say as well that what it is for is there: who moved to a CDN has one.
        || (decided.is_none()
            && !step.only_on.is_empty()
            && !step.only_on.iter().any(|on| subjects.contains(on)));
    if out {
        return None;
    }
    // An owner's facts may lead where the verdict knows nothing, but never against the causes that it names.
    let knows_nothing = verdict.causes.is_empty() && verdict.layers.is_empty();
    let may_lead = decided.is_some() && knows_nothing && verdict.fault != AtFault::Visitor;
    let ground = ground(step, verdict).or(may_lead.then_some(Ground::Any))?;
    let decided = decided.filter(|_| matches!(ground, Ground::Cause(_)) || verdict.causes.is_empty());
    let decided: Vec<Fact> = decided.map(|all| all.to_vec()).unwrap_or_default();
    let (raised, lowered) = (said(step.raised_by), said(step.lowered_by));
    let count = |facts: &[Fact]| i16::try_from(facts.len()).unwrap_or(0).saturating_mul(PER_FACT);
    // Where causes are named, a step that is for none of them stands back.
    let beside = matches!(ground, Ground::Layer(_)) && !verdict.causes.is_empty();
    if beside && step.stage == Stage::Prevent {
        return None;
    }
    let score = ground
        .score()
        .saturating_sub(if beside { REPEATED } else { 0 })
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
