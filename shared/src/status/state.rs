//! The words by which `status` tells how the site is. Which of them holds, the breaker knows.

use crate::time::Millis;

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

/// The reference of what began at this time.
pub fn reference(began: Millis) -> String {
    format!("bs-{:x}", began / 1000)
}
