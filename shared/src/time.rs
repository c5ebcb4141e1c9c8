//! Points in time as text: HTTP dates and RFC 3339, to and from milliseconds since 1970.
//!
//! Knows calendars and formats; what time it is now, it does not know.

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = u64;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A calendar date and time of day in UTC.
struct Civil {
    year: u64,
    month: u64,
    day: u64,
    seconds: u64,
    weekday: u64,
}

/// `2026-11-22T17:04:03Z` (RFC 3339), to the second.
pub fn rfc3339(at: Millis) -> String {
    let c = civil(at);
    let (h, m, s) = clock(c.seconds);
    format!("{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}Z", c.year, c.month, c.day)
}

/// `Sun, 22 Nov 2026 17:04:03 GMT` (RFC 9110 §5.6.7), to the second.
pub fn http_date(at: Millis) -> String {
    let c = civil(at);
    let (h, m, s) = clock(c.seconds);
    let day = DAYS.get(c.weekday as usize).copied().unwrap_or("Thu");
    let month = MONTHS.get(c.month.saturating_sub(1) as usize).copied().unwrap_or("Jan");
    format!("{day}, {:02} {month} {:04} {h:02}:{m:02}:{s:02} GMT", c.day, c.year)
}

/// Reads RFC 3339 with `Z` or a numeric offset; fractions of a second are dropped.
pub fn parse_rfc3339(text: &str) -> Option<Millis> {
    let (date, rest) = text.trim().split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) =
        (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let split = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at_checked(split)?;
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    let at = instant(year, month, day, parse_clock(whole)?)?;
    if zone.eq_ignore_ascii_case("z") {
        return Some(at);
    }
    let (h, m) = zone.get(1..)?.split_once(':')?;
    let (h, m) = (digits(h, 2)?, digits(m, 2)?);
    if h > 23 || m > 59 {
        return None;
    }
    let offset = h.saturating_mul(3600).saturating_add(m.saturating_mul(60)).saturating_mul(1000);
    if zone.starts_with('-') { at.checked_add(offset) } else { at.checked_sub(offset) }
}

/// Reads the three forms of an HTTP date (RFC 9110 §5.6.7) as a recipient must, and nothing else: a form
/// that the standard does not know is `None`, and what is dated by it counts as expired (RFC 9111 §5.3).
pub fn parse_http_date(text: &str) -> Option<Millis> {
    let words: Vec<&str> = text.trim().split(' ').collect();
    match words.as_slice() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        [name, day, month, year, time, zone] if zone.eq_ignore_ascii_case("GMT") && named(name, 3) => {
            instant(digits(year, 4)?, month_number(month)?, digits(day, 2)?, parse_clock(time)?)
        }
        // Sunday, 06-Nov-94 08:49:37 GMT
        [name, date, time, zone] if zone.eq_ignore_ascii_case("GMT") && name.ends_with(',') => {
            let mut parts = date.splitn(3, '-');
            let day = digits(parts.next()?, 2)?;
            let month = month_number(parts.next()?)?;
            let short = digits(parts.next()?, 2)?;
            // RFC 9110 §5.6.7 asks for "not more than 50 years in the future"; this crate knows no
            // present, so the split is fixed at 1970.
            let year = if short < 70 { short.saturating_add(2000) } else { short.saturating_add(1900) };
            instant(year, month, day, parse_clock(time)?)
        }
        // Sun Nov  6 08:49:37 1994: a day of one digit has two blanks before it.
        [name, month, "", day, time, year] if name.len() == 3 => {
            instant(digits(year, 4)?, month_number(month)?, digits(day, 1)?, parse_clock(time)?)
        }
        [name, month, day, time, year] if name.len() == 3 && !name.ends_with(',') => {
            instant(digits(year, 4)?, month_number(month)?, digits(day, 2)?, parse_clock(time)?)
        }
        _ => None,
    }
}

fn named(word: &str, letters: usize) -> bool {
    word.strip_suffix(',').is_some_and(|name| name.len() == letters)
}

fn month_number(word: &str) -> Option<u64> {
    MONTHS.iter().position(|m| m.eq_ignore_ascii_case(word)).map(|at| (at as u64).saturating_add(1))
}

fn digits(text: &str, count: usize) -> Option<u64> {
    if text.len() == count && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn parse_clock(text: &str) -> Option<u64> {
    let mut parts = text.splitn(3, ':');
    let (h, m, s) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    // 60 is a leap second.
    if h > 23 || m > 59 || s > 60 {
        return None;
    }
    Some(h.saturating_mul(3600).saturating_add(m.saturating_mul(60)).saturating_add(s))
}

fn clock(seconds: u64) -> (u64, u64, u64) {
    (seconds / 3600, (seconds / 60) % 60, seconds % 60)
}

/// Days from 1970-01-01 by the era method: 400-year eras of 146,097 days that begin on 1 March.
fn instant(year: u64, month: u64, day: u64, seconds: u64) -> Option<Millis> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let y = if month <= 2 { year.checked_sub(1)? } else { year };
    let shifted = month.saturating_add(9) % 12;
    let day_of_year = shifted.saturating_mul(153).saturating_add(2) / 5;
    let day_of_year = day_of_year.saturating_add(day).saturating_sub(1);
    let of_era = y % 400;
    let day_of_era = of_era.saturating_mul(365).saturating_add(of_era / 4).saturating_sub(of_era / 100);
    let days = (y / 400).saturating_mul(146_097).saturating_add(day_of_era).saturating_add(day_of_year);
    days.checked_sub(719_468)?.checked_mul(86_400)?.checked_add(seconds)?.checked_mul(1000)
}

fn days_in(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn civil(at: Millis) -> Civil {
    let all = at / 1000;
    let days = all / 86_400;
    let z = days.saturating_add(719_468);
    let day_of_era = z % 146_097;
    let of_era = day_of_era
        .saturating_sub(day_of_era / 1460)
        .saturating_add(day_of_era / 36_524)
        .saturating_sub(day_of_era / 146_096)
        / 365;
    let before = of_era.saturating_mul(365).saturating_add(of_era / 4).saturating_sub(of_era / 100);
    let day_of_year = day_of_era.saturating_sub(before);
    let shifted = day_of_year.saturating_mul(5).saturating_add(2) / 153;
    let day = day_of_year.saturating_sub(shifted.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
    let month = if shifted < 10 { shifted.saturating_add(3) } else { shifted.saturating_sub(9) };
    let year = (z / 146_097).saturating_mul(400).saturating_add(of_era);
    let year = if month <= 2 { year.saturating_add(1) } else { year };
    Civil { year, month, day, seconds: all % 86_400, weekday: days % 7 }
}
