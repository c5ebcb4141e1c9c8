//! Times as visitors read them: a rough wait in words, and an absolute time in UTC (the script on the page
//! turns it into the visitor's own). Both from numbers; nothing here knows what time it is.

use super::{Lang, TIME};

/// "in about 5 minutes": `seconds` rounded up to a whole second, minute, hour or day, so that nobody is
/// told too short a wait.
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

/// Milliseconds since 1970 as `2026-11-22 17:04`, UTC. Years past 9999 are shown as they are.
pub fn utc(unix_ms: u64) -> String {
    let minutes = unix_ms.checked_div(60_000).unwrap_or(0);
    let (days, minute_of_day) =
        (minutes.checked_div(1_440).unwrap_or(0), minutes.checked_rem(1_440).unwrap_or(0));
    let (year, month, day) = date(days);
    let (hour, minute) =
        (minute_of_day.checked_div(60).unwrap_or(0), minute_of_day.checked_rem(60).unwrap_or(0));
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

/// Days since 1970-01-01 as year, month and day of the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    // 400 years have 146,097 days: whole spans first, so that the loop below is short for any number.
    let mut year = 1970_u64.saturating_add(days.checked_div(146_097).unwrap_or(0).saturating_mul(400));
    let mut left = days.checked_rem(146_097).unwrap_or(0);
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left = left.saturating_sub(length);
        year = year.saturating_add(1);
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1_u64;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left = left.saturating_sub(length);
        month = month.saturating_add(1);
    }
    (year, month, left.saturating_add(1))
}
