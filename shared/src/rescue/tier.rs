//! What is worth a write into the store that is everywhere (KV), where a day has few of them.
//!
//! Only what was seen twice alike, and only where it changed since it was last written; not every query of
//! one path; and never more than an isolate's share of the day. Isolates know nothing of each other: the
//! share is a best effort.

use crate::time::Millis;
use std::collections::BTreeMap;

const DAY_MS: u64 = 86_400_000;
/// What was written so long ago is written again, or it would grow too old to be shown.
const RENEW_MS: u64 = DAY_MS;
/// So many addresses are remembered in one isolate.
const ROOM: usize = 1000;

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
    /// Larger than the store takes.
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
}

impl Default for Bounds {
    fn default() -> Self {
        // The free plan has 1,000 writes a day for all isolates together, and values of at most 25 MiB.
        Self { writes_a_day: 50, queries_a_path: 3, most_bytes: 20_000_000 }
    }
}

/// What one isolate remembers of its writes.
#[derive(Clone, Debug)]
pub struct Tier {
    bounds: Bounds,
    day: u64,
    written: u32,
    refused: u64,
    seen: BTreeMap<String, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    fingerprint: u64,
    written: Option<(u64, Millis)>,
    at: Millis,
}

impl Tier {
    /// Nothing seen, nothing written.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, day: 0, written: 0, refused: 0, seen: BTreeMap::new() }
    }

    /// Whether a good answer is written. `fingerprint` tells its content from another; `path` and `query` are
    /// its address'. Counts the write.
    pub fn write(
        &mut self,
        path: &str,
        query: Option<&str>,
        fingerprint: u64,
        bytes: u64,
        now: Millis,
    ) -> Result<(), NoWrite> {
        if bytes > self.bounds.most_bytes {
            return Err(NoWrite::TooLarge);
        }
        let key = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        let before = self.seen.get(&key).copied();
        let seen = Seen { fingerprint, written: before.and_then(|seen| seen.written), at: now };
        self.remember(key.clone(), seen);
        let Some(before) = before else { return Err(NoWrite::FirstSight) };
        if let Some((content, _)) = before.written.filter(|(_, at)| now.saturating_sub(*at) < RENEW_MS) {
            // What is different each time (a clock in the page) is left alone until it is old.
            if content == fingerprint {
                return Err(NoWrite::Unchanged);
            }
            if before.fingerprint != fingerprint {
                return Err(NoWrite::FirstSight);
            }
        }
        if query.is_some() && self.queries(path, &key) >= self.bounds.queries_a_path {
            return Err(NoWrite::Queries);
        }
        if now / DAY_MS != self.day {
            self.day = now / DAY_MS;
            self.written = 0;
        }
        if self.written >= self.bounds.writes_a_day {
            self.refused = self.refused.saturating_add(1);
            return Err(NoWrite::Share);
        }
        self.written = self.written.saturating_add(1);
        self.remember(key, Seen { written: Some((fingerprint, now)), ..seen });
        Ok(())
    }

    /// How many writes were refused because the share was used up: the owner is told.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Queries of this path that are written, beside this one.
    fn queries(&self, path: &str, key: &str) -> u32 {
        let start = format!("{path}?");
        let others = self.seen.range(start.clone()..).take_while(|(k, _)| k.starts_with(&start));
        u32::try_from(others.filter(|(k, seen)| *k != key && seen.written.is_some()).count())
            .unwrap_or(u32::MAX)
    }

    fn remember(&mut self, key: String, seen: Seen) {
        if self.seen.len() >= ROOM && !self.seen.contains_key(&key) {
            let oldest = self.seen.iter().min_by_key(|(_, seen)| seen.at).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.seen.remove(&key));
        }
        self.seen.insert(key, seen);
    }
}

/// A fingerprint of content: FNV-1a.
pub fn fingerprint(body: &[u8]) -> u64 {
    body.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
