//! Each row's own examples hold, and every cause gets a runbook of a bearable length.

use std::collections::BTreeSet;

use backsoon::runbook::{OwnerFacts, Stage, chosen, ids, keys, steps};
use backsoon::verdict::AtFault;

use crate::rows::{Situation, files, repository, rows, steps_for, verdict};

#[test]
fn rows_keep_their_examples() {
    let mut wrong = Vec::new();
    for (file, row) in rows() {
        for situation in &row.shown {
            let steps = steps_for(situation);
            let place = steps.iter().position(|id| *id == row.id);
            if place.is_none_or(|place| place >= situation.within.unwrap()) {
                wrong.push(format!("{file}: {}: not shown for {situation:?}: {steps:?}", row.id));
            }
        }
        for situation in &row.not_shown {
            let steps = steps_for(situation);
            if steps.contains(&row.id.as_str()) {
                wrong.push(format!("{file}: {}: shown for {situation:?}: {steps:?}", row.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_the_files() {
    let in_files: Vec<String> = rows().into_iter().map(|(_, row)| row.id).collect();
    assert_eq!(in_files, ids().collect::<Vec<_>>());
}

/// The ids in backticks of one paragraph of FORMAT.md.
fn format_ids(after: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("tests/captures/FORMAT.md")).unwrap();
    let line = text.lines().find(|line| line.starts_with(after)).expect("FORMAT.md has the paragraph");
    // `error` is the name of a field there.
    line.split('`').skip(1).step_by(2).filter(|id| *id != "error").map(str::to_owned).collect()
}

#[test]
fn every_cause_and_layer_has_words_and_steps() {
    let words: toml::Table =
        files().into_iter().find(|(name, _)| name == "words.toml").unwrap().1.parse().unwrap();
    let known = |section: &str| words[section].as_table().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let (causes, layers) = (format_ids("Causes"), format_ids("Layers"));
    assert_eq!(known("causes"), causes.iter().cloned().collect());
    assert_eq!(known("layers"), layers.iter().cloned().collect());
    for cause in &causes {
        for layer in ["gateway_to_app", "gateway", "app", "dns", "tls"] {
            let situation = Situation {
                gateway: Some("nginx".into()),
                layers: vec![layer.into()],
                causes: vec![cause.clone()],
                ..Situation::default()
            };
            let of_cause = verdict(&situation);
            let chosen = chosen(&of_cause, &OwnerFacts::default());
            assert!(chosen.len() <= 8, "{cause} at {layer}: {chosen:?}");
            // On the way between gateway and application an owner has the most to do.
            if layer == "gateway_to_app" && of_cause.fault == AtFault::Site {
                assert!(chosen.len() >= 4, "{cause}: {:?}", chosen.iter().map(|c| c.id).collect::<Vec<_>>());
                assert!(chosen.iter().any(|c| c.stage == Stage::Confirm), "{cause}: nothing confirms");
                assert!(chosen.iter().any(|c| c.stage == Stage::Fix), "{cause}: nothing mends");
            }
            assert!(layer != "gateway_to_app" || chosen.len() >= 2, "{cause}: {chosen:?}");
        }
    }
}

#[test]
fn order_is_total_whatever_the_owner_says() {
    let causes = format_ids("Causes");
    for cause in &causes {
        for (key, values) in keys() {
            for value in values.split('|').filter(|_| !["site", "origin", "since"].contains(&key)) {
                let value = if key == "failing_share" { "30%" } else { value };
                let situation = Situation {
                    gateway: Some("cloudflare".into()),
                    layers: vec!["gateway_to_app".into()],
                    causes: vec![cause.clone(), "refused".into()],
                    ..Situation::default()
                };
                let (known, _) = OwnerFacts::parse([format!("{key}={value}").as_str()]);
                let verdict = verdict(&situation);
                let first = chosen(&verdict, &known);
                let order: Vec<(bool, Stage)> = first.iter().map(|c| (!c.decided, c.stage)).collect();
                assert!(order.is_sorted(), "{cause} {key}={value}: {order:?}");
                assert!(first.len() <= 8);
                let unique: BTreeSet<&str> = first.iter().map(|c| c.id).collect();
                assert_eq!(unique.len(), first.len(), "{cause} {key}={value}: a step twice");
                assert_eq!(steps(&verdict, &known), steps(&verdict, &known));
            }
        }
    }
}

#[test]
fn nothing_is_advised_where_nothing_failed() {
    let mut healthy = verdict(&Situation::default());
    healthy.fault = AtFault::None;
    assert!(steps(&healthy, &OwnerFacts::default()).is_empty());
}

#[test]
fn texts_are_whole() {
    for (file, row) in rows() {
        assert!(!row.source.is_empty(), "{file}: {}", row.id);
        for situation in &row.shown {
            let (known, _) = OwnerFacts::parse(situation.owner.iter().map(String::as_str));
            for step in steps(&verdict(situation), &known) {
                for text in [&step.step, &step.why] {
                    let open = ["{cause}", "{gateway}", "{api}", "without words"]
                        .iter()
                        .find(|o| text.contains(**o));
                    assert!(open.is_none() && !text.is_empty(), "{file}: {}: {text}", row.id);
                }
                let open = ["{site}", "{origin}", "{since}"];
                let left = step.commands.iter().find(|c| open.iter().any(|o| c.contains(o)));
                assert_eq!(left, None, "{file}: {}", row.id);
                assert!(step.commands.len() <= 10);
            }
        }
    }
}

#[test]
fn no_wasm_carries_the_owners_texts() {
    // What nothing calls is left out of wasm: so neither a shell nor what a shell calls may call it.
    let mut folders =
        ["edge-worker/src", "extension/src", "shared/src"].map(|f| repository().join(f)).to_vec();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("shared/src/runbook") || path.ends_with("shared/src/runbook.rs") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("runbook::"), "{} calls the runbook", path.display());
            }
        }
    }
    assert!(seen > 40, "only {seen} files");
}
