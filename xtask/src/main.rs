//! `cargo xtask COMMAND`: the project's commands. Each sets up what it needs, says what it does, and ends with
//! 0 (well), 1 (a test or check failed) or 2 (it could not do what was asked; one line says why).

mod bench;
mod demo;
mod deployment;
mod diagnose;
mod extension_build;
mod http;
mod package;
mod process;
mod progress;
mod serve;
mod settings;
mod test;
mod tools;
mod worker_build;
mod wrangler;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND
  demo [--check] [--port N]  a demo shop behind the worker, and how to break it; --check plays the story alone
  test [--no-browsers]       all tests
  serve --origin URL [--port N] [--set key=value ...]
                             the release worker in front of any web server
  diagnose [--json] [--owner key=value ...] [FILE ...]
                             says who broke what, from capture JSON, curl -i output or a HAR file;
                             --owner: what the owner knows beside it (docs/runbook.md)
  package                    the extension and its source as zip files in dist/
  check-config [FILE] [--answer FILE [--path PATH]]
                             the worker's settings in wrangler.toml; --answer: whether the answer in the output
                             of `curl -si` (`-`: standard input) is kept for outages, and if not, why
  bench                      the measurements, one table
  build-worker               what wrangler runs before it deploys
  build-extension            the extension, ready to be loaded in Chrome and Firefox";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = process::end_children_on_signals().and_then(|()| dispatch(&words));
    process::yield_to_signal();
    process::end_all();
    match done {
        Ok(status) => ExitCode::from(status),
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(words: &[String]) -> Result<u8, String> {
    let (command, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.as_str(), rest));
    match command {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "diagnose" => diagnose::run(rest),
        "serve" => serve::run(rest),
        "check-config" => settings::check(rest),
        "package" => package::run(rest),
        "bench" => bench::run(rest),
        "build-worker" => build_worker(rest),
        "build-extension" => extension_build::run(rest),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(0)
        }
        other => Err(format!(
            "unknown command {other:?}: expected demo, test, serve, diagnose, package, check-config or bench"
        )),
    }
}

fn build_worker(words: &[String]) -> Result<u8, String> {
    let flavour = match words {
        [] => worker_build::Flavour::Release,
        [flag] if flag == "--test-hook" => worker_build::Flavour::TestHook,
        _ => return Err("build-worker takes --test-hook or nothing".to_string()),
    };
    tools::for_worker()?;
    worker_build::build(&tools::root(), flavour).map(|_| 0)
}
