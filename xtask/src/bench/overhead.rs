//! What the worker costs beside a few lines of JavaScript: both in one workerd process, asked in turns, so that
//! whatever else the machine does hits both. Relays beside a pass-through, hits beside a plain match and put.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Row;
use super::curve::lines_of;
use crate::process::{Running, start};
use crate::tools::{self, npm_tool, root};
use crate::worker_build::{self, Flavour};
use crate::wrangler::free_port;

/// Of each kind, by one connection and by sixteen.
const PAIRS: u32 = 45;
/// How long each of a pair is asked, in milliseconds.
const EACH_MS: u32 = 240;
/// The worker by itself; then the peers, in the order in which `bench-overhead` takes them.
const WORKERS: [&str; 6] = ["backsoon", "relay", "cached", "least", "least-hit", "least-page"];

/// Builds, starts both sides, and measures for about four minutes.
pub fn rows() -> Result<Vec<Row>, String> {
    tools::for_worker()?;
    let worker = worker_build::build(&root(), Flavour::Release)?;
    let port = free_port()?;
    let mut command = npm_tool("node");
    command.arg(root().join("tests/peers/side-by-side.mjs")).arg(worker.dir);
    command.arg(format!("http://127.0.0.1:{port}"));
    let (addresses, _running) = side_by_side(&mut command)?;
    let mut words = vec![port.to_string()];
    words.extend(addresses);
    words.extend([PAIRS.to_string(), EACH_MS.to_string()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let figures = lines_of("bench-overhead", &words, "")?;
    Ok(figures.iter().filter_map(|(name, figures)| row(name, figures)).collect())
}

/// `relay 16: MEDIAN LOWER UPPER OURS THEIRS` as a row.
fn row(name: &str, figures: &str) -> Option<Row> {
    let (kind, connections) = name.split_once(' ')?;
    let [ratio, lower, upper, ours, theirs] = figures.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let (goal, by) = if connections == "1" { ("0.9", "one connection") } else { ("0.75", "16 connections") };
    let goal = if kind.starts_with("least") { String::new() } else { format!("; goal: at least {goal}") };
    let (what, peer) = match kind {
        "relay" => ("relays of JSON (not stored)", "a JavaScript pass-through"),
        // What no worker that watches can spare: how near the goal can be come to at all.
        "least" => ("the least that a worker which watches does, in JavaScript", "a JavaScript pass-through"),
        "least-hit" => (
            "the least that a cache by the standard does for a hit, in JavaScript",
            "JavaScript that does the same match and put",
        ),
        "least-page" => (
            "the same that reads a short page to its end first, as it must to believe it, in JavaScript",
            "a JavaScript pass-through",
        ),
        // A short page is read before it is believed; the pass-through believes it.
        "page" => ("relays of personal pages (not stored, but looked at)", "a JavaScript pass-through"),
        _ => ("hits", "JavaScript that does the same match and put"),
    };
    Some(Row::new(
        &format!("{what}, {by}, median of {PAIRS} pairs"),
        format!("{ratio} of its throughput, quartiles {lower} and {upper} ({ours} a second)"),
        format!("{peer}: {theirs} a second{goal}"),
    ))
}

/// Starts all workers in one process, and waits for their addresses.
pub fn side_by_side(command: &mut std::process::Command) -> Result<(Vec<String>, Running), String> {
    let said = Arc::new(Mutex::new(Vec::<String>::new()));
    let heard = said.clone();
    let mut running = start("workerd", command, move |line| {
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    })?;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let lines = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ready) = lines.iter().find_map(|line| line.strip_prefix("ready ")) {
            let all: Value = serde_json::from_str(ready).map_err(|why| format!("{ready}: {why}"))?;
            let address = |name| all.get(name).and_then(Value::as_str).map(str::to_owned);
            let all: Option<Vec<String>> = WORKERS.into_iter().map(address).collect();
            return Ok((
                all.ok_or_else(|| format!("{ready}: expected an address for each worker"))?,
                running,
            ));
        }
        if running.ended().is_some() || Instant::now() >= until {
            return Err(format!("the workers did not start: {}", lines.join(" / ")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
