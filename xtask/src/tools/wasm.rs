//! The Rust side of wasm: rustup's targets, and wasm-bindgen's tool in exactly the version of Cargo.lock.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::{cargo, on_path, root, tools};
use crate::process::{run, run_quietly};
use crate::progress::timed;

/// Makes rustc able to compile for `target`.
pub fn rust_target(target: &str) -> Result<(), String> {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot =
        sysroot.map_err(|error| format!("rustc cannot be started: {error}; expected Rust from rustup"))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    if sysroot.join("lib/rustlib").join(target).join("lib").is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return Err(format!(
            "the Rust target {target} is missing, and rustup is not there to add it: install Rust by rustup"
        ));
    }
    timed(&format!("adding the Rust target {target} (seconds)"), || {
        let mut command = Command::new("rustup");
        run_quietly("rustup", command.args(["target", "add", target]), Duration::from_secs(300))
    })
}

/// Builds wasm-bindgen's tool where it is missing or of another version; returns its folder.
pub fn wasm_bindgen() -> Result<PathBuf, String> {
    let wanted = locked_version("wasm-bindgen")?;
    let bin = tools().join("bin");
    let tool = bin.join("wasm-bindgen");
    let version = Command::new(&tool).arg("--version").output().ok();
    let version =
        version.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_string()).unwrap_or_default();
    if version == format!("wasm-bindgen {wanted}") {
        return Ok(bin);
    }
    timed(&format!("building wasm-bindgen-cli {wanted} (once; a minute or two)"), || {
        let mut command = cargo();
        // Unoptimised it is built in a third of the time, and is fast enough for our wasm.
        command.args(["install", "--debug", "--quiet", "wasm-bindgen-cli", "--version", &wanted]);
        command.args(["--bin", "wasm-bindgen", "--locked", "--force", "--root"]);
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.arg(tools());
        match run("cargo install wasm-bindgen-cli", &mut command, Duration::from_secs(30 * 60))? {
            status if status.success() => Ok(()),
            status => Err(format!(
                "wasm-bindgen-cli {wanted} could not be built ({status}): is crates.io reachable?"
            )),
        }
    })?;
    Ok(bin)
}

/// The version of a package in Cargo.lock.
fn locked_version(name: &str) -> Result<String, String> {
    let file = root().join("Cargo.lock");
    let text =
        std::fs::read_to_string(&file).map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    let lock: toml::Value =
        toml::from_str(&text).map_err(|error| format!("Cargo.lock cannot be understood: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    packages
        .and_then(|all| all.iter().find(|p| p.get("name").and_then(toml::Value::as_str) == Some(name)))
        .and_then(|package| package.get("version")?.as_str())
        .map(ToString::to_string)
        .ok_or_else(|| format!("Cargo.lock names no {name}"))
}
