//! What visitors read: every language whole, used, translated and rightly chosen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backsoon::text::{self, Lang};

/// Sections that every language has whole; the others are for the languages of `WHOLE`.
const EVERYWHERE: &[&str] = &["note", "page", "time"];
/// Languages that have every section.
const WHOLE: &[&str] =
    &["ar", "de", "en", "es", "fr", "he", "hi", "it", "ja", "ko", "nl", "pl", "pt-BR", "tr", "uk", "zh-Hans"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The lines of a case file, without comments: first word, and the rest.
fn lines(file: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/text").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| line.split_once(char::is_whitespace).unwrap_or((line, "")))
        .map(|(first, rest)| (first.to_owned(), rest.trim().to_owned()))
        .collect()
}

#[test]
fn no_language_lacks_a_text() {
    let pending = lines("pending.txt");
    let mut missing = Vec::new();
    for (name, section) in text::sections() {
        if pending.iter().any(|(section, _)| section == name) {
            continue;
        }
        for lang in Lang::all().filter(|l| EVERYWHERE.contains(name) || WHOLE.contains(&l.tag())) {
            // Plural forms differ from language to language: the build checks those.
            for id in section.ids().iter().filter(|id| !id.contains('.') || id.ends_with(".other")) {
                let plural = id.strip_suffix(".other").map(|base| format!("{base}.many"));
                let there = section.exact(lang, id).is_some()
                    || plural.is_some_and(|many| section.exact(lang, &many).is_some());
                if !there {
                    missing.push(format!("{}.toml: {name}.{id}", lang.tag()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "missing: {missing:#?}");
    for tag in WHOLE {
        assert!(Lang::from_tag(tag).is_some(), "{tag}");
    }
}

#[test]
fn no_text_is_left_in_english() {
    let allowed = lines("same.txt");
    let mut used = BTreeSet::new();
    let mut left = Vec::new();
    for (name, section) in text::sections() {
        for id in section.ids() {
            let english = section.exact(Lang::ENGLISH, id);
            for lang in Lang::all().filter(|lang| *lang != Lang::ENGLISH) {
                if english.is_none() || section.exact(lang, id) != english {
                    continue;
                }
                let this = format!("{}/{name}.{id}", lang.tag());
                let row = allowed.iter().position(|(what, _)| *what == this);
                if row.is_none_or(|row| !used.insert(row)) {
                    left.push(this);
                }
            }
        }
    }
    assert!(
        left.is_empty(),
        "the same as in English (tests/cases/text/same.txt allows it, with a reason): {left:#?}"
    );
    let idle: Vec<_> = allowed.iter().enumerate().filter(|(row, _)| !used.contains(row)).collect();
    assert!(idle.is_empty(), "not needed any more in tests/cases/text/same.txt: {idle:?}");
    assert!(allowed.iter().all(|(_, reason)| !reason.is_empty()), "a row of same.txt without a reason");
}

#[test]
fn no_text_is_unused() {
    let mut sources = String::new();
    for folder in ["shared/src", "shared/data", "edge-worker", "extension", "xtask/src"] {
        read_all(&root().join(folder), &mut sources);
    }
    let mut unused = Vec::new();
    for (name, section) in text::sections() {
        for id in section.ids() {
            let base = id.split('.').next().unwrap_or_default();
            // Named alone where the section is known, else with its section, else as the shells join it.
            let named = [format!("\"{base}\""), format!("{name}.{base}"), format!("{name}_{base}")];
            // Or joined from a constant beginning and an id of the diagnosis.
            let beginning = base.split_once('_').map(|(first, _)| format!("{first}_{{"));
            let joined = beginning.is_some_and(|format| sources.contains(&format));
            if !joined && !named.iter().any(|word| sources.contains(word.as_str())) {
                unused.push(format!("{name}.{id}"));
            }
        }
    }
    assert!(unused.is_empty(), "in en.toml, but nowhere used: {unused:#?}");
}

/// All sources below a folder; the languages themselves are no use of a text.
fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "strings" | "node_modules" | "target" | "build") {
            read_all(&path, into);
        } else if [".rs", ".js", ".mjs", ".html", ".toml", ".json"].iter().any(|e| name.ends_with(e)) {
            into.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn the_visitor_gets_the_language_that_fits_best() {
    for (wanted, header) in lines("accept_language.txt") {
        assert_eq!(text::negotiate(&header).tag(), wanted, "Accept-Language: {header}");
    }
}

#[test]
fn waits_are_said_in_the_right_form() {
    for (tag, rest) in lines("waits.txt") {
        let (seconds, wanted) = rest.split_once(char::is_whitespace).expect("tag seconds text");
        let lang = Lang::from_tag(&tag).unwrap_or_else(|| panic!("no language {tag}"));
        assert_eq!(
            text::rough_wait(lang, seconds.parse().expect("seconds")),
            wanted.trim(),
            "{tag} {seconds}"
        );
    }
}

#[test]
fn at_least_four_languages_run_from_right_to_left() {
    let right: Vec<_> = Lang::all().filter(|l| l.direction() == "rtl").map(Lang::tag).collect();
    assert_eq!(right, ["ar", "fa", "ur", "he"]);
    assert!(Lang::all().count() >= 30, "{} languages", Lang::all().count());
}

#[test]
fn a_text_that_nobody_has_is_said_as_its_id() {
    assert_eq!(text::say(Lang::ENGLISH, "no.such"), "no.such");
    assert_eq!(text::say(Lang::ENGLISH, "nothing"), "nothing");
    assert_eq!(text::fill("{a} {b} {", &[("a", "{b}"), ("b", "2")]), "{b} 2 {");
    assert_eq!(text::utc(1_795_367_045_000), "2026-11-22 17:04");
}

#[test]
fn the_shops_take_the_name_and_the_description_in_every_language() {
    // Chrome's manifest allows so many characters.
    for (id, most) in [("name", 75), ("description", 132)] {
        for (lang, text) in Lang::all().filter_map(|lang| Some((lang, text::MANIFEST.exact(lang, id)?))) {
            assert!(
                text.chars().count() <= most,
                "{}: manifest.{id} has more than {most} characters",
                lang.tag()
            );
        }
    }
}
