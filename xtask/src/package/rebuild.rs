//! Does what a store's reviewer does: unpacks the source package in a folder of its own, builds by the command
//! that `docs/store/reviewers.md` names, and compares the packages byte for byte.
//!
//! It has a target folder and npm packages of its own. Only wasm-bindgen's tool, pinned by version, is shared.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::time::Duration;

use super::BROWSERS;
use crate::process::run_quietly;
use crate::progress::timed;
use crate::tools::{cargo, root, target, tools};

/// Builds from the source package in `dist/`; `Ok` where both browsers' packages came out as they are there.
pub fn rebuild() -> Result<(), String> {
    let version = env!("CARGO_PKG_VERSION");
    let folder = target().join("rebuild");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    unpack(&root().join(format!("dist/backsoon-source-{version}.zip")), &folder)?;
    timed("rebuilding the packages from the source package (2 to 4 minutes)", || {
        let mut command = cargo();
        command.current_dir(&folder).args(["xtask", "package"]);
        command.env_remove("CARGO_TARGET_DIR").env("BACKSOON_TOOLS", tools());
        // The folder lies inside this checkout; a reviewer's lies in none.
        command.env("GIT_CEILING_DIRECTORIES", target());
        run_quietly("cargo xtask package of the source package", &mut command, Duration::from_secs(20 * 60))
    })?;
    for browser in BROWSERS {
        let name = format!("dist/backsoon-{browser}-{version}.zip");
        if read(&root().join(&name))? != read(&folder.join(&name))? {
            return Err(format!("{name} has other bytes when it is built in {}", folder.display()));
        }
    }
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn unpack(file: &Path, folder: &Path) -> Result<(), String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let mut archive = zip::ZipArchive::new(Cursor::new(read(file)?)).map_err(|error| at(&error))?;
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).map_err(|error| at(&error))?;
        let name = entry.enclosed_name().ok_or_else(|| at(&"a name leads out of the folder"))?;
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(|error| at(&error))?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| at(&error))?;
        fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
