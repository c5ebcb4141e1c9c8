//! When a doubtful answer is believed after all: the site may really have changed.

use crate::memory::Memory;
use crate::time::Millis;

/// So many addresses are remembered in one isolate.
const ROOM: usize = 256;
/// An answer that looks wrong is believed when it was seen so often,
const SIGHTINGS: u32 = 3;
/// over at least this time.
const OVER_MS: u64 = 60_000;

/// The doubtful answers of one isolate.
#[derive(Clone, Debug)]
pub struct Quarantine(Memory<(u64, u32, Millis)>);

impl Default for Quarantine {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl Quarantine {
    /// Notes that a doubtful answer came for a key; `length` tells it from another. `true` where it has been
    /// seen long and often enough to be what the site now is, until a good one comes.
    pub fn believed(&mut self, key: &str, length: u64, now: Millis) -> bool {
        let (seen, count, since) = self.0.get(key).copied().unwrap_or((length, 0, now));
        // A page with a clock in it is never twice the same: about the same length will do.
        let same = seen.abs_diff(length) <= seen / 8;
        let (count, since) = if same { (count.saturating_add(1), since) } else { (1, now) };
        self.0.put(key, (length, count, since), since);
        count >= SIGHTINGS && now.saturating_sub(since) >= OVER_MS
    }

    /// A good answer came for the key.
    pub fn cleared(&mut self, key: &str) {
        self.0.remove(key);
    }
}
