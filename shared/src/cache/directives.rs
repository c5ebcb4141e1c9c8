//! Reads the directives of `Cache-Control` (RFC 9111 §5.2), of requests and of answers.
//!
//! A field that keeps to the grammar says what it says. A field that breaks it grants nothing, but every
//! restriction in it is heard: `private;max-age=0` is private. What follows from a directive is decided elsewhere.

use crate::cache::targeted::{self, Reading};
use crate::facts::Headers;

/// What an answer says to this cache: a valid targeted field counts alone, else `Cache-Control`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The directives that count.
    pub directives: Directives,
    /// Whether they are a targeted field's: then `Cache-Control` and `Expires` say nothing here.
    pub targeted: bool,
    /// Whether a field that came first could not be read: then nothing is guessed.
    pub doubtful: bool,
}

impl Policy {
    /// Reads an answer's fields.
    pub fn read(headers: &Headers) -> Self {
        let mut policy = Self::default();
        let mut heard = vec![];
        for name in targeted::FIELDS {
            match targeted::read(headers, name) {
                Reading::Absent => {}
                Reading::Unreadable(restrictions) => {
                    policy.doubtful = true;
                    heard.extend(restrictions.named);
                }
                Reading::Governs(directives) => {
                    policy.targeted = true;
                    policy.directives = directives;
                    break;
                }
            }
        }
        if !policy.targeted {
            policy.directives = Directives::read(headers, "cache-control");
        }
        if !heard.is_empty() {
            policy.directives.named.extend(heard);
            policy.directives.malformed = true;
        }
        policy
    }
}

/// One directive: its name in lower case, and its argument without quotes.
pub(crate) type Directive = (String, Option<String>);

/// The directives of all fields of a name, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub(crate) named: Vec<Directive>,
    pub(crate) malformed: bool,
}

/// The directives that forbid every shared cache to keep an answer.
pub const REFUSALS: [&str; 2] = ["private", "no-store"];

/// The words that are heard in a field that breaks the grammar: each makes a cache do less, or bounds it.
const RESTRICTIONS: [&str; 10] = [
    "private",
    "no-store",
    "no-cache",
    "must-revalidate",
    "proxy-revalidate",
    "no-transform",
    "max-age",
    "s-maxage",
    "min-fresh",
    "stale-if-error",
];

impl Directives {
    /// Reads the field `name` (`cache-control` or a field with the same grammar).
    pub fn read(headers: &Headers, name: &str) -> Self {
        let mut found = Self::default();
        for line in headers.values(name) {
            if !found.read_line(line) {
                return Self::heard(headers, name);
            }
        }
        found
    }

    /// Reads a line by the grammar; `false` where it breaks it.
    fn read_line(&mut self, line: &str) -> bool {
        for member in split_unquoted(line) {
            let Some((name, argument)) = directive(member) else { return false };
            self.push(name, argument);
        }
        true
    }

    /// Adds a directive, and the refusals beside it: `'private'` is a token too, and `max-age=private` no number.
    /// In the argument of a directive that nobody defined it may mean something else; in doubt nobody keeps the answer.
    pub(crate) fn push(&mut self, name: String, argument: Option<String>) {
        self.hear(&name);
        self.hear(argument.as_deref().unwrap_or_default());
        self.named.push((name, argument));
    }

    /// Adds the refusals that stand in a text as whole words.
    pub(crate) fn hear(&mut self, text: &str) {
        for (word, _) in words(text) {
            let refusal = REFUSALS.iter().find(|refusal| refusal.eq_ignore_ascii_case(word));
            self.named.extend(refusal.map(|refusal| ((*refusal).to_owned(), None)));
        }
    }

    /// The strict reading of a field that breaks the grammar: each restriction that stands in it as a whole word.
    pub(crate) fn heard(headers: &Headers, name: &str) -> Self {
        let mut found = vec![];
        for (word, after) in headers.values(name).flat_map(words) {
            if let Some(known) = RESTRICTIONS.iter().find(|known| known.eq_ignore_ascii_case(word)) {
                let argument = after.strip_prefix('=').map(|rest| rest.trim_start_matches('"'));
                let number = argument.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
                found.push(((*known).to_owned(), number.map(str::to_owned)));
            }
        }
        Self { named: found, malformed: true }
    }

    /// Whether the directive is there, with or without an argument.
    pub fn has(&self, name: &str) -> bool {
        self.named.iter().any(|(key, _)| key == name)
    }

    /// Whether a directive that allows something is there; never in a field that breaks the grammar.
    pub fn grants(&self, name: &str) -> bool {
        !self.malformed && self.has(name)
    }

    /// Whether the field breaks the grammar: then it gives no freshness.
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Whether it says `private` or `no-store`, in any spelling.
    pub fn refuses(&self) -> bool {
        REFUSALS.iter().any(|refusal| self.has(refusal))
    }

    /// The argument of the first such directive that has one.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.named.iter().find(|(key, _)| key == name).and_then(|(_, argument)| argument.as_deref())
    }

    /// The seconds of a directive that is there: a value that is no number of seconds counts as 0, the
    /// strict reading (RFC 9111 §4.2.1); of several the smallest counts.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.named
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, argument)| argument.as_deref().and_then(delta_seconds).unwrap_or(0))
            .min()
    }

    /// Whether nothing was said at all.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
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
    split_outside_quotes(value, ',').into_iter().filter(|member| !member.is_empty()).collect()
}

/// The parts between marks outside quoted strings, trimmed.
pub(crate) fn split_outside_quotes(value: &str, mark: char) -> Vec<&str> {
    let (mut members, mut quoted, mut escaped, mut start) = (vec![], false, false, 0);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == mark && !quoted => {
                members.push(value.get(start..at).unwrap_or_default());
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    members.push(value.get(start..).unwrap_or_default());
    members.into_iter().map(|member| member.trim_matches([' ', '\t'])).collect()
}

/// A member by the grammar: a token, or a token with a token or a quoted string (RFC 9111 §5.2).
pub(crate) fn directive(member: &str) -> Option<Directive> {
    let (name, argument) = match member.split_once('=') {
        Some((name, argument)) => (name, Some(unquoted(argument)?)),
        None => (member, None),
    };
    is_token(name).then(|| (name.to_ascii_lowercase(), argument))
}

/// The text of a token or of one whole quoted string (RFC 9110 §5.6.4); `None` for anything else.
fn unquoted(argument: &str) -> Option<String> {
    let Some(inner) = argument.strip_prefix('"') else {
        return is_token(argument).then(|| argument.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let (mut text, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => return None,
            _ if c.is_ascii_control() && c != '\t' => return None,
            _ => text.push(c),
        }
        escaped = false;
    }
    (!escaped).then_some(text)
}

/// RFC 9110 §5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// The words of any text, each with the text that follows it. A word is made of letters, digits, `-` and `_`:
/// `x-private` is one word, `'private'` is `private` in quotes.
pub(crate) fn words(text: &str) -> Vec<(&str, &str)> {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let (mut found, mut start) = (vec![], 0);
    // No byte of a longer character is a word's: both ends are between characters.
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if is_word(&byte) {
            continue;
        }
        if at > start {
            found.extend(text.get(start..at).zip(text.get(at..)));
        }
        start = at.saturating_add(1);
    }
    found
}
