//! Builds the extension into `target/extension`, a directory that Chrome and Firefox both load.
//!
//! cargo, wasm-bindgen, wasm-opt, then the plain files beside it. What the browser itself reads (the name, and
//! what shows before wasm runs) is made from the same texts as everything else. Knows nothing of stores.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backsoon::text::{self, Lang};
use serde_json::{Map, Value, json};

use crate::process::run_quietly;
use crate::tools::{self, cargo, npm_tool, root, target};

/// The texts that the browser reads from `_locales`, by their ids in `[manifest]`.
const LOCALE: [&str; 5] = ["name", "description", "looking", "plain", "options_plain"];

/// The languages of the extension beside English: all that have every text.
const LANGUAGES: [&str; 15] =
    ["ar", "de", "es", "fr", "he", "hi", "it", "ja", "ko", "nl", "pl", "pt-BR", "tr", "uk", "zh-Hans"];

/// What wasm may use in the browsers that the manifest admits; wasm-opt has to be told.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// `cargo xtask build-extension`: sets up what is missing, builds, says where it is.
pub fn run(words: &[String]) -> Result<u8, String> {
    if let Some(word) = words.first() {
        return Err(format!("build-extension takes no argument, found {word:?}"));
    }
    println!("{}", build()?.display());
    Ok(0)
}

/// Builds; returns the directory. `Err` says in one line what failed.
pub fn build() -> Result<PathBuf, String> {
    tools::for_worker()?;
    let wasm = compile()?;
    let dir = target().join("extension");
    // What an earlier build left would be packed as well.
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(|error| at(&dir, &error))?;
    }
    fs::create_dir_all(dir.join("icons")).map_err(|error| at(&dir, &error))?;
    bind(&wasm, &dir)?;
    copy_files(&root().join("extension/static"), &dir, |name| name.ends_with(".html"))?;
    slim(&root().join("extension/static"), &dir)?;
    copy_files(&root().join("extension/icons"), &dir.join("icons"), |name| name.ends_with(".png"))?;
    manifest(&dir)?;
    locales(&dir)?;
    Ok(dir)
}

/// The same bytes wherever the source lies: no path of this machine may get in.
fn compile() -> Result<PathBuf, String> {
    let folder = target().join("wasm-build/extension");
    let mut command = cargo();
    command.args(["build", "--quiet", "--locked", "-p", "extension", "--profile", "wasm"]);
    command.args(["--target", "wasm32-unknown-unknown", "--target-dir"]).arg(&folder);
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let sysroot = sysroot()?;
    let mut flags = Vec::new();
    for (from, to) in [(root(), "source"), (home, "cargo"), (sysroot, "rust")] {
        flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    command.env("BACKSOON_LANGUAGES", LANGUAGES.join(" "));
    // Downloaded once by every visitor, run for a moment at a click: here size counts, not speed.
    command.env("CARGO_PROFILE_WASM_OPT_LEVEL", "z");
    run_quietly("cargo build of the extension", &mut command, Duration::from_secs(15 * 60))?;
    Ok(folder.join("wasm32-unknown-unknown/wasm/extension.wasm"))
}

fn sysroot() -> Result<PathBuf, String> {
    let asked = std::process::Command::new("rustc").current_dir(root()).args(["--print", "sysroot"]).output();
    let said = asked.map_err(|error| format!("rustc cannot be started: {error}"))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()))
}

fn bind(wasm: &Path, dir: &Path) -> Result<(), String> {
    let patience = Duration::from_secs(120);
    let mut command = std::process::Command::new(tools::tools().join("bin/wasm-bindgen"));
    command
        .args(["--target", "web", "--no-typescript", "--out-name", "core", "--out-dir"])
        .arg(dir)
        .arg(wasm);
    run_quietly("wasm-bindgen", &mut command, patience)?;
    // Without comments, blanks and the long names of local variables, which 250 KB have no room for.
    let glue = dir.join("core.js");
    let mut command = npm_tool("esbuild");
    command.arg(&glue).args(["--minify", "--line-limit=160", "--format=esm"]);
    command.args(["--target=es2022", "--log-level=warning", "--allow-overwrite"]);
    command.arg(format!("--outfile={}", glue.display()));
    run_quietly("esbuild", &mut command, patience)?;
    let bound = dir.join("core_bg.wasm");
    let mut command = npm_tool("wasm-opt");
    command.args(["-Oz", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features"]);
    command.args(WASM_FEATURES).arg("--disable-compact-imports").arg(&bound).arg("-o").arg(&bound);
    // It goes over all of it several times.
    run_quietly("wasm-opt", &mut command, patience.saturating_mul(3))
}

/// The scripts and style sheets without comments and blanks, which 250 KB have no room for; otherwise as they are.
fn slim(from: &Path, to: &Path) -> Result<(), String> {
    let mut command = npm_tool("esbuild");
    for entry in fs::read_dir(from).map_err(|error| at(from, &error))? {
        let path = entry.map_err(|error| at(from, &error))?.path();
        if path.extension().is_some_and(|kind| kind == "js" || kind == "css") {
            command.arg(path);
        }
    }
    command.args(["--minify-whitespace", "--charset=utf8", "--target=es2022"]);
    command.args(["--log-level=warning", &format!("--outdir={}", to.display())]);
    run_quietly("esbuild", &mut command, Duration::from_secs(120))
}

fn copy_files(from: &Path, to: &Path, wanted: fn(&str) -> bool) -> Result<(), String> {
    for entry in fs::read_dir(from).map_err(|error| at(from, &error))? {
        let entry = entry.map_err(|error| at(from, &error))?;
        let name = entry.file_name();
        if wanted(&name.to_string_lossy()) {
            fs::copy(entry.path(), to.join(&name)).map_err(|error| at(&entry.path(), &error))?;
        }
    }
    Ok(())
}

/// The manifest, with the version of the workspace.
fn manifest(dir: &Path) -> Result<(), String> {
    let file = root().join("extension/manifest.json");
    let text = fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
    let mut manifest: Map<String, Value> =
        serde_json::from_str(&text).map_err(|error| format!("extension/manifest.json: {error}"))?;
    manifest.insert("version".to_string(), json!(env!("CARGO_PKG_VERSION")));
    write_json(&dir.join("manifest.json"), &Value::Object(manifest))
}

fn locales(dir: &Path) -> Result<(), String> {
    for lang in Lang::all() {
        let messages: Map<String, Value> = LOCALE
            .into_iter()
            .filter_map(|id| Some((id.to_string(), json!({ "message": text::MANIFEST.exact(lang, id)? }))))
            .collect();
        // Without a name and a description of its own the browser takes the default language.
        let spoken = lang == Lang::ENGLISH || LANGUAGES.contains(&lang.tag());
        if messages.is_empty() || !spoken {
            continue;
        }
        // Chrome knows Chinese by the country only.
        let name = match lang.tag() {
            "zh-Hans" => "zh_CN".to_string(),
            "zh-Hant" => "zh_TW".to_string(),
            tag => tag.replace('-', "_"),
        };
        let folder = dir.join("_locales").join(name);
        fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
        write_json(&folder.join("messages.json"), &Value::Object(messages))?;
    }
    Ok(())
}

fn write_json(file: &Path, value: &Value) -> Result<(), String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    fs::write(file, text + "\n").map_err(|error| at(file, &error))
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_page_offers_every_language_of_the_extension() {
        let page = fs::read_to_string(root().join("extension/static/options.html")).unwrap();
        let offered: Vec<&str> =
            page.split("<option value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut spoken: Vec<&str> = LANGUAGES.to_vec();
        spoken.push(Lang::ENGLISH.tag());
        spoken.sort_unstable();
        assert_eq!(offered, spoken);
    }
}
