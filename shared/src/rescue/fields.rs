//! Lists of header fields by what is done with them: which travel, which are ours.
//!
//! Names are lower-case here and compared without case.

use crate::facts::Headers;
use crate::rescue::OWN_FIELD_PREFIX;
use crate::steps::took;

/// Fields about one connection, never stored or sent on by us (RFC 9110 §7.6.1, RFC 9111 §3.1).
pub const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that are about the passage through our own platform, not about the page.
const PASSAGE: [&str; 8] = [
    "alt-svc",
    "cache-status",
    "cf-cache-status",
    "cf-ray",
    "nel",
    "proxy-status",
    "report-to",
    "set-cookie",
];

/// Whether `name` is in `list`, without case.
pub fn listed(list: &[&str], name: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
}

/// If `Connection` names more fields than this, every field counts as one of the connection.
const MOST_NAMED: usize = 64;

/// Which fields of this head are about one connection only: by the list, or named in `Connection`.
pub fn hop_by_hop(headers: &Headers) -> impl Fn(&str) -> bool {
    let named: Vec<&str> = members(headers, "connection").take(MOST_NAMED.saturating_add(1)).collect();
    took(headers.0.len().saturating_add(named.len()));
    move |name| {
        took(named.len().saturating_add(1));
        named.len() > MOST_NAMED || listed(&HOP_BY_HOP, name) || listed(&named, name)
    }
}

/// Whether the field is ours and must not leave the worker.
pub fn is_ours(name: &str) -> bool {
    name.get(..OWN_FIELD_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_FIELD_PREFIX))
}

/// The comma-separated members of all fields `name`, trimmed, without empty ones. Not for fields whose
/// members can hold quoted commas.
pub fn members<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.values(name).flat_map(|value| value.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

/// Whether a field tells of the way that an answer took, or is for one visitor: it is never kept.
pub fn is_of_passage(name: &str) -> bool {
    listed(&PASSAGE, name)
}
