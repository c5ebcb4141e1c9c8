//! The store that is everywhere (KV): what is worth one of a day's few writes, when it is asked, and whether
//! what it says still counts.
//!
//! Written is only what was seen twice, and only where it changed since; not every query of one path; and
//! never more than an isolate's share of the day, which `share` divides. Isolates know nothing of each other: the share is a best
//! effort. It tells each place what it heard within a minute, so what the origin has declared gone is
//! remembered here for longer than that.

mod share;

use crate::memory::Memory;
use crate::rescue::copy::{CopyRefusal, StoredCopy};
use crate::rescue::kind::Kind;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::time::Millis;
use share::{Claim, Share};

const DAY_MS: u64 = 86_400_000;
/// What was written so long ago is written again, or it would grow too old to be shown.
const RENEW_MS: u64 = DAY_MS;
/// So many addresses are remembered in one isolate.
const ROOM: usize = 1000;
/// The longest address that the store takes as a key is 512 bytes, with the name of a variant.
const KEY_BYTES: usize = 488;
/// KV tells every place what was written within about a minute.
const SPREAD_MS: u64 = 60_000;

/// Why nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWrite {
    /// It was seen for the first time.
    FirstSight,
    /// It is already there.
    Unchanged,
    /// Enough queries of this path are there.
    Queries,
    /// This isolate's share of the day is used up.
    Share,
    /// Larger than the store takes, or under an address that is.
    TooLarge,
}

impl NoWrite {
    /// A stable word for logs and `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstSight => "first-sight",
            Self::Unchanged => "unchanged",
            Self::Queries => "queries",
            Self::Share => "share",
            Self::TooLarge => "too-large",
        }
    }
}

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Writes of one isolate a day.
    pub writes_a_day: u32,
    /// Addresses of one path that differ in their query.
    pub queries_a_path: u32,
    /// Largest body, in bytes.
    pub most_bytes: u64,
    /// Look-ups a day for addresses of which nothing is known but that the origin says they are gone: anybody
    /// can make those up.
    pub strange_looks_a_day: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        // The free plan has 1,000 writes a day for all isolates together, and values of at most 25 MiB.
        Self { writes_a_day: 50, queries_a_path: 3, most_bytes: 20_000_000, strange_looks_a_day: 1000 }
    }
}

/// What one isolate remembers of that store.
#[derive(Clone, Debug)]
pub struct Tier {
    bounds: Bounds,
    day: u64,
    share: Share,
    strange_looks: u32,
    refused: u64,
    seen: Memory<Seen>,
    /// By whom each address was seen, in all its variants, and what it took of the day's writes.
    claims: Memory<Claim>,
    /// When the store was last found to have nothing.
    missing: Memory<Millis>,
    /// When the origin last said that an address is gone of which something was known.
    gone: Memory<Millis>,
    /// The same of an address of which nothing was known: anybody can make those up.
    strange: Memory<Millis>,
}

/// What is known of one address.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Of the content last seen.
    fingerprint: Option<u64>,
    /// What was last written, and when.
    written: Option<(u64, Millis)>,
}

/// A good answer that may be worth a write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sighting<'a> {
    /// The name of the address' variant: its key, and more after a `#`.
    pub key: &'a str,
    /// Tells its content from another.
    pub fingerprint: u64,
    /// The length of its body.
    pub bytes: u64,
    /// Whether this place has held an answer of this address before.
    pub again: bool,
    /// The visitor's network, where it is known.
    pub network: Option<&'a str>,
    /// Whether it is the start page or one of the owner's `PAGES`.
    pub reserved: bool,
}

impl Tier {
    /// Nothing seen, nothing written.
    pub fn new(bounds: Bounds) -> Self {
        let room = || Memory::new(ROOM);
        let share = Share::new(bounds.writes_a_day, 0);
        let seen = Memory::new(ROOM);
        Self {
            bounds,
            day: 0,
            share,
            strange_looks: 0,
            refused: 0,
            seen,
            claims: Memory::new(ROOM),
            missing: room(),
            gone: room(),
            strange: room(),
        }
    }

    /// Whether a good answer is written. Counts the write.
    pub fn write(&mut self, sighting: Sighting<'_>, now: Millis) -> Result<(), NoWrite> {
        let Sighting { key, fingerprint, bytes, again, network, reserved } = sighting;
        if bytes > self.bounds.most_bytes || key.len() > KEY_BYTES {
            return Err(NoWrite::TooLarge);
        }
        self.turn_day(now);
        let before = self.seen.get(key).copied().unwrap_or_default();
        let seen = Seen { fingerprint: Some(fingerprint), ..before };
        let address = address_of(key);
        let mut claim = self.claims.get(address).copied().unwrap_or_default();
        claim.seen_by(network, again);
        self.claims.put_for(network, address, claim, now);
        self.seen.put_for(network, key, seen, now);
        self.gone.remove(address);
        self.strange.remove(address);
        if before.fingerprint.is_none() && !again {
            return Err(NoWrite::FirstSight);
        }
        if let Some((content, _)) = before.written.filter(|(_, at)| now.saturating_sub(*at) < RENEW_MS) {
            // What is different each time (a clock in the page) is left alone until it is old.
            if content == fingerprint {
                return Err(NoWrite::Unchanged);
            }
            if before.fingerprint != Some(fingerprint) {
                return Err(NoWrite::FirstSight);
            }
        }
        if self.other_queries(key) >= self.bounds.queries_a_path {
            return Err(NoWrite::Queries);
        }
        if !self.share.take(&mut claim, reserved) {
            self.refused = self.refused.saturating_add(1);
            return Err(NoWrite::Share);
        }
        self.claims.put_for(network, address, claim, now);
        self.seen.put_for(network, key, Seen { written: Some((fingerprint, now)), ..seen }, now);
        self.missing.remove(address);
        Ok(())
    }

    /// The store had it already, written by another isolate: the write that was counted was not needed.
    pub fn spared(&mut self) {
        self.share.give_back();
    }

    /// The platform refused a write. It is tried again when the content is next seen.
    pub fn refused_by_platform(&mut self, key: &str) {
        self.refused = self.refused.saturating_add(1);
        if let Some(seen) = self.seen.get_mut(key) {
            seen.written = None;
        }
    }

    /// Whether this isolate has written the address since then. If so it counts as not written any more.
    pub fn wrote(&mut self, key: &str, since: Millis) -> bool {
        let mut wrote = false;
        for key in self.variants(key) {
            let seen = self.seen.get_mut(&key);
            wrote |= seen.and_then(|seen| seen.written.take_if(|(_, at)| *at >= since)).is_some();
        }
        wrote
    }

    /// The names of an address' variants that are remembered.
    fn variants(&self, key: &str) -> Vec<String> {
        let start = [key, "#"].concat();
        let others = self.seen.starting(&start).map(|(name, _)| name.to_owned());
        std::iter::once(key.to_owned()).chain(others).collect()
    }

    /// How many writes were refused, by the share or by the platform: the owner is told.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether the store is asked for an address; what it lately had not, it still has not.
    pub fn asks(&self, key: &str, now: Millis) -> bool {
        let lately = |at: &Millis| now.saturating_sub(*at) < SPREAD_MS;
        key.len() <= KEY_BYTES && !self.missing.get(key).is_some_and(lately)
    }

    /// The store has nothing for the address.
    pub fn missing(&mut self, key: &str, now: Millis) {
        self.missing.put(key, now, now);
        if let Some(seen) = self.seen.get_mut(key) {
            seen.written = None;
        }
    }

    /// The origin was confirmed to say that the address is gone, or no more for all. Says whether the store is to be
    /// looked into for it. `held`: this place had an answer of it.
    pub fn gone(&mut self, key: &str, held: bool, now: Millis) -> bool {
        let looks = self.looks(key, held, now);
        let strange = !held && self.seen.get(key).is_none_or(|seen| seen.fingerprint.is_none());
        for key in self.variants(key) {
            if let Some(seen) = self.seen.get_mut(&key) {
                *seen = Seen::default();
            }
        }
        // What visitors make up does not push out what was really there.
        let known = !strange || self.gone.get(key).is_some();
        let list = if known { &mut self.gone } else { &mut self.strange };
        list.put(key, now, now);
        looks
    }

    /// A visitor was told that the address is gone, which says nothing yet. Says whether the store is to be looked
    /// into for it.
    pub fn looks(&mut self, key: &str, held: bool, now: Millis) -> bool {
        self.turn_day(now);
        let asks = self.asks(key, now);
        let strange = !held && self.seen.get(key).is_none_or(|seen| seen.fingerprint.is_none());
        if asks && strange {
            self.strange_looks = self.strange_looks.saturating_add(1);
            return self.strange_looks <= self.bounds.strange_looks_a_day;
        }
        asks
    }

    /// Whether what the store says counts: nothing that came before the origin declared it gone.
    pub fn counts(&self, key: &str, far: &StoredCopy) -> bool {
        let gone = self.gone.get(key).max(self.strange.get(key));
        gone.is_none_or(|gone| far.timing.responded_at > *gone)
    }

    fn turn_day(&mut self, now: Millis) {
        if now / DAY_MS != self.day {
            self.day = now / DAY_MS;
            self.share = Share::new(self.bounds.writes_a_day, self.day);
            self.strange_looks = 0;
        }
    }

    /// Other queries of this path that are written; none where it has no query.
    fn other_queries(&self, key: &str) -> u32 {
        let Some((path, _)) = key.split_once('?') else { return 0 };
        let start = format!("{path}?");
        let other = |name: &str| address_of(name) != address_of(key);
        let others = self.seen.starting(&start).filter(|(name, seen)| other(name) && seen.written.is_some());
        u32::try_from(others.count()).unwrap_or(u32::MAX)
    }
}

/// The key of the address of which this is a variant's name.
fn address_of(name: &str) -> &str {
    name.split_once('#').map_or(name, |(address, _)| address)
}

/// Whether writes are kept for this address: the start page and the owner's `PAGES`, as people see them.
pub fn is_reserved(watch: &Watch, settings: &Settings) -> bool {
    let path = &watch.request.url.path;
    let listed = path == "/" || settings.pages.iter().any(|page| page.path == *path);
    listed && watch.request.url.query.is_none() && watch.kind == Kind::Page
}

/// Whether the store that is everywhere may know better than what is held near.
pub fn may_know_better(near: Option<&StoredCopy>, watch: &Watch, settings: &Settings, now: Millis) -> bool {
    if !watch.lookup {
        return false;
    }
    let Some(near) = near else { return true };
    match near.usable(watch, settings, now) {
        Ok(_) => false,
        // A doubtful page, an error or a redirect: one visitor was told so. What was confirmed to be gone is gone there
        // too. Another place may have it newer, or in this visitor's variant.
        Err(CopyRefusal::None | CopyRefusal::TooOld | CopyRefusal::Forgotten | CopyRefusal::Variant) => true,
        Err(
            CopyRefusal::Off
            | CopyRefusal::Request
            | CopyRefusal::Authorization
            | CopyRefusal::Forbidden(_)
            | CopyRefusal::PastStaleIfError
            | CopyRefusal::Suspended
            | CopyRefusal::Deleted,
        ) => false,
    }
}

/// A fingerprint of content: FNV-1a.
pub fn fingerprint(body: &[u8]) -> u64 {
    body.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
