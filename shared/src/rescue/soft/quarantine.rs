//! When a doubtful answer is believed after all: the site may really have changed.

use crate::memory::Memory;
use crate::rescue::network::Networks;
use crate::time::Millis;

/// Variants of addresses that are remembered in one isolate.
const ROOM: usize = 256;
/// An answer that looks wrong is believed when it was seen so often, from two client networks,
const SIGHTINGS: u32 = 3;
/// over at least this time.
const OVER_MS: u64 = 60_000;

/// The doubtful answers of one isolate.
#[derive(Clone, Debug)]
pub struct Quarantine(Memory<Seen>);

/// What was seen of one variant of an address.
#[derive(Clone, Debug)]
struct Seen {
    /// Of its body, in bytes: tells it from another.
    length: u64,
    sightings: u32,
    networks: Networks,
    since: Millis,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl Quarantine {
    /// Notes that a client of this network got a doubtful answer. `true` where it has been seen long and often enough
    /// to be what the site now is, until a good one comes.
    pub fn believed(&mut self, variant: &str, length: u64, network: Option<&str>, now: Millis) -> bool {
        let first = Seen { length, sightings: 1, networks: Networks::of(network), since: now };
        // A page with a clock in it is never twice the same: about the same length will do.
        let known = self.0.get(variant).filter(|seen| seen.length.abs_diff(length) <= seen.length / 8);
        let seen = match known.cloned() {
            Some(mut seen) => {
                seen.sightings = seen.sightings.saturating_add(1);
                seen.networks.add(network);
                Seen { length, ..seen }
            }
            None => first,
        };
        let long = now.saturating_sub(seen.since) >= OVER_MS;
        let believed = seen.sightings >= SIGHTINGS && seen.networks.several && long;
        let since = seen.since;
        self.0.put_for(network, variant, seen, since);
        believed
    }

    /// A good answer came.
    pub fn cleared(&mut self, variant: &str) {
        self.0.remove(variant);
    }
}
