//! What the tree promises and no compiler checks: sizes, purity, dependencies with reasons, nothing of one
//! machine, documents that name what exists.
#![cfg(not(target_family = "wasm"))]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Tracked files and new ones that are not ignored, but for the recordings, which are as they were captured.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let all: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|file| !file.starts_with("tests/captures") && root().join(file).is_file())
        .map(ToString::to_string)
        .collect();
    assert!(all.len() > 30, "only {} files are listed", all.len());
    all
}

/// The texts of the files whose names the filter takes.
fn texts(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let read = |file: String| std::fs::read_to_string(root().join(&file)).ok().map(|text| (file, text));
    let found: Vec<_> = files().into_iter().filter(|file| wanted(file)).filter_map(read).collect();
    assert!(!found.is_empty(), "the filter takes no file");
    found
}

fn is_code(file: &str) -> bool {
    [".rs", ".js", ".mjs", ".css", ".html"].iter().any(|end| file.ends_with(end))
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let is_data =
        |file: &str| file.starts_with("shared/data/") || file.contains("golden") || file.contains("/cases/");
    let long = texts(|file| is_code(file) && !is_data(file))
        .into_iter()
        .filter(|(_, text)| text.lines().count() > 500)
        .map(|(file, text)| format!("{file}: {} lines", text.lines().count()))
        .collect();
    none(long, "split these along their ideas");
}

#[test]
fn every_module_says_first_what_it_is_for() {
    // A part of a runner is said in the runner.
    let is_part = |file: &str| file.starts_with("tests/tests/") && file.matches('/').count() > 2;
    let silent = texts(|file| file.ends_with(".rs") && !is_part(file))
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    none(silent, "these open without a `//!` line");
}

#[test]
fn no_file_is_named_after_nothing() {
    let empty = ["util", "utils", "helper", "helpers", "common", "misc", "manager"];
    let named = files()
        .into_iter()
        .filter(|file| {
            Path::new(file).file_stem().is_some_and(|stem| empty.contains(&&*stem.to_string_lossy()))
        })
        .collect();
    none(named, "a file is named after the one idea in it");
}

#[test]
fn shared_is_pure() {
    let words = [
        "Instant::now",
        "SystemTime",
        "std::env",
        "std::fs",
        "std::net",
        "std::thread",
        "std::io",
        "HashMap",
        "HashSet",
        "web_sys",
        "js_sys",
        "wasm_bindgen",
        "worker::",
        "rand::",
        "getrandom",
        "println!",
        "eprintln!",
        "static mut",
    ];
    let mut impure = Vec::new();
    for (file, text) in texts(|file| file.starts_with("shared/src/") && file.ends_with(".rs")) {
        // Tests may look at the outside.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            impure.extend(
                words.iter().filter(|word| line.contains(**word)).map(|word| format!("{file}: {word}")),
            );
        }
    }
    none(impure, "shared gets facts and returns decisions; this reaches outside");
}

#[test]
fn shared_depends_on_little() {
    for (section, allowed) in
        [("dependencies", &["serde", "serde_json"][..]), ("build-dependencies", &["serde", "toml"])]
    {
        let foreign: Vec<String> = dependencies("shared/Cargo.toml", section)
            .into_iter()
            .filter(|(name, _)| !allowed.contains(&name.as_str()))
            .map(|(name, _)| name)
            .collect();
        none(foreign, &format!("[{section}] of shared allows {allowed:?} and nothing else"));
    }
}

/// The names in a section of a Cargo.toml, each with whether a comment stands right above it.
fn dependencies(file: &str, section: &str) -> Vec<(String, bool)> {
    let text = std::fs::read_to_string(root().join(file)).expect("a Cargo.toml");
    let (mut inside, mut above, mut found) = (false, "", Vec::new());
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).rsplit('.').next() == Some(section);
        } else if inside
            && !line.starts_with(['#', ' ', ']'])
            && let Some((name, _)) = line.split_once([' ', '.', '='])
        {
            found.push((name.to_string(), above.starts_with('#')));
        }
        above = line;
    }
    found
}

#[test]
fn every_further_dependency_has_its_reason_beside_it() {
    let asked_for = [
        "wasm-bindgen",
        "web-sys",
        "js-sys",
        "worker",
        "serde",
        "serde_json",
        "console_error_panic_hook",
        "gloo-timers",
        "backsoon",
        "backsoon-tests",
    ];
    let mut all = Vec::new();
    for (file, _) in texts(|file| file.ends_with("Cargo.toml")) {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            all.extend(dependencies(&file, section));
        }
    }
    assert!(all.iter().any(|(name, _)| name == "socket2"), "the sections were not read");
    let reasonless = all
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !asked_for.contains(&name.as_str()))
        .filter(|name| !all.iter().any(|(other, reason)| other == *name && *reason))
        .cloned()
        .collect();
    none(reasonless, "say why above each, in the workspace's Cargo.toml or the crate's");
}

#[test]
fn nothing_of_one_machine_is_in_the_tree() {
    // In pieces, so that this file does not find itself.
    let marks = [
        ["/ro", "ot/"],
        ["/wo", "rk/"],
        ["/ho", "me/"],
        ["/tm", "p/"],
        ["registry.npm", "js.org"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["arti", "factory"],
        ["\"reso", "lved\": \"http"],
    ];
    let mut found = Vec::new();
    for (file, text) in texts(|_| true) {
        for (number, line) in text.lines().enumerate() {
            for mark in marks.map(|pieces| pieces.concat()) {
                // A word before it makes it the middle of something else, as in a link's path.
                let whole = line.match_indices(&mark).any(|(at, _)| {
                    !mark.starts_with('/')
                        || !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '}')
                });
                // crates.io's own name for itself stands in every Cargo.lock.
                if whole && !(file == "Cargo.lock" && line.starts_with("source = ")) {
                    found.push(format!("{file}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    none(found, "paths of one machine, or places to download from");
}

#[test]
fn the_shells_compare_no_status() {
    let is_shell = |file: &str| file.starts_with("edge-worker/") || file.starts_with("extension/");
    let mut found = Vec::new();
    for (file, text) in texts(|file| is_shell(file) && (file.ends_with(".rs") || file.ends_with("js"))) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if compares_a_status(code) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    none(found, "a status is compared in shared only");
    assert!(
        compares_a_status("if status == 502 {")
            && compares_a_status("500..=599 => x,")
            && compares_a_status("s>=400")
    );
    assert!(
        !compares_a_status("status: 502,")
            && !compares_a_status("init.set_status(503);")
            && !compares_a_status("x == 5000")
    );
}

/// Whether a number from 100 to 599 stands beside a comparison, or is a pattern.
fn compares_a_status(code: &str) -> bool {
    let bytes = code.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).any(|at| {
        let alone = digit(at)
            && digit(at + 1)
            && digit(at + 2)
            && !digit(at + 3)
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_');
        if !alone || !(b'1'..=b'5').contains(&bytes[at]) {
            return false;
        }
        let (before, after) = (code[..at].trim_end(), code[at + 3..].trim_start());
        let compared = ["==", "!=", ">=", "<=", "..=", ".."].iter().any(|op| before.ends_with(op));
        // Without blanks around it, a bracket is a tag's.
        let less = code[..at].ends_with("< ") || code[..at].ends_with(" > ");
        compared || less || ["=>", "..", "==", "< ", "> ", "| "].iter().any(|op| after.starts_with(op))
    })
}

#[test]
fn the_extension_reads_responses_in_one_place() {
    let reader = "extension/static/bounded.js";
    let is_shell = |file: &str| file.starts_with("extension/src/") || file.starts_with("extension/static/");
    let mut found = Vec::new();
    for (file, text) in texts(|file| is_shell(file) && (file.ends_with(".rs") || file.ends_with("js"))) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let bytes = file.ends_with("js") && squeezed(code).contains(".bytes()");
            if file != reader && (bytes || reads_a_response(code)) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    none(found, &format!("only {reader} sends requests and reads bodies, up to its limit"));
    let only = std::fs::read_to_string(root().join(reader)).expect("the reader");
    assert!(reads_a_response(&only) && !WHOLE_BODIES.iter().any(|call| squeezed(&only).contains(call)));
    for code in
        ["await answer . text ()", "(await fetch(url)).json()", "answer?.text()", "response.array_buffer()"]
    {
        assert!(reads_a_response(code), "{code}");
    }
    for code in ["js::text(answer, \"body\")", "text::say(lang, id)", "the fetcher(x)", "value.bytes()"] {
        assert!(!reads_a_response(code), "{code}");
    }
}

/// Calls that read a body whole, in JavaScript and in web-sys.
const WHOLE_BODIES: [&str; 7] =
    [".text()", ".json()", ".arrayBuffer()", ".array_buffer()", ".blob()", ".formData()", ".form_data()"];

fn squeezed(code: &str) -> String {
    code.split_whitespace().collect()
}

/// Whether code asks a server for something, or reads what it answers.
fn reads_a_response(code: &str) -> bool {
    let code = squeezed(code);
    let other = [
        "getReader",
        "get_reader",
        "fetch_with_",
        "XMLHttpRequest",
        "EventSource",
        "WebSocket",
        "sendBeacon",
    ];
    let fetches = code
        .match_indices("fetch(")
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
    // In Rust the members have other names: `.bytes()` there is a text's.
    fetches || WHOLE_BODIES.iter().chain(&other).any(|call| code.contains(call))
}

#[test]
fn the_code_map_names_what_exists() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map");
    let mut missing = Vec::new();
    let mut rows = 0;
    for row in map.lines().filter(|line| line.starts_with("| `")) {
        rows += 1;
        let cell = row.trim_start_matches("| ").split(" | ").next().unwrap_or_default();
        let mut folder = PathBuf::new();
        for path in cell.split('`').filter(|piece| !piece.is_empty() && !piece.starts_with(',')) {
            // A second path in a cell may be told from the folder of the first one.
            if !root().join(path).exists() && !root().join(&folder).join(path).exists() {
                missing.push(path.to_string());
            }
            folder = Path::new(path).parent().map(Path::to_path_buf).unwrap_or_default();
        }
    }
    assert!(rows > 10, "the map has only {rows} rows");
    none(missing, "ARCHITECTURE.md names what is not there");
}

#[test]
fn the_documents_name_commands_and_files_that_exist() {
    let commands = std::fs::read_to_string(root().join("xtask/src/main.rs")).expect("the commands");
    let mut wrong = Vec::new();
    for (file, text) in texts(|file| file.ends_with(".md") && !file.starts_with("tests/")) {
        for after in text.split("cargo xtask ").skip(1) {
            let word: String = after.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            if !word.is_empty() && !commands.contains(&format!("\"{word}\" =>")) {
                wrong.push(format!("{file}: cargo xtask {word}"));
            }
        }
        let folder = Path::new(&file).parent().map(Path::to_path_buf).unwrap_or_default();
        for after in text.split("](").skip(1) {
            let link = after.split([')', '#', ' ']).next().unwrap_or_default();
            if !link.is_empty() && !link.contains("://") && !root().join(&folder).join(link).exists() {
                wrong.push(format!("{file}: link to {link}"));
            }
        }
    }
    none(wrong, "documents name what is not there");
}
