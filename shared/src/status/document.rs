//! The document at `/.well-known/backsoon/status`: public, short, and answered without the origin.

use crate::breaker::Breaker;
use crate::json;
use crate::rescue::coverage::Coverage;
use crate::rescue::plan::Endpoint;
use crate::rescue::settings::Settings;
use crate::status::state::State;
use crate::time::{Millis, rfc3339};

/// Fields of the answer; the address may be read by any page, since it says nothing of anybody.
pub const FIELDS: [(&str, &str); 6] = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "Retry-After"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
];

/// The answer of one of the worker's own addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAnswer {
    /// Its status.
    pub status: u16,
    /// Its fields.
    pub fields: Vec<(&'static str, &'static str)>,
    /// Its body; empty where there is none. HEAD gets it too: the platform leaves it out.
    pub body: String,
}

/// Answers one of the worker's own addresses.
pub fn answer(endpoint: Endpoint, known: &Known<'_>, settings: &Settings, now: Millis) -> OwnAnswer {
    let (status, more, body): (_, &[(&str, &str)], _) = match endpoint {
        Endpoint::Status => (200, &[], document(known, settings, now)),
        Endpoint::Preflight => (204, &[("access-control-allow-methods", "GET, HEAD")], String::new()),
        Endpoint::WrongMethod => (405, &[("allow", "GET, HEAD, OPTIONS")], String::new()),
        Endpoint::NotFound => (404, &[], String::new()),
    };
    let typed = |(name, _): &&(&str, &str)| !(body.is_empty() && *name == "content-type");
    let fields = FIELDS.iter().filter(typed).chain(more).copied().collect();
    OwnAnswer { status, fields, body }
}

/// What an isolate knows of a site.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The origin's breaker.
    pub breaker: &'a Breaker,
    /// Since when a firewall of the site has refused everybody.
    pub refusing: Option<Millis>,
    /// Whether the start page is kept, where this isolate has seen that page.
    pub start_page: Option<Coverage>,
}

/// The document as JSON. `retry_after` is told while the origin fails, in seconds.
pub fn document(known: &Known<'_>, settings: &Settings, now: Millis) -> String {
    let breaker = known.breaker;
    let mut state = breaker.state(now);
    let mut since = breaker.since(now);
    let mut cause = "";
    if let (State::Up | State::Unknown | State::Rescuing, Some(began)) = (state, known.refusing) {
        (state, since, cause) = (State::Rescuing, Some(began), ",\"cause\":\"refuses-everybody\"");
    }
    let failing = matches!(state, State::Rescuing | State::Down);
    let retry = if failing { settings.retry_after_s.to_string() } else { "null".to_owned() };
    let eta = settings.eta.filter(|eta| *eta > now).map(rfc3339);
    let start_page =
        known.start_page.map(|found| format!(",\"start_page\":{}", found.json())).unwrap_or_default();
    format!(
        "{{\"state\":{},\"since\":{},\"retry_after\":{retry},\"message\":{},\"eta\":{},\"reference\":{}{cause}{start_page}}}\n",
        json::string(state.as_str()),
        json::string_or_null(since.map(rfc3339).as_deref()),
        json::string_or_null(settings.message.as_deref()),
        json::string_or_null(eta.as_deref()),
        json::string(&breaker.reference().unwrap_or_default()),
    )
}
