//! `data/runbook/words.toml`: the facts that an owner can say, and how causes, layers and subjects are called.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// All words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    causes: BTreeMap<String, String>,
    layers: BTreeMap<String, String>,
    fact: Vec<FactRow>,
    subject: Vec<SubjectRow>,
}

/// A key of `--owner key=value` with the values that it takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactRow {
    key: String,
    /// Whether several values can hold at once.
    #[serde(default)]
    many: bool,
    /// Value to what is said of it after "you report".
    values: BTreeMap<String, String>,
}

/// A product that commands are for, and the gateway ids that it stands for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectRow {
    id: String,
    name: String,
    #[serde(default)]
    gateway: bool,
    /// Somebody else runs it: an owner cannot read its logs nor change its code.
    #[serde(default)]
    managed: bool,
    #[serde(default)]
    covers: Vec<String>,
}

impl Words {
    /// Reads and checks the file; `Err` names the row.
    pub fn read(text: &str) -> Result<Words, String> {
        let words: Words = toml::from_str(text).map_err(|e| e.to_string().replace('\n', " "))?;
        let facts = words
            .fact
            .iter()
            .flat_map(|f| f.values.iter().map(|(v, words)| (format!("{}={v}", f.key), words)));
        let named = words.causes.iter().chain(&words.layers).map(|(id, words)| (id.clone(), words));
        for (id, words) in named.chain(facts) {
            if words.trim().is_empty() || words.contains('\n') || words.ends_with('.') {
                return Err(format!("{id}: expected a few words on one line, without a full stop"));
            }
        }
        let mut ids: Vec<&str> = words.subject.iter().map(|s| s.id.as_str()).collect();
        ids.extend(words.fact.iter().map(|f| f.key.as_str()));
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => Err(format!("{}: the id is taken", pair.first().unwrap_or(&""))),
            None => Ok(words),
        }
    }

    /// `Err` names the first that is not a cause.
    pub fn check_causes<'a>(&self, mut ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
        refuse("cause", ids.find(|id| !self.causes.contains_key(*id)))
    }

    /// `Err` names the first that is not a layer.
    pub fn check_layers<'a>(&self, mut ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
        refuse("layer", ids.find(|id| !self.layers.contains_key(*id)))
    }

    /// `Err` names the first that is not a subject.
    pub fn check_subjects<'a>(&self, mut ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
        refuse("subject", ids.find(|id| !self.subject.iter().any(|s| s.id == **id)))
    }

    /// `Err` names the first that is not a fact `key=value`.
    pub fn check_facts<'a>(&self, mut ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
        refuse("fact", ids.find(|id| self.position(id).is_none()))
    }

    /// Source of a slice of facts. Unknown names have been refused before.
    pub fn facts(&self, names: &[String]) -> String {
        let all: Vec<String> =
            names.iter().filter_map(|name| self.position(name)).map(|at| format!("Fact({at})")).collect();
        format!("&[{}]", all.join(", "))
    }

    /// Source of the tables of words.
    pub fn tables(&self) -> String {
        let mut code = String::from("pub static FACTS: &[FactRow] = &[\n");
        for (row, value, words) in self.rows() {
            let _ = writeln!(
                code,
                "FactRow {{ key: {:?}, value: {value:?}, many: {}, words: {words:?} }},",
                row.key, row.many
            );
        }
        let _ = writeln!(code, "];\npub static CAUSES: &[(&str, &str)] = &{:?};", pairs(&self.causes));
        let _ = writeln!(code, "pub static LAYERS: &[(&str, &str)] = &{:?};", pairs(&self.layers));
        code.push_str("pub static SUBJECTS: &[Subject] = &[\n");
        for s in &self.subject {
            let _ = writeln!(
                code,
                "Subject {{ id: {:?}, name: {:?}, gateway: {}, managed: {}, covers: &{:?} }},",
                s.id, s.name, s.gateway, s.managed, s.covers
            );
        }
        code.push_str("];\n");
        code
    }

    fn position(&self, name: &str) -> Option<usize> {
        let (key, value) = name.split_once('=')?;
        self.rows().position(|(row, known, _)| row.key == key && known == value)
    }

    fn rows(&self) -> impl Iterator<Item = (&FactRow, &str, &str)> {
        self.fact.iter().flat_map(|row| row.values.iter().map(move |(v, w)| (row, v.as_str(), w.as_str())))
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(&String, &String)> {
    map.iter().collect()
}

fn refuse(kind: &str, unknown: Option<&String>) -> Result<(), String> {
    unknown.map_or(Ok(()), |id| Err(format!("{kind} {id:?} is not in words.toml")))
}
