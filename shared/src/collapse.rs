//! Which of several requests for the same address asks the origin, within one isolate.
//!
//! The first asks; the others wait a little and look into the store again. Nobody awaits another request's
//! promise: the platform ends a request's work with the request. Addresses whose answers cannot be stored
//! are remembered, so that nobody waits for nothing. Where one address of a site comes again that had kept its
//! visitors waiting for too long, its others are asked for again too: what was sent to them before may hang for the
//! same reason. (Each still by one, and at most twice as often as without that: a site of which a part hangs for good
//! must not make everybody wait at each answer of the rest.)
//!
//! Only requests that identify nobody take part: what hangs for one account may be quick for all others. For the same
//! reason an address is late for everybody only where clients of two networks have waited too long.

use crate::memory::Memory;
use crate::rescue::OWN_PATH;
use crate::rescue::network::Networks;
use crate::time::Millis;

/// So many addresses are remembered; the oldest go first.
const ROOM: usize = 512;
/// For so long an answer that could not be stored is a reason not to wait.
const PASS_MS: u64 = 60_000;
/// So long nobody else asks: then perhaps it is quick again, and the old connection hangs for ever.
const LATE_MS: u64 = 3_000;
/// So many sites are told apart.
const SITES: usize = 64;
/// Longer ago it says nothing that an address was late.
const AGAIN_MS: u64 = 60_000;
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
    /// Whose patience ran out for an address, and when last.
    waited: Memory<(Networks, Millis)>,
    /// When the request was sent that showed that what had taken too long comes again, for each site.
    back: Memory<Millis>,
}

impl Flights {
    /// `patience_ms`: nobody waits longer, and who asks is given up for lost after it.
    pub fn new(patience_ms: u32) -> Self {
        Self { flights: Memory::new(ROOM), patience_ms, waited: Memory::new(ROOM), back: Memory::new(SITES) }
    }

    /// Whose turn it is. `waited_ms`: how long this request has waited already; `network`: the client's.
    pub fn turn(&mut self, key: &str, waited_ms: u32, network: Option<&str>, now: Millis) -> Turn {
        let back_at = self.back_at(key, now);
        let tells = self.waited.get(key).is_some_and(|(networks, _)| networks.tell(network));
        match self.flights.get(key) {
            Some(Flight::Late { asked, since })
                if tells && *asked >= back_at && *since <= now && now.saturating_sub(*since) <= LATE_MS =>
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
                let again = match last {
                    Some(Flight::Late { since, .. } | Flight::Asking { since, again: true }) => {
                        now.saturating_sub(*since) <= AGAIN_MS
                    }
                    _ => false,
                };
                self.flights.put(key, Flight::Asking { since: now, again }, now);
                Turn::Ask
            }
        }
    }

    /// The visitor of this network who has asked for this address since `asked` does not wait for the answer any longer.
    pub fn late(&mut self, key: &str, asked: Millis, network: Option<&str>, now: Millis) {
        let waited = self.waited.get(key).filter(|(_, at)| now.saturating_sub(*at) <= AGAIN_MS).cloned();
        let networks = match waited {
            Some((mut networks, _)) => {
                networks.add(network);
                networks
            }
            None => Networks::of(network),
        };
        self.waited.put(key, (networks, now), now);
        // Somebody who asked after the return need not wait, only because this one still does.
        let newer = matches!(self.flights.get(key), Some(Flight::Asking { since, .. }) if *since > asked);
        if newer && asked < self.back_at(key, now) {
            return;
        }
        let asked = match self.flights.get(key) {
            Some(Flight::Late { asked: last, .. }) => asked.max(*last),
            _ => asked,
        };
        self.flights.put(key, Flight::Late { asked, since: now }, now);
    }

    /// What was asked then is over; `stored`: what came can be found in the store, or soon will be.
    pub fn over(&mut self, key: &str, stored: bool, asked: Millis, now: Millis) {
        match self.flights.get(key) {
            // An old line's end is not the end of what was asked since.
            Some(Flight::Asking { since, .. }) if *since > asked => {}
            Some(Flight::Late { asked: last, .. }) if !stored && *last > asked => {}
            // What hung and then broke: the next may ask at once, but one alone, as before.
            Some(Flight::Late { asked: last, .. }) if !stored => {
                let since = now.saturating_sub(LATE_MS.saturating_add(1));
                self.flights.put(key, Flight::Late { asked: *last, since }, now);
            }
            _ if stored => {
                self.flights.remove(key);
                self.waited.remove(key);
            }
            _ => self.flights.put(key, Flight::Pass(now), now),
        }
    }

    /// The whole of an answer came to what was asked then. To be told before `over`.
    pub fn came(&mut self, key: &str, asked: Millis, now: Millis) {
        // An older request's answer says nothing of now.
        let again = matches!(
            self.flights.get(key),
            Some(Flight::Asking { since, again: true }) if *since <= asked
        );
        let in_time = now.saturating_sub(asked) <= self.patience_ms.into();
        let every = LATE_MS.saturating_add(self.patience_ms.into());
        if again && in_time && asked.saturating_sub(self.back_at(key, now)) > every {
            self.back.put(site(key), asked, now);
        }
    }

    /// Since when the key's site is back; a clock that was put back does not count.
    fn back_at(&self, key: &str, now: Millis) -> Millis {
        self.back.get(site(key)).copied().filter(|at| *at <= now).unwrap_or(0)
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

/// Scheme and host.
fn site(key: &str) -> &str {
    key.split_once(OWN_PATH).map_or("", |(site, _)| site)
}
