//! The tools that only npm has, exactly as package-lock.json names them. They include a Node of their own:
//! wrangler wants 22.12 or newer, and a system's Node may be older.

use std::process::Command;
use std::time::Duration;

use super::{on_path, root};
use crate::process::run_quietly;
use crate::progress::timed;

/// Makes node_modules what package-lock.json says.
pub fn npm_packages() -> Result<(), String> {
    let lock = root().join("package-lock.json");
    let wanted =
        std::fs::read(&lock).map_err(|error| format!("package-lock.json cannot be read: {error}"))?;
    let done = root().join("node_modules/.backsoon-installed");
    if std::fs::read(&done).is_ok_and(|installed| installed == wanted) && node_answers() {
        return Ok(());
    }
    if on_path("npm").is_none() {
        super::browsers::apt_install(&["npm"]).map_err(|why| {
            format!("npm is missing and could not be installed ({why}): install Node.js with npm, any version from 18 on")
        })?;
    }
    timed("installing the tools of package-lock.json with npm ci (about 20 s)", || {
        let mut command = Command::new("npm");
        // The system's own Node, often an older one, runs npm itself: its warnings about that are noise.
        command.current_dir(root()).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        run_quietly("npm ci", &mut command, Duration::from_secs(15 * 60))
    })?;
    if !node_answers() {
        return Err(
            "npm ci ended well but node_modules/.bin/node does not run: remove node_modules and try again, \
                    and see that npm may run install scripts (npm config get ignore-scripts)"
                .to_string(),
        );
    }
    std::fs::write(done, wanted).map_err(|error| format!("node_modules cannot be written: {error}"))
}

fn node_answers() -> bool {
    super::npm_tool("node").arg("--version").output().is_ok_and(|out| out.stdout.starts_with(b"v22"))
}
