//! The document at `/.well-known/backsoon/status`: public, short, and answered without the origin.

use crate::json;
use crate::rescue::settings::Settings;
use crate::status::health::{Health, State};
use crate::time::{Millis, rfc3339};

/// Fields of the answer; the address may be read by any page, since it says nothing of anybody.
pub const FIELDS: [(&str, &str); 5] = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("access-control-allow-origin", "*"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
];

/// The document as JSON. `retry_after` is told while the origin fails, in seconds.
pub fn document(health: &Health, settings: &Settings, now: Millis) -> String {
    let state = health.state(now);
    let failing = matches!(state, State::Rescuing | State::Down);
    let retry = if failing { settings.retry_after_s.to_string() } else { "null".to_owned() };
    let eta = settings.eta.filter(|eta| *eta > now).map(rfc3339);
    format!(
        "{{\"state\":{},\"since\":{},\"retry_after\":{retry},\"message\":{},\"eta\":{},\"reference\":{}}}\n",
        json::string(state.as_str()),
        json::string_or_null(health.since(now).map(rfc3339).as_deref()),
        json::string_or_null(settings.message.as_deref()),
        json::string_or_null(eta.as_deref()),
        json::string(&health.reference().unwrap_or_default()),
    )
}
