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
use std::collections::BTreeMap;

/// So long a request waits for another one that fetches the same.
const COLLAPSE_MS: u32 = 2000;

/// So many hosts are told apart; one more, and all that is known is forgotten, which closes every breaker.
const MOST_HOSTS: usize = 64;

/// What is known of one origin. Without the setting ORIGIN each host of the zone has its own.
struct Origin {
    breaker: Breaker,
    budget: Budget,
    health: Health,
}

struct Isolate {
    origins: BTreeMap<String, Origin>,
    flights: Flights,
    quarantine: Quarantine,
}

thread_local! {
    static ISOLATE: RefCell<Option<Isolate>> = const { RefCell::new(None) };
}

/// Nothing here awaits, so the state is never borrowed twice; `fallback` is for the day when that changes.
fn with<T>(fallback: T, work: impl FnOnce(&mut Isolate) -> T) -> T {
    ISOLATE.with(|cell| {
        let Ok(mut isolate) = cell.try_borrow_mut() else { return fallback };
        work(isolate.get_or_insert_with(|| Isolate {
            origins: BTreeMap::new(),
            flights: Flights::new(COLLAPSE_MS),
            quarantine: Quarantine::default(),
        }))
    })
}

/// The same for the origin behind `host`: one dead host must not close the others.
fn origin<T>(settings: &Settings, host: &str, fallback: T, work: impl FnOnce(&mut Origin) -> T) -> T {
    let host = if settings.origin.is_some() { "" } else { host };
    with(fallback, |isolate| {
        if isolate.origins.len() >= MOST_HOSTS && !isolate.origins.contains_key(host) {
            isolate.origins.clear();
        }
        work(isolate.origins.entry(host.to_owned()).or_insert_with(|| Origin {
            breaker: Breaker::new(settings.breaker),
            budget: Budget::default(),
            health: Health::default(),
        }))
    })
}

/// Whether this request asks the origin.
pub fn admit(settings: &Settings, host: &str, asker: Asker) -> Admission {
    origin(settings, host, Admission::Ask, |origin| origin.breaker.admit(asker, now(), dice()))
}

/// Whose turn it is to ask for this address.
pub fn turn(key: &str, waited_ms: u32) -> Turn {
    with(Turn::Ask, |isolate| isolate.flights.turn(key, waited_ms, now()))
}

/// The asking for this address is over; `stored`: its answer is in the store.
pub fn over(key: &str, stored: bool) {
    with((), |isolate| isolate.flights.over(key, stored, now()));
}

/// A request was sent to the origin for the first time.
pub fn sent(settings: &Settings, host: &str) {
    origin(settings, host, (), |origin| origin.budget.sent());
}

/// Whether a failed request is sent once more.
pub fn retries(settings: &Settings, watch: &Watch, failure: &Failure, tries: u32) -> bool {
    origin(settings, &watch.request.url.host, false, |origin| {
        origin.budget.retry(&watch.request, watch.wants, failure, tries).is_ok()
    })
}

/// The origin gave a proper answer.
pub fn answered(settings: &Settings, host: &str) {
    origin(settings, host, (), |origin| {
        origin.breaker.answered(now());
        origin.health.answered(now());
    });
}

/// The origin failed, or was not asked because it fails. Gives the word by which the visitor and the owner can
/// speak of this outage.
pub fn failed(settings: &Settings, host: &str, failure: &Failure, probe: bool, copy_shown: bool) -> String {
    origin(settings, host, reference(now()), |origin| {
        if failure.asked {
            origin.breaker.failed(failure, probe, copy_shown, now(), dice());
        }
        // Anybody can send the field of a circle: it tells of the sender, not of the origin.
        if failure.error != ProxyError::ProxyLoopDetected {
            origin.health.failed(now(), copy_shown);
        }
        origin.health.reference().unwrap_or_else(|| reference(now()))
    })
}

/// Whether a doubtful answer of this length has been seen often enough to be what the site now is.
pub fn believed(key: &str, length: u64) -> bool {
    with(false, |isolate| isolate.quarantine.believed(key, length, now()))
}

/// A good answer came for the key.
pub fn cleared(key: &str) {
    with((), |isolate| isolate.quarantine.cleared(key));
}

/// Whether the breaker waits for somebody to probe.
pub fn probe_due(settings: &Settings, host: &str) -> bool {
    origin(settings, host, false, |origin| origin.breaker.probe_due(now()))
}

/// What this isolate has lately seen of the origin.
pub fn health(settings: &Settings, host: &str) -> Health {
    origin(settings, host, Health::default(), |origin| origin.health.clone())
}
