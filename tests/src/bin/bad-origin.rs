//! `bad-origin`: the bad origin as a process, for tests in other languages and for trying things by hand.
#![cfg_attr(target_family = "wasm", no_main)]
#![cfg(not(target_family = "wasm"))]

use std::io::Read;
use std::process::ExitCode;

use backsoon_tests::replay::{BadOrigin, Mode, Options};

const USAGE: &str =
    "usage: bad-origin [--port N] [--control-port N] [--captures FOLDER] [--mode MODE] [--until-stdin-ends]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bad-origin: {why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = Options::default();
    let (mut mode, mut until_stdin_ends) = (Mode::Healthy, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"));
        match word.as_str() {
            "--port" => options.port = number(&value()?)?,
            "--control-port" => options.control_port = number(&value()?)?,
            "--captures" => options.captures = value()?.into(),
            "--mode" => mode = Mode::parse(&value()?)?,
            "--until-stdin-ends" => until_stdin_ends = true,
            _ => return Err(format!("unknown argument {word:?}; {USAGE}")),
        }
    }
    let origin = BadOrigin::start(options).map_err(|error| format!("the port cannot be had: {error}"))?;
    origin.switch(mode).map_err(|error| error.to_string())?;
    println!("control {}", origin.control_url());
    println!("refused {}", origin.refused_url());
    println!("ready {}", origin.url());
    if until_stdin_ends {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}

fn number(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{text:?} is not a port: expected a number from 0 to 65535"))
}
