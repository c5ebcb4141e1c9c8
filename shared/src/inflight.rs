//! How much an isolate holds of answers that are being kept while a visitor gets them.
//!
//! While an answer is kept its bytes are held here, and whatever the visitor has not taken yet waits in the
//! platform's buffers. An isolate has 128 MB for everything: what would exceed the room is handed on without
//! being kept. Nobody tells when a slow visitor has the last byte, so that is reckoned from a pace.

use crate::time::Millis;

/// Bytes of all answers together.
const ROOM: u64 = 32 * 1024 * 1024;
/// The clients of one network hold one in so many bytes of it at most.
const SHARE: u64 = 4;
/// An answer of unknown length is reckoned with so many bytes more each time that it proves longer.
pub const STEP: u64 = 512 * 1024;
/// What is no larger is in the line's own buffers as soon as it is here.
const SMALL: u64 = 64 * 1024;
/// Bytes that a visitor is taken to fetch in a millisecond (2 Mbit/s).
const PACE: u64 = 256;
/// An answer that is not kept after so long is given up by the platform too, and nobody says so.
const LOST_MS: u64 = 300_000;

/// One answer.
#[derive(Clone, Debug)]
struct Hold {
    id: u32,
    bytes: u64,
    /// The client's; `None` where nobody tells.
    network: Option<String>,
    until: Millis,
}

/// All answers that are being kept.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    holds: Vec<Hold>,
    next: u32,
}

impl InFlight {
    /// Takes in one more of so many bytes (`STEP` where its length is unknown) for a client of this network; `None` where
    /// there is no room.
    pub fn take(&mut self, bytes: u64, network: Option<&str>, now: Millis) -> Option<u32> {
        self.holds.retain(|hold| hold.until > now);
        if !self.has_room(bytes, network, None) {
            return None;
        }
        self.next = self.next.wrapping_add(1);
        let (network, until) = (network.map(str::to_owned), now.saturating_add(LOST_MS));
        self.holds.push(Hold { id: self.next, bytes, network, until });
        Some(self.next)
    }

    /// Whether there is room for so many bytes more, of a new answer or of the one with this id. One alone may be larger
    /// than its network's part.
    fn has_room(&self, bytes: u64, network: Option<&str>, id: Option<u32>) -> bool {
        let own = || self.holds.iter().filter(|hold| network.is_some() && hold.network.as_deref() == network);
        let alone = own().all(|hold| Some(hold.id) == id);
        let held: u64 = own().map(|hold| hold.bytes).sum();
        (alone || held.saturating_add(bytes) <= ROOM / SHARE) && self.bytes().saturating_add(bytes) <= ROOM
    }

    /// Whether there is room for `STEP` more bytes of it.
    pub fn more(&mut self, id: u32, now: Millis) -> bool {
        let network = self.holds.iter().find(|hold| hold.id == id).map(|hold| hold.network.clone());
        let room = network.is_some_and(|network| self.has_room(STEP, network.as_deref(), Some(id)));
        match self.holds.iter_mut().find(|hold| hold.id == id) {
            Some(hold) if room => {
                hold.bytes = hold.bytes.saturating_add(STEP);
                hold.until = now.saturating_add(LOST_MS);
                true
            }
            _ => false,
        }
    }

    /// Nothing of it is read any more: from now on only the visitor's line holds what is left of it. `length`: of
    /// the whole body, where that came.
    pub fn over(&mut self, id: u32, length: Option<u64>, now: Millis) {
        for hold in self.holds.iter_mut().filter(|hold| hold.id == id) {
            hold.bytes = length.unwrap_or(hold.bytes);
            let waits_ms = if hold.bytes > SMALL { hold.bytes / PACE } else { 0 };
            hold.until = now.saturating_add(waits_ms);
        }
        self.holds.retain(|hold| hold.until > now);
    }

    /// Bytes that are held.
    pub fn bytes(&self) -> u64 {
        self.holds.iter().map(|hold| hold.bytes).sum()
    }
}
