//! Turns the knowledge in `data/` into const tables, so that no parser of our own data is in wasm.
//!
//! Each module reads one kind of data and writes one file into `OUT_DIR`. A bad row stops the build with
//! one line that names the file, the id and the reason.

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a build script may stop the build"
)]
#[path = "build/knowledge.rs"]
mod knowledge;
#[path = "src/diagnosis/normal.rs"]
mod normal;
#[path = "build/page.rs"]
mod page;
#[path = "build/request_fields.rs"]
mod request_fields;
#[path = "build/runbook.rs"]
mod runbook;
#[path = "build/strings.rs"]
mod strings;

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=data");
    let Some(out) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        return stop("OUT_DIR is not set: build.rs runs under cargo only");
    };
    let data = Path::new("data");
    for outcome in [
        strings::build(data, &out),
        knowledge::write(&out),
        page::build(data, &out),
        request_fields::build(data, &out),
        runbook::build(data, &out),
    ] {
        if let Err(reason) = outcome {
            stop(&reason);
        }
    }
}

fn stop(reason: &str) {
    println!("cargo::error={}", reason.replace('\n', " "));
    std::process::exit(1);
}
