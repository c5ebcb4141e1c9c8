//! Spoils captures without end and diagnoses them: `fuzz-diagnosis [EXECUTIONS]`, ten million by default.
//!
//! Prints how many diagnoses ran; a panic ends it with the seed at hand.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon_tests::mutate::{Seed, WAYS, spoil, unsettle};
use backsoon_tests::score::captures;

static AT: AtomicU64 = AtomicU64::new(0);

fn main() {
    let wanted: u64 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(10_000_000);
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"));
    let captures = match captures(folder) {
        Ok(captures) if !captures.is_empty() => captures,
        Ok(_) => return eprintln!("fuzz-diagnosis: no captures in {}", folder.display()),
        Err(why) => return eprintln!("fuzz-diagnosis: {why}"),
    };
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        eprintln!("seed {}", AT.load(Ordering::Relaxed));
        usual(info);
    }));
    let views = [View::Wire, View::Edge, View::Browser];
    let exchanges: Vec<_> =
        captures.iter().flat_map(|capture| views.map(|view| capture.exchange(view))).collect();
    let start = Instant::now();
    let mut certain = 0u64;
    for number in 1..=wanted {
        AT.store(number, Ordering::Relaxed);
        let mut seed = Seed::new(number);
        let mut exchange = exchanges[seed.below(exchanges.len())].clone();
        for _ in 0..=seed.below(4) {
            spoil(&mut exchange, seed.below(WAYS), &mut seed);
        }
        if seed.below(2) == 0 {
            unsettle(&mut exchange, &mut seed);
        }
        let verdict = diagnose(&exchange);
        certain += u64::from(verdict.gateway.certainty == backsoon::verdict::Certainty::Certain);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{wanted} executions, no panic, {certain} certain, {seconds:.0} s, {:.0} a second",
        wanted as f64 / seconds
    );
}
