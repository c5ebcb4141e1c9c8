//! The circuit breaker of one isolate: whether the origin is asked at all, by whom, and how it is let come
//! back.
//!
//! Closed: everybody asks. Open: only probes reach the origin; visitors with a copy get it at once.
//! Recovering: those who have no copy ask, those who have one ask by a growing share. Slow, beside closed or
//! recovering: those who have a copy get it at once, one at a time looks, and the others ask. It is fed with
//! outcomes and the time, and knows neither the store nor the page.
//!
//! No visitor alone opens it for others. A route that fails is held back alone (`routes`). Failures in a row from two
//! networks are a suspicion only: then an address that answered well is asked (`known`), and if that fails too, the
//! breaker opens. Whoever has no copy is refused only if the failures are of two routes as well (`evidence`).

mod evidence;
mod known;
mod routes;
mod slow;
mod telling;
mod trouble;

use crate::facts::Headers;
use crate::rescue::failure::Failure;
use crate::rescue::request::Url;
use crate::status::state::State;
use crate::time::Millis;
pub use evidence::Witness;
use evidence::{Evidence, FULL, is_of_connection, route, weight};
use known::Known;
pub use known::{Target, may_be_repeated};
use routes::{Held, Routes};
use slow::Slow;
use trouble::Trouble;

/// How the breaker behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that open it; 0: never.
    pub failures: u32,
    /// Milliseconds between probes; up to half as much again is added at random.
    pub probe_ms: u32,
    /// Milliseconds after which the next probe does not wait for a probe without an outcome any more; at least
    /// `probe_ms`.
    pub probe_lost_ms: u32,
    /// Milliseconds over which those who have a copy are let back to the origin.
    pub ramp_ms: u32,
    /// Milliseconds that a request without a copy may wait for the next probe's outcome.
    pub patience_ms: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { failures: 3, probe_ms: 1000, probe_lost_ms: 1500, ramp_ms: 2_000, patience_ms: 2500 }
    }
}

/// Who asks to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker<'a> {
    /// The path that it asks for.
    pub path: &'a str,
    /// There is a copy that may be shown instead.
    pub has_copy: bool,
    /// The request only reads: a failed try does no harm.
    pub safe: bool,
    /// How many milliseconds it has waited already.
    pub waited_ms: u32,
}

/// What an asker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Ask the origin.
    Ask,
    /// Ask the origin as the one probe. Who has a copy is shown it at once, and the probe runs after.
    Probe,
    /// Do not ask: show the copy, or the page.
    Stay,
    /// Wait so many milliseconds and ask again to be let through.
    Wait(u32),
}

/// The state of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circuit {
    Closed,
    Open {
        next_probe_at: Millis,
        probing_since: Option<Millis>,
        /// The next probe is a visitor's own request. They take turns with probes of known addresses: nobody who asks
        /// for a broken page again and again keeps it open.
        visitors_turn: bool,
        /// A probe of a known address has failed too.
        proved: bool,
    },
    Recovering {
        since: Millis,
    },
}

/// The breaker. One per isolate and origin.
#[derive(Clone, Debug)]
pub struct Breaker {
    rules: Rules,
    circuit: Circuit,
    evidence: Evidence,
    routes: Routes,
    known: Known,
    /// When the last probe of a known address began, while it is out, and not before when the next may begin.
    known_probe: (Option<Millis>, Millis),
    /// The platform tells the networks of clients. Then a request without one is our own, and no witness.
    networks_told: bool,
    slow: Option<Slow>,
    /// When the last answer came that nobody had to wait for too long.
    quick_at: Option<Millis>,
    /// When the last proper answer came.
    proper_at: Millis,
    trouble: Trouble,
    /// Since when the origin has been back.
    back_since: Millis,
    failing_since: Option<Millis>,
    up_since: Option<Millis>,
    copies_shown: bool,
    last_outcome: Option<Millis>,
}

impl Breaker {
    /// A closed one that has seen nothing.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            circuit: Circuit::Closed,
            evidence: Evidence::default(),
            routes: Routes::default(),
            known: Known::default(),
            known_probe: (None, 0),
            networks_told: false,
            slow: None,
            quick_at: None,
            proper_at: 0,
            trouble: Trouble::default(),
            back_since: 0,
            failing_since: None,
            up_since: None,
            copies_shown: false,
            last_outcome: None,
        }
    }

    /// Whether this request asks the origin. `dice`: any number from the platform's randomness.
    pub fn admit(&mut self, asker: Asker<'_>, now: Millis, dice: u32) -> Admission {
        let lost_ms = self.lost_ms();
        match self.circuit {
            Circuit::Closed | Circuit::Recovering { .. }
                if asker.has_copy
                    && let Some(slow) = self.slow.as_mut().filter(|slow| slow.proved) =>
            {
                if slow.looks(lost_ms, now) { Admission::Probe } else { Admission::Stay }
            }
            Circuit::Closed => self.on_route(asker, now),
            Circuit::Recovering { since } => match self.ramp(asker, since, now, dice) {
                Admission::Ask => self.on_route(asker, now),
                other => other,
            },
            Circuit::Open { next_probe_at, probing_since, visitors_turn, proved } => {
                let refused = proved && self.evidence.is_wide();
                if !asker.has_copy && !refused {
                    return Admission::Ask;
                }
                let lost = |since: &Millis| now.saturating_sub(*since) > lost_ms;
                let probing = probing_since.filter(|since| !lost(since));
                // Only what reads may be a probe: nobody's order is sent to find out whether the origin lives.
                if asker.safe && visitors_turn && probing.is_none() && now >= next_probe_at {
                    self.circuit = Circuit::Open {
                        next_probe_at,
                        probing_since: Some(now),
                        visitors_turn: false,
                        proved,
                    };
                    return Admission::Probe;
                }
                if asker.has_copy || asker.waited_ms >= self.rules.patience_ms {
                    return Admission::Stay;
                }
                let until = if probing.is_some() { 50 } else { next_probe_at.saturating_sub(now) };
                let left = self.rules.patience_ms.saturating_sub(asker.waited_ms);
                Admission::Wait(u32::try_from(until).unwrap_or(u32::MAX).clamp(20, left.max(20)))
            }
        }
    }

    /// Where only a route is held: its visitors with a copy are shown it.
    fn on_route(&mut self, asker: Asker<'_>, now: Millis) -> Admission {
        if self.routes.is_empty() || !asker.has_copy {
            return Admission::Ask;
        }
        let lost_ms = self.lost_ms();
        match self.routes.ask(&route(asker.path), asker.safe, lost_ms, now) {
            None => Admission::Ask,
            Some(Held::Stay) => Admission::Stay,
            Some(Held::Probe) => Admission::Probe,
        }
    }

    /// Milliseconds after which a probe is given up for lost.
    fn lost_ms(&self) -> u64 {
        u64::from(self.rules.probe_lost_ms.max(self.rules.probe_ms))
    }

    /// The address that is to be asked for now, by nobody's request: because failures have to be confirmed, or to see
    /// whether the origin is back. `polled`: somebody waits for that word alone. `site`: where its front page is.
    pub fn probe(&mut self, site: &Url, polled: bool, now: Millis) -> Option<Target> {
        let lost_ms = self.lost_ms();
        let (began, next_at) = self.known_probe;
        if self.rules.failures == 0
            || now < next_at
            || began.is_some_and(|began| now.saturating_sub(began) <= lost_ms)
        {
            return None;
        }
        let in_flight =
            |since: Option<Millis>| since.is_some_and(|since| now.saturating_sub(since) <= lost_ms);
        match &mut self.circuit {
            Circuit::Closed | Circuit::Recovering { .. } => {
                let relapse = matches!(self.circuit, Circuit::Recovering { .. });
                let full = if relapse { FULL } else { self.full() };
                let polled = polled && self.evidence.weight > 0;
                if !polled && !self.evidence.is_suspicious(full, now) {
                    return None;
                }
            }
            Circuit::Open { proved: false, .. } => {}
            Circuit::Open { next_probe_at, probing_since, visitors_turn, .. } => {
                if now < *next_probe_at || in_flight(*probing_since) || (*visitors_turn && !polled) {
                    return None;
                }
                (*probing_since, *visitors_turn) = (Some(now), true);
            }
        }
        self.known_probe = (Some(now), now.saturating_add(self.rules.probe_ms.into()));
        Some(self.known.choose(site, &self.routes, self.proper_at, now))
    }

    /// A probe of a known address failed.
    pub fn probe_failed(&mut self, failure: &Failure, now: Millis, dice: u32) {
        let sent = now.saturating_sub(failure.elapsed_ms.into());
        self.known_probe.0 = self.known_probe.0.filter(|began| *began > sent);
        // Something else has come since it was sent.
        let alive = sent < self.back_since || (self.proper_at > 0 && self.proper_at >= sent);
        if alive || weight(failure) == 0 {
            return;
        }
        match self.circuit {
            Circuit::Closed if !self.evidence.is_suspicious(self.full(), now) => {
                // Somebody polled. It is a failure as any other.
                self.failing_since.get_or_insert(now);
                self.last_outcome = Some(now);
            }
            _ => self.open(failure, true, now, dice),
        }
    }

    /// A proper answer came from this path, and nobody had to wait for it for too long.
    pub fn answered(&mut self, path: &str, now: Millis) {
        self.quick_at = Some(now);
        let was_slow = self.slow.take().is_some_and(|slow| slow.proved);
        if self.is_open() || was_slow {
            self.routes.clear();
        } else if !self.routes.is_empty() {
            self.routes.answered(&route(path), now);
        }
        self.proper(now);
        if was_slow && self.circuit == Circuit::Closed {
            // All who got copies meanwhile would come back at the same moment.
            (self.circuit, self.back_since) = (Circuit::Recovering { since: now }, now);
        }
    }

    /// A proper answer came at last: the origin lives, and is slow.
    pub fn answered_slowly(&mut self, path: &str, sent: Millis, now: Millis, dice: u32) {
        if self.is_open() {
            self.slow.get_or_insert(Slow::proved(sent));
        }
        let next = now.saturating_add(self.until_next(dice));
        if let Some(slow) = &mut self.slow {
            slow.put_off(sent, next);
            slow.lives = true;
        }
        if !self.routes.is_empty() {
            self.routes.put_off(&route(path), sent, next, now);
        }
        self.proper(now);
    }

    /// A visitor got a copy (or a page, for want of one) after waiting for so long; the answer may still come.
    /// Where something else has come since the request was sent, it is only this page that is slow.
    pub fn late(&mut self, waited_ms: u32, witness: Witness<'_>, copy_shown: bool, now: Millis, dice: u32) {
        let sent = now.saturating_sub(waited_ms.into());
        let others_came = self.quick_at.is_some_and(|at| at >= sent);
        if self.rules.failures == 0 || self.is_open() || !self.counts(&witness) {
            return;
        }
        let (name, next) = (route(witness.path), now.saturating_add(self.until_next(dice)));
        self.routes.failed(&name, witness.network, FULL, self.full(), next, now);
        if others_came {
            return;
        }
        self.copies_shown = copy_shown;
        self.last_outcome = Some(now);
        match &mut self.slow {
            Some(slow) => slow.met(&name, witness.network),
            None => self.slow = Some(Slow::suspected(sent, name, witness.network)),
        }
    }

    fn proper(&mut self, now: Millis) {
        let told = matches!(self.state(now), State::Rescuing | State::Down);
        (self.last_outcome, self.proper_at) = (Some(now), now);
        self.evidence.clear();
        self.known_probe.0 = None;
        self.circuit = match self.circuit {
            // An answer to what was sent before it opened is as good a sign as a probe's.
            Circuit::Open { .. } => {
                self.back_since = now;
                Circuit::Recovering { since: now }
            }
            Circuit::Recovering { since } if now.saturating_sub(since) >= u64::from(self.rules.ramp_ms) => {
                Circuit::Closed
            }
            Circuit::Recovering { since } => Circuit::Recovering { since },
            Circuit::Closed => Circuit::Closed,
        };
        self.failing_since = None;
        match &mut self.up_since {
            Some(since) if told => *since = now,
            since => {
                since.get_or_insert(now);
            }
        }
    }

    /// The origin failed. `copy_shown`: the visitor got a copy all the same.
    pub fn failed(
        &mut self,
        failure: &Failure,
        witness: Witness<'_>,
        copy_shown: bool,
        now: Millis,
        dice: u32,
    ) {
        // What was sent before the origin came back, and hung, says nothing of how it is now; nor does one
        // doubtful answer.
        let sent = now.saturating_sub(failure.elapsed_ms.into());
        if sent < self.back_since || weight(failure) == 0 {
            return;
        }
        let next_probe = now.saturating_add(self.until_next(dice));
        if let Some(slow) = &mut self.slow {
            slow.put_off(sent, next_probe);
        }
        let name = route(witness.path);
        if witness.probe {
            self.routes.put_off(&name, sent, next_probe, now);
            if let Circuit::Open { probing_since: Some(since), visitors_turn, proved, .. } = self.circuit
                // Else it was given up: another one is out.
                && sent >= since
            {
                let next_probe_at = asked_for(failure, next_probe, now);
                self.circuit = Circuit::Open { next_probe_at, probing_since: None, visitors_turn, proved };
            }
        }
        if !self.counts(&witness) {
            return;
        }
        self.last_outcome = Some(now);
        self.trouble.failed(&name, witness.network, failure, now);
        self.copies_shown = copy_shown;
        self.failing_since.get_or_insert(now);
        let (full, open) = (self.full(), self.is_open());
        self.routes.failed(&name, witness.network, weight(failure), full, next_probe, now);
        if !(weight(failure) < FULL && matches!(self.circuit, Circuit::Recovering { .. })) {
            self.evidence.add(&name, witness.network, failure, open, now);
        }
        if full > 0 && !open && is_of_connection(failure) && self.evidence.connection >= full {
            self.open(failure, false, now, dice);
        }
    }

    /// Whether a failure of this request is evidence.
    fn counts(&mut self, witness: &Witness<'_>) -> bool {
        self.tell(witness.network);
        witness.anonymous && (witness.network.is_some() || !self.networks_told)
    }

    /// Once networks are told, what came from none before proves nothing.
    fn tell(&mut self, network: Option<&str>) {
        if network.is_some() && !self.networks_told {
            self.networks_told = true;
            self.evidence.clear();
            self.routes.clear();
            self.trouble = Trouble::default();
            self.slow = None;
        }
    }

    fn open(&mut self, failure: &Failure, proved: bool, now: Millis, dice: u32) {
        self.slow = None;
        self.last_outcome = Some(now);
        self.failing_since.get_or_insert(now);
        let next_probe = now.saturating_add(self.until_next(dice));
        self.circuit = Circuit::Open {
            next_probe_at: asked_for(failure, next_probe, now),
            probing_since: None,
            visitors_turn: true,
            proved,
        };
    }

    /// This address answered a request that `may_be_repeated`, well and whole.
    pub fn remember(&mut self, url: &Url, headers: &Headers, network: Option<&str>, now: Millis) {
        self.tell(network);
        self.known.remember(url, headers, network, now);
    }

    /// Whether a request of this path is sent once more when it fails. Where so much of its route has failed in a row, it
    /// would only use up what others need.
    pub fn may_retry(&self, path: &str, network: Option<&str>, now: Millis) -> bool {
        !self.routes.fails_in_a_row(&route(path), self.full(), network, now)
    }

    /// Whether the origin has lately failed several visitors, or still does: then an answer of this path that only looks
    /// odd is doubted.
    pub fn has_trouble(&self, path: &str, now: Millis) -> bool {
        self.circuit != Circuit::Closed
            || self.trouble.is_met(now)
            || self.routes.fails_for_several(&route(path), now)
    }

    /// What so many failures weigh as the rules name.
    fn full(&self) -> u32 {
        self.rules.failures.saturating_mul(FULL)
    }

    /// Milliseconds until the next probe or look.
    fn until_next(&self, dice: u32) -> u64 {
        u64::from(self.rules.probe_ms).saturating_add(u64::from(spread(dice, self.rules.probe_ms / 2)))
    }

    /// Whether the origin takes so long that whoever has a copy is not made to wait for it.
    pub fn is_slow(&self) -> bool {
        self.slow.as_ref().is_some_and(|slow| slow.proved) && !self.is_open()
    }

    /// Whether it answers all the same, so that what is shown stale can be brought up to date aside.
    pub fn lives_slowly(&self) -> bool {
        self.is_slow() && self.slow.as_ref().is_some_and(|slow| slow.lives)
    }

    /// Whether the origin is not asked now but by probes.
    pub fn is_open(&self) -> bool {
        matches!(self.circuit, Circuit::Open { .. })
    }

    /// Whether whoever has a copy of this path's is shown it without asking, because its route or the site fails.
    pub fn holds(&self, path: &str) -> bool {
        self.is_open() || (!self.routes.is_empty() && self.routes.holds(&route(path)))
    }

    /// A visitor was answered without the origin; whether by a copy.
    pub fn unasked(&mut self, copy_shown: bool) {
        self.copies_shown = copy_shown;
    }

    /// Who has no copy goes through; who has one by a share that grows from a tenth to all.
    fn ramp(&mut self, asker: Asker<'_>, since: Millis, now: Millis, dice: u32) -> Admission {
        let passed = now.saturating_sub(since);
        let ramp = u64::from(self.rules.ramp_ms);
        if passed >= ramp {
            self.circuit = Circuit::Closed;
            return Admission::Ask;
        }
        if !asker.has_copy {
            return Admission::Ask;
        }
        let share = passed.saturating_mul(900).checked_div(ramp).unwrap_or(900).saturating_add(100);
        if u64::from(spread(dice, 1000)) < share { Admission::Ask } else { Admission::Stay }
    }
}

/// A `Retry-After` puts the next probe off for at most so long. Visitors are told the whole of it and do not ask
/// the origin anyway; one probe in two seconds is no burden, and nobody is shown a failure for longer than it lasts.
const MOST_BELIEVED_S: u32 = 2;
/// When the next probe is due, as far as the answer's `Retry-After` is believed.
fn asked_for(failure: &Failure, next_probe: Millis, now: Millis) -> Millis {
    let asked = u64::from(failure.retry_after_s.unwrap_or(0).min(MOST_BELIEVED_S)).saturating_mul(1000);
    next_probe.max(now.saturating_add(asked))
}

/// A number below `end` (0 for 0).
fn spread(dice: u32, end: u32) -> u32 {
    dice.checked_rem(end).unwrap_or(0)
}
