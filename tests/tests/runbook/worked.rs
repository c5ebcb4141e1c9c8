//! The worked examples: an exchange and what the owner knows, and the fix that worked comes first.

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon::runbook::{OwnerFacts, chosen, steps};
use backsoon::verdict::Verdict;
use backsoon_tests::capture;
use serde::Deserialize;

use crate::rows::{listed, name, repository};

#[derive(Clone, Deserialize)]
struct Case {
    id: String,
    why: String,
    /// What was seen, in the form of tests/captures/FORMAT.md.
    exchange: serde_json::Value,
    /// What the owner knows beside it.
    owner: Vec<String>,
    /// The step that must come first.
    first: String,
    /// Words that it must say.
    says: Vec<String>,
    /// Parts of its commands.
    commands: Vec<String>,
}

#[test]
fn the_fix_that_worked_comes_first() {
    let cases = listed(&repository().join("tests/cases/runbook/worked"), "json");
    assert!(cases.len() >= 12, "only {} cases", cases.len());
    let mut firsts = std::collections::BTreeSet::new();
    for path in cases {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", name(&path)));
        assert!(!case.why.is_empty(), "{}", case.id);
        let seen = capture::parse(&case.exchange.to_string()).unwrap().expect("an exchange");
        for view in [View::Wire, View::Edge, View::Browser] {
            holds(&case, &diagnose(&seen.exchange(view)), &format!("{view:?}"));
        }
        // Without the body the gateway may be nobody's guess; what the owner knows decides all the same.
        let blind = Case { commands: vec![], ..case.clone() };
        holds(&blind, &diagnose(&seen.without_body()), "without a body");
        firsts.insert(case.first);
    }
    assert_eq!(firsts.len(), 4, "one fix for each of the four examples: {firsts:?}");
}

fn holds(case: &Case, verdict: &Verdict, from: &str) {
    let (known, problems) = OwnerFacts::parse(case.owner.iter().map(String::as_str));
    assert_eq!(problems, [], "{}", case.id);
    let ids: Vec<&str> = chosen(verdict, &known).iter().map(|chosen| chosen.id).collect();
    assert_eq!(ids.first(), Some(&case.first.as_str()), "{} {from}: {ids:?}", case.id);
    assert!((4..=8).contains(&ids.len()), "{} {from}: {ids:?}", case.id);
    let steps = steps(verdict, &known);
    let step = steps.first().unwrap();
    for word in &case.says {
        assert!(step.step.contains(word), "{} {from}: {word:?} is not in {:?}", case.id, step.step);
    }
    for part in &case.commands {
        let there = step.commands.iter().any(|command| command.contains(part));
        assert!(there, "{} {from}: {part:?} is in none of {:?}", case.id, step.commands);
    }
}
