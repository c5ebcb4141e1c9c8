//! The same page everywhere: an error's page under 200 that no list of words knows, told by its spreading.
//!
//! One page that replaces different good pages at several addresses within minutes is an error, or the site
//! became another one. The first is the rule; the second is believed when the page stays. Knows what one
//! isolate has seen; isolates that each see little of a site notice nothing.

use crate::memory::Memory;
use crate::time::Millis;

/// So many contents are remembered in one isolate,
const ROOM: usize = 96;
/// each with so many addresses that it came to.
const MOST_ADDRESSES: usize = 16;
/// So many different contents it must have replaced
const REPLACED: usize = 3;
/// within this time. It is believed when it is still there so long after, and doubted anew after such a pause.
const WITHIN_MS: u64 = 600_000;
/// And it was seen so often meanwhile.
const SIGHTINGS: u32 = 3;

/// What a page is compared with: what is stored of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The fingerprint of the good content there.
    pub print: u64,
    /// When that content first came.
    pub changed: Millis,
}

/// What a page's spreading says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Nothing.
    Usual,
    /// It is an error's: it is not to be kept as good, and where it was (these keys), the older one returns.
    Error(Vec<String>),
}

/// The pages of one isolate that took the place of others.
#[derive(Clone, Debug)]
pub struct CatchAll(Memory<Seen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    New,
    Doubted,
    Believed,
}

#[derive(Clone, Debug)]
struct Seen {
    standing: Standing,
    /// Since when it stands so.
    since: Millis,
    sightings: u32,
    last: Millis,
    /// Where it came to, and what it replaced there.
    at: Vec<(String, Option<u64>)>,
}

impl Default for CatchAll {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl CatchAll {
    /// Notes that a page whose looks are good came for a key, in place of what is held there.
    pub fn sighted(&mut self, key: &str, print: u64, held: Option<Held>, now: Millis) -> Spread {
        self.others_left(key, print, now);
        let name = name(print);
        let replaced = held.map(|held| held.print).filter(|held| *held != print);
        let new = Seen { standing: Standing::New, since: now, sightings: 0, last: now, at: vec![] };
        let mut seen = match self.0.get(&name) {
            Some(seen) => seen.clone(),
            // Until it replaces something it is a page like any other.
            None if replaced.is_none() => return Spread::Usual,
            None => new.clone(),
        };
        let stood = held.filter(|held| held.print == print);
        if stood.is_some_and(|held| seen.is_later(held.changed)) {
            seen.standing = Standing::Believed;
        } else if seen.standing == Standing::New && now.saturating_sub(seen.since) > WITHIN_MS {
            seen = new;
        }
        let spread = seen.note(key, replaced, stood.is_some(), now);
        self.0.put(&name, seen, now);
        spread
    }

    /// Whether what is held is now taken for an error's.
    pub fn doubts(&self, held: Held) -> bool {
        let doubted = |seen: &Seen| seen.standing == Standing::Doubted && !seen.is_later(held.changed);
        self.0.get(&name(held.print)).is_some_and(doubted)
    }

    /// Another page came where a doubtful one was: that one is not what the site now is. (One broken server
    /// of several gives such a mixture.)
    fn others_left(&mut self, key: &str, print: u64, now: Millis) {
        let name = name(print);
        let was_there = |(other, seen): &(&str, &Seen)| {
            *other != name && seen.standing != Standing::New && seen.at.iter().any(|(at, _)| at == key)
        };
        let found = self.0.starting("").find(was_there).map(|(other, _)| other.to_owned());
        if let Some(seen) = found.and_then(|other| self.0.get_mut(&other)) {
            seen.doubt(now);
        }
    }
}

impl Seen {
    /// Whether it was the site's own long before it began to spread: the shell of a single-page app.
    fn is_later(&self, changed: Millis) -> bool {
        changed.saturating_add(WITHIN_MS) < self.since
    }

    /// `stood`: it is what is held under the key.
    fn note(&mut self, key: &str, replaced: Option<u64>, stood: bool, now: Millis) -> Spread {
        let paused = now.saturating_sub(self.last) > WITHIN_MS;
        self.last = now;
        self.sightings = self.sightings.saturating_add(1);
        if self.at.len() < MOST_ADDRESSES && !self.at.iter().any(|(at, _)| at == key) {
            self.at.push((key.to_owned(), replaced));
        }
        match self.standing {
            Standing::Believed => Spread::Usual,
            Standing::New if self.replaced() < REPLACED => Spread::Usual,
            Standing::New => {
                self.doubt(now);
                Spread::Error(
                    self.at.iter().map(|(at, _)| at.clone()).filter(|at| at != key || stood).collect(),
                )
            }
            Standing::Doubted => {
                if paused {
                    self.doubt(now);
                } else if self.sightings >= SIGHTINGS && now.saturating_sub(self.since) >= WITHIN_MS {
                    self.standing = Standing::Believed;
                    return Spread::Usual;
                }
                Spread::Error(if stood { vec![key.to_owned()] } else { vec![] })
            }
        }
    }

    fn doubt(&mut self, now: Millis) {
        (self.standing, self.since, self.sightings) = (Standing::Doubted, now, 0);
    }

    /// How many different contents: pages that were alike before may become alike again.
    fn replaced(&self) -> usize {
        let first = |(index, (_, print)): &(usize, &(String, Option<u64>))| {
            print.is_some() && !self.at.iter().take(*index).any(|(_, earlier)| earlier == print)
        };
        self.at.iter().enumerate().filter(first).count()
    }
}

fn name(print: u64) -> String {
    format!("{print:x}")
}
