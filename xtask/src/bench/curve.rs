//! What a diagnosis costs in a release build, and that it stays flat as gateways are added: the same
//! measurement built with ten gateways, with forty, and with all.

use std::process::Command;

use super::Row;
use crate::tools::root;

/// With how many gateways it is measured.
const COUNTS: [usize; 2] = [10, 40];
/// What measures.
const DIAGNOSIS: &str = "bench-diagnosis";
/// Microseconds that a page of 4 KB may take.
const GOAL: &str = "goal: under 25 µs";

/// Builds and measures three times.
pub fn rows() -> Result<Vec<Row>, String> {
    let mut ids = gateway_ids()?;
    let all = measured(DIAGNOSIS, "")?;
    let mut rows = Vec::new();
    for (name, figure) in &all {
        let goal = if name == "page of 4 KB" { GOAL } else { "" };
        if name != "gateways" {
            rows.push(Row::new(&format!("one diagnosis, release build: {name}"), figure, goal));
        }
    }
    let page = |figures: &[(String, String)]| {
        let row = figures.iter().find(|(name, _)| name == "page of 4 KB");
        row.map_or_else(String::new, |(_, figure)| figure.clone())
    };
    for count in COUNTS {
        // Every n-th file, so that large and small ones are in both.
        ids.sort_by_key(|(number, _)| (number * 37 % 101, *number));
        let left_out: Vec<&str> = ids.iter().skip(count).map(|(_, id)| id.as_str()).collect();
        let some = measured(DIAGNOSIS, &left_out.join(","))?;
        rows.push(Row::new(
            &format!("the page of 4 KB with {count} gateways"),
            page(&some),
            format!("with all {}: {}", ids.len(), page(&all)),
        ));
    }
    Ok(rows)
}

fn gateway_ids() -> Result<Vec<(usize, String)>, String> {
    let folder = root().join("shared/data/gateways");
    let listing = std::fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let stems =
        listing.flatten().filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()));
    let mut ids: Vec<String> = stems.collect();
    ids.sort();
    Ok(ids.into_iter().enumerate().collect())
}

/// Runs this binary of the tests, built for release without these gateways: its `name: figure` lines.
pub fn measured(binary: &str, left_out: &str) -> Result<Vec<(String, String)>, String> {
    lines_of(binary, &[], left_out)
}

/// The same with arguments.
pub fn lines_of(binary: &str, words: &[&str], left_out: &str) -> Result<Vec<(String, String)>, String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--quiet", "--release", "-p", "backsoon-tests", "--bin", binary, "--"]);
    command.args(words);
    command.current_dir(root()).env("BACKSOON_LEAVE_OUT", left_out);
    // A folder of its own: what is built without gateways must not be what others find.
    command.env("CARGO_TARGET_DIR", root().join("target/bench"));
    let output = command.output().map_err(|why| format!("cargo run: {why}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{binary}: {}", said.lines().last().unwrap_or("it failed")));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(n, f)| (n.to_owned(), f.to_owned()))
        .collect())
}
