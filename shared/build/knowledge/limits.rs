//! Reads `limits.toml`, checks every row, and writes the limits into the list of numbers.
//!
//! A limit without a source is none: where nobody could look it up, the row says so by its grade.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use super::{Gateway, read};

const PHASES: &[&str] = &["connect", "first_byte", "whole"];
const GRADES: &[&str] = &["documented", "usual", "own knowledge"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    limit: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// A gateway's id, `system` or `many`.
    of: String,
    /// As an owner writes it; for `system` and `many` also whose it is.
    setting: String,
    seconds: f64,
    /// How often it is waited in a row, where the product tries again by itself.
    tries: Option<u16>,
    phase: String,
    /// What its product answers when it is met; 0 where it closes without an answer.
    #[serde(default)]
    status: Vec<u16>,
    /// What a gateway in front answers when it is met behind it.
    #[serde(default)]
    behind: Vec<u16>,
    causes: Vec<String>,
    grade: String,
    source: String,
}

/// Appends all limits to `code`, their words to `text`; returns where they begin and how many there are.
pub fn write(
    gateways: &[Gateway],
    left_out: &[&str],
    causes: &[String],
    code: &mut Vec<u16>,
    text: &mut String,
) -> Result<(usize, usize), String> {
    let file: File = read(Path::new("data/limits.toml"))?;
    let (at, mut words, mut seen) = (code.len(), Vec::new(), BTreeSet::new());
    for limit in file.limit.iter().filter(|limit| !left_out.contains(&limit.of.as_str())) {
        let tries = limit.tries.unwrap_or(1);
        let place = format!("limits.toml: {} {:?} of {} s", limit.of, limit.setting, limit.seconds);
        let tenths = (limit.seconds * 10.0 * f64::from(tries)).round();
        if !(5.0..=36_000.0).contains(&tenths) || tries == 0 {
            return Err(format!("{place}: wants half a second to an hour in all"));
        }
        if !PHASES.contains(&limit.phase.as_str()) || !GRADES.contains(&limit.grade.as_str()) {
            return Err(format!("{place}: wants a phase out of {PHASES:?} and a grade out of {GRADES:?}"));
        }
        if limit.setting.is_empty() || limit.source.is_empty() || limit.causes.is_empty() {
            return Err(format!("{place}: wants a setting, a source and causes"));
        }
        if !seen.insert((&limit.of, &limit.setting, tenths as u16, limit.status.is_empty())) {
            return Err(format!("{place}: is there twice"));
        }
        let number = gateways.iter().position(|gateway| gateway.id == limit.of);
        let (shown, lists) = match (limit.of.as_str(), number.and_then(|at| gateways.get(at))) {
            ("system", _) => (limit.setting.clone(), vec![(2u16 << 14, &limit.status)]),
            ("many", _) => (limit.setting.clone(), vec![(3u16 << 14, &limit.status)]),
            (_, Some(gateway)) => {
                if !limit.behind.is_empty() && !gateway.app {
                    return Err(format!("{place}: only an application server stands behind"));
                }
                let number = number.unwrap_or(0) as u16;
                let again = limit.tries.map(|tries| format!(", {tries} tries of {} s", limit.seconds));
                let shown = format!("{}{}", limit.setting, again.unwrap_or_default());
                (shown, vec![(number, &limit.status), (number | 1 << 14, &limit.behind)])
            }
            _ => return Err(format!("{place}: there is no such gateway")),
        };
        let mut numbers = Vec::new();
        for cause in &limit.causes {
            let number = causes.iter().position(|known| known == cause);
            numbers.push(number.ok_or_else(|| format!("{place}: cause {cause:?} is not in causes.toml"))? as u16);
        }
        let lists: Vec<_> = lists.into_iter().filter(|(_, status)| !status.is_empty()).collect();
        if lists.is_empty() || lists.iter().any(|(_, status)| status.len() > 15) {
            return Err(format!("{place}: wants 1 to 15 statuses"));
        }
        for (whose, status) in lists {
            let flags = u16::from(limit.grade == "usual") << 15 | u16::from(limit.phase == "connect") << 14;
            code.extend([whose, tenths as u16, flags | (status.len() as u16) << 8 | numbers.len() as u16]);
            code.extend(status);
            code.extend(&numbers);
            words.push(shown.clone());
        }
    }
    let _ = writeln!(text, "static LIMIT_WORDS: &str = {:?};", words.join("\n"));
    Ok((at, words.len()))
}
