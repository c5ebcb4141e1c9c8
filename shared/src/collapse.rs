//! Which of several requests for the same address asks the origin, within one isolate.
//!
//! The first asks; the others wait a little and look into the store again. Nobody awaits another request's
//! promise: the platform ends a request's work with the request. Addresses whose answers cannot be stored
//! are remembered, so that nobody waits for nothing. Where one address comes again that had kept its visitors
//! waiting for too long, the others are asked for again too: what was sent to them before hangs for the same reason.

use crate::memory::Memory;
use crate::time::Millis;

/// So many addresses are remembered; the oldest go first.
const ROOM: usize = 512;
/// For so long an answer that could not be stored is a reason not to wait.
const PASS_MS: u64 = 60_000;
/// So long nobody else asks: then perhaps it is quick again, and the old connection hangs for ever.
const LATE_MS: u64 = 3_000;
/// Those who wait look again after so long.
const LOOK_MS: u32 = 40;

/// What a request for an address does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Ask the origin, and say when it is over.
    Ask,
    /// Wait so many milliseconds, look into the store, and come again.
    Wait(u32),
    /// Somebody has asked for long, and waits no more: who has a copy need not begin to wait.
    Late,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    /// Somebody has been asking since then; `again`: the last time it took too long.
    Asking { since: Millis, again: bool },
    /// Somebody asked then, and since `since` does not wait any more, but has been shown a copy.
    Late { asked: Millis, since: Millis },
    /// The last answer could not be stored.
    Pass(Millis),
}

/// The flights of one isolate.
#[derive(Clone, Debug)]
pub struct Flights {
    flights: Memory<Flight>,
    patience_ms: u32,
    /// When the last request was sent that showed that what had taken too long comes again.
    back_at: Millis,
}

impl Flights {
    /// `patience_ms`: nobody waits longer, and who asks is given up for lost after it.
    pub fn new(patience_ms: u32) -> Self {
        Self { flights: Memory::new(ROOM), patience_ms, back_at: 0 }
    }

    /// Whose turn it is. `waited_ms`: how long this request has waited already.
    pub fn turn(&mut self, key: &str, waited_ms: u32, now: Millis) -> Turn {
        match self.flights.get(key) {
            Some(Flight::Late { asked, since })
                if *asked >= self.back_at && now.saturating_sub(*since) <= LATE_MS =>
            {
                Turn::Late
            }
            Some(Flight::Pass(at)) if now.saturating_sub(*at) <= PASS_MS => Turn::Ask,
            Some(Flight::Asking { since, .. })
                if now.saturating_sub(*since) <= u64::from(self.patience_ms)
                    && waited_ms < self.patience_ms =>
            {
                Turn::Wait(LOOK_MS.min(self.patience_ms.saturating_sub(waited_ms)).max(1))
            }
            last => {
                let again = matches!(last, Some(Flight::Late { .. }));
                self.flights.put(key, Flight::Asking { since: now, again }, now);
                Turn::Ask
            }
        }
    }

    /// The visitor who has asked for this address since `asked` does not wait for the answer any longer.
    pub fn late(&mut self, key: &str, asked: Millis, now: Millis) {
        // Somebody who asked later may not have to wait.
        if matches!(self.flights.get(key), Some(Flight::Asking { since, .. }) if *since > asked) {
            return;
        }
        self.flights.put(key, Flight::Late { asked, since: now }, now);
    }

    /// The asking is over; `stored`: what came can be found in the store, or soon will be.
    pub fn over(&mut self, key: &str, stored: bool, now: Millis) {
        if stored {
            if let Some(Flight::Asking { since, again: true }) = self.flights.get(key) {
                self.back_at = self.back_at.max(*since);
            }
            self.flights.remove(key);
        } else {
            self.flights.put(key, Flight::Pass(now), now);
        }
    }

    /// Nobody asks after all: the next may.
    pub fn give_back(&mut self, key: &str) {
        self.flights.remove(key);
    }

    /// How many addresses are remembered.
    pub fn len(&self) -> usize {
        self.flights.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}
