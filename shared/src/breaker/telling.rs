//! What `status` and the page are told of the origin, from what the breaker knows.

use super::Breaker;
use super::evidence::MEMORY_MS;
use crate::status::state::{State, reference};
use crate::time::Millis;

/// A failure tells of the present for so long; then only a try would tell.
const FAILURE_TELLS_MS: u64 = 30_000;
/// A success tells of the present for so long.
const SUCCESS_TELLS_MS: u64 = 300_000;

impl Breaker {
    /// The word for `status`. An open breaker says that the origin fails for as long as it is open; without
    /// one an outcome soon tells nothing of the present any more.
    pub fn state(&self, now: Millis) -> State {
        let Some(last) = self.last_outcome else { return State::Unknown };
        let ago = now.saturating_sub(last);
        // One route alone fails: the others have answered meanwhile.
        let then = now.saturating_sub(MEMORY_MS);
        let wide =
            self.is_open() || self.evidence.routes || !self.known.another_since(&self.evidence.route, then);
        match self.failing_since.filter(|_| wide) {
            Some(_) if !self.is_open() && ago > FAILURE_TELLS_MS => State::Unknown,
            Some(_) if self.copies_shown => State::Rescuing,
            Some(_) => State::Down,
            // Copies are shown; nobody says that the origin is down.
            None if self.slow.is_some() && ago <= FAILURE_TELLS_MS => State::Rescuing,
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
        self.failing_since.or(self.slow.as_ref().map(|slow| slow.since))
    }
}
