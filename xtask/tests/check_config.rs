//! What `check-config` answers to the files of owners: each says itself what it expects, line by line.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Fewer would mean that they are not found.
const LEAST: usize = 45;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/check-config");
    let entries = std::fs::read_dir(folder).expect("the cases").flatten().map(|entry| entry.path());
    let file = |path: PathBuf| if path.is_dir() { path.join("wrangler.toml") } else { path };
    let mut files: Vec<PathBuf> =
        entries.map(file).filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

/// What is wrong with the answer; nothing where it is as the file says.
fn play(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let status = text.lines().find_map(|line| line.strip_prefix("#status ")).ok_or("it has no #status")?;
    let wanted: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#says ")).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("check-config")
        .arg(file)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().map(|code| code.to_string());
    let fits = said.lines().count() == wanted.len()
        && said.lines().zip(&wanted).all(|(line, part)| line.contains(part))
        && code.as_deref() == Some(status);
    if fits {
        Ok(())
    } else {
        Err(format!("status {code:?}, wanted {status} and {wanted:#?}; it said:\n{said}"))
    }
}

#[test]
fn owners_mistakes_are_named() {
    let files = files();
    assert!(files.len() >= LEAST, "only {} cases", files.len());
    let wrong: Vec<String> =
        files.iter().filter_map(|file| Some(format!("{}: {}", file.display(), play(file).err()?))).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

#[test]
fn one_setting_is_not_several() {
    let file = files().into_iter().find(|file| file.ends_with("workers-dev.toml")).expect("the case");
    let output =
        Command::new(env!("CARGO_BIN_EXE_xtask")).arg("check-config").arg(file).output().expect("xtask runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "workers-dev.toml: 1 setting in order, 0 not; 1 warning\n");
}

#[test]
fn json_is_refused_by_name() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["check-config", "wrangler.jsonc"]).output();
    let output = output.expect("xtask runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("only wrangler.toml is read"), "{said}");
}
