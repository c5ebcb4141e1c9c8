//! Which request fields say nothing about who asks and do not change what an origin answers.
//!
//! The list is `data/request-fields.toml`, compiled to a sorted table. A field outside it, or with a value that its
//! rule does not allow, may be a log-in or a way to get another page: the answer to it is one visitor's.

use crate::facts::Headers;
use crate::rescue::fields::is_ours;
use crate::rescue::network::ADDRESS_FIELD;
use crate::rescue::outgoing::Outgoing;
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::settings::Settings;
use crate::steps::took;
use core::cmp::Ordering;

include!(concat!(env!("OUT_DIR"), "/request_fields.rs"));

/// With which values a field is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// With any.
    Any,
    /// Has rules of its own elsewhere.
    Apart,
    /// With one of these.
    Values(&'static [&'static str]),
    /// With letters, digits, `-`, `_` and `.` only.
    Token,
    /// With digits only.
    Digits,
    /// With the name of an Android app, or `XMLHttpRequest`.
    App,
    /// With an origin; another one than the site's is judged with the answer.
    Origin,
    /// With the scheme of the address.
    OwnScheme,
    /// With the host of the address.
    OwnHost,
    /// With the host of the address or a domain that it is in.
    OwnZone,
    /// With the platform's word for the visitor's address and nothing else.
    OwnAddress,
    /// With an address of version 6 where the platform's is that or one of class E.
    Address6,
    /// With an address of class E where the platform's is of version 6.
    Pseudo4,
    /// With what Cloudflare puts there.
    CdnLoop,
    /// Where nothing else is said under the same name.
    Platform,
}

/// More names of one request are not told: no `Vary` that counts has so many.
const MOST: usize = 64;

/// The names of the request's fields that reach the origin and are not known to be harmless, lower-case.
pub fn unlisted(request: &RequestFacts, outgoing: &Outgoing, settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for (name, value) in &request.headers.0 {
        if is_harmless(name, value, request) || is_ours(name) || is_edited(name, outgoing) {
            continue;
        }
        if settings.vouches_for(name) {
            continue;
        }
        let name = name.to_ascii_lowercase();
        took(names.len());
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() >= MOST {
            break;
        }
    }
    names
}

/// Whether the request says that it is for a page of another site.
pub fn is_of_another_site(request: &RequestFacts) -> bool {
    request.headers.values("origin").any(|origin| !is_own_origin(origin.trim(), &request.url))
}

fn is_harmless(name: &str, value: &str, request: &RequestFacts) -> bool {
    let found = FIELDS.binary_search_by(|(known, _)| without_case(known, name));
    let Some((_, rule)) = found.ok().and_then(|at| FIELDS.get(at)) else { return false };
    fits(*rule, name, value.trim(), request)
}

fn fits(rule: Rule, name: &str, value: &str, request: &RequestFacts) -> bool {
    let url = &request.url;
    let platform = || request.headers.value(ADDRESS_FIELD).map(str::trim);
    match rule {
        Rule::Any | Rule::Apart => true,
        Rule::Values(values) => values.iter().any(|known| known.eq_ignore_ascii_case(value)),
        Rule::Token => is_token(value),
        Rule::Digits => is_number(value),
        Rule::App => value.eq_ignore_ascii_case("xmlhttprequest") || is_app(value),
        Rule::Origin => is_origin(value),
        Rule::OwnScheme => scheme_in(value).eq_ignore_ascii_case(&url.scheme),
        Rule::OwnHost => value.eq_ignore_ascii_case(&url.host),
        Rule::OwnZone => is_of_zone(&url.host, value),
        Rule::OwnAddress => platform().is_some_and(|address| value.eq_ignore_ascii_case(address)),
        Rule::Address6 => {
            let known = |address: &str| is_class_e(address) || value.eq_ignore_ascii_case(address);
            is_version_6(value) && platform().is_some_and(known)
        }
        Rule::Pseudo4 => is_class_e(value) && platform().is_some_and(is_version_6),
        Rule::CdnLoop => value == "cloudflare" || value.starts_with("cloudflare;"),
        Rule::Platform => request.headers.values(name).all(|other| other.trim() == value),
    }
}

/// The order of a lower-case name and one as it was sent.
fn without_case(known: &str, name: &str) -> Ordering {
    known.bytes().cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn is_edited(name: &str, outgoing: &Outgoing) -> bool {
    // `Cookie` and `Authorization`, which may be edited in part, never come here.
    outgoing.remove.iter().any(|gone| gone.eq_ignore_ascii_case(name))
        || outgoing.set.iter().any(|(set, _)| set.eq_ignore_ascii_case(name))
}

/// Whether an entry of `HARMLESS_FIELDS` is for this field.
pub fn is_meant(entry: &str, name: &str) -> bool {
    match entry.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => entry.eq_ignore_ascii_case(name),
    }
}

/// The name of an app. Some servers look for `XMLHttpRequest` anywhere in it.
fn is_app(value: &str) -> bool {
    value.contains('.') && is_token(value) && !value.to_ascii_lowercase().contains("xmlhttprequest")
}

fn is_token(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !value.is_empty() && value.len() <= 255 && value.bytes().all(plain)
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.len() <= 9 && value.bytes().all(|b| b.is_ascii_digit())
}

/// `scheme://host`, `scheme://host:port` or `null`.
fn is_origin(value: &str) -> bool {
    let Some((scheme, host)) = value.split_once("://") else { return value == "null" };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'[' | b']' | b'_');
    is_token(&scheme.replace('+', "-")) && !host.is_empty() && host.bytes().all(plain)
}

fn is_own_origin(value: &str, url: &Url) -> bool {
    let host = value.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case(&url.scheme));
    host.is_some_and(|(_, host)| host.eq_ignore_ascii_case(&url.host))
}

/// `https`, or what `{"scheme":"https"}` says; nothing for anything else.
fn scheme_in(value: &str) -> &str {
    let Some(inner) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return value };
    let said = inner.split_once(':').filter(|(key, _)| key.trim() == "\"scheme\"");
    let scheme = said.and_then(|(_, word)| word.trim().strip_prefix('"')?.strip_suffix('"'));
    scheme.unwrap_or_default()
}

fn is_of_zone(host: &str, zone: &str) -> bool {
    let inside = host.get(host.len().saturating_sub(zone.len())..);
    let at_dot = host.len() == zone.len()
        || host.get(..host.len().saturating_sub(zone.len())).is_some_and(|before| before.ends_with('.'));
    zone.contains('.') && at_dot && inside.is_some_and(|end| end.eq_ignore_ascii_case(zone))
}

fn is_version_6(address: &str) -> bool {
    let plain = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    address.contains(':') && address.len() <= 45 && address.bytes().all(plain)
}

/// 240.0.0.0 and above.
fn is_class_e(address: &str) -> bool {
    let mut parts = address.split('.').map(|part| part.parse::<u8>().ok());
    matches!(
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()),
        (Some(Some(240..)), Some(Some(_)), Some(Some(_)), Some(Some(_)), None)
    )
}

/// Whether the answer to another site's request says that it is for it, or for all.
pub fn says_for_which_site(answer: &Headers) -> bool {
    answer.has("access-control-allow-origin") || crate::cache::vary::names(answer, "origin")
}

/// The fields that are replaced in front of any origin, for the way without wasm: `edge-worker/js/replaced.mjs`.
pub fn as_module() -> String {
    let mut text = String::from(
        "// Written by `cargo xtask build-worker` from shared/data/request-fields.toml. Do not edit.\n",
    );
    for (name, list) in [("FORWARDING", &FORWARDING[..]), ("ADDRESSES", &ADDRESSES[..])] {
        text.push_str(&format!("\nexport const {name} = [\n"));
        list.iter().for_each(|field| text.push_str(&format!("  \"{field}\",\n")));
        text.push_str("];\n");
    }
    text
}
