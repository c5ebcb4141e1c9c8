//! When the parts of a page are looked after, and how far a single visit goes.
//!
//! A visit may ask the platform only so many times (50 on the free plan), and the visitor's own answer needs
//! some of them; what is left to do waits for the next visit.

use crate::memory::Memory;
use crate::rescue::closure::Need;
use crate::rescue::tier::fingerprint;
use crate::time::Millis;

/// Of the 50 requests that the platform allows a visit, so many are for the parts of a page.
const REQUESTS: u32 = 36;
/// What a look into the store costs: the address' own key, and perhaps that of a variant.
pub const LOOK: u32 = 2;
/// What a part that is not there costs: asking the origin, and keeping it.
pub const MISS: u32 = 3;
/// After so long all parts are looked after again.
const AGAIN_MS: u64 = 3_600_000;
/// So many pages are remembered.
const ROOM: usize = 512;

/// One visit's round through the parts of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// The first part that was not looked after yet.
    pub next: usize,
    left: u32,
}

impl Round {
    /// Takes so many of the visit's requests; `false` where too few are left.
    pub fn spend(&mut self, requests: u32) -> bool {
        let left = self.left.checked_sub(requests);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

/// What one isolate remembers of its rounds.
#[derive(Clone, Debug)]
pub struct Rounds(Memory<Page>);

#[derive(Clone, Copy, Debug)]
struct Page {
    parts: u64,
    next: usize,
    at: Millis,
    busy: bool,
}

impl Default for Rounds {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl Rounds {
    /// Whether the parts of a page are looked after now: where they are others than before, where a round
    /// was not finished, and else once an hour. One visit at a time.
    pub fn due(&mut self, key: &str, parts: &[(Need, String)], now: Millis) -> Option<Round> {
        let print = print(parts);
        let recent = |page: &&Page| page.parts == print && now.saturating_sub(page.at) < AGAIN_MS;
        let (next, at) = match self.0.get(key).filter(recent) {
            Some(page) if page.busy || page.next >= parts.len() => return None,
            Some(page) => (page.next, page.at),
            None if parts.is_empty() => return None,
            None => (0, now),
        };
        self.0.put(key, Page { parts: print, next, at, busy: true }, at);
        Some(Round { next, left: REQUESTS })
    }

    /// A round came as far as the part `next`.
    pub fn ended(&mut self, key: &str, parts: &[(Need, String)], next: usize) {
        let print = print(parts);
        if let Some(page) = self.0.get_mut(key).filter(|page| page.parts == print) {
            page.busy = false;
            page.next = next;
        }
    }
}

fn print(parts: &[(Need, String)]) -> u64 {
    let names: String = parts.iter().flat_map(|(_, address)| [address.as_str(), " "]).collect();
    fingerprint(names.as_bytes())
}
