//! What has to be loaded before anything can be decided.

use super::Row;
use crate::tools;
use crate::worker_build::{self, Flavour, GZIP_LIMIT};

pub fn rows() -> Result<Vec<Row>, String> {
    tools::for_worker()?;
    let worker = worker_build::build(&tools::root(), Flavour::Release)?;
    Ok(vec![
        Row::new("worker: wasm", kib(worker.raw), ""),
        Row::new(
            "worker: wasm and the JavaScript beside it after gzip",
            kib(worker.gzip),
            format!("at most {}", kib(GZIP_LIMIT)),
        ),
        Row::new("worker: all that is deployed after gzip", kib(worker.all), ""),
    ])
}

pub fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}
