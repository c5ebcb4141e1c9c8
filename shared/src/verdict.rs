//! What a diagnosis says: the form of `cargo xtask diagnose --json`, field by field.
//!
//! Every statement carries the evidence that it stands on. Ids are those of `tests/captures/FORMAT.md`.

use serde::Serialize;

use crate::text::{Lang, say};

/// How far a statement may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Consistent with what was seen.
    Possible,
    /// Right at least 4 times in 5.
    Likely,
    /// No capture known to contradict it.
    Certain,
}

/// Whether trying again soon is worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transient {
    /// It often passes by itself.
    Likely,
    /// Somebody has to change something first.
    Unlikely,
    /// The evidence does not tell.
    Unknown,
}

/// On whose side the fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AtFault {
    /// The site, its servers or what it depends on.
    Site,
    /// The visitor's request, device or account.
    Visitor,
    /// The network between the two.
    Between,
    /// Nothing failed.
    None,
    /// The evidence does not tell.
    Unknown,
}

/// The server that made the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gateway {
    /// A gateway id, `app`, `none` or `unknown`.
    pub id: String,
    /// Its version where it told one.
    pub version: Option<String>,
    /// How far to trust the id.
    pub certainty: Certainty,
    /// What it stands on.
    pub evidence: Vec<String>,
}

/// The server that the client talked to, where that is another than the maker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Front {
    /// A gateway id.
    pub id: String,
    /// How far to trust the id.
    pub certainty: Certainty,
}

/// Where on the way it broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// A layer id.
    pub id: &'static str,
    /// How far to trust it.
    pub certainty: Certainty,
    /// What it stands on.
    pub evidence: Vec<String>,
}

/// One cause that the evidence leaves open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// A cause id.
    pub id: &'static str,
    /// How far to trust it.
    pub certainty: Certainty,
    /// The RFC 9209 §2.3 error type, where there is one.
    pub error: Option<&'static str>,
    /// What it stands on.
    pub evidence: Vec<String>,
}

/// One thing for the visitor to do, best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitorStep {
    /// A remedy id (`shared/data/remedies.toml`).
    pub remedy: &'static str,
    /// Seconds to wait before it, where it needs a wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_s: Option<u32>,
    /// Why, in the visitor's words, English; empty until [`Verdict::in_english`] fills it.
    pub why: String,
    /// The id in `shared/data/strings` by which a shell says the same in the visitor's language.
    #[serde(skip)]
    pub why_id: &'static str,
}

/// Folklore that does not apply here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotHelpful {
    /// A remedy id.
    pub remedy: &'static str,
    /// Why it will not help, English; empty until [`Verdict::in_english`] fills it.
    pub why: String,
    /// The string id of the same.
    #[serde(skip)]
    pub why_id: &'static str,
}

/// One step of the owner's runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerStep {
    /// What to do.
    pub step: String,
    /// Why here.
    pub why: String,
    /// Commands or settings, for the diagnosed gateway.
    pub commands: Vec<String>,
}

/// The whole verdict on one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Who made the answer.
    pub gateway: Gateway,
    /// Whom the client talked to, where another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front: Option<Front>,
    /// Where it broke, best first; empty where nothing failed.
    pub layers: Vec<Layer>,
    /// The smallest set of causes that the evidence leaves open, best first; empty where nothing failed.
    pub causes: Vec<Cause>,
    /// Whether it passes by itself.
    pub transient: Transient,
    /// On whose side it is.
    pub fault: AtFault,
    /// What the visitor can do, best first.
    pub visitor: Vec<VisitorStep>,
    /// What will not help.
    pub not_helpful: Vec<NotHelpful>,
    /// What the owner does, best first.
    pub owner: Vec<OwnerStep>,
    /// The string id of the one sentence that a visitor reads first: whose fault it is and what will help.
    #[serde(skip)]
    pub sentence_id: &'static str,
}

impl Verdict {
    /// The cause that may be told as the cause: likely at least, or the only one that is open. Where several
    /// are merely possible none of them may be singled out.
    pub fn leading_cause(&self) -> Option<&Cause> {
        let first = self.causes.first()?;
        (first.certainty >= Certainty::Likely || self.causes.len() == 1).then_some(first)
    }

    /// Says each reason in English. Shells that speak the visitor's language never call this, which keeps
    /// the texts that they do not need out of their wasm.
    pub fn in_english(&mut self) {
        for step in &mut self.visitor {
            step.why = say(Lang::ENGLISH, step.why_id).into();
        }
        for row in &mut self.not_helpful {
            row.why = say(Lang::ENGLISH, row.why_id).into();
        }
    }

    /// The RFC 9209 error type that may be told: the leading cause's, or the one that all open causes share.
    pub fn error(&self) -> Option<&'static str> {
        if let Some(leading) = self.leading_cause() {
            return leading.error;
        }
        let shared = self.causes.first()?.error;
        shared.filter(|_| self.causes.iter().all(|cause| cause.error == shared))
    }
}
