//! Which request cookies say nothing about who asks.
//!
//! Cookies of analytics are set by scripts for the visitor's own browser; no server makes a page by them.
//! Only names that are known for that are listed: an unknown cookie counts as a log-in.

use crate::facts::Headers;
use crate::rescue::settings::Settings;
use crate::steps::took;

/// More cookies of one request are not looked at: they count as identifying.
const MOST_COOKIES: usize = 150;

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

/// Whole names. Those of Cloudflare are for its own checks, and no origin makes a page by them
/// (developers.cloudflare.com/fundamentals/reference/policies-compliances/cloudflare-cookies). `cf_clearance` is not
/// here: without it an origin behind another Cloudflare zone would challenge its visitors again and again.
const NAMES: [&str; 34] = [
    "__cf_bm",
    "__cfruid",
    "__cfseq",
    "_cfuvid",
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

/// Reads the `Cookie` fields, without our own, which the origin never gets. Owner's additions: names in
/// `settings.analytics_cookies`, `*` at the end of one stands for any rest.
pub fn classify(headers: &Headers, settings: &Settings) -> CookieClass {
    let mut class = CookieClass::None;
    for (count, pair) in headers.values("cookie").flat_map(|value| value.split(';')).enumerate() {
        took(pair.len());
        // Who sends so many is no visitor whose answer is everybody's.
        if count >= MOST_COOKIES {
            return CookieClass::Identifying;
        }
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
