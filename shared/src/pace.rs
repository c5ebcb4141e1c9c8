//! How fast an origin is asked for what no visitor waits for: refreshing what is shown stale, and the parts of
//! pages. After a purge or an outage everything is due at once; visitors go first.
//!
//! Counts starts, not ends: a request that dies never tells that it has ended.

use crate::time::Millis;

/// At most so many refills within the window.
const REFILLS: usize = 10;
/// None while more requests of visitors than this were sent to the origin within the window.
const VISITORS: usize = 30;
/// Milliseconds.
const WINDOW_MS: u64 = 1000;

/// What one isolate has lately asked of an origin.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    visitors: Vec<Millis>,
    refills: Vec<Millis>,
}

impl Pace {
    /// A visitor's request was sent.
    pub fn sent(&mut self, now: Millis) {
        note(&mut self.visitors, VISITORS, now);
    }

    /// Whether something that nobody waits for may be asked now. Counts it.
    pub fn refills(&mut self, now: Millis) -> bool {
        if lately(&self.visitors, now) >= VISITORS || lately(&self.refills, now) >= REFILLS {
            return false;
        }
        note(&mut self.refills, REFILLS, now);
        true
    }
}

fn lately(times: &[Millis], now: Millis) -> usize {
    times.iter().filter(|at| now.saturating_sub(**at) < WINDOW_MS).count()
}

/// Keeps the newest `most`: more do not change any answer.
fn note(times: &mut Vec<Millis>, most: usize, now: Millis) {
    if times.len() >= most {
        times.remove(0);
    }
    times.push(now);
}
