//! Elapsed time against known time limits: cases as files, in the three views; and what no time may ever do.

use std::collections::BTreeMap;
use std::path::Path;

use backsoon::diagnosis::diagnose;
use backsoon::facts::{Exchange, View};
use backsoon::verdict::{AtFault, Certainty, Verdict};
use backsoon_tests::capture::Capture;
use backsoon_tests::made::exchange;
use backsoon_tests::score::captures;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    answer: String,
    took: u32,
    #[serde(default)]
    views: Vec<String>,
    gateway: Option<String>,
    #[serde(default)]
    limit: Vec<String>,
    first: Option<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    fault: Option<String>,
}

const VIEWS: [(&str, View); 3] = [("wire", View::Wire), ("edge", View::Edge), ("browser", View::Browser)];

fn folder() -> Vec<Capture> {
    captures(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"))).unwrap()
}

/// The same exchange, had it taken so long.
fn taking(mut exchange: Exchange, took: u32) -> Exchange {
    exchange.elapsed_ms = Some(took);
    exchange.ttfb_ms = exchange.ttfb_ms.map(|_| took);
    exchange
}

fn complaints(case: &Case, verdict: &Verdict) -> Vec<String> {
    let mut wrong = Vec::new();
    let causes: Vec<&str> = verdict.causes.iter().map(|cause| cause.id).collect();
    let said: Vec<String> = verdict.causes.iter().flat_map(|cause| cause.evidence.clone()).collect();
    let said = said.join("; ");
    if case.gateway.as_ref().is_some_and(|id| *id != verdict.gateway.id) {
        wrong.push(format!("named {}", verdict.gateway.id));
    }
    if case.limit.is_empty() && said.contains(" limit of ") {
        wrong.push(format!("a limit was met: {said}"));
    }
    wrong.extend(
        case.limit.iter().filter(|words| !said.contains(*words)).map(|w| format!("{w:?} not in {said:?}")),
    );
    let first = case.first.as_ref().filter(|first| causes.first() != Some(&first.as_str()));
    wrong.extend(first.map(|first| format!("{first} is not first of {causes:?}")));
    let missing = case.has.iter().filter(|id| !causes.contains(&id.as_str()));
    wrong.extend(missing.map(|id| format!("{id} is not in {causes:?}")));
    let there = case.without.iter().filter(|id| causes.contains(&id.as_str()));
    wrong.extend(there.map(|id| format!("{id} is in {causes:?}")));
    if case.fault.is_some() && (verdict.fault != AtFault::None || !causes.is_empty()) {
        wrong.push(format!("blamed for {causes:?}"));
    }
    wrong
}

#[test]
fn waits_and_the_limits_that_they_meet() {
    let cases: Cases = toml::from_str(include_str!("../cases/diagnosis/clock.toml")).unwrap();
    assert!(cases.case.len() >= 20);
    let captures = folder();
    let by_id: BTreeMap<&str, &Capture> =
        captures.iter().map(|capture| (capture.id.as_str(), capture)).collect();
    let mut wrong = Vec::new();
    for case in &cases.case {
        for (name, view) in
            VIEWS.into_iter().filter(|(n, _)| case.views.is_empty() || case.views.iter().any(|v| v == n))
        {
            let facts = if case.answer.contains('\n') {
                Exchange { view, ..exchange(&case.answer).unwrap() }
            } else {
                by_id[case.answer.as_str()].exchange(view)
            };
            let verdict = diagnose(&taking(facts, case.took));
            wrong.extend(
                complaints(case, &verdict).into_iter().map(|what| format!("{} ({name}): {what}", case.id)),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The waits at which limits lie, those beside them, and none.
const WAITS: [u32; 14] = [
    0,
    1020,
    3510,
    5010,
    10_050,
    15_010,
    19_200,
    21_020,
    30_020,
    60_010,
    100_050,
    127_200,
    300_100,
    u32::MAX,
];

/// No elapsed time names anybody, makes a layer or a cause surer than the same answer without it at the same
/// speed, or blames what is well.
#[test]
fn no_time_makes_anything_surer() {
    let mut wrong = Vec::new();
    let mut met = 0;
    for capture in folder() {
        for (name, view) in VIEWS {
            let facts = capture.exchange(view);
            // Slow is a fact of its own, which rows may use; from 5 s on no row asks for more.
            let plain = diagnose(&taking(facts.clone(), 5_900_000));
            let control = capture.visible_failure == Some(false) && diagnose(&facts).causes.is_empty();
            for took in WAITS {
                let verdict = diagnose(&taking(facts.clone(), took));
                let place = format!("{} ({name}) at {took} ms", capture.id);
                met += verdict
                    .causes
                    .iter()
                    .filter(|cause| cause.evidence.iter().any(|e| e.contains(" limit of ")))
                    .count();
                if control && !verdict.causes.is_empty() {
                    wrong.push(format!("{place}: a control is blamed"));
                }
                if took <= 5000 {
                    continue;
                }
                if verdict.gateway != plain.gateway || verdict.front != plain.front {
                    wrong.push(format!("{place}: names {} and not {}", verdict.gateway.id, plain.gateway.id));
                }
                let sure = |verdict: &Verdict, id: &str| {
                    verdict.causes.iter().find(|cause| cause.id == id).map(|cause| cause.certainty)
                };
                let surer = verdict
                    .causes
                    .iter()
                    .filter(|cause| cause.certainty > sure(&plain, cause.id).unwrap_or(Certainty::Possible));
                wrong.extend(surer.map(|cause| format!("{place}: {} is surer", cause.id)));
                if plain.causes.len() > 1 && verdict.causes.len() < 2 {
                    wrong.push(format!("{place}: singles out {:?}", verdict.causes));
                }
                if plain.fault == AtFault::None && verdict != plain {
                    wrong.push(format!("{place}: a healthy answer is blamed"));
                }
            }
        }
    }
    println!("{met} limits met");
    assert!(met > 500, "the clock was never asked: {met}");
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
