//! Counts the steps that a look at foreign bytes takes, so that tests can hold its cost against the input's size.
//!
//! Outside of tests nothing is counted and nothing of this is compiled in.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// So many bytes, or members of a list, were looked at.
#[cfg(test)]
pub fn took(steps: usize) {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    STEPS.with(|counted| counted.set(counted.get().saturating_add(steps)));
}

/// So many bytes, or members of a list, were looked at.
#[cfg(not(test))]
#[inline(always)]
pub fn took(_steps: usize) {}

/// The steps that the work takes.
#[cfg(test)]
pub fn of<T>(work: impl FnOnce() -> T) -> u64 {
    STEPS.with(|counted| counted.set(0));
    work();
    STEPS.with(Cell::get)
}

/// So many steps are a few milliseconds: what a cap bounds grows until the cap is reached.
#[cfg(test)]
const CAPPED: u64 = 500_000;

/// Fails where ten times the input takes more than about ten times the steps, or where nothing was counted.
#[cfg(test)]
pub fn assert_linear<I>(what: &str, input: impl Fn(usize) -> I, work: impl Fn(&I)) {
    let mut last: Option<u64> = None;
    for size in [100, 1_000, 10_000, 100_000] {
        let input = input(size);
        let steps = of(|| work(&input));
        assert!(steps > 0, "{what}: nothing is counted");
        if let Some(last) = last {
            assert!(
                steps <= last.saturating_mul(15).max(CAPPED),
                "{what}: {last} steps, and {steps} for ten times the input"
            );
        }
        last = Some(steps);
    }
}
