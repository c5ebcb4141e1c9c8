//! The two browsers that the tests drive, from Debian's packages where we may install them.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::on_path;
use crate::process::run_quietly;
use crate::progress::timed;

/// The browsers found or installed.
pub struct Browsers {
    pub chromium: Option<PathBuf>,
    pub firefox: Option<PathBuf>,
    /// Why one is missing, and how to get it.
    pub missing: Vec<String>,
}

/// Finds both browsers, installing what is missing.
pub fn browsers() -> Browsers {
    let mut missing = Vec::new();
    let mut find = |what: &str, names: &[&str], package: &str| {
        let found = || names.iter().find_map(|name| on_path(name));
        if found().is_none()
            && let Err(why) = apt_install(&[package])
        {
            missing.push(format!(
                "{what} is not there ({why}): install it, as one of {} on the PATH",
                names.join(", ")
            ));
        }
        found()
    };
    let chromium = find("Chromium", &["chromium", "chromium-browser", "google-chrome"], "chromium");
    let firefox = find("Firefox", &["firefox-esr", "firefox"], "firefox-esr");
    Browsers { chromium, firefox, missing }
}

/// Installs Debian packages, where this is a Debian and we are root.
pub fn apt_install(packages: &[&str]) -> Result<(), String> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if on_path("apt-get").is_none() || !root {
        return Err("no apt-get here, or not root".to_string());
    }
    timed(&format!("installing {} with apt-get (a minute or two)", packages.join(", ")), || {
        let mut update = Command::new("apt-get");
        run_quietly("apt-get update", update.args(["update", "-qq"]), Duration::from_secs(300))?;
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive");
        install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
        run_quietly("apt-get install", &mut install, Duration::from_secs(15 * 60))
    })
}
