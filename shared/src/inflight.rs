//! How much an isolate holds of answers that are being kept while a visitor gets them.
//!
//! While an answer is kept its bytes are held here, and whatever the visitor has not taken yet waits in the
//! platform's buffers. An isolate has 128 MB for everything: what would exceed the room is handed on without
//! being kept. Nobody tells when a slow visitor has the last byte, so that is reckoned from a pace.

use crate::time::Millis;

/// Bytes of all answers together.
const ROOM: u64 = 32 * 1024 * 1024;
/// An answer of unknown length is reckoned with so many bytes more each time that it proves longer.
pub const STEP: u64 = 512 * 1024;
/// What is no larger is in the line's own buffers as soon as it is here.
const SMALL: u64 = 64 * 1024;
/// Bytes that a visitor is taken to fetch in a millisecond (2 Mbit/s).
const PACE: u64 = 256;
/// An answer that is not kept after so long is given up by the platform too, and nobody says so.
const LOST_MS: u64 = 300_000;

/// One answer.
#[derive(Clone, Copy, Debug)]
struct Hold {
    id: u32,
    bytes: u64,
    until: Millis,
}

/// All answers that are being kept.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    holds: Vec<Hold>,
    next: u32,
}

impl InFlight {
    /// Takes in one more of so many bytes (`STEP` where its length is unknown); `None` where there is no room.
    pub fn take(&mut self, bytes: u64, now: Millis) -> Option<u32> {
        self.holds.retain(|hold| hold.until > now);
        if self.bytes().saturating_add(bytes) > ROOM {
            return None;
        }
        self.next = self.next.wrapping_add(1);
        self.holds.push(Hold { id: self.next, bytes, until: now.saturating_add(LOST_MS) });
        Some(self.next)
    }

    /// Whether there is room for `STEP` more bytes of it.
    pub fn more(&mut self, id: u32, now: Millis) -> bool {
        let room = self.bytes().saturating_add(STEP) <= ROOM;
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
