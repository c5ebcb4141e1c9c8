//! How the origin is asked: which address, which fields are left out and which are set.
//!
//! In front of any origin the worker is a reverse proxy and says so; on a route of its own zone it changes
//! nothing but what is ours.

use crate::cache::vary::in_order;
use crate::facts::Headers;
use crate::rescue::cookies::is_our_cookie;
use crate::rescue::fields::{is_ours, members};
use crate::rescue::harmless::{ADDRESSES, FORWARDING};
use crate::rescue::plan::is_our_parameter;
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::settings::Settings;
use crate::steps::took;

/// The field by which the worker recognises a request that it has sent itself: the hosts passed so far.
pub const HOP_FIELD: &str = "backsoon-hop";

/// More hosts than this in one chain are a circle, whatever their names.
const MOST_HOPS: usize = 8;

/// How to ask the origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The address to fetch.
    pub url: String,
    /// Its query, without what is ours.
    pub query: Option<String>,
    /// Fields to remove, lower-case.
    pub remove: Vec<String>,
    /// Fields to set, after the removal.
    pub set: Vec<(String, String)>,
}

impl Outgoing {
    /// The fields that the origin gets.
    pub fn apply(&self, headers: &Headers) -> Headers {
        // A request can have any number of fields of our own; all others that are removed are few.
        let few: Vec<&String> = self.remove.iter().filter(|name| !is_ours(name)).collect();
        let ours = few.len() < self.remove.len();
        let gone = |name: &str| {
            took(few.len().saturating_add(1));
            (ours && is_ours(name))
                || few.iter().any(|r| r.eq_ignore_ascii_case(name))
                || self.set.iter().any(|(s, _)| s.eq_ignore_ascii_case(name))
        };
        let kept = headers.0.iter().filter(|(name, _)| !gone(name)).cloned();
        Headers(kept.chain(self.set.iter().cloned()).collect())
    }
}

/// Whether this request has already been through the worker of this host.
pub fn has_been_here(request: &RequestFacts) -> bool {
    let hops: Vec<&str> = members(&request.headers, HOP_FIELD).take(MOST_HOPS.saturating_add(1)).collect();
    hops.len() > MOST_HOPS || hops.iter().any(|host| host.eq_ignore_ascii_case(&request.url.host))
}

/// How to ask for this request.
pub fn outgoing(request: &RequestFacts, settings: &Settings, strip_cookies: bool) -> Outgoing {
    let query = request.url.query.as_deref().and_then(without_ours);
    let mut url = Url { query: query.clone(), ..request.url.clone() };
    let mut remove: Vec<String> =
        request.headers.0.iter().filter(|(n, _)| is_ours(n)).map(|(n, _)| n.to_ascii_lowercase()).collect();
    let mut set = vec![];
    if request.headers.value("authorization").is_some_and(is_our_bearer) {
        remove.push("authorization".to_owned());
    }
    match cookies_left(&request.headers, strip_cookies) {
        Cookies::AsTheyAre => {}
        Cookies::None => remove.push("cookie".to_owned()),
        Cookies::Only(value) => set.push(("cookie".to_owned(), value)),
    }
    if let Some(origin) = &settings.origin {
        url.scheme.clone_from(&origin.scheme);
        url.host.clone_from(&origin.host);
        // Each field costs a step out of wasm: only what is there is removed.
        let there = FORWARDING.iter().filter(|name| request.headers.has(name));
        remove.extend(there.map(|name| (*name).to_owned()));
        set.push(("x-forwarded-host".to_owned(), request.url.host.clone()));
        set.push(("x-forwarded-proto".to_owned(), request.url.scheme.clone()));
        // Only the platform's word counts for the visitor's address: any other could be the visitor's own.
        let address = request.headers.value("cf-connecting-ip").map(str::trim);
        for name in ADDRESSES.iter().filter(|name| request.headers.has(name)) {
            remove.push((*name).to_owned());
            set.extend(address.map(|address| ((*name).to_owned(), address.to_owned())));
        }
        set.extend(address.map(|address| ("x-forwarded-for".to_owned(), address.to_owned())));
        let mut hops: Vec<&str> = members(&request.headers, HOP_FIELD).collect();
        hops.push(&request.url.host);
        set.push((HOP_FIELD.to_owned(), hops.join(", ")));
    }
    let mut remove = in_order(remove.into_iter());
    remove.dedup();
    Outgoing { url: url.text(), query, remove, set }
}

enum Cookies {
    AsTheyAre,
    None,
    Only(String),
}

fn cookies_left(headers: &Headers, strip_all: bool) -> Cookies {
    let pairs: Vec<&str> = headers
        .values("cookie")
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .collect();
    let ours = |pair: &&str| is_our_cookie(pair.split('=').next().unwrap_or_default());
    if strip_all || (!pairs.is_empty() && pairs.iter().all(ours)) {
        return Cookies::None;
    }
    if !pairs.iter().any(ours) {
        return Cookies::AsTheyAre;
    }
    let left: Vec<&str> = pairs.into_iter().filter(|pair| !ours(pair)).collect();
    Cookies::Only(left.join("; "))
}

fn is_our_bearer(value: &str) -> bool {
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer") && token.trim_start().starts_with("backsoon_")
}

fn without_ours(query: &str) -> Option<String> {
    if !query.split('&').any(is_our_parameter) {
        return Some(query.to_owned());
    }
    let left: Vec<&str> = query.split('&').filter(|pair| !is_our_parameter(pair)).collect();
    if left.is_empty() { None } else { Some(left.join("&")) }
}
