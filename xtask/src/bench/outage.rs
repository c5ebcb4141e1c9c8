//! The same outages beside nginx and Varnish: sixty requests a second while all is well, while the origin fails
//! in one way after another, and while it returns. All three stand in front of origins that do the same.

mod figures;
mod origin;
mod peers;
mod visitors;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Row;
use crate::progress::say;
use crate::tools::{self, root};
use crate::worker_build::{self, Flavour};
use backsoon_tests::load::Line;
use figures::{Figures, Moments, percentiles};
use peers::Peer;
use visitors::{Kind, all, visit, visits};

/// The ways to fail; `refused`, `connect-timeout`, or a name of the bad origin's.
const FAILURES: &[&str] = &[
    "refused",
    "connect-timeout",
    "hang",
    "slow",
    "reset",
    "empty",
    "garbage",
    "bad-status-line",
    "half-head",
    "999",
    "truncated",
    "truncated-chunked",
    "stalled",
    "status-500",
    "status-502",
    "status-503",
    "status-504",
    "503-retry-after",
    "status-521",
    "soft-error",
    "soft-lengths",
    "soft-chunked",
    "blank",
    "blank-chunked",
    "error-json",
    "redirect-loop",
    "flapping",
    "overload",
];
/// How long it is well, fails, and is well again, in seconds.
const WELL: u64 = 3;
const OUT: u64 = 8;
const AFTER: u64 = 14;

/// About half a minute for each failure.
pub fn rows() -> Result<Vec<Row>, String> {
    tools::for_worker()?;
    let worker = worker_build::build(&root(), Flavour::Release)?;
    let ours = peers::backsoon(&worker)?;
    let mut others = Vec::new();
    let alone = std::env::var_os("BACKSOON_ALONE").is_some();
    let starts: &[fn() -> Result<Peer, String>] = if alone { &[] } else { &[peers::nginx, peers::varnish] };
    for start in starts {
        match start() {
            Ok(peer) => others.push(peer),
            Err(why) => say(&format!("left out: {why}")),
        }
    }
    let all: Vec<&Peer> = std::iter::once(&ours).chain(&others).collect();
    let mut rows = Vec::new();
    let mut sums: Vec<Option<Figures>> = all.iter().map(|_| None).collect();
    let chosen = std::env::var("BACKSOON_OUTAGES").unwrap_or_default();
    for kind in FAILURES.iter().filter(|kind| chosen.is_empty() || chosen.split(',').any(|one| one == **kind))
    {
        say(&format!("outage: {kind}"));
        // All at the same time: whatever else the machine does hits all of them.
        let played: Vec<Result<Figures, String>> = std::thread::scope(|scope| {
            let runs: Vec<_> = all.iter().map(|peer| scope.spawn(|| play(peer, kind))).collect();
            let lost = |_| Err("a run ended early".to_owned());
            runs.into_iter().map(|run| run.join().unwrap_or_else(lost)).collect()
        });
        let played = played.into_iter().collect::<Result<Vec<_>, _>>()?;
        rows.push(row(&format!("outage: {kind}"), &all, &played));
        for (sum, figures) in sums.iter_mut().zip(&played) {
            *sum = Some(sum.take().map_or_else(|| figures.clone(), |sum| sum.and(figures)));
        }
    }
    let sums: Vec<Figures> = sums.into_iter().flatten().collect();
    rows.push(row("all outages (worst of: fresh, asked)", &all, &sums));
    if let Some((first, rest)) = sums.split_first() {
        let hits = |figures: &Figures| percentiles(&figures.hits);
        let beside = all.iter().skip(1).zip(rest).map(|(peer, sum)| format!("{}: {}", peer.name, hits(sum)));
        rows.push(Row::new(
            "a hit while all is well, p50 / p99",
            hits(first),
            beside.collect::<Vec<_>>().join("; "),
        ));
    }
    Ok(rows)
}

fn row(what: &str, peers: &[&Peer], figures: &[Figures]) -> Row {
    let cell = |n: usize| figures.get(n).map(Figures::cell).unwrap_or_default();
    let others = peers.iter().enumerate().skip(1).map(|(n, peer)| format!("{}: {}", peer.name, cell(n)));
    Row::new(what, cell(0), others.collect::<Vec<_>>().join("; "))
}

/// One outage in front of one server.
fn play(peer: &Peer, kind: &str) -> Result<Figures, String> {
    let folder = format!("{kind}-{}", std::process::id());
    let origin = &peer.origin;
    origin.gone(false);
    let replayed = origin.replayed();
    let mut line = Line::to(&peer.url, Duration::from_secs(8))?;
    let wait = |seconds: f64| std::thread::sleep(Duration::from_secs_f64(seconds));
    // Until the last outage is over for it: its breaker or probe must not reach into this one.
    let until = Instant::now() + Duration::from_secs(15);
    while visit(&mut line, "/ready/new", Kind::New).status != 200 && Instant::now() < until {
        wait(0.2);
    }
    for _ in 0..2 {
        for path in all(&folder) {
            visit(&mut line, &path, Kind::Seen);
        }
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| visits(&peer.url, &folder, &over));
        let mut story = || -> Result<(Moments, u64), String> {
            wait(0.5);
            origin.gone(true);
            // Everybody hears that they are gone, more than once: some answer the first who asks with the old page.
            for _ in 0..3 {
                wait(0.6);
                for path in all(&folder).iter().filter(|path| path.contains("/gone/")) {
                    visit(&mut line, path, Kind::Gone);
                }
            }
            wait(WELL as f64 - 0.5 - 1.8);
            let failed = Instant::now();
            origin.fail(kind)?;
            wait(3.0);
            let before = origin.asked();
            wait(OUT as f64 - 3.0);
            let asked = origin.asked() - before;
            origin.mend()?;
            let mended = Instant::now();
            let moments = Moments { failed, mended, age: origin.age() };
            wait(AFTER as f64);
            Ok((moments, asked))
        };
        let told = story();
        over.store(true, Ordering::SeqCst);
        let visits = load.join().map_err(|_| "the visitors ended early".to_owned())??;
        let (moments, asked) = told?;
        let figures = Figures::of(&visits, moments, asked);
        Ok(Figures { replayed: origin.replayed() - replayed, ..figures })
    })
}
