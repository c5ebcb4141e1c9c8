//! `docs/coverage.md` is true: what it names exists, each step is named, and no fact is left without a row.
//! And `docs/runbook.md` lists the facts that an owner can say.

use std::collections::{BTreeMap, BTreeSet};

use backsoon::runbook::{ids, keys};

use crate::rows::{files, listed, name, repository};

/// How many facts each part of the field guide holds, as the document counts them.
const PARTS: [(&str, usize); 12] = [
    ("meaning", 5),
    ("cause", 19),
    ("visitor", 8),
    ("triage", 15),
    ("fix", 55),
    ("third", 5),
    ("prevent", 7),
    ("check", 8),
    ("tell", 5),
    ("example", 4),
    ("faq", 8),
    ("closing", 2),
];

fn document(name: &str) -> String {
    std::fs::read_to_string(repository().join("docs").join(name)).unwrap()
}

/// Fact to what carries it, as `kind:id`.
fn map() -> Vec<(String, Vec<String>)> {
    let text = document("coverage.md");
    let facts = text.split("## What is ours").next().unwrap().lines();
    let rows = facts
        .filter(|line| line.starts_with("| ") && !line.starts_with("| fact") && !line.starts_with("| ---"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
        assert_eq!(cells.len(), 3, "expected three cells: {line}");
        let carried = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[0].to_owned(), carried)
    })
    .collect()
}

/// The ids of `[[table]]` rows in a data file.
fn data_ids(file: &str, table: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository().join("shared/data").join(file)).unwrap();
    let data: toml::Table = text.parse().unwrap();
    let rows = data[table].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_fact_is_counted_once() {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (fact, carried) in map() {
        assert!(!carried.is_empty(), "{fact}: nothing carries it");
        let (part, number) =
            fact.split_once(' ').unwrap_or_else(|| panic!("{fact}: expected part and number"));
        found.entry(part.into()).or_default().push(number.parse().unwrap());
    }
    let counted: BTreeMap<String, usize> = found.iter().map(|(part, n)| (part.clone(), n.len())).collect();
    assert_eq!(counted, PARTS.iter().map(|(part, n)| ((*part).to_owned(), *n)).collect());
    for (part, numbers) in found {
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{part}: in order, none twice");
    }
}

#[test]
fn what_carries_a_fact_exists() {
    let words: toml::Table = files().into_iter().find(|(n, _)| n == "words.toml").unwrap().1.parse().unwrap();
    let words_of = |key: &str| words[key].as_table().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let facts: BTreeSet<String> = keys()
        .iter()
        .flat_map(|(key, values)| {
            values.split('|').map(move |v| format!("{key}={v}")).chain([(*key).to_owned()])
        })
        .collect();
    let worked = listed(&repository().join("tests/cases/runbook/worked"), "json");
    let strings: toml::Table =
        std::fs::read_to_string(repository().join("shared/data/strings/en.toml")).unwrap().parse().unwrap();
    let known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::from([
        ("step", ids().map(str::to_owned).collect()),
        ("cause", data_ids("causes.toml", "cause")),
        ("story", data_ids("causes.toml", "story")),
        ("remedy", data_ids("remedies.toml", "remedy")),
        ("layer", words_of("layers")),
        ("owner", facts),
        ("case", worked.iter().map(|path| name(path).trim_end_matches(".json").to_owned()).collect()),
        (
            "string",
            strings
                .iter()
                .filter_map(|(section, rows)| Some((section, rows.as_table()?)))
                .flat_map(|(section, rows)| rows.keys().map(move |id| format!("{section}.{id}")))
                .collect(),
        ),
    ]);
    for (fact, carried) in map() {
        for id in carried {
            let (kind, id) = id.split_once(':').unwrap_or_else(|| panic!("{fact}: {id}: expected kind:id"));
            let there = known.get(kind).unwrap_or_else(|| panic!("{fact}: {kind}: no such kind"));
            assert!(there.contains(id), "{fact}: {kind}:{id} does not exist");
        }
    }
}

#[test]
fn every_step_stands_on_a_fact_or_is_ours() {
    let text = document("coverage.md");
    let ours: BTreeSet<&str> = text
        .split("## What is ours")
        .nth(1)
        .expect("the list of ours")
        .split('`')
        .skip(1)
        .step_by(2)
        .collect();
    let mapped: BTreeSet<String> = map().into_iter().flat_map(|(_, carried)| carried).collect();
    for id in ids() {
        let id = format!("step:{id}");
        let (is_mapped, is_ours) = (mapped.contains(&id), ours.contains(id.as_str()));
        assert!(is_mapped || is_ours, "{id} is neither mapped from a fact nor listed as ours");
        assert!(!(is_mapped && is_ours), "{id} is mapped from a fact, so it is not ours alone");
    }
    let steps: BTreeSet<String> = ids().map(|id| format!("step:{id}")).collect();
    for id in ours {
        assert!(steps.contains(id), "{id}: no such step");
    }
}

#[test]
fn every_fact_of_an_owner_moves_a_step() {
    let steps: String =
        files().into_iter().filter(|(n, _)| n != "words.toml").map(|(_, text)| text).collect();
    let moving = ["only_with", "not_with", "decided_by", "raised_by", "lowered_by"];
    let lines: Vec<&str> =
        steps.lines().filter(|line| moving.iter().any(|key| line.starts_with(key))).collect();
    let free = ["stack", "failing_share", "slow_api", "site", "origin", "since"];
    for (key, values) in keys().into_iter().filter(|(key, _)| !free.contains(key)) {
        for value in values.split('|') {
            let fact = format!("\"{key}={value}\"");
            assert!(lines.iter().any(|line| line.contains(&fact)), "{fact} changes nothing");
        }
    }
}

#[test]
fn the_runbook_lists_what_an_owner_can_say() {
    let table: String =
        keys().iter().map(|(key, takes)| format!("| `{key}` | {} |\n", takes.replace('|', ", "))).collect();
    let text = document("runbook.md");
    let (_, given) = text.split_once("| --- | --- |\n").unwrap();
    assert_eq!(given, table, "docs/runbook.md: the table of facts");
}
