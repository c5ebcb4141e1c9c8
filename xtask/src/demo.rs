//! `cargo xtask demo [--check] [--port N] [--control-port N]`: a small shop behind the worker, and a page on
//! which a person breaks the shop's server and watches what a visitor gets. `--check` plays it alone.

mod check;
mod control;

use std::sync::Arc;

use backsoon_tests::replay::{BadOrigin, FAILURES, Options};

use crate::progress::say;
use crate::tools;
use crate::worker_build::{self, Flavour};
use crate::wrangler::{Served, Site, check_port, serve};

const USAGE: &str = "cargo xtask demo [--check] [--port N] [--control-port N]";

/// The shop's server and the worker in front of it.
pub struct Stage {
    pub origin: Arc<BadOrigin>,
    pub worker: Served,
}

/// 0 where the story went well or a person ended it, 1 where a step failed.
pub fn run(words: &[String]) -> Result<u8, String> {
    let (mut check, mut port, mut control_port) = (false, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().ok_or_else(|| format!("{word} needs a number: {USAGE}"))?;
            text.parse::<u16>()
                .map(Some)
                .map_err(|_| format!("{word} {text}: expected a number from 0 to 65535"))
        };
        match word.as_str() {
            "--check" => check = true,
            "--port" => port = number()?,
            "--control-port" => control_port = number()?,
            _ => return Err(format!("unknown argument {word:?}: {USAGE}")),
        }
    }
    // A check may run beside anything else; a person wants addresses that stay the same.
    let default = |number| if check { 0 } else { number };
    let port = check_port(port.unwrap_or(default(8787)))?;
    let control_port = check_port(control_port.unwrap_or(default(8788)))
        .map_err(|why| why.replace("--port", "--control-port"))?;
    let stage = build(port)?;
    if check { check::play(stage) } else { watch(stage, control_port) }
}

/// Builds and starts both; dropping the stage ends both.
pub fn build(port: u16) -> Result<Stage, String> {
    tools::for_worker()?;
    let worker = crate::progress::timed("building the worker (the first time a minute or two)", || {
        worker_build::build(&tools::root(), Flavour::Release)
    })?;
    let origin =
        BadOrigin::start(Options::default()).map_err(|error| format!("the shop's server: {error}"))?;
    let vars = [
        ("ORIGIN", origin.url()),
        // Short, so that a person who tries "hang" need not wait.
        ("TIMEOUT_MS", "3000".to_string()),
        // Whoever breaks the shop wants to see that at once, not when a fresh page has become stale.
        ("CACHE", "off".to_string()),
        ("RETRY_AFTER_S", "5".to_string()),
        ("SITE_NAME", "Marigold & Moss".to_string()),
    ];
    let vars = vars.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
    say("starting the worker on workerd ...");
    let worker = serve(&Site { worker: worker.dir, port, vars, loud: false })?;
    Ok(Stage { origin: Arc::new(origin), worker })
}

/// Shows where everything is, and waits until it is interrupted.
fn watch(mut stage: Stage, control_port: u16) -> Result<u8, String> {
    let control = control::open(control_port, &stage)?;
    println!();
    println!("The shop, as visitors see it   {}/", stage.worker.url);
    println!("Break it and watch             {}/", control.url());
    println!("The shop's own server          {}/", stage.origin.url());
    println!();
    println!("Break it by command:");
    println!("  curl -d refused {}/break", control.url());
    println!("  curl -d capture:nginx/refused {}/break", control.url());
    for (kind, does) in FAILURES {
        println!("  curl -d {:21} {}/break    # {does}", format!("fail:{kind}"), control.url());
    }
    println!("and mend it:");
    println!("  curl -d healthy {}/break", control.url());
    println!("What a visitor gets:");
    println!("  curl -i -H 'Accept: text/html' {}/", stage.worker.url);
    println!();
    println!("ready {}", stage.worker.url);
    say("Ctrl-C ends it");
    while !stage.worker.ended() {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    Err("workerd ended by itself; start the demo again".to_string())
}
