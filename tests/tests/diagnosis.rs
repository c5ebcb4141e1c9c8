//! Diagnoses every capture in the three views, prints the figures, and fails below the floors.

use std::collections::BTreeSet;
use std::path::Path;

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon_tests::score::{Score, captures, false_certainties, score};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"))
}

/// Least percents: knowable gateways, first layer, cause in the set.
fn holds(name: &str, score: &Score, knowable: f64, layer: f64, cause: f64) {
    println!("{name}: {}", score.line());
    for miss in score.misses.iter().filter(|_| std::env::var_os("MISSES").is_some()) {
        println!("  {name}: {miss}");
    }
    assert_eq!(score.lies, 0, "{name}: a gateway was named certainly and wrongly");
    assert_eq!(score.blamed, 0, "{name}: a healthy exchange was blamed");
    assert!(Score::percent(score.knowable_right, score.knowable) >= knowable, "{name}: knowable gateways");
    assert!(Score::percent(score.layer_right, score.failures) >= layer, "{name}: first layer");
    assert!(Score::percent(score.cause_in_set, score.with_cause) >= cause, "{name}: cause in set");
    let (median, ninetieth) = score.excess();
    // The groups are made of what the wire shows: a view that shows less leaves more open.
    let most = if name == "wire" { (0, 4) } else { (2, 9) };
    assert!(median <= most.0 && ninetieth <= most.1, "{name}: cause sets are too large");
}

#[test]
fn wire_view() {
    let captures = captures(folder()).unwrap();
    let score = score(&captures, |capture| diagnose(&capture.exchange(View::Wire)));
    holds("wire", &score, 97.0, 95.0, 98.0);
    assert_eq!(score.wrong, 0, "wire: a gateway was named wrongly");
    assert!(captures.len() > 600, "captures are missing: {}", captures.len());
}

#[test]
fn edge_view() {
    let captures = captures(folder()).unwrap();
    holds("edge", &score(&captures, |capture| diagnose(&capture.exchange(View::Edge))), 94.0, 93.0, 95.0);
}

#[test]
fn browser_view() {
    let captures = captures(folder()).unwrap();
    holds(
        "browser",
        &score(&captures, |capture| diagnose(&capture.exchange(View::Browser))),
        94.0,
        93.0,
        97.0,
    );
}

/// What a browser extension knows where no script could read the page.
#[test]
fn browser_view_without_body() {
    let captures = captures(folder()).unwrap();
    holds(
        "browser, no body",
        &score(&captures, |capture| diagnose(&capture.without_body())),
        30.0,
        60.0,
        70.0,
    );
}

/// What a verdict calls certain, no capture contradicts.
#[test]
fn certain_layers_and_causes_are_true() {
    let captures = captures(folder()).unwrap();
    for view in [View::Wire, View::Edge, View::Browser] {
        let wrong = false_certainties(&captures, |capture| diagnose(&capture.exchange(view)));
        assert!(wrong.is_empty(), "certain and wrong: {wrong:#?}");
    }
}

/// Every miss of the wire view stands in `known-failures.txt` with its reason, and nothing else does.
#[test]
fn misses_are_known() {
    let captures = captures(folder()).unwrap();
    let score = score(&captures, |capture| diagnose(&capture.exchange(View::Wire)));
    let name = |miss: &str| miss.split(':').next().unwrap_or_default().to_owned();
    let missed: BTreeSet<String> = score.misses.iter().map(|miss| name(miss)).collect();
    let text = include_str!("../known-failures.txt");
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let mut known = BTreeSet::new();
    for row in rows {
        let (what, why) = row.split_once(": ").unwrap_or((row, ""));
        assert!(why.len() > 10, "known-failures.txt: {what:?} has no reason");
        known.insert(what.to_owned());
    }
    let new: Vec<_> = score.misses.iter().filter(|miss| !known.contains(&name(miss))).collect();
    assert!(new.is_empty(), "not in known-failures.txt: {new:#?}");
    let solved: Vec<_> = known.difference(&missed).collect();
    assert!(solved.is_empty(), "no failure any more, take it out of known-failures.txt: {solved:#?}");
}
