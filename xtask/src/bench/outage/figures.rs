//! What the visits of one outage come to: how many got what they should, what was wrong, how long it took.

use std::time::{Duration, Instant};

use super::visitors::{Kind, Visit};

/// When what happened.
#[derive(Clone, Copy)]
pub struct Moments {
    pub failed: Instant,
    pub mended: Instant,
    /// In which age of the site pages are made since then.
    pub age: u64,
}

/// So long after the beginning of an outage whoever has a breaker or a probe has opened it.
const SETTLED: Duration = Duration::from_secs(3);

/// The figures of one server and one or several failures.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Requests for pages seen before, in the outage, and how many of them got a good copy.
    pub seen: u32,
    pub good: u32,
    /// Answers under 200 that are not the page, in the outage; those of them that a browser sees to be broken off.
    pub poison: u32,
    pub broken_off: u32,
    /// Orders in the outage, and how many of them neither went through nor were told of; orders that arrived twice.
    pub orders: u32,
    pub untold: u32,
    pub replayed: u32,
    /// Pages shown although the origin had said that they are gone.
    pub gone_shown: u32,
    /// Answers after the origin was well again that are not the page.
    pub wrong_after: u32,
    /// Seconds until the last page of before, worst of all failures; `None` where there was one to the end.
    pub fresh_after: Option<f64>,
    /// Requests that reached the origin per second of outage, worst of all failures.
    pub asked_a_second: f64,
    /// The longest wait for a good copy in the outage, in seconds: before it had been noticed.
    pub slowest_s: f64,
    /// Milliseconds: hits while all was well, and copies once the outage had been noticed.
    pub hits: Vec<f64>,
    pub copies: Vec<f64>,
}

impl Figures {
    /// Of one outage. `asked`: requests that reached the origin from the moment it had been noticed to its end.
    pub fn of(visits: &[Visit], at: Moments, asked: u64) -> Self {
        let mut figures = Self::default();
        let ms = |visit: &Visit| visit.took.as_secs_f64() * 1000.0;
        let (mut last_old, mut last) = (at.mended, at.mended);
        for visit in visits {
            let out = visit.sent >= at.failed && visit.sent < at.mended;
            let after = visit.sent >= at.mended;
            // In flight when the origin was mended: an old page then is none that was served too long.
            let page = visit.page;
            match visit.kind {
                Kind::Hot if visit.sent < at.failed && page.is_some() => figures.hits.push(ms(visit)),
                Kind::Seen if out => {
                    figures.seen += 1;
                    figures.good += u32::from(page.is_some());
                    if page.is_some() {
                        figures.slowest_s = figures.slowest_s.max(visit.took.as_secs_f64());
                    }
                    if page.is_some() && visit.sent >= at.failed + SETTLED {
                        figures.copies.push(ms(visit));
                    }
                }
                Kind::Order if out => {
                    figures.orders += 1;
                    figures.untold += u32::from(!visit.told);
                }
                Kind::Gone if visit.sent >= at.failed && page.is_some() => figures.gone_shown += 1,
                _ => {}
            }
            if out && visit.is_poison() && !matches!(visit.kind, Kind::Gone | Kind::Order) {
                figures.poison += 1;
                figures.broken_off += u32::from(!visit.whole);
            }
            if after {
                last = last.max(visit.sent);
                let wrong = match visit.kind {
                    Kind::Gone => false,
                    Kind::Order => visit.status != 200,
                    Kind::Seen | Kind::New | Kind::Hot => page.is_none(),
                };
                figures.wrong_after += u32::from(wrong);
                let old = page.is_some_and(|age| age < at.age);
                if visit.kind == Kind::Seen && old {
                    last_old = last_old.max(visit.sent);
                }
            }
        }
        if std::env::var_os("BACKSOON_TELL").is_some() {
            tell(visits, at);
        }
        let to_the_end = last.saturating_duration_since(last_old) < Duration::from_secs(1);
        let fresh = last_old.saturating_duration_since(at.mended).as_secs_f64();
        figures.fresh_after = (!to_the_end).then_some(fresh);
        let length = at.mended.saturating_duration_since(at.failed + SETTLED).as_secs_f64();
        figures.asked_a_second = asked as f64 / length.max(1.0);
        figures
    }

    /// Together with those of another failure.
    pub fn and(mut self, other: &Self) -> Self {
        self.seen += other.seen;
        self.good += other.good;
        self.poison += other.poison;
        self.broken_off += other.broken_off;
        self.orders += other.orders;
        self.untold += other.untold;
        self.replayed += other.replayed;
        self.gone_shown += other.gone_shown;
        self.wrong_after += other.wrong_after;
        self.fresh_after = match (self.fresh_after, other.fresh_after) {
            (Some(one), Some(two)) => Some(one.max(two)),
            _ => None,
        };
        self.asked_a_second = self.asked_a_second.max(other.asked_a_second);
        self.slowest_s = self.slowest_s.max(other.slowest_s);
        self.hits.extend(&other.hits);
        self.copies.extend(&other.copies);
        self
    }

    /// As the cell of a table.
    pub fn cell(&self) -> String {
        let fresh = self.fresh_after.map_or("not to the end".to_owned(), |s| format!("{s:.1} s"));
        format!(
            "{:.1} % good, {} bad 200s{}, {} of {} orders untold, {} twice, {} gone shown, {} wrong after, fresh in {fresh}, {:.1} a second asked, slowest {:.1} s, copies {}",
            100.0 * f64::from(self.good) / f64::from(self.seen.max(1)),
            self.poison,
            if self.broken_off > 0 {
                format!(" ({} seen to break off)", self.broken_off)
            } else {
                String::new()
            },
            self.untold,
            self.orders,
            self.replayed,
            self.gone_shown,
            self.wrong_after,
            self.asked_a_second,
            self.slowest_s,
            percentiles(&self.copies),
        )
    }
}

/// One line for each visit that did not get what it should, and for each that waited: to find out why.
fn tell(visits: &[Visit], at: Moments) {
    for visit in visits.iter().filter(|visit| visit.sent >= at.failed) {
        let since = visit.sent.saturating_duration_since(at.failed).as_secs_f64();
        let phase = if visit.sent >= at.mended { "after" } else { "out" };
        let (took, status) = (visit.took.as_secs_f64(), visit.status);
        let wrong = match visit.kind {
            Kind::Gone => visit.page.is_some(),
            Kind::Order => !visit.told,
            Kind::Seen | Kind::Hot => visit.page.is_none(),
            Kind::New => phase == "after" && visit.page.is_none(),
        };
        let old = phase == "after" && visit.page.is_some_and(|age| age < at.age);
        if wrong || took > 1.0 || old {
            let old = if old && visit.kind == Kind::Seen { ", of before" } else { "" };
            eprintln!("  {:?} {phase} at {since:.2} s: {status} after {took:.2} s{old}", visit.kind);
        }
    }
}

/// The median and the 99th percentile.
pub fn percentiles(figures: &[f64]) -> String {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or(f64::NAN);
    format!("{:.1} / {:.1} ms", at(50), at(99))
}
