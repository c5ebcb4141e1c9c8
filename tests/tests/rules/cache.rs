use crate::cases::{Asked, Case, answer, fields, lines, run, same};
use backsoon::cache::freshness::Timing;
use backsoon::cache::range::{Ranged, ranged};
use backsoon::cache::reuse::{Ask, Reuse, reuse};
use backsoon::cache::serve::{Send, Served};
use backsoon::cache::update::{Validated, validated};
use backsoon::facts::Headers;
use backsoon::rescue::judge::judge_cached;
use backsoon::rescue::{Judgement, Plan, StoredCopy, plan};
use backsoon::time::http_date;
use serde::Deserialize;

const NOW: u64 = 1_795_000_000_000;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    asked: Asked,
    /// What is stored: the answer's fields; absent where nothing is.
    stored: Option<Vec<String>>,
    #[serde(default = "ok")]
    stored_status: u16,
    #[serde(default)]
    stored_asked: Vec<String>,
    #[serde(default)]
    age_s: u64,
    /// `serve <status> <bytes>`, `refresh <status> <bytes>`, `ask <why>`, `validate <why>`, `only-if-cached`,
    /// or `not stored <reason>` where the answer itself is refused.
    expect: String,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    /// Fields of a 304 that then comes; `renewed` and `dropped` are checked on what is stored.
    confirmed: Option<Vec<String>>,
    #[serde(default)]
    renewed: Vec<String>,
    #[serde(default)]
    dropped: Vec<String>,
    /// The 304 must not be taken for a confirmation.
    #[serde(default)]
    other: bool,
}

fn ok() -> u16 {
    200
}

impl Row {
    /// Stored by the rules themselves, through the fields of a platform cache and back.
    fn stored(&self) -> Result<Option<StoredCopy>, String> {
        let Some(given) = &self.stored else { return Ok(None) };
        let at = NOW - self.age_s * 1000;
        let mut facts = self.asked.facts();
        facts.method = "GET".to_owned();
        facts.body = false;
        facts.headers = lines(&self.stored_asked);
        let settings = self.asked.settings();
        let Plan::Watch(watch) = plan(facts, &settings) else { return Err("not watched".to_owned()) };
        let mut head = answer(self.stored_status, given);
        if !head.headers.has("date") {
            head.headers.0.push(("date".to_owned(), http_date(at)));
        }
        let timing = Timing { requested_at: at, responded_at: at };
        match judge_cached(&watch, &head, None, timing, &settings) {
            Judgement::RelayAndStore(copy) => {
                let read = StoredCopy::read(&copy.write());
                same("read back", read.as_ref().map(|r| r.timing), Some(copy.timing))?;
                Ok(read)
            }
            Judgement::Relay { refusal, .. } => Err(format!("not stored {}", refusal.as_str())),
            other => Err(format!("{other:?}")),
        }
    }

    fn validation(&self, ask: &Ask, stored: &StoredCopy) -> Result<(), String> {
        let Some(confirmed) = &self.confirmed else { return Ok(()) };
        let timing = Timing { requested_at: NOW, responded_at: NOW };
        match validated(ask, stored, &answer(304, confirmed), timing) {
            Some(Validated::Holds(copy)) if !self.other => {
                same("time of the renewed", copy.timing, timing)?;
                fields(&copy.head.headers, &self.renewed, &self.dropped)
            }
            Some(Validated::Other) if self.other => Ok(()),
            got => Err(format!("the 304 means {got:?}")),
        }
    }
}

fn served(word: &str, served: &Served) -> String {
    let bytes = match served.send {
        Send::Whole => "whole".to_owned(),
        Send::Part(part) => format!("{}-{}/{}", part.first, part.last, part.whole),
        Send::Nothing => "nothing".to_owned(),
    };
    format!("{word} {} {bytes}", served.head.status)
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let settings = self.asked.settings();
        let Plan::Watch(watch) = plan(self.asked.facts(), &settings) else {
            return Err("not watched".to_owned());
        };
        let stored = match self.stored() {
            Ok(stored) => stored,
            Err(refusal) => return same("stored", refusal, self.expect.clone()),
        };
        let (got, seen) = match reuse(&watch, stored.as_ref(), NOW) {
            Reuse::Serve(answer) => (served("serve", &answer), answer.head.headers),
            Reuse::ServeAndRefresh(answer, _) => (served("refresh", &answer), answer.head.headers),
            Reuse::OnlyIfCached => ("only-if-cached".to_owned(), Headers::default()),
            Reuse::Ask(ask) => {
                let mut sent = watch.sent_headers().clone();
                sent.0.retain(|(name, _)| !ask.remove.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
                sent.0.extend(ask.set.iter().cloned());
                if let Some(stored) = &stored {
                    self.validation(&ask, stored)?;
                }
                (format!("{} {}", if ask.validates() { "validate" } else { "ask" }, ask.why.as_str()), sent)
            }
        };
        same("reuse", got, self.expect.clone())?;
        fields(&seen, &self.has, &self.lacks)
    }
}

#[test]
fn cache_cases() {
    run::<Row>("cache", 90);
}

#[derive(Deserialize)]
struct RangeRow {
    id: String,
    range: String,
    whole: u64,
    /// `whole`, `none`, or `first-last`.
    expect: String,
}

impl Case for RangeRow {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let got = match ranged(&self.range, self.whole) {
            Ranged::Whole => "whole".to_owned(),
            Ranged::Unsatisfiable => "none".to_owned(),
            Ranged::Part(part) => {
                same("length", part.len(), part.last - part.first + 1)?;
                format!("{}-{}", part.first, part.last)
            }
        };
        same("range", got, self.expect.clone())
    }
}

#[test]
fn range_cases() {
    run::<RangeRow>("range", 20);
}
