//! What one isolate has seen of the origin lately: the state behind `status`.
//!
//! Knows outcomes and when they were; it asks nobody and remembers no visitor.

use crate::time::Millis;

/// A failure tells of the present for so long; then only a try would tell.
const FAILURE_COUNTS_MS: u64 = 30_000;
/// A success tells of the present for so long.
const SUCCESS_COUNTS_MS: u64 = 300_000;

/// How the site is, as far as this isolate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The origin answers.
    Up,
    /// The origin fails, and visitors are shown copies.
    Rescuing,
    /// The origin fails, and there was nothing to show.
    Down,
    /// Nobody has asked lately: a try would tell.
    Unknown,
}

impl State {
    /// The word in the status document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Rescuing => "rescuing",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// The last outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    up_since: Option<Millis>,
    failing_since: Option<Millis>,
    last: Option<Millis>,
    copy_shown: bool,
}

impl Health {
    /// The origin gave a proper answer.
    pub fn answered(&mut self, now: Millis) {
        self.up_since.get_or_insert(now);
        self.failing_since = None;
        self.last = Some(now);
    }

    /// The origin failed; `copy_shown` says whether the visitor got a copy.
    pub fn failed(&mut self, now: Millis, copy_shown: bool) {
        self.failing_since.get_or_insert(now);
        self.up_since = None;
        self.last = Some(now);
        self.copy_shown = copy_shown;
    }

    /// How it is now.
    pub fn state(&self, now: Millis) -> State {
        let Some(last) = self.last else { return State::Unknown };
        let ago = now.saturating_sub(last);
        match self.failing_since {
            None if ago <= SUCCESS_COUNTS_MS => State::Up,
            Some(_) if ago <= FAILURE_COUNTS_MS && self.copy_shown => State::Rescuing,
            Some(_) if ago <= FAILURE_COUNTS_MS => State::Down,
            _ => State::Unknown,
        }
    }

    /// Since when it has been up, or failing; `None` where the state is unknown.
    pub fn since(&self, now: Millis) -> Option<Millis> {
        match self.state(now) {
            State::Unknown => None,
            State::Up => self.up_since,
            State::Rescuing | State::Down => self.failing_since,
        }
    }

    /// A word by which a visitor and the owner can speak of the same outage; `None` while none is seen.
    pub fn reference(&self) -> Option<String> {
        self.failing_since.map(reference)
    }
}

/// The reference of what began at this time.
pub fn reference(began: Millis) -> String {
    format!("bs-{:x}", began / 1000)
}
