//! What a visitor waits for: through the worker on local workerd, beside the origin alone. One visit at a time,
//! each on a connection of its own.

use std::time::Duration;

use backsoon_tests::replay::Mode;

use super::Row;
use crate::demo;
use crate::http::{NAVIGATION, ask};
use crate::wrangler::free_port;

const VISITS: usize = 200;

pub fn rows() -> Result<Vec<Row>, String> {
    let stage = demo::build(free_port()?)?;
    let (worker, origin) = (stage.worker.url.clone(), stage.origin.url());
    let alone = visits(&origin, "/", 200)?;
    let mut rows = vec![
        Row::new(
            "healthy page, p50 / p95",
            visits(&worker, "/", 200)?,
            format!("{alone} from the origin alone"),
        ),
        Row::new(
            "personal page, p50 / p95",
            visits(&worker, "/private", 200)?,
            visits(&origin, "/private", 200)?,
        ),
    ];
    let broken = |error: std::io::Error| error.to_string();
    stage.origin.switch(Mode::Capture("nginx/refused".into())).map_err(broken)?;
    let nginx = format!("{} nginx's bare 502", visits(&origin, "/", 502)?);
    rows.push(Row::new("copy while nginx answers 502, p50 / p95", visits(&worker, "/", 200)?, nginx));
    stage.origin.switch(Mode::Refused).map_err(broken)?;
    rows.push(Row::new(
        "copy while nothing listens, p50 / p95",
        visits(&worker, "/", 200)?,
        "no answer at all",
    ));
    rows.push(Row::new(
        "fallback page, p50 / p95",
        visits(&worker, "/nobody-was-here", 503)?,
        "no answer at all",
    ));
    Ok(rows)
}

/// The median and the 95th percentile of many visits, each of which has to end with this status.
fn visits(base: &str, path: &str, status: u16) -> Result<String, String> {
    let mut took = Vec::new();
    for _ in 0..VISITS {
        let answer = ask("GET", base, path, NAVIGATION, "", Duration::from_secs(20))?;
        if answer.status != status {
            return Err(format!("{base}{path}: expected {status}, got {}", answer.status));
        }
        took.push(answer.took);
    }
    took.sort();
    let at =
        |share: usize| took.get(took.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    Ok(format!("{:.1} / {:.1} ms", at(50), at(95)))
}
