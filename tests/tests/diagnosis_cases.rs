//! Answers of gateways that the captures do not hold: who is named, where it broke, and never with certainty.

use backsoon::diagnosis::diagnose;
use backsoon::verdict::{AtFault, Certainty};
use backsoon_tests::made::exchange;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
    #[serde(default)]
    healthy: Vec<Healthy>,
}

#[derive(Deserialize)]
struct Healthy {
    id: String,
    answer: String,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    from: String,
    gateway: String,
    layer: String,
    cause: String,
    answer: String,
}

fn files() -> [Cases; 2] {
    [include_str!("../cases/diagnosis/made.toml"), include_str!("../cases/diagnosis/known.toml")]
        .map(|file| toml::from_str(file).unwrap())
}

#[test]
fn healthy_pages_are_not_blamed() {
    let pages: Vec<Healthy> = files().into_iter().flat_map(|file| file.healthy).collect();
    assert!(pages.len() > 30);
    for page in &pages {
        let verdict = diagnose(&exchange(&page.answer).unwrap());
        assert!(
            verdict.fault == AtFault::None && verdict.causes.is_empty(),
            "{}: {:?}",
            page.id,
            verdict.causes
        );
    }
}

#[test]
fn answers_of_gateways_without_captures() {
    let cases: Vec<Case> = files().into_iter().flat_map(|file| file.case).collect();
    assert!(cases.len() > 130);
    let mut wrong = Vec::new();
    for case in &cases {
        assert!(matches!(case.from.as_str(), "run" | "known"), "{}: from {:?}", case.id, case.from);
        let verdict = diagnose(&exchange(&case.answer).unwrap());
        let layer = verdict.layers.first().map_or("none", |layer| layer.id);
        let causes: Vec<&str> = verdict.causes.iter().map(|cause| cause.id).collect();
        let certain = verdict.gateway.certainty == Certainty::Certain;
        if verdict.gateway.id != case.gateway || layer != case.layer || !causes.contains(&case.cause.as_str())
        {
            wrong.push(format!("{}: said {} at {layer} by {causes:?}", case.id, verdict.gateway.id));
        } else if certain {
            wrong.push(format!("{}: certain without a capture", case.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
