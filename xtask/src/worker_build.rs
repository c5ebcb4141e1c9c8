//! Builds the worker: cargo, wasm-bindgen, esbuild, wasm-opt, and a directory that wrangler bundles.
//!
//! Five plain steps instead of a build tool of its own, so that each can be seen and run by hand. Knows
//! nothing of wrangler.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// More than this after gzip is an error: a worker is read from disk at each cold start.
pub const GZIP_LIMIT: u64 = 280 * 1024;

/// What the release worker is, and the one that can be broken on purpose by tests/workerd/trap.test.mjs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `target/worker`: what wrangler deploys.
    Release,
    /// `target/worker-hook`: with the cargo feature `test-hook`.
    TestHook,
}

/// The globals of the generated glue that js/guard.mjs stands in for.
const GUARDED: &str = "FinalizationRegistry, WebAssembly, queueMicrotask";

/// A built worker.
pub struct Built {
    /// The directory with `entry.mjs`.
    pub dir: PathBuf,
    /// Bytes of the wasm.
    pub raw: u64,
    /// Bytes after gzip of the wasm and the JavaScript beside it, without that in folders (`snippets`).
    pub gzip: u64,
    /// The same with all that is deployed.
    pub all: u64,
}

/// Builds one flavour, or finds it up to date. `Err` says in one line what failed.
pub fn build(root: &Path, flavour: Flavour) -> Result<Built, String> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let (name, feature): (_, &[&str]) = match flavour {
        Flavour::Release => ("worker", &[]),
        Flavour::TestHook => ("worker-hook", &["--features", "test-hook"]),
    };
    let dir = target.join(name);
    // A directory of its own for each flavour: cargo would otherwise rebuild at every change of flavour.
    let cargo_target = target.join("wasm-build").join(name);
    run(
        "cargo",
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(root)
            .args(["build", "--quiet", "--package", "edge-worker", "--profile", "wasm"])
            .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
            .arg(&cargo_target)
            .args(feature),
    )?;
    let compiled = cargo_target.join("wasm32-unknown-unknown/wasm/edge_worker.wasm");
    let scripts = root.join("edge-worker/js");
    let done = dir.join("core.wasm");
    if !is_current(&done, &[&compiled, &scripts]) {
        assemble(root, &compiled, &scripts, &dir)?;
    }
    let raw = fs::metadata(&done).map_err(|e| format!("{}: {e}", done.display()))?.len();
    let gzip = gzipped(&code(&dir, false)?)?;
    let all = gzipped(&code(&dir, true)?)?;
    println!(
        "{name}: wasm {raw} bytes, with its modules {gzip} bytes after gzip (limit {GZIP_LIMIT}), \
         with all that is deployed {all}"
    );
    if flavour == Flavour::Release && gzip > GZIP_LIMIT {
        return Err(format!("the worker has {gzip} bytes after gzip; at most {GZIP_LIMIT} are allowed"));
    }
    Ok(Built { dir, raw, gzip, all })
}

fn assemble(root: &Path, compiled: &Path, scripts: &Path, dir: &Path) -> Result<(), String> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    run(
        "wasm-bindgen",
        Command::new(crate::tools::tools().join("bin/wasm-bindgen"))
            // `web` is the target whose instance can be replaced by a fresh one; wrangler brings the module.
            .args(["--target", "web", "--experimental-reset-state-function"])
            .args(["--omit-default-module-path", "--no-typescript", "--out-name", "core", "--out-dir"])
            .arg(dir)
            .arg(compiled),
    )?;
    let io = |e: std::io::Error| format!("{}: {e}", dir.display());
    // The generated glue shall see our guarded instances where it says `WebAssembly`, and our cheaper ways for two
    // more of its globals: see js/guard.mjs.
    let glue = dir.join("core.js");
    let generated = fs::read_to_string(&glue).map_err(io)?;
    fs::write(&glue, format!("import {{ {GUARDED} }} from \"./guard.mjs\";\n{generated}")).map_err(io)?;
    for script in fs::read_dir(scripts).map_err(io)? {
        let script = script.map_err(io)?;
        fs::copy(script.path(), dir.join(script.file_name())).map_err(io)?;
    }
    // The same list as in the wasm, also where the one in the tree was not brought up to date.
    fs::write(dir.join("replaced.mjs"), backsoon::rescue::harmless::as_module()).map_err(io)?;
    shorten(root, dir)?;
    // Last, since its output tells whether all of this was done.
    let bound = dir.join("core_bg.wasm");
    run(
        "wasm-opt",
        Command::new(root.join("node_modules/.bin/wasm-opt"))
            // workerd cannot read compact import sections.
            // Hardly larger than -Oz, since rustc has optimised for size already, and measurably faster.
            .args(["-O3", "--all-features", "--disable-compact-imports", "--strip-debug"])
            .args(["--strip-producers", "--strip-target-features"])
            .arg(&bound)
            .arg("--output")
            .arg(dir.join("core.wasm")),
    )?;
    fs::remove_file(bound).map_err(io)
}

/// The glue without its comments and long names: a third fewer bytes to read and parse at each cold start.
/// Exports keep their names, and lines stay short enough for a stack trace to point at something.
fn shorten(root: &Path, dir: &Path) -> Result<(), String> {
    let scripts = code(dir, true)?.into_iter().filter(|path| path.extension() != Some(OsStr::new("wasm")));
    for script in scripts {
        run(
            "esbuild",
            // wrangler brings it, and package-lock.json pins it.
            Command::new(root.join("node_modules/.bin/esbuild"))
                .arg(&script)
                .args([
                    "--minify",
                    "--line-limit=160",
                    "--format=esm",
                    "--target=esnext",
                    "--log-level=warning",
                ])
                .arg("--allow-overwrite")
                .arg(format!("--outfile={}", script.display())),
        )?;
    }
    Ok(())
}

/// Whether `output` is newer than every file in `inputs` (files, or directories of files).
fn is_current(output: &Path, inputs: &[&Path]) -> bool {
    let Some(written) = modified(output) else { return false };
    inputs.iter().all(|input| {
        let inside = fs::read_dir(input).into_iter().flatten().flatten().map(|entry| entry.path());
        inside.chain([input.to_path_buf()]).all(|path| modified(&path).is_some_and(|at| at < written))
    })
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// The wasm and the JavaScript in a directory, and where `deep` also below it, in a fixed order.
fn code(dir: &Path, deep: bool) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let path = entry.map_err(|e| format!("{}: {e}", dir.display()))?.path();
        if path.is_dir() {
            if deep {
                found.extend(code(&path, deep)?);
            }
        } else if path.extension().is_some_and(|end| end == "wasm" || end == "js" || end == "mjs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Bytes of these files, one after the other, after gzip.
fn gzipped(files: &[PathBuf]) -> Result<u64, String> {
    let mut all = Vec::new();
    for path in files {
        all.extend(fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    // The gzip that every Debian, macOS and CI image has; a compressor crate would only be for this line.
    let failed = |e: std::io::Error| format!("gzip: {e} (needed to measure the worker's size)");
    let mut child = Command::new("gzip")
        .args(["-9", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut input = child.stdin.take().ok_or("gzip: no standard input")?;
    let writer = std::thread::spawn(move || input.write_all(&all));
    let output = child.wait_with_output().map_err(failed)?;
    writer.join().map_err(|_| "gzip: the writing thread failed".to_owned())?.map_err(failed)?;
    Ok(output.stdout.len() as u64)
}

fn run(name: &str, command: &mut Command) -> Result<(), String> {
    let program = PathBuf::from(command.get_program());
    let status = command.status().map_err(|e| {
        let at = program.parent().map(Path::as_os_str).filter(|p| *p != OsStr::new(""));
        let place = at.map(|p| format!(" in {}", p.to_string_lossy())).unwrap_or_default();
        format!("{name} cannot be started{place}: {e}")
    })?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})")) }
}
