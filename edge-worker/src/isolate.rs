//! What this isolate remembers from request to request: the breaker, the purse of retries, who asks for what.
//!
//! Nothing of a visitor's is in it. An isolate that starts anew, or whose wasm trapped, begins with a closed
//! breaker; the rules are `backsoon`'s.

mod claims;

use crate::convert::{dice, now};
use backsoon::breaker::{Admission, Asker, Breaker, Target, Witness as ByWhom, may_be_repeated};
use backsoon::collapse::{Flights, Turn};
use backsoon::inflight::InFlight;
use backsoon::memory::Memory;
use backsoon::pace::Pace;
use backsoon::rescue::closure::{Asked, Known, Need, Round, Rounds};
use backsoon::rescue::confirmations::Confirmations;
use backsoon::rescue::coverage::Coverage;
use backsoon::rescue::failure::{from_open_breaker, from_slow};
use backsoon::rescue::firewall::{Firewall, is_refusal};
use backsoon::rescue::first_cookie::{FirstCookies, Witness};
use backsoon::rescue::network::network_of;
use backsoon::rescue::patience::is_quick;
use backsoon::rescue::preflight::Preflights;
use backsoon::rescue::soft::second_look::{GoodAddress, Met, SecondLooks, Suspect};
use backsoon::rescue::soft::{CatchAll, Evidence, Held, Quarantine, Spread};
use backsoon::rescue::tier::{Bounds, Sighting, Tier};
use backsoon::rescue::{AnswerHead, Failure, Settings, StoredCopy, Url, Watch};
use backsoon::retry::Budget;
use backsoon::status::ProxyError;
use backsoon::status::state::reference;
use backsoon::unstored::Unstored;
use std::cell::RefCell;

pub use claims::*;

/// So long a request waits for another one that fetches the same.
const COLLAPSE_MS: u32 = 2000;

/// So many hosts are told apart; one more, and what was longest known is forgotten, which closes its breaker.
const MOST_HOSTS: usize = 64;

/// What is known of one origin. Without the setting ORIGIN each host of the zone has its own.
struct Origin {
    breaker: Breaker,
    budget: Budget,
    pace: Pace,
    start_page: Option<Coverage>,
    second_looks: SecondLooks,
    firewall: Firewall,
}

struct Isolate {
    origins: Memory<Origin>,
    flights: Flights,
    unstored: Unstored,
    quarantine: Quarantine,
    catch_all: CatchAll,
    tier: Tier,
    rounds: Rounds,
    in_flight: InFlight,
    first_cookies: FirstCookies,
    asked: Asked,
    confirmations: Confirmations,
}

thread_local! {
    static ISOLATE: RefCell<Option<Box<Isolate>>> = const { RefCell::new(None) };
}

/// Nothing here awaits, so the state is never borrowed twice; `fallback` is for the day when that changes.
fn with<T>(fallback: T, work: impl FnOnce(&mut Isolate) -> T) -> T {
    attempt(work).unwrap_or(fallback)
}

fn attempt<T>(work: impl FnOnce(&mut Isolate) -> T) -> Option<T> {
    ISOLATE.with(|cell| {
        let mut isolate = cell.try_borrow_mut().ok()?;
        Some(work(isolate.get_or_insert_with(started)))
    })
}

// What is the same for all uses stands once in the wasm.
#[inline(never)]
fn started() -> Box<Isolate> {
    Box::new(Isolate {
        origins: Memory::new(MOST_HOSTS),
        flights: Flights::new(COLLAPSE_MS),
        unstored: Unstored::default(),
        quarantine: Quarantine::default(),
        catch_all: CatchAll::default(),
        tier: Tier::new(Bounds::default()),
        rounds: Rounds::default(),
        in_flight: InFlight::default(),
        first_cookies: FirstCookies::default(),
        asked: Asked::default(),
        confirmations: Confirmations::default(),
    })
}

/// The same for the origin behind `host`: one dead host must not close the others.
fn origin<T>(settings: &Settings, host: &str, fallback: T, work: impl FnOnce(&mut Origin) -> T) -> T {
    attempt(|isolate| known(isolate, settings, host).map(work)).flatten().unwrap_or(fallback)
}

#[inline(never)]
fn known<'a>(isolate: &'a mut Isolate, settings: &Settings, host: &str) -> Option<&'a mut Origin> {
    let host = if settings.origin.is_some() { "" } else { host };
    if isolate.origins.get(host).is_none() {
        let new = Origin {
            breaker: Breaker::new(settings.breaker),
            budget: Budget::default(),
            pace: Pace::default(),
            start_page: None,
            second_looks: SecondLooks::default(),
            firewall: Firewall::default(),
        };
        isolate.origins.put(host, new, now());
    } else if isolate.origins.len() >= MOST_HOSTS / 2 {
        // Hosts that somebody makes up go before those that are visited.
        isolate.origins.touch(host, now());
    }
    isolate.origins.get_mut(host)
}

/// Whether this request asks the origin.
pub fn admit(settings: &Settings, host: &str, asker: Asker<'_>) -> Admission {
    origin(settings, host, Admission::Ask, |origin| origin.breaker.admit(asker, now(), dice()))
}

/// Whose turn it is to ask for this address.
pub fn turn(watch: &Watch, waited_ms: u32) -> Turn {
    let network = network_of(&watch.request.headers);
    with(Turn::Ask, |isolate| isolate.flights.turn(&watch.key, waited_ms, network.as_deref(), now()))
}

/// What was asked then for this address is over; `stored`: its answer is in the store.
pub fn over(watch: &Watch, stored: bool, asked: u64) {
    if watch.coalesces() {
        with((), |isolate| isolate.flights.over(&watch.key, stored, asked, now()));
    }
}

/// The whole of the address' answer came, to what was asked then.
pub fn came(watch: &Watch, asked: u64) {
    if watch.coalesces() {
        with((), |isolate| isolate.flights.came(&watch.key, asked, now()));
    }
}

/// Nobody asks for this address after all.
pub fn give_back(key: &str) {
    with((), |isolate| isolate.flights.give_back(key));
}

/// A request was sent to the origin for the first time; `aside`: no visitor waits for it.
pub fn sent(settings: &Settings, host: &str, aside: bool) {
    origin(settings, host, (), |origin| {
        origin.budget.sent();
        if !aside {
            origin.pace.sent(now());
        }
    });
}

/// Whether something that no visitor waits for may be asked now.
pub fn refills(settings: &Settings, host: &str) -> bool {
    origin(settings, host, false, |origin| origin.pace.refills(now()))
}

/// Whether a failed request is sent once more.
pub fn retries(settings: &Settings, watch: &Watch, failure: &Failure, tries: u32) -> bool {
    let network = network_of(&watch.request.headers);
    origin(settings, &watch.request.url.host, false, |origin| {
        origin.breaker.may_retry(&watch.request.url.path, network.as_deref(), now())
            && origin.budget.retry(&watch.request, watch.wants, failure, tries).is_ok()
    })
}

/// The origin gave a proper answer, after so many milliseconds.
pub fn answered(settings: &Settings, watch: &Watch, took_ms: u32) {
    let url = &watch.request.url;
    origin(settings, &url.host, (), |origin| match is_quick(settings, took_ms) {
        true => origin.breaker.answered(&url.path, now()),
        false => {
            let sent = now().saturating_sub(took_ms.into());
            origin.breaker.answered_slowly(&url.path, sent, now(), dice());
        }
    });
}

/// The origin failed, or was not asked because it fails. Gives the word by which the visitor and the owner can
/// speak of this outage.
pub fn failed(
    settings: &Settings,
    watch: &Watch,
    failure: &Failure,
    probe: bool,
    copy_shown: bool,
) -> String {
    origin(settings, &watch.request.url.host, reference(now()), |origin| {
        if is_refusal(failure) {
            // The origin answers: `status` says by itself that it refuses everybody.
            return reference(now());
        }
        let network = network_of(&watch.request.headers);
        let witness = ByWhom::of(watch, network.as_deref(), probe);
        if failure.pending {
            origin.breaker.late(failure.elapsed_ms, witness, copy_shown, now(), dice());
        } else if failure.asked {
            origin.breaker.failed(failure, witness, copy_shown, now(), dice());
        } else if failure.error != ProxyError::ProxyLoopDetected {
            // Anybody can send the field of a circle: it tells of the sender, not of the origin.
            origin.breaker.unasked(copy_shown);
        }
        origin.breaker.reference().unwrap_or_else(|| reference(now()))
    })
}

/// Whether whoever has a copy is not made to wait for the origin.
pub fn is_slow(settings: &Settings, host: &str) -> bool {
    origin(settings, host, false, |origin| origin.breaker.is_slow())
}

/// Whether it answers all the same, so that what is shown stale can be refreshed.
pub fn lives_slowly(settings: &Settings, host: &str) -> bool {
    origin(settings, host, false, |origin| origin.breaker.lives_slowly())
}

/// Why a visitor with a copy is not let through to the origin: it is slow, or it fails, or has just come back and is
/// asked by few.
pub fn why_unasked(settings: &Settings, url: &Url) -> Failure {
    let slow = !holds(settings, url) && is_slow(settings, &url.host);
    if slow { from_slow() } else { from_open_breaker() }
}

/// The visitor who has asked for this address since `asked` waits no longer.
pub fn late_for(watch: &Watch, asked: u64) {
    if watch.coalesces() {
        let network = network_of(&watch.request.headers);
        with((), |isolate| isolate.flights.late(&watch.key, asked, network.as_deref(), now()));
    }
}

/// Whether a look into the store would find nothing under the key.
pub fn nothing_stored(key: &str) -> bool {
    with(false, |isolate| isolate.unstored.holds(key, now()))
}

/// Nothing was found under the key, and the answer that came was not to be stored.
pub fn found_nothing(key: &str) {
    with((), |isolate| isolate.unstored.found_nothing(key, now()));
}

/// Something is being stored under the key.
pub fn stored(key: &str) {
    with((), |isolate| isolate.unstored.stored(key));
}

/// Whether a doubtful answer of this length has been seen often enough to be what the site now is.
pub fn believed(variant: &str, length: u64, network: Option<&str>) -> bool {
    with(false, |isolate| isolate.quarantine.believed(variant, length, network, now()))
}

/// A good answer came for the key.
pub fn cleared(variant: &str) {
    with((), |isolate| isolate.quarantine.cleared(variant));
}

/// A page whose looks are good came for the key: what its spreading over the site says of it.
pub fn sighted(key: &str, print: u64, held: Option<Held>) -> Spread {
    with(Spread::Usual, |isolate| isolate.catch_all.sighted(key, print, held, now()))
}

/// Whether what is held is now taken for an error's page.
pub fn doubts(held: Held) -> bool {
    with(false, |isolate| isolate.catch_all.doubts(held))
}

/// Whether the origin, or this route of it, is asked by probes only.
pub fn holds(settings: &Settings, url: &Url) -> bool {
    origin(settings, &url.host, false, |origin| origin.breaker.holds(&url.path))
}

/// Whether a good answer is worth one of the day's writes into the store that is everywhere.
pub fn spends_a_write(sighting: Sighting<'_>) -> bool {
    with(false, |isolate| isolate.tier.write(sighting, now()).is_ok())
}

/// It had it already.
pub fn spares_a_write() {
    with((), |isolate| isolate.tier.spared());
}

/// The platform refused the write. Gives how many were refused so far.
pub fn refuse_a_write(key: &str) -> u64 {
    with(0, |isolate| {
        isolate.tier.refused_by_platform(key);
        isolate.tier.refused()
    })
}

/// Whether what it has for the key was written from here since this time. It is to be deleted then.
pub fn wrote_everywhere(key: &str, since: u64) -> bool {
    with(false, |isolate| isolate.tier.wrote(key, since))
}

/// Whether the store that is everywhere is asked for the key.
pub fn asks_everywhere(key: &str) -> bool {
    with(false, |isolate| isolate.tier.asks(key, now()))
}

/// It has nothing for the key.
pub fn missing_everywhere(key: &str) {
    with((), |isolate| isolate.tier.missing(key, now()));
}

/// The key is to be forgotten. Says whether the store that is everywhere is looked into for it.
pub fn gone_everywhere(key: &str) -> bool {
    with(false, |isolate| isolate.tier.gone(key, true, now()))
}

/// Whether what it has for the key is newer than the origin's word that it is gone.
pub fn counts_from_everywhere(key: &str, copy: &StoredCopy) -> bool {
    with(false, |isolate| isolate.tier.counts(key, copy))
}

/// Whether the parts of a page are looked after now, and from which one on.
pub fn parts_due(key: &str, parts: &[(Need, String)]) -> Option<Round> {
    with(None, |isolate| isolate.rounds.due(key, parts, now()))
}

/// So far they were.
pub fn parts_looked_after(key: &str, parts: &[(Need, String)], next: usize) {
    with((), |isolate| isolate.rounds.ended(key, parts, next));
}

/// What this isolate knows of the origin.
pub fn breaker(settings: &Settings, host: &str) -> Breaker {
    origin(settings, host, Breaker::new(settings.breaker), |origin| origin.breaker.clone())
}

/// Takes in one more answer of so many bytes that is to be kept, where there is room.
pub fn takes_in(watch: &Watch, bytes: u64) -> Option<u32> {
    let network = network_of(&watch.request.headers);
    with(None, |isolate| isolate.in_flight.take(bytes, network.as_deref(), now()))
}

/// Whether there is room for more of it.
pub fn takes_more_in(id: u32) -> bool {
    with(false, |isolate| isolate.in_flight.more(id, now()))
}

/// It is not read any more.
pub fn took_in(id: u32, length: Option<u64>) {
    with((), |isolate| isolate.in_flight.over(id, length, now()));
}

/// Whether the origin failed within the last seconds, or is still coming back.
pub fn has_trouble(settings: &Settings, url: &Url) -> bool {
    origin(settings, &url.host, false, |origin| origin.breaker.has_trouble(&url.path, now()))
}

/// The address that is to be probed now; `polled`: somebody waits for the word of it.
pub fn probe(settings: &Settings, url: &Url, polled: bool) -> Option<Target> {
    origin(settings, &url.host, None, |origin| origin.breaker.probe(url, polled, now()))
}

/// The probe failed.
pub fn probe_failed(settings: &Settings, host: &str, failure: &Failure) {
    origin(settings, host, (), |origin| origin.breaker.probe_failed(failure, now(), dice()));
}

/// The whole of an answer with this status came.
pub fn came_well(settings: &Settings, watch: &Watch, status: u16) {
    if !may_be_repeated(watch, status) {
        return;
    }
    let request = &watch.request;
    origin(settings, &request.url.host, (), |origin| {
        let network = network_of(&request.headers);
        origin.breaker.remember(&request.url, &request.headers, network.as_deref(), now());
    });
}

/// Whether it is worth reading another answer with `Set-Cookie` of this address.
pub fn first_cookie_open(key: &str) -> bool {
    with(false, |isolate| isolate.first_cookies.is_open(key, now()))
}

/// Whether a body that came with `Set-Cookie` is proved to be everybody's.
pub fn first_cookie_proves(key: &str, body: &[u8], cookies: &[String], who: &Witness) -> bool {
    with(false, |isolate| isolate.first_cookies.proves(key, body, cookies, who, now()))
}

/// An anonymous visitor's start page came: whether it is kept.
pub fn saw_start_page(settings: &Settings, host: &str, found: Coverage) {
    origin(settings, host, (), |origin| origin.start_page = Some(found));
}

/// Whether the start page is kept, as far as this isolate has seen it.
pub fn known_start_page(settings: &Settings, host: &str) -> Option<Coverage> {
    origin(settings, host, None, |origin| origin.start_page)
}

thread_local! {
    static PREFLIGHTS: RefCell<Preflights> = RefCell::default();
}

/// Works on what this isolate remembers of preflights.
pub fn preflights<T>(fallback: T, work: impl FnOnce(&mut Preflights) -> T) -> T {
    PREFLIGHTS.with(|cell| cell.try_borrow_mut().map_or(fallback, |mut known| work(&mut known)))
}

/// A visitor asked for something that was kept.
pub fn saw_part(watch: &Watch, head: &AnswerHead, print: u64) {
    with((), |isolate| isolate.asked.saw(watch, head, print, now()));
}

/// What a visitor got before of a part that a page names; `None` where it is not to be asked for.
pub fn known_part(watch: &Watch, need: Need) -> Option<Known> {
    with(None, |isolate| isolate.asked.known(watch, need))
}

/// What is known beside a suspicious answer, and the address that is to be looked at now, if any.
pub fn evidence(settings: &Settings, suspect: Suspect<'_>) -> (Evidence, Option<GoodAddress>) {
    let url = &suspect.watch.request.url;
    let (known, next) =
        origin(settings, &url.host, <_>::default(), |origin| origin.second_looks.consult(suspect, now()));
    (Evidence { failures: has_trouble(settings, url), ..known }, next)
}

/// A look at another address has ended.
pub fn looked(settings: &Settings, host: &str, good: &GoodAddress, met: Met) {
    origin(settings, host, (), |origin| origin.second_looks.looked(good, met, now()));
}

/// An address answered well.
pub fn answered_well(settings: &Settings, watch: &Watch, copy: &StoredCopy) {
    let Some(good) = GoodAddress::of(watch, copy) else { return };
    let host = &watch.request.url.host;
    origin(settings, host, (), |origin| origin.second_looks.answered_well(good, now()));
}
