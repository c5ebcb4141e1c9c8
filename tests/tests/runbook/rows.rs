//! The rows of `shared/data/runbook/` as they stand in the files, and verdicts made from a few ids.

use std::path::{Path, PathBuf};

use backsoon::runbook::{OwnerFacts, chosen};
use backsoon::verdict::{AtFault, Cause, Certainty, Front, Gateway, Layer, Transient, Verdict};
use serde::Deserialize;

/// A situation: what a verdict says, and what the owner knows.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Situation {
    pub within: Option<usize>,
    pub gateway: Option<String>,
    pub front: Option<String>,
    #[serde(default)]
    pub layers: Vec<String>,
    #[serde(default)]
    pub causes: Vec<String>,
    #[serde(default)]
    pub owner: Vec<String>,
}

#[derive(Deserialize)]
pub struct Row {
    pub id: String,
    pub stage: String,
    #[serde(default)]
    pub commands: Vec<Commands>,
    pub source: String,
    pub shown: Vec<Situation>,
    pub not_shown: Vec<Situation>,
}

#[derive(Deserialize)]
pub struct Commands {
    pub on: String,
    #[serde(default)]
    pub look: Vec<String>,
    #[serde(default)]
    pub change: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    step: Vec<Row>,
}

/// The repository's folder.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Name and text of every data file, `words.toml` among them.
pub fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = listed(&repository().join("shared/data/runbook"), "toml")
        .into_iter()
        .map(|path| (name(&path), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// All rows with the name of their file.
pub fn rows() -> Vec<(String, Row)> {
    let steps = files().into_iter().filter(|(name, _)| name != "words.toml");
    steps
        .flat_map(|(name, text)| {
            let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            file.step.into_iter().map(move |row| (name.clone(), row))
        })
        .collect()
}

/// The files of a folder that end so, sorted.
pub fn listed(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    paths.sort();
    paths
}

/// A file's name with its extension.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The ids of the steps for a situation, in order.
pub fn steps_for(situation: &Situation) -> Vec<&'static str> {
    let (known, problems) = OwnerFacts::parse(situation.owner.iter().map(String::as_str));
    assert!(problems.is_empty(), "{situation:?}: {problems:?}");
    chosen(&verdict(situation), &known).iter().map(|chosen| chosen.id).collect()
}

/// The verdict that a situation stands for; every statement likely, as most verdicts are.
pub fn verdict(situation: &Situation) -> Verdict {
    let evidence = Vec::new;
    let leak = |id: &String| -> &'static str { Box::leak(id.clone().into_boxed_str()) };
    let certainty = Certainty::Likely;
    Verdict {
        gateway: Gateway {
            id: situation.gateway.clone().unwrap_or_else(|| "unknown".into()),
            version: None,
            certainty,
            evidence: evidence(),
        },
        front: situation.front.clone().map(|id| Front { id, certainty }),
        layers: situation
            .layers
            .iter()
            .map(|id| Layer { id: leak(id), certainty, evidence: evidence() })
            .collect(),
        causes: situation
            .causes
            .iter()
            .map(|id| Cause { id: leak(id), certainty, error: None, evidence: evidence() })
            .collect(),
        transient: Transient::Unknown,
        fault: match situation.causes.first().map(String::as_str) {
            Some(
                "not_found"
                | "uri_too_long"
                | "body_too_large"
                | "bad_request"
                | "request_headers_too_large"
                | "auth_required"
                | "blocked_by_rule"
                | "rate_limited"
                | "challenge"
                | "method_not_allowed",
            ) => AtFault::Visitor,
            Some("request_timeout") => AtFault::Between,
            _ => AtFault::Site,
        },
        visitor: vec![],
        not_helpful: vec![],
        owner: vec![],
        sentence_id: "verdict.unknown",
    }
}
