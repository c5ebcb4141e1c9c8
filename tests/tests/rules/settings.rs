use crate::cases::{Case, run, same};
use backsoon::rescue::Settings;
use backsoon::rescue::settings::{KEYS, as_markdown};
use serde::Deserialize;

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
