//! What this isolate remembers from request to request: the breaker, the purse of retries, who asks for what.
//!
//! Nothing of a visitor's is in it. An isolate that starts anew, or whose wasm trapped, begins with a closed
//! breaker; the rules are `backsoon`'s.

use crate::convert::{dice, now};
use backsoon::breaker::{Admission, Asker, Breaker};
use backsoon::collapse::{Flights, Turn};
use backsoon::rescue::soft::Quarantine;
use backsoon::rescue::{Failure, Settings, Watch};
use backsoon::retry::Budget;
use backsoon::status::health::reference;
use backsoon::status::{Health, ProxyError};
use std::cell::RefCell;

/// So long a request waits for another one that fetches the same.
const COLLAPSE_MS: u32 = 2000;

struct Isolate {
    breaker: Breaker,
    budget: Budget,
    flights: Flights,
    health: Health,
    quarantine: Quarantine,
}

thread_local! {
    static ISOLATE: RefCell<Option<Isolate>> = const { RefCell::new(None) };
}

/// Nothing here awaits, so the state is never borrowed twice; `fallback` is for the day when that changes.
fn with<T>(settings: &Settings, fallback: T, work: impl FnOnce(&mut Isolate) -> T) -> T {
    ISOLATE.with(|cell| {
        let Ok(mut isolate) = cell.try_borrow_mut() else { return fallback };
        work(isolate.get_or_insert_with(|| Isolate {
            breaker: Breaker::new(settings.breaker),
            budget: Budget::default(),
            flights: Flights::new(COLLAPSE_MS),
            health: Health::default(),
            quarantine: Quarantine::default(),
        }))
    })
}

/// Whether this request asks the origin.
pub fn admit(settings: &Settings, asker: Asker) -> Admission {
    with(settings, Admission::Ask, |isolate| isolate.breaker.admit(asker, now(), dice()))
}

/// Whose turn it is to ask for this address.
pub fn turn(settings: &Settings, key: &str, waited_ms: u32) -> Turn {
    with(settings, Turn::Ask, |isolate| isolate.flights.turn(key, waited_ms, now()))
}

/// The asking for this address is over; `stored`: its answer is in the store.
pub fn over(settings: &Settings, key: &str, stored: bool) {
    with(settings, (), |isolate| isolate.flights.over(key, stored, now()));
}

/// A request was sent to the origin for the first time.
pub fn sent(settings: &Settings) {
    with(settings, (), |isolate| isolate.budget.sent());
}

/// Whether a failed request is sent once more.
pub fn retries(settings: &Settings, watch: &Watch, failure: &Failure, tries: u32) -> bool {
    with(settings, false, |isolate| isolate.budget.retry(&watch.request, watch.wants, failure, tries).is_ok())
}

/// The origin gave a proper answer.
pub fn answered(settings: &Settings) {
    with(settings, (), |isolate| {
        isolate.breaker.answered(now());
        isolate.health.answered(now());
    });
}

/// The origin failed, or was not asked because it fails. Gives the word by which the visitor and the owner can
/// speak of this outage.
pub fn failed(settings: &Settings, failure: &Failure, probe: bool, copy_shown: bool) -> String {
    with(settings, reference(now()), |isolate| {
        if failure.asked {
            isolate.breaker.failed(failure, probe, copy_shown, now(), dice());
        }
        // Anybody can send the field of a circle: it tells of the sender, not of the origin.
        if failure.error != ProxyError::ProxyLoopDetected {
            isolate.health.failed(now(), copy_shown);
        }
        isolate.health.reference().unwrap_or_else(|| reference(now()))
    })
}

/// Whether a doubtful answer of this length has been seen often enough to be what the site now is.
pub fn believed(settings: &Settings, key: &str, length: u64) -> bool {
    with(settings, false, |isolate| isolate.quarantine.believed(key, length, now()))
}

/// A good answer came for the key.
pub fn cleared(settings: &Settings, key: &str) {
    with(settings, (), |isolate| isolate.quarantine.cleared(key));
}

/// Whether the breaker waits for somebody to probe.
pub fn probe_due(settings: &Settings) -> bool {
    with(settings, false, |isolate| isolate.breaker.probe_due(now()))
}

/// What this isolate has lately seen of the origin.
pub fn health(settings: &Settings) -> Health {
    with(settings, Health::default(), |isolate| isolate.health.clone())
}
