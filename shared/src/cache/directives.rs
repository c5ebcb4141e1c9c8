//! Reads `Cache-Control` (RFC 9111 §5.2) of requests and of answers, and `CDN-Cache-Control` (RFC 9213).
//!
//! Says what is written there; what follows from it is decided elsewhere.

use crate::facts::Headers;
use crate::status::structured::{Bare, read_dictionary};

/// The targeted fields that a cache at the edge obeys, most special first (RFC 9213 §2.2).
const TARGETED: [&str; 1] = ["cdn-cache-control"];

/// What an answer says to this cache: a valid targeted field counts alone, else `Cache-Control`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The directives that count.
    pub directives: Directives,
    /// Whether they are a targeted field's: then `Cache-Control` and `Expires` say nothing here.
    pub targeted: bool,
}

impl Policy {
    /// Reads an answer's fields.
    pub fn read(headers: &Headers) -> Self {
        let targeted = TARGETED.iter().find_map(|name| Directives::read_targeted(headers, name));
        match targeted {
            Some(directives) => Self { directives, targeted: true },
            None => Self { directives: Directives::read(headers, "cache-control"), targeted: false },
        }
    }
}

/// The directives of all `Cache-Control` fields, names lower-case, in order, with their arguments unquoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives(Vec<(String, Option<String>)>);

impl Directives {
    /// Reads the field `name` (`cache-control` or a targeted one read by the same grammar).
    pub fn read(headers: &Headers, name: &str) -> Self {
        let mut found = vec![];
        for value in headers.values(name) {
            for member in split_unquoted(value) {
                let (key, argument) = match member.split_once('=') {
                    Some((key, argument)) => (key, Some(unquote(argument))),
                    None => (member, None),
                };
                // A name with blanks or quotes is no token: it is nobody's directive.
                let key = key.to_ascii_lowercase();
                if !key.is_empty() && !key.contains([' ', '\t', '"']) {
                    found.push((key, argument));
                }
            }
        }
        Self(found)
    }

    /// Reads a targeted field: a dictionary (RFC 9213 §2.1). `None` where it is absent, empty or not valid,
    /// which all mean "as if it were not there". A directive whose value has the wrong type is left out.
    fn read_targeted(headers: &Headers, name: &str) -> Option<Self> {
        if !headers.has(name) {
            return None;
        }
        let lines: Vec<&str> = headers.values(name).collect();
        let members = read_dictionary(&lines.join(", "))?;
        if members.is_empty() {
            return None;
        }
        let known = |(key, item): (String, crate::status::structured::Item)| {
            let numeric = NUMERIC.contains(&key.as_str());
            let argument = match item.value {
                Bare::Integer(number) if numeric => Some(number.to_string()),
                Bare::Boolean(true) if !numeric => None,
                Bare::Token(text) | Bare::String(text) if !numeric => Some(text),
                _ => return None,
            };
            Some((key, argument))
        };
        Some(Self(members.into_iter().filter_map(known).collect()))
    }

    /// Whether the directive is there, with or without an argument.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The argument of the first such directive that has one.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).and_then(|(_, argument)| argument.as_deref())
    }

    /// The seconds of a directive that is there: a value that is no number of seconds counts as 0, the
    /// strict reading (RFC 9111 §4.2.1); of several the smallest counts.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, argument)| argument.as_deref().and_then(delta_seconds).unwrap_or(0))
            .min()
    }

    /// Whether nothing was said at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The directives whose argument is a number of seconds.
const NUMERIC: [&str; 4] = ["max-age", "s-maxage", "stale-if-error", "stale-while-revalidate"];

/// RFC 9111 §1.2.2: digits only; what is too large counts as 2^31.
pub fn delta_seconds(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse::<u64>().unwrap_or(1 << 31).min(1 << 31))
}

/// The members of a comma-separated list in which a quoted string may hold commas; trimmed, none empty.
pub fn split_unquoted(value: &str) -> Vec<&str> {
    let (mut members, mut quoted, mut escaped, mut start) = (vec![], false, false, 0);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                members.push(value.get(start..at).unwrap_or_default());
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    members.push(value.get(start..).unwrap_or_default());
    members.into_iter().map(str::trim).filter(|member| !member.is_empty()).collect()
}

/// The argument without its quotes and backslashes; one that is not wholly in quotes as it is.
fn unquote(argument: &str) -> String {
    let Some(inner) = argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return argument.to_owned();
    };
    let mut text = String::new();
    let mut escaped = false;
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            text.push(c);
        }
    }
    text
}
