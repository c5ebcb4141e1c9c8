//! `data/runbook/*.toml` into `runbook.rs`: the words (facts, causes, layers, subjects) and the owner's steps.
//!
//! `words.toml` says which ids there are; every other file holds steps. What a row claims is checked here as
//! far as one row can be: known ids, whole sentences, commands that keep their promise to only look, and a
//! warning where a command can hurt. Whether its examples hold is for the tests, which can run the ranking.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[path = "runbook/commands.rs"]
mod commands;
#[path = "runbook/words.rs"]
mod words;

use words::Words;

/// What a step's `step` and `why` may leave open; commands also take the next.
const OPEN_IN_TEXT: &[&str] = &["cause", "gateway", "server", "cdn", "api"];
const OPEN_IN_COMMANDS: &[&str] = &["site", "origin", "since"];
const STAGES: &[&str] = &["confirm", "fix", "prevent", "tell"];

/// A row `[[step]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    stage: String,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    layers: Vec<String>,
    #[serde(default)]
    not_layers: Vec<String>,
    #[serde(default)]
    only_on: Vec<String>,
    #[serde(default)]
    only_with: Vec<String>,
    #[serde(default)]
    not_with: Vec<String>,
    #[serde(default)]
    decided_by: Vec<Vec<String>>,
    #[serde(default)]
    raised_by: Vec<String>,
    #[serde(default)]
    lowered_by: Vec<String>,
    #[serde(default)]
    weight: i16,
    step: String,
    why: String,
    #[serde(default)]
    risk: String,
    #[serde(default)]
    commands: Vec<CommandRow>,
    source: String,
    shown: Vec<Example>,
    not_shown: Vec<Example>,
}

/// Commands for one subject: first those that only look, then those that change something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRow {
    on: String,
    #[serde(default)]
    look: Vec<String>,
    #[serde(default)]
    change: Vec<String>,
}

/// A situation in which the step must be among the first `within`, or must not be named at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    within: Option<u8>,
    gateway: Option<String>,
    front: Option<String>,
    #[serde(default)]
    layers: Vec<String>,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    owner: Vec<String>,
}

/// Reads `data/runbook/` and writes `OUT_DIR/runbook.rs`; `Err` is one line naming file, id and reason.
pub fn build(data: &Path, out: &Path) -> Result<(), String> {
    let folder = data.join("runbook");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let text = fs::read_to_string(&path).map_err(|e| format!("data/runbook/{name}: {e}"))?;
            files.push((name, text));
        }
    }
    // The order of a folder is the file system's; that of the table is ours.
    files.sort();
    fs::write(out.join("runbook.rs"), compile(&files)?).map_err(|e| format!("runbook.rs: {e}"))
}

/// The Rust source of the tables for files of the given names and texts.
pub fn compile(files: &[(String, String)]) -> Result<String, String> {
    let words = files.iter().find(|(name, _)| name == "words.toml");
    let (_, words) = words.ok_or("data/runbook/words.toml: missing")?;
    let words = Words::read(words).map_err(|e| format!("data/runbook/words.toml: {e}"))?;
    let mut code = words.tables();
    let mut seen = BTreeSet::new();
    code.push_str("pub static STEPS: &[Step] = &[\n");
    for (name, text) in files.iter().filter(|(name, _)| name != "words.toml") {
        let file = format!("data/runbook/{name}");
        let table: toml::Table = text.parse().map_err(|e| one_line(&file, &e))?;
        for (key, value) in table {
            let rows = value.as_array().filter(|_| key == "step");
            for row in rows.ok_or_else(|| format!("{file}: {key}: expected [[step]] only"))? {
                let id = row.get("id").and_then(toml::Value::as_str).unwrap_or("(no id)").to_owned();
                let at = format!("{file}: {id}");
                let row: Row = row.clone().try_into().map_err(|e| one_line(&at, &e))?;
                if !seen.insert(id) {
                    return Err(format!("{at}: the id is taken"));
                }
                check(&row, &words).map_err(|reason| format!("{at}: {reason}"))?;
                code.push_str(&table_row(&row, &words).map_err(|reason| format!("{at}: {reason}"))?);
            }
        }
    }
    code.push_str("];\n");
    Ok(code)
}

fn one_line(at: &str, error: &dyn std::fmt::Display) -> String {
    format!("{at}: {}", error.to_string().replace('\n', " ").trim())
}

fn check(row: &Row, words: &Words) -> Result<(), String> {
    if row.id.is_empty() || !row.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        return Err("an id has small letters, digits and _ only".into());
    }
    if !STAGES.contains(&row.stage.as_str()) {
        return Err(format!("stage {:?}: expected one of {STAGES:?}", row.stage));
    }
    if row.causes.is_empty() && row.layers.is_empty() {
        return Err("expected causes or layers (causes = [\"*\"] for any failure)".into());
    }
    if !(0..=40).contains(&row.weight) {
        return Err(format!("weight {}: expected 0 to 40", row.weight));
    }
    words.check_causes(row.causes.iter().filter(|c| *c != "*"))?;
    words.check_layers(row.layers.iter().chain(&row.not_layers))?;
    words.check_subjects(
        row.only_on.iter().chain(row.commands.iter().map(|c| &c.on).filter(|on| *on != "any")),
    )?;
    let facts = [&row.only_with, &row.not_with, &row.raised_by, &row.lowered_by];
    words.check_facts(facts.into_iter().flatten().chain(row.decided_by.iter().flatten()))?;
    if row.decided_by.iter().any(Vec::is_empty) {
        return Err("decided_by: a list without facts would always decide".into());
    }
    for (name, text) in [("step", &row.step), ("why", &row.why)] {
        sentence(text).map_err(|reason| format!("{name}: {reason}"))?;
        open_names(text, OPEN_IN_TEXT).map_err(|reason| format!("{name}: {reason}"))?;
    }
    if !row.risk.is_empty() {
        sentence(&row.risk).map_err(|reason| format!("risk: {reason}"))?;
    }
    if row.source.trim().is_empty() {
        return Err("source: expected where the step comes from".into());
    }
    commands::check(&row.commands, row.stage == "confirm", !row.risk.is_empty())?;
    if row.shown.is_empty() || row.not_shown.is_empty() {
        return Err("expected at least one example each of shown and not_shown".into());
    }
    for example in row.shown.iter().chain(&row.not_shown) {
        words.check_causes(example.causes.iter())?;
        words.check_layers(example.layers.iter())?;
        if example.gateway.as_deref() == Some("") || example.front.as_deref() == Some("") {
            return Err("example: an empty gateway".into());
        }
        if let Some(bad) = example.owner.iter().find(|pair| !pair.contains('=')) {
            return Err(format!("example: owner {bad:?}: expected key=value"));
        }
    }
    match row.shown.iter().find(|example| !example.within.is_some_and(|n| (1..=8).contains(&n))) {
        Some(_) => Err("shown: expected within = 1 to 8".into()),
        None => Ok(()),
    }
}

fn sentence(text: &str) -> Result<(), &'static str> {
    if text.contains('\n') || text.trim() != text {
        return Err("expected one line without spaces around it");
    }
    if !text.ends_with('.') || !text.starts_with(|c: char| c.is_uppercase() || c == '{') {
        return Err("expected whole sentences: a capital first, a full stop last");
    }
    Ok(())
}

/// Placeholders are `{name}`; anything else in braces belongs to the command.
fn open_names(text: &str, known: &[&str]) -> Result<(), String> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    match names.into_iter().find(|name| !known.contains(name)) {
        Some(name) => Err(format!("{{{name}}}: expected one of {known:?}")),
        None => Ok(()),
    }
}

fn table_row(row: &Row, words: &Words) -> Result<String, String> {
    let mut code = String::new();
    let facts = |names: &[String]| words.facts(names);
    let decided: Vec<String> = row.decided_by.iter().map(|all| facts(all)).collect();
    let stage: String =
        row.stage.chars().take(1).flat_map(char::to_uppercase).chain(row.stage.chars().skip(1)).collect();
    let list: Vec<String> = row
        .commands
        .iter()
        .map(|c| format!("Commands {{ on: {:?}, look: &{:?}, change: &{:?} }}", c.on, c.look, c.change))
        .collect();
    writeln!(
        code,
        "Step {{ id: {:?}, stage: Stage::{stage}, causes: &{:?}, layers: &{:?}, not_layers: &{:?}, \
         only_on: &{:?}, only_with: {}, not_with: {}, decided_by: &[{}], raised_by: {}, lowered_by: {}, \
         weight: {}, step: {:?}, why: {:?}, risk: {:?}, commands: &[{}], source: {:?} }},",
        row.id,
        row.causes,
        row.layers,
        row.not_layers,
        row.only_on,
        facts(&row.only_with),
        facts(&row.not_with),
        decided.join(", "),
        facts(&row.raised_by),
        facts(&row.lowered_by),
        row.weight,
        row.step,
        row.why,
        row.risk,
        list.join(", "),
        row.source,
    )
    .map_err(|e| e.to_string())?;
    Ok(code)
}
