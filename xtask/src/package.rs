//! `cargo xtask package`: the extension for each store, and its source for their reviewers.
//!
//! The same source gives the same bytes: entries are sorted, carry one fixed time and no owner. What a
//! browser would only warn about is left out of its manifest.

mod rebuild;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};
use zip::write::SimpleFileOptions;

use crate::extension_build;
use crate::progress::say;
use crate::tools::root;
pub use rebuild::rebuild;

/// More than this is an error: nobody waits for an extension.
pub const LIMIT: usize = 250 * 1024;

/// Beyond 9 is zopfli: some seconds here, a twentieth less to download for everybody.
const SMALLEST: i64 = 15;
/// Plain deflate: the source is large, and read once.
const QUICK: i64 = 9;

/// Each browser's package is named so.
pub const BROWSERS: [&str; 2] = ["chrome", "firefox"];

/// One file of an archive: its name there, and its bytes.
type Entry = (String, Vec<u8>);

/// Builds and packs; prints each file with its size.
pub fn run(words: &[String]) -> Result<u8, String> {
    if let Some(word) = words.first() {
        return Err(format!("package takes no argument, found {word:?}"));
    }
    let built = extension_build::build()?;
    let version = env!("CARGO_PKG_VERSION");
    let dist = root().join("dist");
    fs::create_dir_all(&dist).map_err(|error| format!("dist: {error}"))?;
    for (browser, trim) in BROWSERS.into_iter().zip([for_chrome as fn(&mut Map<String, Value>), for_firefox])
    {
        let bytes = zip(&extension(&built, trim)?, SMALLEST)?;
        if bytes.len() > LIMIT {
            return Err(format!(
                "the {browser} extension has {} bytes; at most {LIMIT} are allowed",
                bytes.len()
            ));
        }
        write(&dist.join(format!("backsoon-{browser}-{version}.zip")), &bytes)?;
    }
    match source()? {
        Some(entries) => write(&dist.join(format!("backsoon-source-{version}.zip")), &zip(&entries, QUICK)?)?,
        None => say("no git here, so this is a source copy already: no source zip made"),
    }
    Ok(0)
}

fn for_chrome(manifest: &mut Map<String, Value>) {
    manifest.remove("browser_specific_settings");
    if let Some(action) = manifest.get_mut("action").and_then(Value::as_object_mut) {
        action.remove("default_area");
    }
    if let Some(background) = manifest.get_mut("background").and_then(Value::as_object_mut) {
        background.remove("scripts");
    }
    // Firefox alone has it.
    if let Some(permissions) = manifest.get_mut("permissions").and_then(Value::as_array_mut) {
        permissions.retain(|permission| permission != "captivePortal");
    }
}

fn for_firefox(manifest: &mut Map<String, Value>) {
    manifest.remove("minimum_chrome_version");
    if let Some(background) = manifest.get_mut("background").and_then(Value::as_object_mut) {
        background.remove("service_worker");
    }
}

fn extension(built: &Path, trim: fn(&mut Map<String, Value>)) -> Result<Vec<Entry>, String> {
    let mut entries = Vec::new();
    collect(built, built, &mut entries)?;
    for (name, bytes) in &mut entries {
        if name == "manifest.json" {
            let mut manifest: Map<String, Value> =
                serde_json::from_slice(bytes).map_err(|error| format!("manifest.json: {error}"))?;
            trim(&mut manifest);
            let text = serde_json::to_string_pretty(&manifest).map_err(|error| error.to_string())?;
            *bytes = (text + "\n").into_bytes();
        }
    }
    entries.sort();
    Ok(entries)
}

fn collect(top: &Path, folder: &Path, entries: &mut Vec<Entry>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(top, &path, entries)?;
        } else {
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            entries.push((name, fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?));
        }
    }
    Ok(())
}

/// What git tracks, without what building the extension does not need; `None` where this is no git checkout.
fn source() -> Result<Option<Vec<Entry>>, String> {
    let listed = Command::new("git").current_dir(root()).args(["ls-files", "-z", "--cached"]).output();
    let Some(listed) = listed.ok().filter(|out| out.status.success()) else { return Ok(None) };
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut entries = Vec::new();
    for name in names.split('\0').filter(|name| !name.is_empty() && !is_left_out(name)) {
        let path: PathBuf = root().join(name);
        // A file that was deleted but not yet committed so is not part of the source.
        if path.is_file() {
            entries.push((name.to_owned(), fs::read(&path).map_err(|error| format!("{name}: {error}"))?));
        }
    }
    entries.sort();
    Ok(Some(entries))
}

fn is_left_out(name: &str) -> bool {
    name.starts_with("tests/captures/")
        || name.starts_with("tests/captures-fresh/")
        || name.starts_with("docs/images/")
}

fn zip(entries: &[Entry], level: i64) -> Result<Vec<u8>, String> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // The format's first moment, 1980-01-01: the default time, and no machine's.
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in entries {
        archive.start_file(name, options).map_err(|error| format!("{name}: {error}"))?;
        archive.write_all(bytes).map_err(|error| format!("{name}: {error}"))?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|error| format!("zip: {error}"))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{} {} bytes", file.strip_prefix(root()).unwrap_or(file).display(), bytes.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entries_give_the_same_bytes() {
        let entries = vec![("a.txt".to_string(), b"one".to_vec()), ("b/c.txt".to_string(), b"two".to_vec())];
        assert_eq!(zip(&entries, SMALLEST).unwrap(), zip(&entries, SMALLEST).unwrap());
    }

    #[test]
    fn each_browser_gets_only_its_own_keys() {
        let text = fs::read_to_string(root().join("extension/manifest.json")).unwrap();
        let whole: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let (mut chrome, mut firefox) = (whole.clone(), whole);
        for_chrome(&mut chrome);
        for_firefox(&mut firefox);
        assert!(chrome.get("browser_specific_settings").is_none());
        assert!(
            chrome["background"].get("scripts").is_none()
                && chrome["background"].get("service_worker").is_some()
        );
        assert!(firefox.get("browser_specific_settings").is_some());
        let portal =
            |manifest: &Map<String, Value>| manifest["permissions"].to_string().contains("captivePortal");
        assert!(!portal(&chrome) && portal(&firefox));
        assert!(
            firefox["background"].get("service_worker").is_none()
                && firefox["background"].get("scripts").is_some()
        );
    }
}
