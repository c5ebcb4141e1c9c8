//! `cargo xtask diagnose`: exchanges from files or standard input, one verdict each.
//!
//! Reads and prints; every judgement is `backsoon`'s. A file that cannot be read or understood costs one line
//! on standard error and exit status 2, and the others go on. `--owner key=value` says what the owner knows
//! beside the exchanges (docs/runbook.md); it goes to the runbook only, never into a verdict's evidence.

mod curl;
mod har;
mod human;
pub mod input;
mod reported;

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use backsoon::diagnosis::{diagnose, limits_met};
use backsoon::facts::Exchange;
use backsoon::runbook::{self, OwnerFacts};
use backsoon::verdict::Verdict;
use serde::Serialize;

/// One exchange with the name under which it is reported.
pub struct Named {
    /// The capture's own id, else file name and number.
    pub id: String,
    /// What was seen.
    pub exchange: Exchange,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    status: Option<u16>,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Runs the command; the exit status is 0, or 2 where something could not be read.
///
/// # Errors
/// One line where the words on the command line are not understood.
pub fn run(words: &[String]) -> Result<u8, String> {
    let (facts, words) = owner_facts(words)?;
    let json = words.iter().any(|word| *word == "--json");
    let unknown = words.iter().find(|word| word.starts_with("--") && **word != "--json");
    if let Some(unknown) = unknown {
        return Err(format!(
            "diagnose: unknown option {unknown:?}: expected --json, --owner key=value and files"
        ));
    }
    let mut failed = false;
    let mut complain = |what: String| {
        eprintln!("diagnose: {what}");
        failed = true;
    };
    let mut out = std::io::stdout().lock();
    let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let names: Vec<&String> = words.into_iter().filter(|word| !word.starts_with("--")).collect();
    let mut sources: Vec<PathBuf> = Vec::new();
    for name in &names {
        let path = Path::new(name.as_str());
        if path.is_dir() {
            if let Err(why) = files_below(path, &mut sources) {
                complain(why);
            }
        } else {
            sources.push(path.to_owned());
        }
    }
    let mut report = |name: &str, read: Result<Vec<u8>, String>| -> std::io::Result<()> {
        match read.and_then(|bytes| input::exchanges(name, &bytes)) {
            Err(why) => complain(format!("{name}: {why}")),
            Ok(exchanges) => {
                for named in exchanges {
                    tell(&mut out, &named, &facts, json, colour)?;
                }
            }
        }
        Ok(())
    };
    let mut done = Ok(());
    if names.is_empty() {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes).map(|_| bytes).map_err(|why| why.to_string());
        done = report("stdin", read);
    }
    for path in &sources {
        if done.is_err() {
            break;
        }
        let read = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        done = report(&path.display().to_string(), read.map_err(|why| why.to_string()));
    }
    // A reader that has seen enough (`| head`) is no failure.
    match done.and_then(|()| out.flush()) {
        Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => {
            return Err(format!("diagnose: standard output: {why}"));
        }
        _ => {}
    }
    Ok(if failed { 2 } else { 0 })
}

/// What follows each `--owner`, read; and the other words.
fn owner_facts(words: &[String]) -> Result<(OwnerFacts, Vec<&String>), String> {
    let (mut pairs, mut rest, mut words) = (Vec::new(), Vec::new(), words.iter());
    while let Some(word) = words.next() {
        match word.strip_prefix("--owner") {
            Some("") => pairs.push(words.next().ok_or("diagnose: --owner: expected key=value")?.as_str()),
            Some(pair) if pair.starts_with('=') => pairs.push(pair.trim_start_matches('=')),
            _ => rest.push(word),
        }
    }
    let (facts, problems) = OwnerFacts::parse(pairs);
    match problems.first() {
        Some(problem) => Err(format!("diagnose: --owner {problem}")),
        None => Ok((facts, rest)),
    }
}

fn tell(
    out: &mut impl Write,
    named: &Named,
    facts: &OwnerFacts,
    json: bool,
    colour: bool,
) -> std::io::Result<()> {
    let mut verdict = diagnose(&named.exchange);
    verdict.in_english();
    let facts = facts.for_url(&named.exchange.url).at_limits(limits_met(&named.exchange));
    verdict.owner = runbook::steps(&verdict, &facts);
    if json {
        let line = Line { id: &named.id, status: named.exchange.status, verdict: &verdict };
        return writeln!(out, "{}", serde_json::to_string(&line).unwrap_or_default());
    }
    out.write_all(human::words(named, &verdict, colour).as_bytes())
}

/// All `.json`, `.har` and `.txt` files below a folder, sorted.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let listing = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_below(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "json" || end == "har" || end == "txt") {
            found.push(path);
        }
    }
    Ok(())
}
