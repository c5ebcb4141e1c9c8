//! Sets up what the commands need, and only what is missing: rustup targets, wasm-bindgen's command-line
//! tools, npm packages with a Node of their own, browsers. Everything comes from package registries.

mod browsers;
mod npm;
mod wasm;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use browsers::{apt_install, browsers};
pub use npm::npm_packages;
pub use wasm::{rust_target, wasm_bindgen};

/// The repository's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// cargo's folder for what is built; also ours.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The folder of the tools that we build, `bin` in it; several checkouts may share one by `BACKSOON_TOOLS`.
pub fn tools() -> PathBuf {
    let shared = std::env::var_os("BACKSOON_TOOLS").filter(|folder| !folder.is_empty());
    shared.map_or_else(|| target().join("tools"), PathBuf::from)
}

/// The cargo that started us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A tool of `node_modules/.bin`, with our Node before any other on its `PATH` and nothing sent anywhere.
pub fn npm_tool(name: &str) -> Command {
    let bin = root().join("node_modules/.bin");
    let mut command = Command::new(bin.join(name));
    command.current_dir(root()).env("PATH", path_with(&bin));
    command.env("WRANGLER_SEND_METRICS", "false").env("CI", "1").env("NO_UPDATE_NOTIFIER", "1");
    // Else local workerd asks Cloudflare where this machine is.
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    command
}

/// Everything that building and running the worker needs.
pub fn for_worker() -> Result<(), String> {
    rust_target("wasm32-unknown-unknown")?;
    wasm_bindgen()?;
    npm_packages()
}

/// Whether a program can be found on the `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn path_with(first: &Path) -> OsString {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(first.to_path_buf()).chain(std::env::split_paths(&old));
    std::env::join_paths(folders).unwrap_or(old)
}
