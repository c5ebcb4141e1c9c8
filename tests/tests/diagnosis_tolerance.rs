//! However an exchange is spoilt, a diagnosis never panics and is never certain of the wrong gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon::verdict::Certainty;
use backsoon_tests::mutate::{Seed, WAYS, spoil, unsettle};
use backsoon_tests::score::captures;

/// Makers of all captures that show the same evidence, by evidence.
type Makers = BTreeMap<String, BTreeSet<String>>;

#[test]
fn never_certain_and_wrong() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"));
    let captures = captures(folder).unwrap();
    let mut makers = Makers::new();
    for capture in &captures {
        let maker = capture.truth.gateway.clone().unwrap_or_default();
        makers.entry(capture.evidence()).or_default().insert(maker);
    }
    let mut lies = BTreeSet::new();
    let mut count = 0u32;
    for (number, capture) in captures.iter().enumerate() {
        let truth = &makers[&capture.evidence()];
        for round in 0..(WAYS as u64 * 2) {
            let mut seed = Seed::new(number as u64 * 1000 + round + 1);
            let view = [View::Wire, View::Edge, View::Browser][seed.below(3)];
            let mut exchange = capture.exchange(view);
            spoil(&mut exchange, round as usize % WAYS, &mut seed);
            for _ in 0..seed.below(3) {
                spoil(&mut exchange, seed.below(WAYS), &mut seed);
            }
            let verdict = diagnose(&exchange);
            count += 1;
            if verdict.gateway.certainty == Certainty::Certain && !truth.contains(&verdict.gateway.id) {
                lies.insert(format!("{} said {} of {:?}", capture.id, verdict.gateway.id, exchange.headers));
            }
            unsettle(&mut exchange, &mut seed);
            diagnose(&exchange);
        }
    }
    println!("{count} spoilt exchanges, {} lies", lies.len());
    assert!(count > 20_000);
    assert!(lies.is_empty(), "certain and wrong: {lies:#?}");
}
