//! What an owner knows beside the exchange, as told by `key=value` pairs.
//!
//! Which keys and values there are is data (`words.toml`), but for the few that carry a name, a number or a
//! time. What cannot be read is a problem to show, never a guess.

use std::collections::BTreeSet;
use std::fmt;

use super::tables::{FACTS, Fact, SUBJECTS};
use crate::diagnosis::LimitMet;

/// Most characters of a name or time that an owner gives.
const LONGEST: usize = 80;

/// What an owner may know; what nobody said is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerFacts {
    pub(super) facts: BTreeSet<Fact>,
    /// Products in use behind the gateway, or the gateway itself, as ids of subjects.
    pub(super) stack: Vec<&'static str>,
    /// The outside service that answers slowly or not at all, in the owner's words.
    pub slow_api: Option<String>,
    /// The site's host name, for commands.
    pub site: Option<String>,
    /// The origin's address, for commands.
    pub origin: Option<String>,
    /// The known time limits at which the exchange ended; no owner says them, the diagnosis read them.
    pub(super) limits: Vec<LimitMet>,
    /// Since when it fails, in a form that `journalctl --since` takes, for commands.
    pub since: Option<String>,
}

/// A pair that could not be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Not of the form `key=value`.
    NoValue(String),
    /// No such key.
    UnknownKey(String),
    /// The key does not take this value; with what it takes.
    UnknownValue(String, String),
    /// The key already has another value, and both cannot be true.
    Contradiction(String),
}

impl Problem {
    /// A stable name of the kind of problem.
    pub fn as_str(&self) -> &'static str {
        match self {
            Problem::NoValue(_) => "no_value",
            Problem::UnknownKey(_) => "unknown_key",
            Problem::UnknownValue(..) => "unknown_value",
            Problem::Contradiction(_) => "contradiction",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoValue(pair) => write!(f, "{pair:?}: expected key=value"),
            Problem::UnknownKey(pair) => {
                let known: Vec<&str> = keys().iter().map(|(key, _)| *key).collect();
                write!(f, "{pair:?}: no such key; expected one of {}", known.join(", "))
            }
            Problem::UnknownValue(pair, takes) => write!(f, "{pair:?}: expected {takes}"),
            Problem::Contradiction(pair) => {
                write!(f, "{pair:?}: contradicts an earlier value of the same key")
            }
        }
    }
}

/// All keys with what each takes, for a usage text.
pub fn keys() -> Vec<(&'static str, String)> {
    let mut known: Vec<(&'static str, String)> = Vec::new();
    for row in FACTS {
        match known.iter_mut().find(|(key, _)| *key == row.key) {
            Some((_, takes)) => {
                takes.push('|');
                takes.push_str(row.value);
            }
            None => known.push((row.key, row.value.to_owned())),
        }
    }
    let stack: Vec<&str> = SUBJECTS.iter().map(|subject| subject.id).collect();
    known.push(("stack", stack.join("|")));
    known.push(("failing_share", "a share of requests from 1% to 100%".to_owned()));
    known.push(("slow_api", format!("the name of a service, at most {LONGEST} characters")));
    known.push(("site", "a host name".to_owned()));
    known.push(("origin", "a host name or an IP address".to_owned()));
    known.push(("since", "a time as journalctl reads it: \"14:05\", \"30 min ago\"".to_owned()));
    known
}

impl OwnerFacts {
    /// Reads pairs `key=value`; [`keys`] lists them. `recent_change` and `stack` may come more than once.
    /// What could be read is used, the rest comes back as problems, in order.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = &'a str>) -> (OwnerFacts, Vec<Problem>) {
        let mut known = OwnerFacts::default();
        let problems = pairs.into_iter().filter_map(|pair| known.take(pair).err()).collect();
        (known, problems)
    }

    /// The same, and commands name the host of `url` where the owner named no site. A URL without a plain
    /// host changes nothing.
    #[must_use]
    pub fn for_url(&self, url: &str) -> OwnerFacts {
        let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        let host = authority.and_then(|text| text.rsplit('@').next()).and_then(|text| text.split(':').next());
        let host = host.filter(|host| !host.is_empty()).and_then(|host| plain(host, ".-")).map(str::to_owned);
        OwnerFacts { site: self.site.clone().or(host), ..self.clone() }
    }

    /// The same, for an exchange that ended at these known time limits.
    #[must_use]
    pub fn at_limits(self, limits: Vec<LimitMet>) -> OwnerFacts {
        OwnerFacts { limits, ..self }
    }

    /// Whether the owner said so.
    pub(super) fn has(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }

    fn take(&mut self, pair: &str) -> Result<(), Problem> {
        let given = || pair.chars().take(LONGEST.saturating_mul(2)).collect::<String>();
        let (key, value) = pair.split_once('=').ok_or_else(|| Problem::NoValue(given()))?;
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            return Err(Problem::NoValue(given()));
        }
        let takes = keys().into_iter().find(|(known, _)| *known == key);
        let (_, takes) = takes.ok_or_else(|| Problem::UnknownKey(given()))?;
        let refused = || Problem::UnknownValue(given(), takes.clone());
        match key {
            "stack" => {
                let wanted = value.to_ascii_lowercase();
                let mut subjects = subjects(&wanted).peekable();
                subjects.peek().ok_or_else(refused)?;
                for id in subjects {
                    if !self.stack.contains(&id) {
                        self.stack.push(id);
                    }
                }
                Ok(())
            }
            "failing_share" => {
                let number = value.trim_end_matches('%').trim_end();
                let share =
                    number.parse::<u8>().ok().filter(|n| (1..=100).contains(n)).ok_or_else(refused)?;
                // Of the few that get through at 95 % and more, most come out of a cache.
                self.say(pair, "failing", if share >= 95 { "all" } else { "some" }, refused)
            }
            "slow_api" => {
                let name =
                    Some(value).filter(|v| v.chars().count() <= LONGEST && !v.chars().any(char::is_control));
                once(&mut self.slow_api, name.ok_or_else(refused)?, pair)?;
                self.say(pair, "slow_call", "yes", refused)
            }
            // These three go into commands: nothing may be in them that a shell reads as its own.
            "site" => once(&mut self.site, plain(value, ".-:").ok_or_else(refused)?, pair),
            "origin" => once(&mut self.origin, plain(value, ".-:").ok_or_else(refused)?, pair),
            "since" => once(&mut self.since, plain(value, ".-: +").ok_or_else(refused)?, pair),
            _ => self.say(pair, key, value, refused),
        }
    }

    fn say(
        &mut self,
        pair: &str,
        key: &str,
        value: &str,
        refused: impl Fn() -> Problem,
    ) -> Result<(), Problem> {
        let (fact, row) = (0_u16..)
            .zip(FACTS)
            .find(|(_, row)| row.key == key && row.value.eq_ignore_ascii_case(value))
            .ok_or_else(refused)?;
        let other = (0_u16..).zip(FACTS).any(|(at, r)| {
            // "none" stands against every change, a change only against "none".
            let apart = !row.many || r.value == "none" || row.value == "none";
            r.key == key && at != fact && apart && self.facts.contains(&Fact(at))
        });
        if other {
            return Err(Problem::Contradiction(pair.to_owned()));
        }
        self.facts.insert(Fact(fact));
        Ok(())
    }
}

/// The subjects that have this id or stand for it: WordPress brings PHP-FPM and MySQL along.
pub(super) fn subjects(id: &str) -> impl Iterator<Item = &'static str> {
    SUBJECTS.iter().filter(move |s| s.id == id || s.covers.contains(&id)).map(|s| s.id)
}

fn once(slot: &mut Option<String>, value: &str, pair: &str) -> Result<(), Problem> {
    if slot.as_deref().is_some_and(|there| there != value) {
        return Err(Problem::Contradiction(pair.to_owned()));
    }
    *slot = Some(value.to_owned());
    Ok(())
}

fn plain<'a>(value: &'a str, also: &str) -> Option<&'a str> {
    let fine = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    // A dash in front would be read as an option.
    (value.len() <= LONGEST && !value.starts_with('-') && value.chars().all(fine)).then_some(value)
}
