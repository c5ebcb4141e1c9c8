//! How long a visitor waits for the origin where there is something to show instead.
//!
//! RFC 9111 §4.2.4 lets a cache show what is stale where it cannot reach the origin; whether a copy may be shown,
//! `StoredCopy::usable` says. Who has none waits as long as the origin may take.

use crate::rescue::settings::Settings;

/// A body that is not whole after so many milliseconds is streamed as it comes.
const LOOK_MS: u32 = 1000;

/// Milliseconds that a visitor with a copy still waits, of whom so many have passed; `None`: to the end.
pub fn left_ms(settings: &Settings, waited_ms: u32) -> Option<u32> {
    (settings.copy_after_ms > 0).then(|| settings.copy_after_ms.saturating_sub(waited_ms))
}

/// For how long a body is looked at before it is handed on. `kept`: the visitor does not wait for it, but is shown
/// a copy meanwhile or is gone. `known`: how long it will be.
pub fn look_ms(settings: &Settings, kept: bool, known: bool) -> u32 {
    if kept && known && settings.copy_after_ms > 0 { settings.timeout_ms.max(LOOK_MS) } else { LOOK_MS }
}

/// Whether an answer that took so long was quick: nobody had to be shown a copy because of it.
pub fn is_quick(settings: &Settings, took_ms: u32) -> bool {
    settings.copy_after_ms == 0 || took_ms <= settings.copy_after_ms
}
