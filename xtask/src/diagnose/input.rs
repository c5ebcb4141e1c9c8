//! Decides what sort of text was given: a capture, a list or lines of captures, a HAR file, a report of the
//! extension, or curl's output.

use backsoon::facts::View;
use backsoon_tests::capture;
use serde_json::Value;

use super::{Named, curl, har, reported};

/// The exchanges in `bytes`; empty for reference material.
///
/// # Errors
/// One line saying what was expected and what was found.
pub fn exchanges(name: &str, bytes: &[u8]) -> Result<Vec<Named>, String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err("empty: expected capture JSON, a HAR file or the output of curl -i or curl -v".into());
    }
    let short = std::path::Path::new(name).file_name().map_or(name.into(), |last| last.to_string_lossy());
    if let Some(facts) = reported::in_fence(text) {
        return reported::exchange(&short, facts).map(|one| vec![one]);
    }
    if !text.starts_with(['{', '[']) {
        return curl::exchanges(&short, bytes);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => {
            let read = items.iter().map(|item| one(&item.to_string()));
            read.collect::<Result<Vec<_>, _>>().map(|all| all.into_iter().flatten().collect())
        }
        Ok(value) if reported::is_report(&value) => reported::exchange(&short, text).map(|one| vec![one]),
        Ok(value) if value.get("log").is_some() => har::exchanges(&short, &value),
        Ok(value) if value.get("id").is_some() || value.get("response").is_some() => {
            one(text).map(|one| one.into_iter().collect())
        }
        Ok(_) => Err("JSON, but neither a capture (`id`, `response`) nor a HAR file (`log`)".into()),
        // Several captures, one per line.
        Err(why) => {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            if lines.len() < 2 || !lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()) {
                return Err(format!("broken JSON: {why}"));
            }
            let read = lines.iter().map(|line| one(line));
            read.collect::<Result<Vec<_>, _>>().map(|all| all.into_iter().flatten().collect())
        }
    }
}

fn one(text: &str) -> Result<Option<Named>, String> {
    let capture = capture::parse(text)?;
    Ok(capture.map(|capture| Named { id: capture.id.clone(), exchange: capture.exchange(View::Wire) }))
}
