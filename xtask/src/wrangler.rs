//! The built worker on workerd, through `wrangler dev`: started, waited for, ended.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http;
use crate::process::{Running, start};
use crate::progress::relay;
use crate::tools::{npm_tool, root, target};

/// What to run.
pub struct Site {
    /// The folder of the built worker, `entry.mjs` in it.
    pub worker: PathBuf,
    /// The port on loopback.
    pub port: u16,
    /// The worker's settings.
    pub vars: Vec<(String, String)>,
    /// Whether to pass on what workerd writes.
    pub loud: bool,
}

/// A worker that answers; dropping it ends wrangler and workerd.
pub struct Served {
    pub url: String,
    process: Running,
    state: PathBuf,
}

impl Served {
    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        self.process.ended().is_some()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Copies of one run are not for the next one.
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// Starts it and waits until it answers.
pub fn serve(site: &Site) -> Result<Served, String> {
    const LIMIT: Duration = Duration::from_secs(60);
    let state = target().join("serve").join(format!("{}-{}", std::process::id(), site.port));
    std::fs::create_dir_all(&state)
        .map_err(|error| format!("{} cannot be made: {error}", state.display()))?;
    let config = state.join("wrangler.json");
    let text = configuration(&root().join("wrangler.toml"), site)?.to_string();
    std::fs::write(&config, text)
        .map_err(|error| format!("{} cannot be written: {error}", config.display()))?;
    let last = Arc::new(Mutex::new(VecDeque::new()));
    let (kept, loud) = (last.clone(), site.loud);
    let mut command = npm_tool("wrangler");
    command.args([
        "dev",
        "--local",
        "--ip",
        "127.0.0.1",
        "--inspector-port",
        "0",
        "--port",
        &site.port.to_string(),
    ]);
    command.arg("--config").arg(&config).arg("--persist-to").arg(state.join("store"));
    command.args(["--show-interactive-dev-session=false", "--log-level", if loud { "info" } else { "warn" }]);
    command
        .env("WRANGLER_LOG_PATH", state.join("logs"))
        .env("WRANGLER_REGISTRY_PATH", state.join("registry"));
    let process = start("wrangler dev", &mut command, move |line| {
        if loud && !line.is_empty() {
            relay("    ", line);
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(line.to_string());
        if kept.len() > 12 {
            kept.pop_front();
        }
    })?;
    let mut served = Served { url: format!("http://127.0.0.1:{}", site.port), process, state };
    let until = Instant::now() + LIMIT;
    while !answers(&served.url) {
        let over = Instant::now() >= until;
        if served.ended() || over {
            for line in last.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                relay("    ", line);
            }
            let what = if over { "did not answer within 60 s" } else { "ended at once" };
            return Err(format!("the worker on workerd {what}; what wrangler said last is above"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(served)
}

/// Asked for what the worker answers itself, so that this says nothing of the origin.
fn answers(url: &str) -> bool {
    http::ask("GET", url, "/.well-known/backsoon/status", &[], "", Duration::from_secs(5))
        .is_ok_and(|answer| answer.status == 200)
}

/// wrangler.toml without what belongs to a deployment: no build, no routes, the built worker and these settings.
fn configuration(file: &Path, site: &Site) -> Result<Value, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("wrangler.toml cannot be read: {error}"))?;
    let mut whole: toml::Table =
        toml::from_str(&text).map_err(|error| format!("wrangler.toml is not TOML: {}", error.message()))?;
    for deployment in ["build", "routes", "route", "env", "vars", "main"] {
        whole.remove(deployment);
    }
    let mut config = serde_json::to_value(&whole).map_err(|error| format!("wrangler.toml: {error}"))?;
    let vars: serde_json::Map<_, _> =
        site.vars.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    config["main"] = json!(site.worker.join("entry.mjs"));
    config["vars"] = Value::Object(vars);
    config["workers_dev"] = json!(true);
    Ok(config)
}

/// A port that is free now.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no free port on 127.0.0.1: {error}"))
}

/// The port itself where it can be had, else one line that says what to do.
pub fn check_port(port: u16) -> Result<u16, String> {
    match port {
        0 => free_port(),
        port => TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(|_| port).map_err(|error| {
            format!(
                "port {port} cannot be had ({error}): choose another one with --port N, or 0 for any free one"
            )
        }),
    }
}
