//! The same page everywhere: an error's page under 200 that no list of words knows, told by its spreading.
//!
//! One page that replaces different good pages at several addresses within minutes is an error, or the site
//! became another one. The first is the rule; the second is believed when the page stays. Knows what one
//! isolate has seen; isolates that each see little of a site notice nothing.

use crate::time::Millis;

/// So many pages that replaced others are remembered in one isolate.
const ROOM: usize = 256;
/// So many different contents one page must have replaced
const REPLACED: usize = 3;
/// within this time. It is believed when it is still there so long after, and doubted anew after such a pause.
const WITHIN_MS: u64 = 600_000;
/// And it was seen so often meanwhile.
const SIGHTINGS: u32 = 3;
/// So many pages are judged at a time.
const MOST_JUDGED: usize = 8;

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
#[derive(Clone, Debug, Default)]
pub struct CatchAll {
    came: Vec<Came>,
    judged: Vec<Judged>,
}

/// A page came to an address.
#[derive(Clone, Debug)]
struct Came {
    print: u64,
    key: String,
    replaced: Option<u64>,
    at: Millis,
}

/// A page that is or was doubted.
#[derive(Clone, Copy, Debug)]
struct Judged {
    print: u64,
    believed: bool,
    since: Millis,
    sightings: u32,
    last: Millis,
}

impl CatchAll {
    /// Notes that a page whose looks are good came for a key, in place of what is held there.
    pub fn sighted(&mut self, key: &str, print: u64, held: Option<Held>, now: Millis) -> Spread {
        self.others_left(key, print, now);
        let stood = held.is_some_and(|held| held.print == print);
        let replaced = held.map(|held| held.print).filter(|_| !stood);
        // Until it replaces something it is a page like any other.
        let known = self.came.iter().find(|came| came.print == print).map(|came| came.at);
        if known.is_none() && replaced.is_none() {
            return Spread::Usual;
        }
        if !stood {
            self.came.retain(|came| came.print != print || came.key != key);
            if self.came.len() >= ROOM {
                self.came.remove(0);
            }
            self.came.push(Came { print, key: key.to_owned(), replaced, at: now });
        }
        let index = self.judged.iter().position(|judged| judged.print == print);
        let since = index.and_then(|index| self.judged.get(index)).map(|judged| judged.since).or(known);
        let is_own = held.filter(|_| stood).is_some_and(|held| since.is_some_and(|at| was_before(held, at)));
        let Some(judged) = index.and_then(|index| self.judged.get_mut(index)) else {
            let spreads = self.replaced(print, now) >= REPLACED;
            if !is_own && !spreads {
                return Spread::Usual;
            }
            if self.judged.len() >= MOST_JUDGED {
                self.judged.remove(0);
            }
            self.judged.push(Judged { print, believed: is_own, since: now, sightings: 0, last: now });
            let others = self.came.iter().filter(|came| came.print == print && (stood || came.key != key));
            return if is_own {
                Spread::Usual
            } else {
                Spread::Error(others.map(|came| came.key.clone()).collect())
            };
        };
        judged.believed |= is_own;
        judged.see(now);
        match judged.believed {
            true => Spread::Usual,
            false => Spread::Error(if stood { vec![key.to_owned()] } else { vec![] }),
        }
    }

    /// Whether what is held is now taken for an error's.
    pub fn doubts(&self, held: Held) -> bool {
        let is_it = |judged: &Judged| judged.print == held.print;
        self.judged.iter().any(|judged| is_it(judged) && !judged.believed && !was_before(held, judged.since))
    }

    /// Another page came where a judged one was: that one is not what the site now is. (One broken server of
    /// several gives such a mixture.)
    fn others_left(&mut self, key: &str, print: u64, now: Millis) {
        for judged in &mut self.judged {
            let was_there = |came: &Came| came.print == judged.print && came.key == key;
            if judged.print != print && self.came.iter().any(was_there) {
                judged.doubt(now);
            }
        }
    }

    /// How many different contents it lately replaced: pages that were alike before may become alike again.
    fn replaced(&self, print: u64, now: Millis) -> usize {
        let lately = |came: &&Came| came.print == print && now.saturating_sub(came.at) <= WITHIN_MS;
        let mut different: Vec<u64> = vec![];
        for replaced in self.came.iter().filter(lately).filter_map(|came| came.replaced) {
            if !different.contains(&replaced) {
                different.push(replaced);
            }
        }
        different.len()
    }
}

impl Judged {
    fn doubt(&mut self, now: Millis) {
        *self = Self { print: self.print, believed: false, since: now, sightings: 0, last: now };
    }

    fn see(&mut self, now: Millis) {
        if !self.believed && now.saturating_sub(self.last) > WITHIN_MS {
            self.doubt(now);
        }
        self.last = now;
        self.sightings = self.sightings.saturating_add(1);
        self.believed |= self.sightings >= SIGHTINGS && now.saturating_sub(self.since) >= WITHIN_MS;
    }
}

/// Whether it was the site's own long before it began to spread: the shell of a single-page app.
fn was_before(held: Held, since: Millis) -> bool {
    held.changed.saturating_add(WITHIN_MS) < since
}
