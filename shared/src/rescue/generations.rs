//! The good copy before the newest one: when it is put aside, under which key, and when it stands in.
//!
//! Looks are all that a new page can be judged by when it comes; that it was an error's shows later
//! (`soft::CatchAll`). So that there is something to go back to then, good content that other content
//! replaces stays for a while. Knows heads and fingerprints, never where bytes are kept.

use crate::rescue::OWN_PATH;
use crate::rescue::copy::{Change, StoredCopy};
use crate::rescue::negotiate::media_type;
use crate::time::Millis;

/// Larger bodies have one generation only, in bytes.
pub const MOST_BYTES: u64 = 512 * 1024;
/// So long the older one stays what it is: a bad page that differs each time must not push it out.
const EVERY_MS: u64 = 3_600_000;
/// 48 bits tell enough.
const PRINT: u64 = (1 << 48) - 1;

/// Where the older generation of an address stands; `None` for what is no address' own key.
pub fn older_key(key: &str) -> Option<String> {
    let (site, rest) = key.split_once(OWN_PATH)?;
    Some(format!("{site}{OWN_PATH}older{}", rest.strip_prefix("copy")?))
}

/// A fingerprint of what a page, a text or JSON says; `None` for other kinds and for what is larger. Words
/// with a digit in them all count as one: clocks, counters and tokens are no other content.
pub fn print(content_type: Option<&str>, body: &[u8]) -> Option<u64> {
    let kind = media_type(content_type.unwrap_or_default());
    let told =
        kind.is_empty() || kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml");
    if !told || u64::try_from(body.len()).map_or(true, |length| length > MOST_BYTES) {
        return None;
    }
    // FNV-1a. `hash` is of all before this word, `word` with the word.
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let (mut hash, mut word, mut digits) = (0xcbf2_9ce4_8422_2325, 0xcbf2_9ce4_8422_2325, false);
    for byte in body.iter().copied().chain([b'\n']) {
        if byte.is_ascii_alphanumeric() {
            digits |= byte.is_ascii_digit();
            word = step(word, byte);
        } else {
            hash = step(if digits { step(hash, b'0') } else { word }, byte);
            (word, digits) = (hash, false);
        }
    }
    Some((hash ^ (hash >> 48)) & PRINT)
}

/// Whether `old`, which stands for this very request's variant, is put aside before `new` takes its place.
pub fn shifts(old: &StoredCopy, new: &StoredCopy, now: Millis) -> bool {
    let small = old.body_length().is_some_and(|length| length <= MOST_BYTES);
    let other = old.print.is_some() && old.print != new.print;
    let rested = old.shifted == 0 || now.saturating_sub(old.shifted) >= EVERY_MS;
    old.good && old.suspended.is_none() && new.good && small && other && rested
}

/// Writes into the new one what travels when it takes the place of the old one; `shifted`: that was put aside
/// just now.
pub fn follow(new: &mut StoredCopy, old: Option<&StoredCopy>, shifted: Option<Millis>) {
    (new.changed, new.shifted) = (new.timing.responded_at, 0);
    let Some(old) = old else { return };
    if new.print.is_some() && new.print == old.print {
        new.changed = old.changed;
    }
    new.shifted = shifted.unwrap_or(old.shifted);
}

/// Whether the older generation stands in for the newest: that one has proved bad (`doubted`), or its looks
/// were doubtful when it came. What the origin says of the page (404, `private`) is no doubt but the truth.
pub fn stands_in(newest: &StoredCopy, doubted: bool) -> bool {
    // What the origin was confirmed to refuse, or has deleted, it refuses in every generation.
    let ended = newest.suspended.is_some() || matches!(newest.outdated, Some((Change::Deleted, _)));
    !ended && (doubted || (!newest.good && newest.print.is_some() && newest.head.status == 200))
}

/// Whether what was found under the older key still counts: nothing was forgotten since. (A store that
/// failed to delete it, or another place, may still have it.)
pub fn counts(newest: &StoredCopy, older: &StoredCopy) -> bool {
    older.generation > 0 && older.since == newest.since
}
