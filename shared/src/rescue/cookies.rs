//! Which request cookies say nothing about who asks.
//!
//! Cookies of analytics are set by scripts for the visitor's own browser; no server makes a page by them.
//! Only names that are known for that are listed: an unknown cookie counts as a log-in.

use crate::facts::Headers;
use crate::rescue::fields::is_ours;
use crate::rescue::settings::Settings;

/// What the cookies of a request say about the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieClass {
    /// There is none.
    None,
    /// All are of analytics; stripped, the answer is everybody's.
    Analytics,
    /// At least one may identify the visitor.
    Identifying,
}

/// Whole names.
const NAMES: [&str; 30] = [
    "__hssc",
    "__hssrc",
    "__hstc",
    "__utma",
    "__utmb",
    "__utmc",
    "__utmt",
    "__utmv",
    "__utmz",
    "_clck",
    "_clsk",
    "_fbc",
    "_fbp",
    "_ga",
    "_gat",
    "_gcl_au",
    "_gcl_aw",
    "_gid",
    "_hjAbsoluteSessionInProgress",
    "_hjFirstSeen",
    "_hjTLDTest",
    "_rdt_uuid",
    "_scid",
    "_tt_enable_cookie",
    "_ttp",
    "_uetsid",
    "_uetvid",
    "_ym_d",
    "_ym_uid",
    "hubspotutk",
];

/// Starts of names that continue with an id of the property.
const PREFIXES: [&str; 10] = [
    "_ga_",
    "_gac_",
    "_gat_",
    "_dc_gtm_",
    "_hjSession_",
    "_hjSessionUser_",
    "_hjIncludedInSessionSample_",
    "_pk_id.",
    "_pk_ref.",
    "_pk_ses.",
];

/// Words in the names of request fields that carry a key or a log-in: `X-Api-Key`, `X-Auth-Token`,
/// `Cf-Access-Jwt-Assertion`. (`Authorization` itself has rules of its own.)
const CREDENTIALS: [&str; 10] =
    ["api-key", "apikey", "assertion", "auth-", "-auth", "client-cert", "jwt", "secret", "session", "token"];

/// Reads the `Cookie` fields, without our own, which the origin never gets. Owner's additions: names in
/// `settings.analytics_cookies`, `*` at the end of one stands for any rest. A field that carries a key or a
/// log-in says as much as a cookie of that kind: programs send those instead.
pub fn classify(headers: &Headers, settings: &Settings) -> CookieClass {
    if headers.0.iter().any(|(name, _)| is_credential(name)) {
        return CookieClass::Identifying;
    }
    let mut class = CookieClass::None;
    for pair in headers.values("cookie").flat_map(|value| value.split(';')) {
        let name = pair.split('=').next().unwrap_or_default().trim();
        if pair.trim().is_empty() || is_our_cookie(name) {
            continue;
        }
        if !is_analytics(name, settings) {
            return CookieClass::Identifying;
        }
        class = CookieClass::Analytics;
    }
    class
}

fn is_credential(name: &str) -> bool {
    // Every letter of every field's name is looked at: where no word begins, nothing more is.
    let begins = |rest: &[u8]| {
        let first = rest.first().map(u8::to_ascii_lowercase);
        CREDENTIALS
            .iter()
            .map(|word| word.as_bytes())
            .filter(|word| word.first().copied() == first)
            .any(|word| rest.get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)))
    };
    let mut rests = (0..name.len()).filter_map(|at| name.as_bytes().get(at..));
    // Ours never reach the origin.
    rests.any(begins) && !is_ours(name)
}

fn is_analytics(name: &str, settings: &Settings) -> bool {
    let by_owner = settings.analytics_cookies.iter().any(|entry| match entry.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == entry,
    });
    by_owner || NAMES.contains(&name) || PREFIXES.iter().any(|start| name.starts_with(start))
}

/// A cookie of ours, never sent to the origin.
pub fn is_our_cookie(name: &str) -> bool {
    name.trim().starts_with("__Host-backsoon") || name.trim().starts_with("backsoon_")
}
