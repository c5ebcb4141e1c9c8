use crate::cases::{Asked, Case, run, same};
use backsoon::rescue::settings::{KEYS, as_markdown};
use backsoon::rescue::{Settings, linked_pages};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Row {
    id: String,
    key: String,
    value: String,
    /// What the problem expects must contain this; absent where the value is right.
    problem: Option<String>,
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let (settings, problems) = Settings::parse([(self.key.as_str(), self.value.as_str())]);
        match (&self.problem, problems.first()) {
            (None, None) if self.value.trim().is_empty() => same("settings", settings, Settings::default()),
            (None, None) => Ok(()),
            (None, Some(problem)) => Err(format!("a right value is refused: {problem:?}")),
            (Some(wanted), None) => Err(format!("no problem, wanted one with {wanted:?}")),
            (Some(wanted), Some(problem)) => {
                same("key", problem.key.as_str(), self.key.as_str())?;
                same("value", problem.value.as_str(), self.value.as_str())?;
                // A wrong value never changes anything.
                same("settings", settings, Settings::default())?;
                let fits = problem.expected.contains(wanted.as_str());
                if fits { Ok(()) } else { Err(format!("expected says {:?}", problem.expected)) }
            }
        }
    }
}

#[test]
fn settings_cases() {
    run::<Row>("settings", 60);
}

/// What the settings of one path are, whatever path was looked at before.
#[derive(Deserialize)]
struct ByPath {
    id: String,
    path: String,
    show: String,
    copy_after_ms: Option<u32>,
    settings: BTreeMap<String, String>,
}

impl Case for ByPath {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let pairs = self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let (all, problems) = Settings::parse(pairs);
        same("problems", problems, vec![])?;
        let here = all.at(&self.path).unwrap_or_else(|| all.clone());
        let whole = [
            here.timeout_ms.to_string(),
            here.max_copy_age_ms.to_string(),
            here.cache.to_string(),
            here.copies.to_string(),
        ];
        let shown = if self.show.contains(' ') { whole.join(" ") } else { whole[0].clone() };
        same("settings there", shown, self.show.clone())?;
        let copy_after_ms = self.copy_after_ms.unwrap_or(here.copy_after_ms);
        same("COPY_AFTER_MS there", here.copy_after_ms, copy_after_ms)?;
        let (elsewhere, again) = (all.at("/elsewhere"), here.at("/elsewhere"));
        same("what one path knows of another", again, elsewhere)
    }
}

#[test]
fn settings_by_path_cases() {
    run::<ByPath>("settings-by-path", 14);
}

#[test]
fn of_a_key_given_twice_the_last_one_counts() {
    let (settings, problems) =
        Settings::parse([("COPIES", "off, /a@on"), ("COPIES", "/b@off"), ("TIMEOUT_MS", "200")]);
    assert_eq!(problems, vec![]);
    let copies = |path| settings.at(path).map(|here| here.copies);
    assert_eq!((settings.copies, copies("/a"), copies("/b")), (true, Some(true), Some(false)));
}

/// The page of one path links to another by what is set there, not by what is set here.
#[test]
fn pages_are_linked_where_their_own_path_has_copies() {
    let pairs = [("COPIES", "on, /live@off"), ("PAGES", "/about About, /live Live")];
    let (settings, problems) = Settings::parse(pairs);
    assert_eq!(problems, vec![]);
    let linked = |path: &str| -> Vec<String> {
        let asked = Asked { request: format!("GET https://shop.test{path}"), ..Asked::default() };
        let here = settings.at(path).unwrap_or_else(|| settings.clone());
        linked_pages(&asked.facts(), &here).into_iter().map(|(_, page)| page.path.clone()).collect()
    };
    assert_eq!(linked("/other"), ["/about"]);
    assert_eq!(linked("/live"), ["/about"]);
    assert!(linked("/about").is_empty());
}

#[test]
fn every_key_has_a_right_value_in_the_cases_and_refuses_nonsense() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/settings");
    let text: String = std::fs::read_dir(folder)
        .expect("cases")
        .flatten()
        .map(|entry| std::fs::read_to_string(entry.path()).expect("readable"))
        .collect();
    for key in KEYS {
        assert!(text.contains(&format!("key = \"{}\"", key.name)), "{} has no case", key.name);
        let (settings, problems) = Settings::parse([(key.name, "\u{1}<nonsense>")]);
        assert_eq!(problems.len(), 1, "{} takes nonsense", key.name);
        assert_eq!(settings, Settings::default(), "{} changed something", key.name);
    }
}

/// `UPDATE_GOLDENS=1` writes the table into the document.
#[test]
fn the_document_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
    let text = std::fs::read_to_string(path).expect("docs/settings.md");
    let start = text.find("| setting |").expect("docs/settings.md has no table");
    let end = text[start..].find("\n\n").map_or(text.len(), |at| start + at + 1);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let new = format!("{}{}{}", &text[..start], as_markdown(), &text[end..]);
        std::fs::write(path, new).expect("writable");
    } else {
        assert_eq!(&text[start..end], as_markdown(), "docs/settings.md is old: UPDATE_GOLDENS=1 writes it");
    }
}
