//! Whether an answer forbids storing, in whichever field and spelling.
//!
//! In doubt it does. Knows nothing of requests; what else keeps an answer out, `storable` decides.

use crate::cache::directives::{Directives, words};
use crate::cache::targeted;
use crate::facts::Headers;
use crate::rescue::judge::StoreRefusal;
use crate::time::Millis;

/// Any refusal at all: an answer with one is not shown in an outage, whichever field decides its freshness.
pub fn refused(headers: &Headers, arrived: Millis) -> Option<StoreRefusal> {
    let control = Directives::read(headers, "cache-control");
    if control.has("private") {
        return Some(StoreRefusal::Private);
    }
    let targeted = || targeted::FIELDS.iter().any(|name| targeted::refuses(headers, name));
    if control.has("no-store") || targeted() { Some(StoreRefusal::NoStore) } else { beside(headers, arrived) }
}

/// A refusal in a field that is no list of cache directives, but that a server before the origin would obey.
pub fn beside(headers: &Headers, arrived: Millis) -> Option<StoreRefusal> {
    let pragma = Directives::heard(headers, "pragma").refuses();
    let edge = headers.values("edge-control").any(edge_refuses);
    let accel = headers.values("x-accel-expires").any(|value| accel_refuses(value, arrived));
    (pragma || edge || accel).then_some(StoreRefusal::NoStore)
}

/// Akamai: `no-store` and `bypass-cache`. `!no-store` is the opposite of a refusal; it lifts none elsewhere.
fn edge_refuses(value: &str) -> bool {
    let refusal = |word: &str| {
        ["no-store", "bypass-cache", "private"].iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    words(value).into_iter().any(|(word, after)| {
        // The word ends where the text after it begins.
        let start = value.len().saturating_sub(after.len()).saturating_sub(word.len());
        refusal(word) && !value.get(..start).is_some_and(|before| before.ends_with('!'))
    })
}

/// nginx: seconds, or `@` and a time in seconds since 1970. 0, `off`, a time in the past and what is no number at
/// all keep the answer nowhere.
fn accel_refuses(value: &str, arrived: Millis) -> bool {
    let value = value.trim();
    let (digits, least) = match value.strip_prefix('@') {
        Some(time) => (time, arrived / 1000),
        None => (value, 0),
    };
    let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    // More digits than a number holds are far in the future.
    digits.is_empty() || digits.parse::<u64>().is_ok_and(|number| number <= least)
}

#[cfg(test)]
mod tests {
    use super::{accel_refuses, edge_refuses};

    #[test]
    fn accel_expires() {
        for no in ["0", "00", "off", "OFF", "@0", "@999", "@1000", "-1", "", "no-store", "@", "@off", "0s"] {
            assert!(accel_refuses(no, 1_000_000), "{no}");
        }
        for yes in ["1", "60", "3600s", "@1001", "99999999999999999999999", " 60 "] {
            assert!(!accel_refuses(yes, 1_000_000), "{yes}");
        }
    }

    #[test]
    fn edge_control() {
        for no in [
            "no-store",
            "No-Store",
            "max-age=3h;no-store",
            "!no-store, no-store",
            "bypass-cache",
            "\"no-store",
        ] {
            assert!(edge_refuses(no), "{no}");
        }
        for yes in [
            "!no-store",
            "!no-store, max-age=1d",
            "cache-maxage=7d",
            "dca=esi",
            "x-no-store",
            "!bypass-cache",
        ] {
            assert!(!edge_refuses(yes), "{yes}");
        }
    }
}
