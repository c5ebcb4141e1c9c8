//! The parts of `test`, in the order in which a mistake is found soonest. Each sets up what it needs, so that
//! a missing tool costs that part alone.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::count::Outcome;
use crate::extension_build;
use crate::process::{run, run_quietly, start};
use crate::progress::relay;
use crate::tools::{self, cargo, npm_tool, root};
use crate::worker_build::{self, Flavour};

/// One part.
pub struct Part {
    pub name: &'static str,
    /// What it does, for the person who waits.
    pub what: &'static str,
    /// Whether `--no-browsers` leaves it out.
    pub browsers: bool,
    pub run: fn() -> Result<Outcome, String>,
}

/// All of them. Their time limits add up to less than the 90 minutes that CI has.
pub const PARTS: &[Part] = &[
    Part { name: "format", what: "rustfmt", browsers: false, run: format },
    Part { name: "lint", what: "clippy, natively and for wasm, warnings denied", browsers: false, run: lint },
    Part { name: "native", what: "unit tests and case files, natively", browsers: false, run: native },
    Part { name: "wasm", what: "the same runners and cases, compiled to wasm32", browsers: false, run: wasm },
    Part {
        name: "workerd",
        what: "the release worker on real workerd, before the bad origin",
        browsers: false,
        run: workerd,
    },
    Part {
        name: "demo",
        what: "the demo's story: outage, copy, page, recovery",
        browsers: false,
        run: demo_story,
    },
    Part {
        name: "package",
        what: "the stores' packages: sizes, Mozilla's linter, the same bytes from the source package",
        browsers: false,
        run: package,
    },
    Part { name: "browsers", what: "real Chromium and Firefox", browsers: true, run: in_browsers },
];

/// The crates whose tests run natively; of the extension, that is what knows no browser.
const NATIVE: &[&str] = &["-p", "backsoon", "-p", "backsoon-tests", "-p", "extension", "-p", "xtask"];
const SHELLS: &[&str] = &["-p", "edge-worker", "-p", "extension"];
const WASM: &str = "wasm32-unknown-unknown";

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn format() -> Result<Outcome, String> {
    let status = run("cargo fmt", cargo().args(["fmt", "--all", "--check"]), minutes(2))?;
    Ok(Outcome::check("format: run cargo fmt", status.success()))
}

fn lint() -> Result<Outcome, String> {
    tools::rust_target(WASM)?;
    let deny = ["--", "-D", "warnings"];
    let clippy = |name: &str, words: &[&str]| {
        let status =
            run("cargo clippy", cargo().args(["clippy", "--quiet"]).args(words).args(deny), minutes(8))?;
        Ok::<_, String>(Outcome::check(name, status.success()))
    };
    let mut all = clippy("lint: natively", &[NATIVE, &["--all-targets"]].concat())?;
    all.add(clippy("lint: for wasm", &[SHELLS, &["--target", WASM]].concat())?);
    Ok(all)
}

fn native() -> Result<Outcome, String> {
    counted("native", cargo().args(["test", "--no-fail-fast"]).args(NATIVE), minutes(15))
}

fn wasm() -> Result<Outcome, String> {
    // WASI gives the runners the case files; the code under test is the same wasm32 as in the shells.
    tools::rust_target("wasm32-wasip1")?;
    tools::npm_packages()?;
    let runner = format!("{} --no-warnings {}", shown("node_modules/.bin/node"), shown("tests/wasm/run.mjs"));
    let mut command = cargo();
    command.env("CARGO_TARGET_WASM32_WASIP1_RUNNER", runner);
    command.args(["test", "--no-fail-fast", "--target", "wasm32-wasip1", "--lib", "--tests"]);
    counted("wasm", command.args(["-p", "backsoon", "-p", "backsoon-tests"]), minutes(15))
}

fn workerd() -> Result<Outcome, String> {
    tools::for_worker()?;
    let release = worker_build::build(&root(), Flavour::Release)?;
    let hook = worker_build::build(&root(), Flavour::TestHook)?;
    let mut node = node_tests("tests/workerd")?;
    node.env("BACKSOON_WORKER", &release.dir).env("BACKSOON_WORKER_HOOK", hook.dir);
    let mut all = counted("workerd", &mut node, minutes(20))?;
    all.add(Outcome::check(
        "workerd: the worker's size after gzip",
        release.gzip <= worker_build::GZIP_LIMIT,
    ));
    Ok(all)
}

fn demo_story() -> Result<Outcome, String> {
    let status = crate::demo::run(&["--check".to_string()])?;
    Ok(Outcome::check("demo: its story (the step is named above)", status == 0))
}

fn package() -> Result<Outcome, String> {
    let status = crate::package::run(&[])?;
    let mut all = Outcome::check("package: it can be made", status == 0);
    let zip = format!("dist/backsoon-firefox-{}.zip", env!("CARGO_PKG_VERSION"));
    let lint = run("web-ext lint", npm_tool("web-ext").args(["lint", "--source-dir", &zip]), minutes(3))?;
    all.add(Outcome::check("package: Mozilla's linter (web-ext lint)", lint.success()));
    let rebuilt = crate::package::rebuild();
    if let Err(why) = &rebuilt {
        eprintln!("    {why}");
    }
    all.add(Outcome::check("package: the source package gives the same bytes", rebuilt.is_ok()));
    Ok(all)
}

fn in_browsers() -> Result<Outcome, String> {
    tools::for_worker()?;
    let found = tools::browsers();
    let skipped =
        Outcome { skipped: found.missing.len() as u32, left_out: found.missing, ..Outcome::default() };
    if found.chromium.is_none() && found.firefox.is_none() {
        return Ok(skipped);
    }
    let release = worker_build::build(&root(), Flavour::Release)?;
    let extension = extension_build::build()?;
    // The pages that the browsers open are written by a native test.
    let pages = ["test", "--quiet", "-p", "backsoon-tests", "--test", "page", "every_page_is_written"];
    run_quietly("writing the pages", cargo().args(pages), minutes(5))?;
    let mut node = node_tests("tests/browsers")?;
    node.env("BACKSOON_WORKER", release.dir).env("BACKSOON_EXTENSION", extension);
    for (name, path) in [("CHROMIUM", found.chromium), ("FIREFOX", found.firefox)] {
        match path {
            Some(path) => node.env(format!("BACKSOON_{name}"), &path).env(name, path),
            None => node.env(format!("BACKSOON_NO_{name}"), "it is not there and could not be installed"),
        };
    }
    // Twelve minutes on two cores with some other work: a slower machine shall not be cut off in the middle.
    let mut outcome = counted("browsers", &mut node, minutes(35))?;
    outcome.add(skipped);
    Ok(outcome)
}

/// `node --test` over the `*.test.mjs` of a folder, with the bad origin and xtask built for it: the file that
/// this very process runs from may be gone, replaced by what an earlier part built.
fn node_tests(folder: &str) -> Result<Command, String> {
    let built = run(
        "cargo build",
        cargo().args(["build", "--quiet", "-p", "backsoon-tests", "-p", "xtask", "--bins"]),
        minutes(5),
    )?;
    if !built.success() {
        return Err("the bad origin or xtask does not build; what cargo said is above".to_string());
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .map_err(|error| format!("{folder} cannot be read: {error}"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("{folder} has no *.test.mjs"));
    }
    let mut node = npm_tool("node");
    // One file at a time: each has a workerd or a browser of its own, and two cores carry one of those.
    node.args(["--test", "--test-reporter=tap", "--test-concurrency=1"]).args(files);
    node.env("BACKSOON_BAD_ORIGIN", tools::target().join("debug/bad-origin"));
    node.env("BACKSOON_XTASK", tools::target().join("debug/xtask"));
    Ok(node)
}

/// Runs a runner, shows what it writes, and counts.
fn counted(part: &str, command: &mut Command, limit: Duration) -> Result<Outcome, String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let ended = start(part, command, move |line| {
        relay("", line);
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_string());
    })?
    .wait(limit);
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let mut outcome = Outcome::of_runner(part, ended.as_ref().is_ok_and(|status| status.success()), &lines);
    if let Err(why) = ended {
        outcome.named.push(format!("{part}: {why}"));
    }
    Ok(outcome)
}

fn shown(path: &str) -> String {
    root().join(path).display().to_string()
}
