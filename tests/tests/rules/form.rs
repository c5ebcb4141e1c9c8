//! The field in which a platform cache holds a copy's head.

use crate::cases::{Case, lines, run, same};
use crate::random::dice::Dice;
use backsoon::cache::freshness::Timing;
use backsoon::rescue::{AnswerHead, StoredCopy};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default = "yes")]
    good: bool,
    title: Option<String>,
    seen: Option<u32>,
    /// As text: TOML's numbers end earlier.
    print: Option<String>,
    #[serde(default)]
    generation: u8,
    #[serde(default = "responded")]
    since: u64,
    #[serde(default = "responded")]
    changed: u64,
    #[serde(default)]
    shifted: u64,
    #[serde(default)]
    selecting: Vec<String>,
    #[serde(default)]
    headers: Vec<String>,
    /// What is read, where that is not what was given.
    read: Option<Vec<String>>,
    text: String,
}

fn ok() -> u16 {
    200
}

fn yes() -> bool {
    true
}

fn responded() -> u64 {
    7
}

impl Row {
    fn copy(&self) -> StoredCopy {
        let selecting = |line: &String| match line.split_once(": ") {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (line.clone(), None),
        };
        StoredCopy {
            head: AnswerHead { status: self.status, headers: lines(&self.headers) },
            timing: Timing { requested_at: 5, responded_at: 7 },
            selecting: self.selecting.iter().map(selecting).collect(),
            good: self.good,
            title: self.title.clone(),
            text: self.seen,
            since: self.since,
            generation: self.generation,
            print: self.print.as_ref().map(|print| print.parse().expect("a number")),
            changed: self.changed,
            shifted: self.shifted,
            ..StoredCopy::default()
        }
    }
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let copy = self.copy();
        same("written", copy.write(), self.text.clone())?;
        let mut wanted = copy.clone();
        if let Some(read) = &self.read {
            wanted.head.headers = lines(read);
        }
        same("read", StoredCopy::read(&self.text), Some(wanted))?;
        // A field that was cut off on its way is no copy: it would be another answer.
        let cut = (0..self.text.len()).find(|end| StoredCopy::read(&self.text[..*end]).is_some());
        same("read where it was cut off", cut, None)
    }
}

#[test]
fn form_cases() {
    run::<Row>("form", 13);
}

#[test]
fn a_platform_cache_sees_its_lifetime_and_the_tags_that_the_owner_purges_by() {
    let headers = ["Cache-Tag: a, b", "Cache-Control: max-age=5", "Vary: *"].map(str::to_owned);
    let head = AnswerHead { status: 200, headers: lines(&headers) };
    let copy = StoredCopy { head, ..StoredCopy::default() };
    let fields = copy.fields(60);
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["cache-tag", "backsoon-copy", "cache-control"]);
    let value = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
    assert_eq!(value("cache-tag"), Some("a, b"));
    assert_eq!(value("cache-control"), Some("public, max-age=60"));
}

#[test]
fn nothing_else_is_read() {
    let whole = "3 5 7 200 7 0 7 0 1 - - 0 - - - - -|etag:x||";
    assert!(StoredCopy::read(whole).is_some());
    for (was, other) in [
        ("3 5", "2 5"),
        ("3 5", "3 x"),
        ("3 5", "3 -"),
        ("3 5", " 3 5"),
        ("200", "70000"),
        ("200", ""),
        (" 0 7", " 256 7"),
        ("0 - -", "0 -"),
        ("0 - -", "- - -"),
        ("etag:x", "etag"),
        ("3 5", "3 99999999999999999999"),
    ] {
        assert_eq!(StoredCopy::read(&whole.replacen(was, other, 1)), None, "{was} as {other}");
    }
    assert_eq!(StoredCopy::read(""), None);
    // What was stored by an earlier release.
    assert_eq!(StoredCopy::read("1;req=5;res=7;status=200;since=7;gen=0;good"), None);
}

#[test]
fn any_text_ends_and_what_is_read_is_written_the_same() {
    let mut dice = Dice::new(17);
    let pieces = ["3", " ", "-", "7", "|", "||", "=", ":", "?", "%", "%7c;", "%zz;", "a", "é", "\u{0}", "\n"];
    let whole = "3 5 7 200 7 0 7 0 1 3 - 3 403 9 1 8 =t|?a=b|?c|etag:x|link:a%7c;b||";
    let mut understood = 0;
    for _ in 0..20_000 {
        let mut text = whole.to_owned();
        for _ in 0..=dice.below(3) {
            let at = dice.below(text.len() as u64) as usize;
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, dice.pick::<&str>(&pieces));
            }
        }
        let Some(copy) = StoredCopy::read(&text) else { continue };
        understood += 1;
        assert_eq!(StoredCopy::read(&copy.write()), Some(copy), "{text:?}");
    }
    assert!(understood > 1000, "only {understood} were understood");
}
