//! Which request an answer belongs to, where `Vary` says that it is not everybody's (RFC 9111 §4.1).
//!
//! Values are compared after the least normalising that every origin shares: blanks between list members.

use crate::facts::Headers;
use crate::rescue::fields::members;

/// A request field named by `Vary`, lower-case, with the value it had; `None` where it was absent.
pub type Selecting = Vec<(String, Option<String>)>;

/// Whether `Vary` holds a `*`: such an answer never fits another request.
pub fn is_any(answer: &Headers) -> bool {
    members(answer, "vary").any(|name| name == "*")
}

/// Whether `Vary` names this field.
pub fn names(answer: &Headers, field: &str) -> bool {
    members(answer, "vary").any(|name| name.eq_ignore_ascii_case(field))
}

/// The request's values of the fields that the answer's `Vary` names, sorted, each once.
pub fn selecting(answer: &Headers, request: &Headers) -> Selecting {
    let mut fields: Vec<String> = members(answer, "vary").map(str::to_ascii_lowercase).collect();
    fields.sort();
    fields.dedup();
    fields
        .into_iter()
        .map(|name| {
            let value = normal(request, &name);
            (name, value)
        })
        .collect()
}

/// Whether a stored answer fits a request: every selecting field has the value it had then. An answer in
/// a content coding that the request accepts (or in none) fits whatever `Accept-Encoding` says.
pub fn fits(selecting: &Selecting, stored: &Headers, request: &Headers) -> bool {
    selecting.iter().all(|(name, value)| {
        if name == "accept-encoding" && coding_accepted(stored, request) {
            return true;
        }
        normal(request, name) == *value
    })
}

fn normal(request: &Headers, name: &str) -> Option<String> {
    if !request.has(name) {
        return None;
    }
    let list: Vec<&str> = members(request, name).collect();
    Some(list.join(","))
}

fn coding_accepted(stored: &Headers, request: &Headers) -> bool {
    let codings: Vec<&str> = members(stored, "content-encoding").collect();
    codings.iter().all(|coding| {
        members(request, "accept-encoding").any(|member| {
            let (name, weight) = member.split_once(';').unwrap_or((member, ""));
            let none = matches!(weight.trim().trim_start_matches("q="), "0" | "0.0" | "0.00" | "0.000");
            name.trim().eq_ignore_ascii_case(coding) && !none
        })
    })
}
