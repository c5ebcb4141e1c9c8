//! The circuit breaker of one isolate: whether the origin is asked at all, by whom, and how it is let come
//! back.
//!
//! Closed: everybody asks. Open: nobody asks but one probe at a time; who has a copy gets it at once.
//! Recovering: those who have no copy ask, those who have one ask by a growing share. Slow, beside closed or
//! recovering: those who have a copy get it at once, one at a time looks, and the others ask. It is fed with
//! outcomes and the time, and knows neither the store nor the page.

mod slow;
mod window;

use crate::rescue::failure::{Failure, is_no_status};
use crate::rescue::soft::SoftReason;
use crate::status::state::{State, reference};
use crate::time::Millis;
use slow::Slow;
use window::{Trend, Window};

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
pub struct Asker {
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
    /// `partial`: good answers came between the failures, so that only some of the site fails.
    Open {
        next_probe_at: Millis,
        probing_since: Option<Millis>,
        partial: bool,
    },
    Recovering {
        since: Millis,
        answers: u32,
    },
}

/// The breaker. One per isolate and origin.
#[derive(Clone, Debug)]
pub struct Breaker {
    rules: Rules,
    circuit: Circuit,
    window: Window,
    slow: Option<Slow>,
    /// When the last answer came that nobody had to wait for too long.
    quick_at: Option<Millis>,
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
            window: Window::default(),
            slow: None,
            quick_at: None,
            back_since: 0,
            failing_since: None,
            up_since: None,
            copies_shown: false,
            last_outcome: None,
        }
    }

    /// Whether this request asks the origin. `dice`: any number from the platform's randomness.
    pub fn admit(&mut self, asker: Asker, now: Millis, dice: u32) -> Admission {
        let lost_ms = u64::from(self.rules.probe_lost_ms.max(self.rules.probe_ms));
        match self.circuit {
            Circuit::Closed | Circuit::Recovering { .. }
                if asker.has_copy
                    && let Some(slow) = &mut self.slow =>
            {
                if slow.looks(lost_ms, now) {
                    Admission::Probe
                } else {
                    Admission::Stay
                }
            }
            Circuit::Closed => Admission::Ask,
            Circuit::Recovering { since, .. } => self.ramp(asker, since, now, dice),
            Circuit::Open { next_probe_at, probing_since, partial } => {
                let lost = |since: &Millis| now.saturating_sub(*since) > lost_ms;
                let probing = probing_since.filter(|since| !lost(since));
                // Only what reads may be a probe: nobody's order is sent to find out whether the origin lives.
                if asker.safe && probing.is_none() && now >= next_probe_at {
                    self.circuit = Circuit::Open { next_probe_at, probing_since: Some(now), partial };
                    return Admission::Probe;
                }
                if partial && !asker.has_copy {
                    return Admission::Ask;
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

    /// A proper answer came, and nobody had to wait for it for too long.
    pub fn answered(&mut self, now: Millis) {
        self.quick_at = Some(now);
        let was_slow = self.slow.take().is_some();
        self.proper(now);
        if was_slow && self.circuit == Circuit::Closed {
            // All who got copies meanwhile would come back at the same moment.
            (self.circuit, self.back_since) = (Circuit::Recovering { since: now, answers: 1 }, now);
        }
    }

    /// A proper answer came at last: the origin lives, and is slow.
    pub fn answered_slowly(&mut self, sent: Millis, now: Millis, dice: u32) {
        if self.is_open() {
            self.slow.get_or_insert(Slow::new(sent));
        }
        let next = now.saturating_add(self.until_next(dice));
        if let Some(slow) = &mut self.slow {
            slow.put_off(sent, next);
            slow.lives = true;
        }
        self.proper(now);
    }

    /// A visitor got a copy (or a page, for want of one) after waiting for so long; the answer may still come.
    /// Where something else has come since the request was sent, it is only this page that is slow.
    pub fn late(&mut self, waited_ms: u32, copy_shown: bool, now: Millis) {
        self.copies_shown = copy_shown;
        let sent = now.saturating_sub(waited_ms.into());
        let others_came = self.quick_at.is_some_and(|at| at >= sent);
        if self.rules.failures > 0 && !self.is_open() && !others_came {
            self.slow.get_or_insert(Slow::new(sent));
            self.last_outcome = Some(now);
        }
    }

    fn proper(&mut self, now: Millis) {
        self.last_outcome = Some(now);
        self.window.push(now, 0);
        self.circuit = match self.circuit {
            // An answer to what was sent before it opened is as good a sign as a probe's.
            Circuit::Open { .. } => {
                self.back_since = now;
                Circuit::Recovering { since: now, answers: 1 }
            }
            Circuit::Recovering { since, .. }
                if now.saturating_sub(since) >= u64::from(self.rules.ramp_ms) =>
            {
                Circuit::Closed
            }
            Circuit::Recovering { since, answers } => {
                Circuit::Recovering { since, answers: answers.saturating_add(1) }
            }
            Circuit::Closed => Circuit::Closed,
        };
        self.failing_since = None;
        self.up_since.get_or_insert(now);
    }

    /// The origin failed. `probe`: this request was admitted as one. `copy_shown`: the visitor got a copy
    /// all the same.
    pub fn failed(&mut self, failure: &Failure, probe: bool, copy_shown: bool, now: Millis, dice: u32) {
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
        self.last_outcome = Some(now);
        self.copies_shown = copy_shown;
        self.failing_since.get_or_insert(now);
        self.up_since = None;
        self.window.push(now, weight(failure));
        if self.rules.failures == 0 {
            return;
        }
        let trend = self.window.trend(now, self.rules.failures);
        let partial = match self.circuit {
            Circuit::Closed if trend == Trend::Fine => return,
            Circuit::Closed => trend == Trend::Flapping,
            // A relapse closes the door at once, but one page's own error is no relapse. After several good
            // answers it is only some of the site that fails.
            Circuit::Recovering { answers, .. } if weight(failure) >= FULL => answers >= MANY,
            Circuit::Recovering { .. } => return,
            // A probe that was given up: another one is out.
            Circuit::Open { probing_since: Some(since), .. } if probe && sent < since => return,
            Circuit::Open { partial, .. } if probe => partial && trend != Trend::Dead,
            // What was sent before it opened comes back late: that must not put the next probe off.
            Circuit::Open { .. } => return,
        };
        self.slow = None;
        let asked = u64::from(failure.retry_after_s.unwrap_or(0).min(MOST_BELIEVED_S)).saturating_mul(1000);
        self.circuit = Circuit::Open {
            next_probe_at: next_probe.max(now.saturating_add(asked)),
            probing_since: None,
            partial,
        };
    }

    /// Milliseconds until the next probe or look.
    fn until_next(&self, dice: u32) -> u64 {
        u64::from(self.rules.probe_ms).saturating_add(u64::from(spread(dice, self.rules.probe_ms / 2)))
    }

    /// Whether the origin takes so long that whoever has a copy is not made to wait for it.
    pub fn is_slow(&self) -> bool {
        self.slow.is_some() && !self.is_open()
    }

    /// Whether it answers all the same, so that what is shown stale can be brought up to date aside.
    pub fn lives_slowly(&self) -> bool {
        self.slow.is_some_and(|slow| slow.lives) && !self.is_open()
    }

    /// Whether the origin is not asked now but by probes.
    pub fn is_open(&self) -> bool {
        matches!(self.circuit, Circuit::Open { .. })
    }

    /// Whether a probe is due, so that a poll of `status` may let it run.
    pub fn probe_due(&self, now: Millis) -> bool {
        match self.circuit {
            Circuit::Open { next_probe_at, probing_since, .. } => {
                probing_since.is_none() && now >= next_probe_at
            }
            Circuit::Closed | Circuit::Recovering { .. } => false,
        }
    }

    /// Milliseconds until the next probe; `None` where the origin is asked anyway.
    pub fn next_probe_ms(&self, now: Millis) -> Option<u64> {
        match self.circuit {
            Circuit::Open { next_probe_at, .. } => Some(next_probe_at.saturating_sub(now)),
            Circuit::Closed | Circuit::Recovering { .. } => None,
        }
    }

    /// A visitor was answered without the origin; whether by a copy.
    pub fn unasked(&mut self, copy_shown: bool) {
        self.copies_shown = copy_shown;
    }

    /// The word for `status`. An open breaker says that the origin fails for as long as it is open; without
    /// one an outcome soon tells nothing of the present any more.
    pub fn state(&self, now: Millis) -> State {
        let Some(last) = self.last_outcome else { return State::Unknown };
        let ago = now.saturating_sub(last);
        match self.failing_since {
            Some(_) if !self.is_open() && ago > FAILURE_TELLS_MS => State::Unknown,
            Some(_) if self.copies_shown => State::Rescuing,
            Some(_) => State::Down,
            // Copies are shown; nobody says that the origin is down.
            None if self.is_slow() && ago <= FAILURE_TELLS_MS => State::Rescuing,
            None if ago <= SUCCESS_TELLS_MS => State::Up,
            None => State::Unknown,
        }
    }

    /// Since when it has been up, or failing; `None` where the state is unknown.
    pub fn since(&self, now: Millis) -> Option<Millis> {
        match self.state(now) {
            State::Unknown => None,
            State::Up => self.up_since,
            State::Rescuing | State::Down => self.troubled_since(),
        }
    }

    /// A word by which a visitor and the owner can speak of the same outage; `None` while none is seen.
    pub fn reference(&self) -> Option<String> {
        self.troubled_since().map(reference)
    }

    fn troubled_since(&self) -> Option<Millis> {
        self.failing_since.or(self.slow.map(|slow| slow.since))
    }

    /// Who has no copy goes through; who has one by a share that grows from a tenth to all.
    fn ramp(&mut self, asker: Asker, since: Millis, now: Millis, dice: u32) -> Admission {
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

/// What a failure weighs that says: the origin is not there.
const FULL: u32 = 2;
/// So many good answers during a recovery show that the origin lives.
const MANY: u32 = 3;
/// A `Retry-After` puts the next probe off for at most so long. Visitors are told the whole of it and do not ask
/// the origin anyway; one probe in two seconds is no burden, and nobody is shown a failure for longer than it lasts.
const MOST_BELIEVED_S: u32 = 2;
/// A failure tells of the present for so long; then only a try would tell.
const FAILURE_TELLS_MS: u64 = 30_000;
/// A success tells of the present for so long.
const SUCCESS_TELLS_MS: u64 = 300_000;

/// A 500 is mostly one page's own error, as are a redirect in a circle, a number that is no status, and JSON that
/// tells of an error: it takes twice as many to believe that the whole origin fails. An answer that was only
/// doubted is none.
fn weight(failure: &Failure) -> u32 {
    match (failure.soft, failure.received_status) {
        (Some(SoftReason::Doubted), _) => 0,
        (Some(SoftReason::ErrorJson), _) => 1,
        (None, Some(status)) if status == 500 || status < 400 || is_no_status(status) => 1,
        _ => FULL,
    }
}

/// A number below `end` (0 for 0).
fn spread(dice: u32, end: u32) -> u32 {
    dice.checked_rem(end).unwrap_or(0)
}
