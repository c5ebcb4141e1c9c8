//! How often the diagnosis is right on the captures whose truth is known, and how long one takes natively.

use std::time::Instant;

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon_tests::score::{captures, score};

use super::Row;
use crate::tools::root;

pub fn rows() -> Result<Vec<Row>, String> {
    const ROUNDS: u32 = 5;
    let captures = captures(&root().join("tests/captures"))?;
    let mut rows = Vec::new();
    for (name, view) in [("wire", View::Wire), ("edge", View::Edge), ("browser", View::Browser)] {
        let figures = score(&captures, |capture| diagnose(&capture.exchange(view)));
        rows.push(Row::new(
            &format!("diagnosis of {} captures, seen from the {name}", captures.len()),
            figures.line(),
            "",
        ));
    }
    let exchanges: Vec<_> = captures.iter().map(|capture| capture.exchange(View::Wire)).collect();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for exchange in &exchanges {
            std::hint::black_box(diagnose(std::hint::black_box(exchange)));
        }
    }
    let each = start.elapsed().as_micros() as f64 / f64::from(ROUNDS) / exchanges.len() as f64;
    rows.push(Row::new(
        "one diagnosis, this build",
        format!("{each:.0} µs"),
        if cfg!(debug_assertions) { "not optimised" } else { "" },
    ));
    Ok(rows)
}
