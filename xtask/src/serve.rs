//! `cargo xtask serve --origin URL [--port N] [--set key=value ...]`: the release worker in front of any origin.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::progress::say;
use crate::settings::{problems, told};
use crate::tools;
use crate::worker_build::{self, Flavour};
use crate::wrangler::{Site, check_port, serve};

const USAGE: &str = "cargo xtask serve --origin URL [--port N] [--set key=value ...]";
const PORT: u16 = 8787;

/// Runs until it is interrupted. Every wrong argument is found before anything is built.
pub fn run(words: &[String]) -> Result<u8, String> {
    let (vars, port) = arguments(words)?;
    tools::for_worker()?;
    let built = worker_build::build(&tools::root(), Flavour::Release)?;
    say(&format!("the worker has {} bytes of wasm", built.raw));
    let port = check_port(port)?;
    let mut served = serve(&Site { worker: built.dir, port, vars, loud: true })?;
    println!("ready {}", served.url);
    say("Ctrl-C ends it");
    while !served.ended() {
        std::thread::sleep(Duration::from_millis(200));
    }
    Err("workerd ended by itself; what it said last is above".to_string())
}

fn arguments(words: &[String]) -> Result<(Vec<(String, String)>, u16), String> {
    let (mut origin, mut port, mut vars) = (None, PORT, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value: {USAGE}"));
        match word.as_str() {
            "--origin" => origin = Some(value()?.clone()),
            "--port" => {
                let text = value()?;
                port =
                    text.parse().map_err(|_| format!("--port {text}: expected a number from 0 to 65535"))?;
            }
            "--set" => {
                let text = value()?;
                let pair = text.split_once('=').ok_or_else(|| format!("--set {text}: expected key=value"))?;
                // Settings are named in capitals in wrangler.toml; by hand either way will do.
                vars.push((pair.0.trim().to_ascii_uppercase(), pair.1.to_string()));
            }
            _ => return Err(format!("unknown argument {word:?}: {USAGE}")),
        }
    }
    let origin = origin.ok_or_else(|| format!("--origin is missing: {USAGE}"))?;
    vars.push(("ORIGIN".to_string(), origin.clone()));
    if let Some(problem) = problems(&vars).first() {
        return Err(told(problem));
    }
    let port = check_port(port)?;
    reachable(&origin, port)?;
    Ok((vars, port))
}

/// Whether something listens there: a wrong address is found now, not as an outage.
fn reachable(origin: &str, own_port: u16) -> Result<(), String> {
    let (scheme, rest) =
        origin.split_once("://").ok_or_else(|| format!("--origin {origin}: expected http:// or https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { authority.to_string() } else { format!("{authority}:{default}") };
    let all = address.to_socket_addrs().map_err(|error| {
        format!("--origin {origin}: the name cannot be resolved ({error}): expected the address of a running web server")
    })?;
    let mut last = "no address".to_string();
    for one in all {
        if one.ip().is_loopback() && one.port() == own_port {
            return Err(format!(
                "--origin {origin} is the worker's own port: choose another one with --port N"
            ));
        }
        match TcpStream::connect_timeout(&one, Duration::from_secs(5)) {
            Ok(_) => return Ok(()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(format!(
        "--origin {origin} cannot be reached ({last}): start the web server first, or correct the address"
    ))
}
