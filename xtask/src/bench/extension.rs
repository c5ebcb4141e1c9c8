//! What the extension weighs, how soon its popup stands, how long its background takes to wake and what it holds.

use super::Row;
use super::size::kib;
use crate::extension_build;
use crate::package::{BROWSERS, LIMIT};
use crate::tools::{self, npm_tool, root};

pub fn rows() -> Result<Vec<Row>, String> {
    let built = extension_build::build()?;
    crate::package::run(&[])?;
    let weigh = |file: std::path::PathBuf| {
        let found = std::fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()));
        found.map(|found| found.len())
    };
    let mut rows = vec![Row::new("extension: wasm", kib(weigh(built.join("core_bg.wasm"))?), "")];
    for browser in BROWSERS {
        let zip = root().join(format!("dist/backsoon-{browser}-{}.zip", env!("CARGO_PKG_VERSION")));
        let most = format!("at most {}", kib(LIMIT as u64));
        rows.push(Row::new(&format!("extension: package for {browser}"), kib(weigh(zip)?), most));
    }
    rows.extend(in_browsers(&built)?);
    Ok(rows)
}

/// What `tests/browsers/figures.mjs` measures; a browser that is not there has no rows.
fn in_browsers(built: &std::path::Path) -> Result<Vec<Row>, String> {
    let found = tools::browsers();
    let mut node = npm_tool("node");
    node.arg("tests/browsers/figures.mjs").env("BACKSOON_EXTENSION", built);
    for (name, path) in [("CHROMIUM", found.chromium), ("FIREFOX", found.firefox)] {
        match path {
            Some(path) => node.env(format!("BACKSOON_{name}"), path),
            None => node.env(format!("BACKSOON_NO_{name}"), "it is not there"),
        };
    }
    let said = node.output().map_err(|error| format!("node cannot be started: {error}"))?;
    if !said.status.success() {
        return Err(format!("tests/browsers/figures.mjs: {}", String::from_utf8_lossy(&said.stderr).trim()));
    }
    let lines = String::from_utf8_lossy(&said.stdout);
    let row = |line: &str| {
        let [what, value, beside]: [String; 3] =
            serde_json::from_str(line).map_err(|e| format!("{line}: {e}"))?;
        Ok(Row::new(&what, value, beside))
    };
    lines.lines().map(row).collect()
}
