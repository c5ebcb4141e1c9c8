//! Reads the fields by which an origin speaks to the caches at the edge alone: `Cloudflare-CDN-Cache-Control` and
//! `CDN-Cache-Control` (RFC 9213), and `Surrogate-Control` (W3C Edge Architecture 1.0, §2.2).
//!
//! Says what one field says; which field counts, `Policy` decides.

use crate::cache::directives::{
    Directive, Directives, REFUSALS, directive, is_token, split_outside_quotes, split_unquoted, words,
};
use crate::facts::Headers;
use crate::status::structured::{Bare, Item, read_dictionary};

/// The targeted fields that this cache obeys, the most specific first (RFC 9213 §2.2).
pub const FIELDS: [&str; 3] = ["cloudflare-cdn-cache-control", "cdn-cache-control", SURROGATE];

const SURROGATE: &str = "surrogate-control";

/// A dictionary's keys are compared with each other. A longer field is not read as one.
const LONGEST: usize = 8 * 1024;

/// The directives whose argument is a number of seconds.
const NUMERIC: [&str; 4] = ["max-age", "s-maxage", "stale-if-error", "stale-while-revalidate"];

/// What a field that counts as absent still restricts. Its numbers say nothing.
const HEARD: [&str; 5] = ["private", "no-store", "no-cache", "must-revalidate", "proxy-revalidate"];

/// What a targeted field says.
pub enum Reading {
    /// Nothing to this cache.
    Absent,
    /// It breaks its grammar: it counts as absent, but these restrictions are heard.
    Unreadable(Directives),
    /// It decides alone.
    Governs(Directives),
}

/// Reads one of `FIELDS`.
pub fn read(headers: &Headers, name: &str) -> Reading {
    // RFC 9651 §4.2: an empty field is an absent one.
    if headers.values(name).all(|line| line.trim().is_empty()) {
        return Reading::Absent;
    }
    if name == SURROGATE { surrogate(headers) } else { dictionary(headers, name) }
}

/// RFC 9213 §2.1: a dictionary. A directive whose value has the wrong type is left out.
fn dictionary(headers: &Headers, name: &str) -> Reading {
    let lines: Vec<&str> = headers.values(name).collect();
    let text = lines.join(", ");
    let mut plain = Directives::read(headers, name);
    match (text.len() <= LONGEST).then(|| read_dictionary(&text)).flatten() {
        Some(members) => {
            // `private=?0`, or a word of a parameter: in doubt it refuses.
            plain.named.retain(|(key, _)| REFUSALS.contains(&key.as_str()));
            plain.named.extend(members.into_iter().filter_map(of_item));
            plain.malformed = false;
            Reading::Governs(plain)
        }
        None => unreadable(plain),
    }
}

/// Of a field that counts as absent only the restrictions are left.
fn unreadable(mut directives: Directives) -> Reading {
    directives.named.retain(|(key, _)| HEARD.contains(&key.as_str()));
    Reading::Unreadable(directives)
}

fn of_item((key, item): (String, Item)) -> Option<Directive> {
    let numeric = NUMERIC.contains(&key.as_str());
    let argument = match item.value {
        Bare::Integer(number) if numeric => Some(number.to_string()),
        Bare::Boolean(true) if !numeric => None,
        Bare::Token(text) | Bare::String(text) if !numeric => Some(text),
        _ => return None,
    };
    Some((key, argument))
}

/// A list of directives, each followed by the names of the surrogates it is for: `max-age=60+30, no-store;edge-7`.
/// A directive for others says nothing here, but every refusal in such a field is heard.
fn surrogate(headers: &Headers) -> Reading {
    let Some(mut found) = by_grammar(headers) else {
        let mut heard = Directives::heard(headers, SURROGATE);
        hear_remote(&mut heard, headers);
        return unreadable(heard);
    };
    if headers.values(SURROGATE).any(|line| line.contains(';')) {
        headers.values(SURROGATE).for_each(|line| found.hear(line));
    }
    hear_remote(&mut found, headers);
    let said = NUMERIC.iter().chain(&HEARD).any(|name| found.has(name));
    if said { Reading::Governs(found) } else { Reading::Absent }
}

/// The directives for this cache; `None` where the field breaks the grammar.
fn by_grammar(headers: &Headers) -> Option<Directives> {
    let mut found = Directives::default();
    for member in headers.values(SURROGATE).flat_map(split_unquoted) {
        let mut parts = split_outside_quotes(member, ';').into_iter();
        let (name, argument) = parts.next().and_then(directive)?;
        let mut targets = parts.peekable();
        let here = targets.peek().is_none();
        if !targets.all(is_token) {
            return None;
        }
        // §2.2.3: the number after the plus extends the use of a stale answer.
        let argument = match (name.as_str(), argument) {
            ("max-age", Some(text)) => text.split('+').next().map(str::to_owned),
            (_, argument) => argument,
        };
        if here {
            found.push(name, argument);
        }
    }
    Some(found)
}

/// §2.2.2: a CDN is a remote surrogate.
fn hear_remote(found: &mut Directives, headers: &Headers) {
    let mut words = headers.values(SURROGATE).flat_map(words);
    if words.any(|(word, _)| word.eq_ignore_ascii_case("no-store-remote")) {
        found.hear("no-store");
    }
}

/// Whether a targeted field says `private` or `no-store`, in any spelling, whether it counts or not.
pub fn refuses(headers: &Headers, name: &str) -> bool {
    match read(headers, name) {
        Reading::Absent => false,
        Reading::Unreadable(directives) | Reading::Governs(directives) => directives.refuses(),
    }
}
