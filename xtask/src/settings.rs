//! The worker's settings as the commands meet them: in wrangler.toml and after `--set`. What is right is for
//! `backsoon::rescue::settings` to say.

use std::path::Path;

use backsoon::rescue::settings::{Problem, Settings};

/// `cargo xtask check-config [FILE]`: 0 where all is well, 2 where a setting is not.
pub fn check(words: &[String]) -> Result<u8, String> {
    let file = match words {
        [] => crate::tools::root().join("wrangler.toml"),
        [file] if !file.starts_with('-') => Path::new(file).to_path_buf(),
        _ => return Err("check-config takes one file at most: cargo xtask check-config [FILE]".to_string()),
    };
    let name = file
        .file_name()
        .map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let tables = vars(&file).map_err(|why| format!("{}: {why}", file.display()))?;
    let (mut wrong, mut right) = (0, 0);
    for (table, pairs) in &tables {
        let problems = problems(pairs);
        right += pairs.len().saturating_sub(problems.len());
        wrong += problems.len();
        for problem in problems {
            eprintln!("{name} [{table}]: {}", told(&problem));
        }
    }
    println!("{name}: {right} settings in order, {wrong} not");
    Ok(if wrong > 0 { 2 } else { 0 })
}

/// What is wrong with these pairs of key and value.
pub fn problems(pairs: &[(String, String)]) -> Vec<Problem> {
    Settings::parse(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).1
}

/// One line: key, value, what was expected.
pub fn told(problem: &Problem) -> String {
    format!("{} = {:?}: expected {}", problem.key, problem.value, problem.expected)
}

/// A table of variables: its name in the file, and its pairs of key and value.
type Vars = (String, Vec<(String, String)>);

/// The tables of variables in a wrangler.toml, by their names there: `vars`, `env.<name>.vars`.
pub fn vars(file: &Path) -> Result<Vec<Vars>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))?;
    let whole: toml::Table = toml::from_str(&text).map_err(|error| {
        let first = error.message().lines().next().unwrap_or_default().to_string();
        let line = error.span().map_or(0, |at| text[..at.start.min(text.len())].matches('\n').count() + 1);
        format!("line {line} is not TOML: {first}")
    })?;
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
