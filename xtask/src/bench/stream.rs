//! How much later the first byte of a stream comes through the worker, where a copy of it exists, than through a
//! pass-through in the same workerd process.

use super::Row;
use crate::tools::{self, npm_tool, root};
use crate::worker_build::{self, Flavour};

const PAIRS: u32 = 45;

/// Builds, and measures for about half a minute.
pub fn rows() -> Result<Vec<Row>, String> {
    tools::for_worker()?;
    let worker = worker_build::build(&root(), Flavour::Release)?;
    let mut command = npm_tool("node");
    command.arg(root().join("tests/peers/streams.mjs")).arg(worker.dir).arg(PAIRS.to_string());
    let output = command.output().map_err(|why| format!("node: {why}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<&str> = said.split_whitespace().collect();
    let [difference, lower, upper, ours, theirs] =
        figures.try_into().map_err(|_| format!("{said}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(vec![Row::new(
        &format!("first byte of a stream of which there is a copy, median difference of {PAIRS} pairs"),
        format!("{difference} ms later, quartiles {lower} and {upper} ({ours} ms)"),
        format!("a JavaScript pass-through: {theirs} ms; goal: at most 60 ms later"),
    )])
}
