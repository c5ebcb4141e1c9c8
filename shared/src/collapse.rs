//! Which of several requests for the same address asks the origin, within one isolate.
//!
//! The first asks; the others wait a little and look into the store again. Nobody awaits another request's
//! promise: the platform ends a request's work with the request. Addresses whose answers cannot be stored
//! are remembered, so that nobody waits for nothing.

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
    /// Somebody has been asking since then.
    Asking(Millis),
    /// The same, and the visitor who asked has been shown a copy.
    Late(Millis),
    /// The last answer could not be stored.
    Pass(Millis),
}

/// The flights of one isolate.
#[derive(Clone, Debug)]
pub struct Flights {
    flights: Memory<Flight>,
    patience_ms: u32,
}

impl Flights {
    /// `patience_ms`: nobody waits longer, and who asks is given up for lost after it.
    pub fn new(patience_ms: u32) -> Self {
        Self { flights: Memory::new(ROOM), patience_ms }
    }

    /// Whose turn it is. `waited_ms`: how long this request has waited already.
    pub fn turn(&mut self, key: &str, waited_ms: u32, now: Millis) -> Turn {
        match self.flights.get(key) {
            Some(Flight::Late(since)) if now.saturating_sub(*since) <= LATE_MS => Turn::Late,
            Some(Flight::Pass(at)) if now.saturating_sub(*at) <= PASS_MS => Turn::Ask,
            Some(Flight::Asking(since))
                if now.saturating_sub(*since) <= u64::from(self.patience_ms)
                    && waited_ms < self.patience_ms =>
            {
                Turn::Wait(LOOK_MS.min(self.patience_ms.saturating_sub(waited_ms)).max(1))
            }
            _ => {
                self.flights.put(key, Flight::Asking(now), now);
                Turn::Ask
            }
        }
    }

    /// The visitor who asks for this address does not wait for the answer any longer.
    pub fn late(&mut self, key: &str, now: Millis) {
        self.flights.put(key, Flight::Late(now), now);
    }

    /// The asking is over; `stored`: what came can be found in the store, or soon will be.
    pub fn over(&mut self, key: &str, stored: bool, now: Millis) {
        if stored {
            self.flights.remove(key);
        } else {
            self.flights.put(key, Flight::Pass(now), now);
        }
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
