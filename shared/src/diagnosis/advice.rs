//! Decides what a visitor is told: the sentence, the steps that can help, and the folklore that cannot.
//!
//! The story of the first cause is the base; what was learnt beside the exchange outranks it (`beside`).

use crate::diagnosis::beside;
use crate::diagnosis::failure::Failure;
use crate::diagnosis::tables::{AdviceRow, STORIES, StoryRow};
use crate::facts::{Beside, Exchange};
use crate::verdict::{AtFault, NotHelpful, Transient, VisitorStep};

/// Most seconds that a `Retry-After` is believed: a day.
const LONGEST_WAIT_S: u32 = 86_400;

/// What a visitor is told.
pub struct Advice {
    pub sentence_id: &'static str,
    pub transient: Transient,
    pub fault: AtFault,
    pub visitor: Vec<VisitorStep>,
    pub not_helpful: Vec<NotHelpful>,
}

/// Advice on a failure, or on the lack of one.
pub fn advice(exchange: &Exchange, failure: Option<&Failure>) -> Advice {
    let beside = &trusted(exchange);
    let story = match failure {
        // Nothing came, and nothing is told to have broken: neither well nor failed.
        None if exchange.status.is_none() => None,
        None => by_id("healthy"),
        Some(failure) => by_id(story_id(beside, failure)),
    };
    let Some(story) = story else {
        return Advice {
            sentence_id: "verdict.unknown",
            transient: Transient::Unknown,
            fault: AtFault::Unknown,
            visitor: vec![],
            not_helpful: vec![],
        };
    };
    let mut helps: Vec<AdviceRow> = story.helps.to_vec();
    let mut useless: Vec<AdviceRow> = story.not_helpful.to_vec();
    if failure.is_some() {
        beside::outrank(beside, story.fault, &mut helps, &mut useless);
    }
    let told = exchange.headers.value("retry-after").and_then(|value| value.trim().parse::<u32>().ok());
    let told = told.map(|seconds| seconds.min(LONGEST_WAIT_S));
    let visitor = helps.iter().map(|row| VisitorStep {
        remedy: row.remedy,
        // RFC 9110 §10.2.3: the server's own word on when to come back beats ours.
        after_s: if row.remedy == "refresh" || row.remedy == "wait" {
            told.or(row.after_s)
        } else {
            row.after_s
        },
        why: String::new(),
        why_id: row.why,
    });
    let not_helpful =
        useless.iter().map(|row| NotHelpful { remedy: row.remedy, why: String::new(), why_id: row.why });
    Advice {
        sentence_id: beside::sentence(beside, story),
        transient: passes(beside, story.transient),
        fault: story.fault,
        visitor: visitor.collect(),
        not_helpful: not_helpful.collect(),
    }
}

/// What earlier tries of the same request say: one that went well among them says that it comes and goes,
/// and three that all failed say that one more try at once is not what helps.
fn passes(beside: &Beside, usual: Transient) -> Transient {
    let well = beside.earlier.iter().any(|status| (200..400).contains(status));
    match (beside.earlier.len(), well, usual) {
        (_, true, _) => Transient::Likely,
        (3.., false, Transient::Unknown) => Transient::Unlikely,
        _ => usual,
    }
}

/// The facts from beside as far as they bear on this exchange: a log-in page of the network can stand in for an
/// answer over http or for none, never for one that came over https.
fn trusted(exchange: &Exchange) -> Beside {
    let mut beside = exchange.beside.clone();
    if exchange.status.is_some() && exchange.url.starts_with("https:") {
        beside.captive_portal = None;
    }
    beside
}

fn by_id(id: &str) -> Option<&'static StoryRow> {
    STORIES.iter().find(|story| story.id == id)
}

fn story_id(beside: &Beside, failure: &Failure) -> &'static str {
    let layer = failure.layers.first().map_or("", |layer| layer.id);
    if beside.online == Some(false) || beside.captive_portal == Some(true) || layer == "visitor_network" {
        return "network";
    }
    if beside.without_cookies.is_some_and(|status| (200..400).contains(&status)) {
        return "cookies";
    }
    // A CDN that answers on a path of its own is reached: then the line is not the trouble.
    let line = beside.edge_reachable == Some(false)
        || (matches!(layer, "visitor_to_edge" | "dns") && beside.edge_reachable.is_none());
    match layer {
        _ if line => "network",
        "tls" => "certificate",
        _ => failure.story.and_then(|at| STORIES.get(usize::from(at))).map_or("unknown", |story| story.id),
    }
}
