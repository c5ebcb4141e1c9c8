//! What was learnt beside an exchange, by cases: the sentence, the first step, and what is ruled out.

use std::collections::BTreeMap;

use backsoon::diagnosis::{beside_in_words, diagnose};
use backsoon::facts::{Beside, Exchange, Fault, Phase, TransportError};
use backsoon_tests::made::exchange;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    answer: Option<String>,
    error: Option<String>,
    #[serde(default)]
    url: String,
    sentence: String,
    fault: String,
    first: Option<String>,
    why: Option<String>,
    #[serde(default)]
    useless: BTreeMap<String, String>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    beside: Around,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Around {
    edge_reachable: Option<bool>,
    online: Option<bool>,
    captive_portal: Option<bool>,
    proxied: Option<bool>,
}

fn facts(case: &Case) -> Exchange {
    let mut facts = match (&case.answer, &case.error) {
        (Some(answer), None) => exchange(answer).unwrap_or_else(|| panic!("{}: no answer", case.id)),
        (None, Some(error)) => broken(error),
        _ => panic!("{}: expected answer or error", case.id),
    };
    facts.url.clone_from(&case.url);
    let Around { edge_reachable, online, captive_portal, proxied } = case.beside;
    facts.beside = Beside { edge_reachable, online, captive_portal, proxied, ..Beside::default() };
    facts
}

fn broken(error: &str) -> Exchange {
    let (phase, fault) = match error {
        "connect unreachable" => (Phase::Connect, Fault::Unreachable),
        "tls certificate" => (Phase::Tls, Fault::Certificate),
        "dns name_not_resolved" => (Phase::Dns, Fault::NameNotResolved),
        other => panic!("no error {other:?}"),
    };
    let transport_error = Some(TransportError { phase, fault, text: String::new() });
    Exchange { transport_error, ..Exchange::default() }
}

#[test]
fn what_was_learnt_beside_decides() {
    let cases: Cases = toml::from_str(include_str!("../cases/diagnosis/beside.toml")).unwrap();
    assert!(cases.case.len() >= 12);
    for case in &cases.case {
        let verdict = diagnose(&facts(case));
        let id = &case.id;
        assert_eq!(verdict.sentence_id, case.sentence, "{id}");
        assert_eq!(format!("{:?}", verdict.fault).to_lowercase(), case.fault, "{id}");
        let first = verdict.visitor.first();
        assert_eq!(first.map(|step| step.remedy), case.first.as_deref(), "{id}");
        if let Some(why) = &case.why {
            assert_eq!(first.map(|step| step.why_id), Some(why.as_str()), "{id}");
        }
        for (remedy, why) in &case.useless {
            let said: Vec<&str> =
                verdict.not_helpful.iter().filter(|row| row.remedy == remedy).map(|row| row.why_id).collect();
            assert_eq!(said, [why], "{id}: {remedy}");
        }
        for remedy in &case.absent {
            assert!(verdict.visitor.iter().all(|step| step.remedy != remedy), "{id}: {remedy}");
        }
        for step in &verdict.visitor {
            assert!(verdict.not_helpful.iter().all(|row| row.remedy != step.remedy), "{id}: both ways");
        }
    }
}

#[test]
fn every_fact_that_was_found_stands_in_the_evidence() {
    let all = Beside {
        edge_reachable: Some(true),
        online: Some(false),
        captive_portal: Some(true),
        proxied: Some(true),
        ..Beside::default()
    };
    assert_eq!(beside_in_words(&all).len(), 4);
    let none = Beside { edge_reachable: Some(false), online: Some(true), ..Beside::default() };
    assert!(beside_in_words(&none).is_empty());
}
