//! Measures the diagnosis: `bench-diagnosis` prints diagnoses a second for the median and the largest
//! capture and for pages of growing length, and how many gateways' rows it was built with.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use backsoon::diagnosis::{diagnose, gateways};
use backsoon::facts::{Exchange, Headers, View};
use backsoon_tests::score::captures;

fn main() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"));
    let captures = match captures(folder) {
        Ok(captures) if !captures.is_empty() => captures,
        Ok(_) => return eprintln!("bench-diagnosis: no captures in {}", folder.display()),
        Err(why) => return eprintln!("bench-diagnosis: {why}"),
    };
    let mut exchanges: Vec<Exchange> = captures.iter().map(|capture| capture.exchange(View::Wire)).collect();
    exchanges.sort_by_key(size);
    println!("gateways {}", gateways().count());
    let median = &exchanges[exchanges.len() / 2];
    let largest = &exchanges[exchanges.len() - 1];
    report("median capture", median);
    report("largest capture", largest);
    let squid = exchanges.iter().rev().find(|exchange| exchange.headers.has("x-squid-error"));
    if let Some(squid) = squid {
        report("largest error page", squid);
    }
    for kilobytes in [1, 4, 16, 64] {
        report(&format!("page of {kilobytes} KB"), &page(kilobytes * 1024));
    }
}

fn size(exchange: &Exchange) -> usize {
    let body = exchange.body.as_ref().map_or(0, Vec::len);
    body + exchange.headers.0.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

/// Prose with markup, as an application's own error page has it, of that many bytes.
fn page(bytes: usize) -> Exchange {
    let words =
        "<p class=\"note\">The page that you asked for is not there right now, and our people know.</p>\n";
    let body: String = "<!doctype html><html><head><title>Shop</title></head><body>\n"
        .chars()
        .chain(words.chars().cycle())
        .take(bytes)
        .collect();
    let headers =
        [("Server", "nginx/1.25.3"), ("Content-Type", "text/html; charset=utf-8"), ("Via", "1.1 varnish")];
    Exchange {
        status: Some(502),
        headers: Headers::from_iter(headers),
        body: Some(body.into_bytes()),
        ..Exchange::default()
    }
}

fn report(name: &str, exchange: &Exchange) {
    // The best of several short runs: what the machine does beside it only ever makes one slower.
    let mut best = f64::MAX;
    for _ in 0..15 {
        let (start, wall) = (on_cpu(), Instant::now());
        let mut rounds = 0u32;
        while wall.elapsed() < Duration::from_millis(40) {
            for _ in 0..20 {
                black_box(diagnose(black_box(exchange)));
            }
            rounds += 20;
        }
        let spent = match (start, on_cpu()) {
            (Some(start), Some(end)) => end - start,
            _ => wall.elapsed(),
        };
        best = best.min(spent.as_secs_f64() / f64::from(rounds));
    }
    println!("{name}: {} bytes, {:.1} us, {:.0} a second", size(exchange), best * 1e6, 1.0 / best);
}

/// Time that this thread spent on a processor, where the system tells it (Linux).
fn on_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
