//! How caching fields are read that break their grammar: the corpus, and a fuzzer with a tokeniser of its own.

use crate::cases::{Asked, Case, answer, lines, run, same};
use crate::random::dice::Dice;
use backsoon::cache::freshness::{StaleRule, Timing, lifetime, stale_rule};
use backsoon::cache::storable::{Keep, keep};
use backsoon::facts::Headers;
use backsoon::rescue::{AnswerHead, Plan, Settings, StoredCopy, Watch, plan};
use serde::Deserialize;

const NOW: u64 = 1_795_000_000_000;
const AT: Timing = Timing { requested_at: NOW, responded_at: NOW };

#[derive(Deserialize)]
struct Row {
    id: String,
    answer: Vec<String>,
    expect: String,
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let mut head = answer(200, &self.answer);
        head.headers.0.push(("last-modified".to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".to_owned()));
        let got = match keep(&watch(), &head, NOW, &Settings::default()) {
            Keep::No(_) => "refuse".to_owned(),
            kept => {
                let fresh = lifetime(200, &head.headers, NOW).seconds();
                let shown = match stale_rule(&head.headers) {
                    StaleRule::Forbidden(_) | StaleRule::AllowedFor(0) => false,
                    StaleRule::Allowed | StaleRule::AllowedFor(_) => kept == Keep::Good,
                };
                match (fresh, kept, shown) {
                    (0, _, true) if !self.expect.starts_with("fresh") => "stale-only".to_owned(),
                    (0, _, false) => "entry-only".to_owned(),
                    (seconds, Keep::Good, _) => format!("fresh {seconds}"),
                    (seconds, ..) => format!("fresh {seconds} only"),
                }
            }
        };
        same("reading", got, self.expect.clone())
    }
}

fn watch() -> Watch {
    let asked = Asked { request: "GET https://shop.test/a".to_owned(), ..Asked::default() };
    match plan(asked.facts(), &Settings::default()) {
        Plan::Watch(watch) => *watch,
        other => panic!("{other:?}"),
    }
}

#[test]
fn malformed_cases() {
    run::<Row>("malformed", 330);
}

/// The fields that are read as lists of directives.
const NAMES: [&str; 4] =
    ["cache-control", "cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"];

const PIECES: [&str; 44] = [
    "private",
    "no-store",
    "Private",
    "NO-STORE",
    "private",
    "no-store",
    "x-private",
    "no-store-x",
    "privately",
    "max-age",
    "60",
    "=",
    "=",
    "\"",
    "\"",
    ",",
    ", ",
    ",",
    ";",
    "; ",
    " ",
    "\t",
    "\\",
    "'",
    "foo",
    "foo=",
    "public",
    "no-cache",
    "must-understand",
    "s-maxage=60",
    "max-age=60",
    "content=",
    "!",
    "&&&",
    "?0",
    "(",
    ")",
    "é",
    "\u{a0}",
    ":",
    "/",
    "+600",
    "-",
    "_",
];

/// Whether the text says `private` or `no-store` by a reading of its own: as a whole word that is not the argument of
/// an unknown directive in a field that keeps to the grammar.
fn says_so(value: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let holds = |text: &str| {
        text.split(|c| !is_word(c)).any(|w| ["private", "no-store"].contains(&w.to_lowercase().as_str()))
    };
    let Some(members) = grammar(value) else { return holds(value) };
    members.iter().any(|(name, _)| holds(name))
}

/// By the grammar, one character after the other; `None` where the field breaks it.
fn grammar(value: &str) -> Option<Vec<(String, String)>> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let chars: Vec<char> = value.chars().collect();
    let (mut at, mut members) = (0, vec![]);
    let blanks = |at: &mut usize| {
        while chars.get(*at).is_some_and(|c| *c == ' ' || *c == '\t') {
            *at += 1;
        }
    };
    let token = |at: &mut usize| {
        let start = *at;
        while chars.get(*at).is_some_and(|c| is_token(*c)) {
            *at += 1;
        }
        chars[start..*at].iter().collect::<String>()
    };
    loop {
        blanks(&mut at);
        if chars.get(at).is_some_and(|c| *c != ',') {
            let name = token(&mut at);
            let mut argument = String::new();
            if chars.get(at) == Some(&'=') {
                at += 1;
                if chars.get(at) == Some(&'"') {
                    at += 1;
                    while *chars.get(at)? != '"' {
                        at += usize::from(chars[at] == '\\');
                        argument.push(*chars.get(at)?);
                        at += 1;
                    }
                    at += 1;
                } else {
                    argument = token(&mut at);
                    if argument.is_empty() {
                        return None;
                    }
                }
            }
            if name.is_empty() {
                return None;
            }
            members.push((name, argument));
        }
        blanks(&mut at);
        match chars.get(at) {
            None => return Some(members),
            Some(',') => at += 1,
            Some(_) => return None,
        }
    }
}

fn head(fields: Vec<(String, String)>) -> AnswerHead {
    AnswerHead { status: 200, headers: Headers(fields) }
}

/// `BACKSOON_FIELDS` sets how many; a failing field can be found again by its number.
#[test]
fn no_field_that_says_private_makes_a_copy() {
    let wanted = std::env::var("BACKSOON_FIELDS").ok().and_then(|n| n.parse().ok()).unwrap_or(30_000_u64);
    let (watch, settings) = (watch(), Settings::default());
    let (mut refused, mut good, mut shown) = (0, 0, 0);
    for number in 0..wanted {
        let mut dice = Dice::new(number);
        let mut fields = vec![];
        for _ in 0..1 + dice.below(2) {
            let value: String = (0..dice.below(9)).map(|_| *dice.pick(&PIECES)).collect();
            fields.push(((*dice.pick(&NAMES)).to_owned(), value));
        }
        let must = fields.iter().any(|(_, value)| says_so(value));
        let answer = head(fields);
        let kept = keep(&watch, &answer, NOW, &settings);
        let fresh = lifetime(200, &answer.headers, NOW).seconds();
        assert!(!(must && kept == Keep::Good), "{number}: {:?}", answer.headers);
        refused += u64::from(must);
        good += u64::from(kept == Keep::Good);
        // A copy is never the next cache's for longer than it is fresh here.
        if kept == Keep::Good {
            let copy = StoredCopy::new(&watch, &answer, AT, true);
            let lives = backsoon::rescue::downstream::is_fresh(&copy, NOW);
            assert!(!lives || fresh > 0, "{number}: {:?}", answer.headers);
            shown += u64::from(lives);
        }
    }
    assert!(refused > wanted / 10 && good > wanted / 10 && shown > 0, "{refused} {good} {shown}");
}

/// A field ten times as long takes about ten times as long: nothing in it is compared with all the rest.
#[test]
fn a_long_field_costs_what_its_length_costs() {
    let (watch, settings) = (watch(), Settings::default());
    for name in NAMES.into_iter().chain(["pragma", "edge-control", "x-accel-expires"]) {
        for piece in ["private-", "a,", "\"", "=", ";", "a=\"b\",", "\\", "a;b;", "private,", "k%,", "\u{a0}"]
        {
            let text: String =
                (0..94 * 1024 / piece.len()).map(|n| piece.replace('%', &n.to_string())).collect();
            let began = std::time::Instant::now();
            keep(&watch, &head(vec![(name.to_owned(), text)]), NOW, &settings);
            assert!(began.elapsed().as_millis() < 2_000, "{name}: {piece}");
        }
    }
}

#[test]
fn lines_of_one_field_are_one_field() {
    let rows = ["Cache-Control: max-age=60".to_owned(), "Cache-Control: public;".to_owned()];
    assert_eq!(lifetime(200, &lines(&rows), NOW).seconds(), 0);
}
