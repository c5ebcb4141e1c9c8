//! Reads rows of cases: TOML files under `tests/cases/<area>/`, each an array of `[[case]]`.

use backsoon::facts::Headers;
use backsoon::rescue::{AnswerHead, RequestFacts, Settings, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// `GET https://shop.test/a`, its fields as lines, and the settings.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default = "home")]
    pub request: String,
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub body: bool,
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

fn home() -> String {
    "GET https://shop.test/".to_owned()
}

impl Asked {
    pub fn facts(&self) -> RequestFacts {
        let (method, url) = self.request.split_once(' ').expect("a request is `METHOD url`");
        RequestFacts {
            method: method.to_owned(),
            url: Url::parse(url).unwrap_or_else(|| panic!("no address: {url}")),
            headers: lines(&self.headers),
            body: self.body,
        }
    }

    pub fn settings(&self) -> Settings {
        let (settings, problems) =
            Settings::parse(self.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        assert_eq!(problems, vec![], "the settings of a case are right");
        settings
    }
}

pub fn answer(status: u16, fields: &[String]) -> AnswerHead {
    AnswerHead { status, headers: lines(fields) }
}

pub fn lines(lines: &[String]) -> Headers {
    let pair = |line: &String| {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line}"));
        (name.to_owned(), value.trim_start().to_owned())
    };
    lines.iter().map(pair).collect()
}

#[derive(Deserialize)]
struct File<T> {
    case: Vec<T>,
}

pub trait Case: DeserializeOwned {
    fn id(&self) -> &str;
    /// `Err` says what differs.
    fn check(&self) -> Result<(), String>;
}

/// Runs all rows of an area and reports every one that fails.
pub fn run<T: Case>(area: &str, at_least: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(area);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the area's folder").flatten().map(|e| e.path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let (mut seen, mut failed) = (std::collections::BTreeSet::new(), vec![]);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable case file");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rows: File<T> = toml::from_str(&text).unwrap_or_else(|e| panic!("{area}/{name}: {e}"));
        for row in rows.case {
            if !seen.insert(format!("{name} {}", row.id())) {
                failed.push(format!("{name} {}: the id is used twice", row.id()));
            }
            if let Err(why) = row.check() {
                failed.push(format!("{name} {}: {why}", row.id()));
            }
        }
    }
    println!("{area}: {} cases", seen.len());
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), seen.len(), failed.join("\n"));
    assert!(seen.len() >= at_least, "only {} cases in {area}, {at_least} are known", seen.len());
}

pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("{what}: wanted {wanted:?}, got {got:?}")) }
}

/// Each line `name: value` must be among the fields; a name alone in `lacks` must not.
pub fn fields(headers: &Headers, has: &[String], lacks: &[String]) -> Result<(), String> {
    for line in has {
        let (name, value) = line.split_once(": ").expect("`name: value`");
        if !headers.values(name).any(|v| v == value) {
            let got: Vec<&str> = headers.values(name).collect();
            return Err(format!("wanted `{line}`, got {got:?}"));
        }
    }
    match lacks.iter().find(|name| headers.has(name)) {
        Some(name) => Err(format!("`{name}` must not be there: {:?}", headers.value(name))),
        None => Ok(()),
    }
}
