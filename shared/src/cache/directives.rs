//! Reads `Cache-Control` (RFC 9111 §5.2), of requests and of answers.
//!
//! Says what is written there; what follows from it is decided elsewhere.

use crate::facts::Headers;

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

    /// Whether the directive is there, with or without an argument.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Whether the directive is there without an argument: `no-cache` means all, `no-cache="a"` one field.
    pub fn has_bare(&self, name: &str) -> bool {
        self.0.iter().any(|(key, argument)| key == name && argument.as_ref().is_none_or(String::is_empty))
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
