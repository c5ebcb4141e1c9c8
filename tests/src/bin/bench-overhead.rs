//! What the worker costs beside a few lines of JavaScript on the same workerd: medians of interleaved pairs.
//! `cargo xtask bench overhead` starts the servers and runs this, built for release.
#![cfg_attr(target_family = "wasm", no_main)]
#![cfg(not(target_family = "wasm"))]

use std::process::ExitCode;
use std::time::Duration;

use backsoon_tests::load::throughput;
use backsoon_tests::replay::{BadOrigin, Options};

const USAGE: &str =
    "usage: bench-overhead ORIGIN_PORT BACKSOON RELAY CACHED LEAST LEAST_HIT LEAST_PAGE PAIRS MILLISECONDS";

/// What the rows are called, who is measured (by the place of its address), who stands beside, what is asked for.
const KINDS: &[(&str, usize, usize, &str)] = &[
    ("relay", 2, 3, "/echo"),
    ("least", 5, 3, "/echo"),
    ("page", 2, 3, "/private"),
    ("least-page", 7, 3, "/private"),
    ("hit", 2, 4, "/style.css"),
    ("least-hit", 6, 4, "/style.css"),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench-overhead: {why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let words: Vec<String> = std::env::args().collect();
    let word = |n: usize| words.get(n).map(String::as_str).ok_or_else(|| USAGE.to_owned());
    let number = |n: usize| word(n)?.parse::<u64>().map_err(|_| USAGE.to_owned());
    let (port, pairs, ms) = (number(1)?, number(8)?, number(9)?);
    let port = u16::try_from(port).map_err(|_| USAGE.to_owned())?;
    let origin = BadOrigin::start(Options { port, ..Options::default() }).map_err(|why| why.to_string())?;
    let time = Duration::from_millis(ms);
    for (kind, measured, peer, path) in KINDS {
        for connections in [1, 16] {
            let measure = |server: usize| {
                // The origin's log of what it saw would grow into a cost of its own.
                origin.forget_seen();
                throughput(word(server)?, path, connections, time)
            };
            // Once each unmeasured: the first requests compile, connect and fill the caches.
            measure(*measured)?;
            measure(*peer)?;
            let (mut ours, mut theirs, mut ratios) = (vec![], vec![], vec![]);
            for pair in 0..pairs {
                // Each goes first as often as the other.
                let (own, other) = if pair % 2 == 0 {
                    let own = measure(*measured)?;
                    (own, measure(*peer)?)
                } else {
                    let other = measure(*peer)?;
                    (measure(*measured)?, other)
                };
                ours.push(own);
                theirs.push(other);
                ratios.push(own / other);
            }
            let [low, middle, high] = quartiles(&mut ratios);
            let ([_, own, _], [_, other, _]) = (quartiles(&mut ours), quartiles(&mut theirs));
            println!("{kind} {connections}: {middle:.2} {low:.2} {high:.2} {own:.0} {other:.0}");
        }
    }
    Ok(())
}

fn quartiles(figures: &mut [f64]) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (figures.len().saturating_sub(1)) as f64 * share;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let figure = |n: usize| figures.get(n).copied().unwrap_or(f64::NAN);
        figure(below) + (figure(above) - figure(below)) * place.fract()
    };
    [at(0.25), at(0.5), at(0.75)]
}
