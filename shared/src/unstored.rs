//! Addresses of which an isolate knows that the store holds nothing, so that neither a look-up nor a deletion is
//! needed for each of many personal answers. Knows nothing of other isolates: what they have stored meanwhile is
//! missed for a few seconds by who could have asked the origin anyway; a failure always looks.

use crate::memory::Memory;
use crate::time::Millis;

/// So many addresses are remembered.
const ROOM: usize = 512;
/// For so long nothing that was found is nothing. Short: another isolate of the place may store it meanwhile.
const HOLDS_MS: u64 = 10_000;

/// What one isolate knows.
#[derive(Clone, Debug)]
pub struct Unstored {
    known: Memory<Millis>,
}

impl Default for Unstored {
    fn default() -> Self {
        Self { known: Memory::new(ROOM) }
    }
}

impl Unstored {
    /// Nothing was found under the key, and the answer that came was not to be stored.
    pub fn found_nothing(&mut self, key: &str, now: Millis) {
        self.known.put(key, now, now);
    }

    /// Something is stored under the key.
    pub fn stored(&mut self, key: &str) {
        self.known.remove(key);
    }

    /// Whether a look-up would find nothing.
    pub fn holds(&self, key: &str, now: Millis) -> bool {
        self.known.get(key).is_some_and(|at| now.saturating_sub(*at) < HOLDS_MS && *at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_for_ten_seconds_or_until_something_is_stored() {
        let mut unstored = Unstored::default();
        assert!(!unstored.holds("a", 1000));
        unstored.found_nothing("a", 1000);
        assert!(unstored.holds("a", 1000) && unstored.holds("a", 10_999));
        assert!(!unstored.holds("a", 11_000) && !unstored.holds("b", 1000));
        // A clock that was set back says nothing.
        assert!(!unstored.holds("a", 999));
        unstored.stored("a");
        assert!(!unstored.holds("a", 1001));
    }
}
