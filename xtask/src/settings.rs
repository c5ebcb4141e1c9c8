//! The worker's settings as the commands meet them: in wrangler.toml and after `--set`. What is right is for
//! `backsoon::rescue::settings` to say.

mod coverage;

use std::path::Path;

use backsoon::rescue::settings::{Problem, Settings};

use crate::deployment::{self, AT_THE_TOP};

/// `cargo xtask check-config [FILE]`: 0 where all settings are right, 2 where one is not. Warnings of what the
/// rest of the file says change nothing in that.
pub fn check(words: &[String]) -> Result<u8, String> {
    let (wanted, words) = coverage::Wanted::take(words)?;
    let file = match words.as_slice() {
        [] => crate::tools::root().join("wrangler.toml"),
        [file] if !file.starts_with('-') => Path::new(file).to_path_buf(),
        _ => return Err("check-config takes one file at most: cargo xtask check-config [FILE] [--answer FILE [--path PATH]]"
            .to_string()),
    };
    if file.extension().is_some_and(|end| end == "json" || end == "jsonc") {
        return Err(format!("{}: only wrangler.toml is read, not its JSON forms", file.display()));
    }
    let name = file
        .file_name()
        .map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let in_file = |why| format!("{}: {why}", file.display());
    let text = std::fs::read_to_string(&file).map_err(|error| in_file(format!("cannot be read: {error}")))?;
    let whole = whole(&text).map_err(in_file)?;
    let tables = vars(&whole).map_err(in_file)?;
    let (mut wrong, mut right) = (0, 0);
    for (table, pairs) in &tables {
        let problems = problems(pairs);
        right += pairs.len().saturating_sub(problems.len());
        wrong += problems.len();
        for problem in problems {
            eprintln!("{name} [{table}]: {}", told(&problem));
        }
    }
    let mut warnings = deployment::warnings(&text, &whole);
    warnings.extend(deployment::shadowed(&file).map(|line| (None, line)));
    for (place, line) in &warnings {
        let place = place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
        eprintln!("{name}{place}: warning: {line}");
    }
    let own = tables.iter().find(|(table, _)| table == "vars").map_or(&[][..], |(_, pairs)| pairs);
    let covered = wanted.lines(own)?;
    for (line, kept) in &covered {
        if *kept { println!("{line}") } else { eprintln!("{line}") }
    }
    println!(
        "{name}: {} in order, {wrong} not; {}",
        counted(right, "setting"),
        counted(warnings.len(), "warning")
    );
    Ok(if wrong > 0 { 2 } else { 0 })
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What is wrong with these pairs of key and value.
pub fn problems(pairs: &[(String, String)]) -> Vec<Problem> {
    Settings::parse(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).1
}

/// One line: key, value, what was expected.
pub fn told(problem: &Problem) -> String {
    let (key, value) = (&problem.key, &problem.value);
    if AT_THE_TOP.contains(&key.as_str()) {
        return format!(
            "{key} = {value:?}: expected above the first [section]; here it is a variable, and wrangler does not see it"
        );
    }
    format!("{key} = {value:?}: expected {}", problem.expected)
}

/// A table of variables: its name in the file, and its pairs of key and value.
type Vars = (String, Vec<(String, String)>);

/// A wrangler.toml, or which line of it is none.
fn whole(text: &str) -> Result<toml::Table, String> {
    toml::from_str(text).map_err(|error| {
        let first = error.message().lines().next().unwrap_or_default().to_string();
        let line = error.span().map_or(0, |at| text[..at.start.min(text.len())].matches('\n').count() + 1);
        format!("line {line} is not TOML: {first}")
    })
}

/// The tables of variables in a wrangler.toml, by their names there: `vars`, `env.<name>.vars`.
fn vars(whole: &toml::Table) -> Result<Vec<Vars>, String> {
    let mut tables = vec![("vars".to_string(), whole.get("vars"))];
    for (name, env) in whole.get("env").and_then(toml::Value::as_table).into_iter().flatten() {
        tables.push((format!("env.{name}.vars"), env.get("vars")));
    }
    tables
        .into_iter()
        .filter_map(|(name, table)| Some((name, table?)))
        .map(|(name, table)| match table.as_table() {
            Some(table) => Ok((name, table.iter().map(|(key, value)| (key.clone(), plain(value))).collect())),
            None => Err(format!("[{name}] is not a table: expected key = \"value\" lines")),
        })
        .collect()
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToString::to_string)
}
