//! Causes, the stories by which visitors are told of them, and remedies.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use super::{camel, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseFile {
    cause: Vec<CauseRow>,
    story: Vec<StoryRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseRow {
    id: String,
    error: Option<String>,
    story: String,
    /// It shows the moment it happens, and explains no long wait.
    #[serde(default)]
    instant: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryRow {
    id: String,
    sentence: String,
    transient: String,
    fault: String,
    helps: Vec<Advice>,
    not_helpful: Vec<Advice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    remedy: String,
    after_s: Option<u32>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyFile {
    remedy: Vec<RemedyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyRow {
    id: String,
    /// What following it costs the visitor: "nothing", "a moment", "signs you out", ...
    cost: String,
    source: String,
}

/// Reads `causes.toml`, `remedies.toml` and the English texts, writes their tables, and tells the ids of all
/// causes in their order.
pub fn tables(text: &mut String) -> Result<Vec<String>, String> {
    let file: CauseFile = read(Path::new("data/causes.toml"))?;
    let remedies: RemedyFile = read(Path::new("data/remedies.toml"))?;
    let strings: toml::Table = read(Path::new("data/strings/en.toml"))?;
    let texts =
        |section: &str| strings.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let (whys, sentences) = (texts("remedy"), texts("verdict"));
    let known: Vec<&str> = remedies.remedy.iter().map(|row| row.id.as_str()).collect();
    for row in &remedies.remedy {
        if row.cost.is_empty() || row.source.is_empty() {
            return Err(format!("remedies.toml: {:?} wants a cost and a source", row.id));
        }
    }
    let _ = writeln!(text, "pub static STORIES: &[StoryRow] = &[");
    for story in &file.story {
        let place = format!("causes.toml: story {:?}", story.id);
        let list = |advice: &[Advice]| -> Result<String, String> {
            let mut out = String::from("&[");
            for row in advice {
                if !known.contains(&row.remedy.as_str()) {
                    return Err(format!("{place}: remedy {:?} is not in remedies.toml", row.remedy));
                }
                if !whys.contains_key(&row.why) {
                    return Err(format!("{place}: en.toml has no text remedy.{}", row.why));
                }
                let _ = write!(
                    out,
                    "AdviceRow {{ remedy: {:?}, after_s: {:?}, why: \"remedy.{}\" }}, ",
                    row.remedy, row.after_s, row.why
                );
            }
            Ok(out + "]")
        };
        if !sentences.contains_key(&story.sentence) {
            return Err(format!("{place}: en.toml has no text verdict.{}", story.sentence));
        }
        if !matches!(story.transient.as_str(), "likely" | "unlikely" | "unknown")
            || !matches!(story.fault.as_str(), "site" | "visitor" | "between" | "none" | "unknown")
        {
            return Err(format!("{place}: transient or fault is none of PRODUCT.md's words"));
        }
        let _ = writeln!(
            text,
            "StoryRow {{ id: {:?}, sentence: \"verdict.{}\", transient: Transient::{}, fault: AtFault::{}, \
             helps: {}, not_helpful: {} }},",
            story.id,
            story.sentence,
            camel(&story.transient),
            camel(&story.fault),
            list(&story.helps)?,
            list(&story.not_helpful)?
        );
    }
    text.push_str("];\n");
    let _ = writeln!(text, "pub static CAUSES: &[CauseRow] = &[");
    for cause in &file.cause {
        let story = file.story.iter().position(|story| story.id == cause.story);
        let story =
            story.ok_or_else(|| format!("causes.toml: cause {:?}: no story {:?}", cause.id, cause.story))?;
        let _ = writeln!(
            text,
            "CauseRow {{ id: {:?}, error: {:?}, story: {story}, instant: {} }},",
            cause.id, cause.error, cause.instant
        );
    }
    text.push_str("];\n");
    Ok(file.cause.into_iter().map(|row| row.id).collect())
}
