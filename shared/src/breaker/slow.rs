//! An origin that takes longer than visitors with a copy wait: they get their copies at once, and one request at
//! a time looks whether it is quick again.
//!
//! Slow is not down: whoever has no copy still asks and waits. Knows moments, not what was asked.

use crate::time::Millis;

/// Since when, and who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// When the first request was sent that took too long.
    pub since: Millis,
    next_look_at: Millis,
    looking_since: Option<Millis>,
    /// Whether something has come at last, so that it lives.
    pub lives: bool,
}

impl Slow {
    /// Since then; the next who comes may look.
    pub fn new(since: Millis) -> Self {
        Self { since, next_look_at: 0, looking_since: None, lives: false }
    }

    /// Whether this request looks. After `lost_ms` nobody waits for an earlier look any more: its connection may
    /// hang for ever, although the origin has long been back.
    pub fn looks(&mut self, lost_ms: u64, now: Millis) -> bool {
        let looking = self.looking_since.is_some_and(|since| now.saturating_sub(since) <= lost_ms);
        if looking || now < self.next_look_at {
            return false;
        }
        self.looking_since = Some(now);
        true
    }

    /// A look that began at `sent` is over, and the origin is not quick: not before then the next.
    pub fn put_off(&mut self, sent: Millis, next: Millis) {
        if self.looking_since.is_some_and(|since| since <= sent) {
            self.looking_since = None;
            self.next_look_at = next;
        }
    }
}
