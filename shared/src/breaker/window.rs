//! The last outcomes, for telling an outage from a single page's error.

use crate::time::Millis;

/// So many outcomes are remembered,
const ROOM: usize = 20;
/// for so long.
const MEMORY_MS: u64 = 10_000;

/// Outcomes with their time: 0 for a proper answer, else the failure's weight.
#[derive(Clone, Debug, Default)]
pub struct Window(Vec<(Millis, u32)>);

impl Window {
    /// Adds an outcome.
    pub fn push(&mut self, now: Millis, weight: u32) {
        if self.0.len() >= ROOM {
            self.0.remove(0);
        }
        self.0.push((now, weight));
    }

    /// As many failures in a row as the rules name mean that the origin is dead; twice as many among no more
    /// answers than failures, that it flaps or that only some of it works.
    pub fn trend(&self, now: Millis, failures: u32) -> Trend {
        let recent = || self.0.iter().filter(|(at, _)| now.saturating_sub(*at) <= MEMORY_MS);
        let full = failures.max(1).saturating_mul(super::FULL);
        let row: u32 = recent().rev().map(|(_, weight)| *weight).take_while(|weight| *weight > 0).sum();
        if row >= full {
            return Trend::Dead;
        }
        let all: u32 = recent().map(|(_, weight)| *weight).sum();
        let good = u32::try_from(recent().filter(|(_, weight)| *weight == 0).count()).unwrap_or(u32::MAX);
        let flaps = all >= full.saturating_mul(2) && all >= good.saturating_mul(super::FULL);
        if flaps { Trend::Flapping } else { Trend::Fine }
    }
}

/// What the last outcomes say of the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Nothing to worry about.
    Fine,
    /// Good answers and failures in turn.
    Flapping,
    /// Failures only.
    Dead,
}
