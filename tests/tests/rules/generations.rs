//! The generation before the newest: what tells contents apart, when it is put aside, and what proves a page bad.

use crate::cases::{Asked, Case, answer, lines, run, same};
use crate::story::{Answer, Story};
use backsoon::cache::freshness::Timing;
use backsoon::cache::variants;
use backsoon::rescue::generations::{MOST_BYTES, counts, follow, older_key, print, shifts, stands_in};
use backsoon::rescue::soft::{CatchAll, Held, Spread};
use backsoon::rescue::{Plan, StoredCopy, Thrown, Watch, plan};
use serde::Deserialize;

const HTML: Option<&str> = Some("text/html");

#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Print {
        id: String,
        #[serde(default = "html")]
        kind: String,
        one: String,
        other: String,
        same: bool,
    },
    Steps {
        id: String,
        steps: Vec<String>,
    },
}

fn html() -> String {
    "text/html".to_owned()
}

fn word(word: &str) -> u64 {
    print(HTML, word.as_bytes()).expect("small HTML has a print")
}

impl Case for Row {
    fn id(&self) -> &str {
        match self {
            Self::Print { id, .. } | Self::Steps { id, .. } => id,
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Print { kind, one, other, same: expected, .. } => {
                let of = |body: &str| print(Some(kind), body.as_bytes());
                same("the same", of(one).is_some() && of(one) == of(other), *expected)
            }
            Self::Steps { steps, .. } => {
                let mut pages = CatchAll::default();
                steps.iter().try_for_each(|step| play(&mut pages, step))
            }
        }
    }
}

fn play(pages: &mut CatchAll, step: &str) -> Result<(), String> {
    let (facts, expected) = step.split_once(": ").ok_or_else(|| format!("no step: {step}"))?;
    let [second, key, held, new] = facts.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("no step: {step}"));
    };
    let now = 1000 * second.parse::<u64>().map_err(|_| format!("no second: {step}"))?;
    let held = (held != "-").then(|| {
        let (content, since) = held.split_once('@').unwrap_or((held, second));
        Held { print: word(content), changed: 1000 * since.parse::<u64>().expect("a second") }
    });
    let said = match pages.sighted(key, word(new), held, now) {
        Spread::Usual => "usual".to_owned(),
        Spread::Error(keys) => format!("error {}", keys.join(" ")).trim_end().to_owned(),
    };
    same(step, said, expected.to_owned())
}

#[test]
fn generations_cases() {
    run::<Row>("generations", 15);
}

#[test]
fn what_is_doubted_here_is_known_by_its_print() {
    let mut pages = CatchAll::default();
    let held = |content: &str, changed| Held { print: word(content), changed };
    for (at, key) in [(0, "/a"), (1, "/b"), (2, "/c")] {
        assert!(!pages.doubts(held("sorry", at)));
        pages.sighted(key, word("sorry"), Some(held(key, 0)), 1_000_000 + at);
    }
    assert!(pages.doubts(held("sorry", 1_000_001)));
    assert!(!pages.doubts(held("sorry", 0)), "it was there long before");
    assert!(!pages.doubts(held("/a", 0)));
    for n in 0..5000_u64 {
        pages.sighted(&format!("/{n}"), n, Some(Held { print: n + 1, changed: 0 }), 1_000_000 + n);
    }
}

fn watch() -> Watch {
    let asked: Asked = toml::from_str("request = \"GET https://shop.test/a?b=1\"").expect("a request");
    let Plan::Watch(watch) = plan(asked.facts(), &asked.settings()) else { panic!("not watched") };
    *watch
}

fn succeed(copy: StoredCopy, stored: Option<&StoredCopy>) -> StoredCopy {
    variants::succeed(&watch(), copy, stored)
}

fn copy(body: &str, at: u64) -> StoredCopy {
    let watch = watch();
    let timing = Timing { requested_at: at, responded_at: at };
    let head = answer(200, &["Content-Type: text/html".to_owned(), "Vary: Accept-Language".to_owned()]);
    let copy = StoredCopy::new(&watch, &head, timing, true).with_body_length(body.len() as u64);
    StoredCopy { print: print(HTML, body.as_bytes()), ..copy }
}

/// `body` comes in place of `old` at this time: what is then stored, and whether `old` was put aside.
fn next(old: &StoredCopy, body: &str, at: u64) -> (StoredCopy, bool) {
    let new = copy(body, at);
    let put_aside = shifts(old, &new, at);
    (succeed(followed(new, Some(old), put_aside.then_some(at)), Some(old)), put_aside)
}

fn followed(new: StoredCopy, old: Option<&StoredCopy>, shifted: Option<u64>) -> StoredCopy {
    let mut new = new;
    follow(&mut new, old, shifted);
    new
}

fn aside(old: StoredCopy) -> StoredCopy {
    StoredCopy { generation: 1, ..old }
}

const MINUTE: u64 = 60_000;

#[test]
fn other_good_content_puts_the_older_aside_once_an_hour() {
    let first = succeed(followed(copy("red", MINUTE), None, None), None);
    let (same, put_aside) = next(&first, "red", 2 * MINUTE);
    assert!(!put_aside && same.changed == MINUTE && same.shifted == 0);
    let (sorry, put_aside) = next(&same, "sorry", 3 * MINUTE);
    assert!(put_aside && sorry.changed == 3 * MINUTE);
    let older = aside(same.clone());
    assert!(counts(&sorry, &older), "it belongs to what came after it");
    let mut newest = sorry;
    for minute in 4..63 {
        let word = "o".repeat(minute as usize);
        let (next, put_aside) = next(&newest, &word, minute * MINUTE);
        assert!(!put_aside, "bytes that change each minute push nothing out");
        assert!(counts(&next, &older));
        newest = next;
    }
    assert!(next(&newest, "blue", 63 * MINUTE).1, "an hour later");
    let read = StoredCopy::read(&newest.write()).expect("readable");
    assert_eq!((read.print, read.changed, read.shifted), (newest.print, newest.changed, newest.shifted));
}

#[test]
fn what_is_not_good_puts_nothing_aside_and_what_came_anew_has_no_older_one() {
    let first = succeed(followed(copy("red", MINUTE), None, None), None);
    let entry = StoredCopy { good: false, ..copy("blue", 2 * MINUTE) };
    assert!(!shifts(&first, &entry, 2 * MINUTE) && !shifts(&entry, &first, 2 * MINUTE));
    let large = StoredCopy { print: first.print, ..copy("", 0) }.with_body_length(MOST_BYTES + 1);
    assert!(!shifts(&large, &copy("blue", 0), MINUTE));
    let anew = succeed(followed(copy("blue", 3 * MINUTE), None, None), None);
    assert!(!counts(&anew, &aside(first.clone())), "nor has what was forgotten and came anew");
    assert!(!counts(&first, &first), "the newest is not its own older one");
}

#[test]
fn the_older_stands_in_for_doubt_only() {
    let good = copy("red", 0);
    assert!(!stands_in(&good, false) && stands_in(&good, true));
    assert!(stands_in(&StoredCopy { good: false, ..good.clone() }, false), "its looks were doubtful");
    let entry = StoredCopy { good: false, print: None, ..good.clone() };
    assert!(!stands_in(&entry, false), "its head was not good enough: that is the origin's own word");
}

#[test]
fn it_has_a_corner_of_its_own_and_kinds_of_its_own() {
    assert_eq!(
        older_key("https://shop.test/.well-known/backsoon/copy/a?b=1").as_deref(),
        Some("https://shop.test/.well-known/backsoon/older/a?b=1")
    );
    assert_eq!(older_key("https://shop.test/.well-known/backsoon/variant/0/a"), None);
    assert_eq!(older_key("https://shop.test/a"), None);
    let told = |kind| print(kind, b"x").is_some();
    assert!(told(HTML) && told(None) && told(Some("text/plain")) && told(Some("application/problem+json")));
    assert!(told(Some("application/xhtml+xml")) && !told(Some("image/png")));
    assert!(print(HTML, &vec![b'x'; 512 * 1024 + 1]).is_none());
    for n in 0..2000_u64 {
        let print = print(HTML, format!("{}x", "y".repeat(n as usize % 97)).as_bytes()).expect("a print");
        assert!(print < 1_000_000_000_000_000, "15 digits");
    }
}

/// One isolate proves the page bad; another has kept it meanwhile: the first shows what was there before, and says so.
#[test]
fn in_an_outage_the_older_stands_in_and_is_told() {
    let asked: Asked = toml::from_str("request = \"GET https://shop.test/\"").expect("a request");
    let mut story = Story::new(asked.settings(), 1_795_000_000_000);
    let mut other_isolate = CatchAll::default();
    let ask = |story: &mut Story, path: &str, body: Option<&str>| {
        story.now += 1000;
        let mut facts = asked.facts();
        facts.url.path = path.to_owned();
        facts.headers = lines(&["Cache-Control: no-cache".to_owned()]);
        let fields = lines(&["Content-Type: text/html".to_owned(), format!("X-Path: {path}")]);
        story.ask(facts, &mut |_, _| match body {
            Some(body) => {
                Ok(Answer { status: 200, headers: fields.clone(), body: body.to_owned(), ours: false })
            }
            None => Err(Thrown {
                name: "Error".to_owned(),
                message: "Network connection lost.".to_owned(),
                elapsed_ms: 1,
                own_timeout: false,
            }),
        })
    };
    for (path, body) in [("/a", "red"), ("/b", "blue"), ("/c", "green"), ("/d", "yellow")] {
        ask(&mut story, path, Some(body));
    }
    std::mem::swap(&mut story.catch_all, &mut other_isolate);
    ask(&mut story, "/d", Some("sorry"));
    std::mem::swap(&mut story.catch_all, &mut other_isolate);
    assert_eq!(ask(&mut story, "/d", None).body, "sorry", "nothing is known yet");
    for path in ["/a", "/b", "/c"] {
        assert_eq!(ask(&mut story, path, Some("sorry")).body, "sorry");
    }
    assert_eq!(story.rolled_back, 2);
    let got = ["/a", "/b", "/c", "/d"].map(|path| ask(&mut story, path, None));
    let bodies: Vec<&str> = got.iter().map(|answer| answer.body.as_str()).collect();
    assert_eq!(bodies, ["red", "blue", "green", "yellow"]);
    let told = got.map(|answer| {
        answer.headers.value("cache-status").is_some_and(|said| said.contains("detail=older-generation"))
    });
    assert_eq!(told, [false, false, false, true], "what came back is the newest again");
}
