//! Times as visitors read them: a rough wait in words, and an absolute time in UTC (the script on the page
//! turns it into the visitor's own). Both from numbers; nothing here knows what time it is.

use super::{Lang, TIME};
use crate::time::{Millis, rfc3339};

/// "in about 5 minutes": `seconds` rounded up to a whole minute, hour or day, so that nobody is told too
/// short a wait.
pub fn rough_wait(lang: Lang, seconds: u32) -> String {
    let (id, size) = match seconds {
        0..60 => ("in_seconds", 1),
        60..3_600 => ("in_minutes", 60),
        3_600..86_400 => ("in_hours", 3_600),
        _ => ("in_days", 86_400),
    };
    // Seconds in steps of five: nobody counts them.
    let n = if size == 1 { seconds.max(1).div_ceil(5).saturating_mul(5) } else { seconds.div_ceil(size) };
    TIME.count(lang, id, n)
}

/// `2026-11-22 17:04`, UTC.
pub fn utc(at: Millis) -> String {
    let whole = rfc3339(at);
    whole.rsplit_once(':').map_or(whole.as_str(), |(minutes, _)| minutes).replace('T', " ")
}
