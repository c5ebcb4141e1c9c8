//! The form in which a platform cache holds a copy's head: one field.
//!
//! One, not each of the origin's fields beside some of ours: a cache acts on fields that it knows (`Vary`, `Date`,
//! `Content-Encoding`), adds more, and reading each costs a step into the platform. What is in one field stays as it
//! was written, and is read in one step.
//!
//! ```text
//! 3 REQ RES STATUS SINCE GEN CHANGED SHIFTED GOOD PRINT TEXT FLAGS REFUSED AT OUTDATED AT TITLE|?accept-language=de|content-type:text/css||
//! ```
//!
//! First the form's number, then times in milliseconds and numbers, `-` where there is none. Then, each ended by a
//! bar, the selecting request fields (`?` before the name; no `=` where the field was absent) and the head. Another
//! bar ends it all: cut off anywhere, it would be another answer.

use crate::cache::freshness::Timing;
use crate::facts::Headers;
use crate::rescue::copy::{Change, StoredCopy};
use crate::rescue::judge::AnswerHead;

/// The field's name.
pub const FIELD: &str = "backsoon-copy";

/// The number of this form. What another release has stored in another one counts as not stored.
pub const FORM: &str = "3";

/// The one field of the origin's that is for platform caches alone: the owner can purge by it.
const TAGS: &str = "cache-tag";

const NONE: &str = "-";

impl StoredCopy {
    /// The fields under which a platform cache holds it for `max_age_s` seconds.
    pub fn fields(&self, max_age_s: u64) -> Vec<(&'static str, String)> {
        let tags = self.head.headers.values(TAGS).map(|tags| (TAGS, tags.to_owned()));
        let control = ("cache-control", format!("public, max-age={max_age_s}"));
        tags.chain([(FIELD, self.write()), control]).collect()
    }

    /// The text of the field; printable ASCII.
    pub fn write(&self) -> String {
        let mut out = String::from(FORM);
        let number = |number: Option<u64>| number.map_or_else(|| NONE.to_owned(), |n| n.to_string());
        for part in [
            Some(self.timing.requested_at),
            Some(self.timing.responded_at),
            Some(self.head.status.into()),
            Some(self.since),
            Some(self.generation.into()),
            Some(self.changed),
            Some(self.shifted),
            Some(self.good.into()),
            self.print,
            self.text.map(u64::from),
            Some(u64::from(self.outage_only).saturating_add(u64::from(self.has_end).saturating_mul(2))),
            self.suspended.map(|(status, _)| status.into()),
            self.suspended.map(|(_, at)| at),
            self.outdated.map(|(change, _)| u64::from(change == Change::Deleted)),
            self.outdated.map(|(_, at)| at),
        ] {
            out.extend([" ", &number(part)]);
        }
        out.push(' ');
        match &self.title {
            Some(title) => {
                out.push('=');
                escape(title, None, &mut out);
            }
            None => out.push_str(NONE),
        }
        out.push('|');
        for (name, value) in &self.selecting {
            out.push('?');
            // `Vary` is foreign text: what it names need not be a name.
            escape(name, Some('='), &mut out);
            if let Some(value) = value {
                out.push('=');
                escape(value, None, &mut out);
            }
            out.push('|');
        }
        for (name, value) in &self.head.headers.0 {
            escape(&name.to_ascii_lowercase(), Some(':'), &mut out);
            out.push(':');
            escape(value, None, &mut out);
            out.push('|');
        }
        out.push('|');
        out
    }

    /// Reads what `write` wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (meta, lines) = text.strip_suffix('|').filter(|text| text.ends_with('|'))?.split_once('|')?;
        let mut parts = meta.splitn(17, ' ');
        if parts.next()? != FORM {
            return None;
        }
        let mut next = || match parts.next()? {
            NONE => Some(None),
            number => number.parse::<u64>().ok().map(Some),
        };
        let timing = Timing { requested_at: next()??, responded_at: next()?? };
        let status = u16::try_from(next()??).ok()?;
        let (since, generation) = (next()??, u8::try_from(next()??).ok()?);
        let (changed, shifted, good) = (next()??, next()??, next()?? == 1);
        let (print, text) = (next()?, next()?.and_then(|n| u32::try_from(n).ok()));
        let flags = next()??;
        let (status_refused, refused_at) = (next()?.and_then(|n| u16::try_from(n).ok()), next()?);
        let (change, changed_at) = (next()?, next()?);
        let change = change.map(|n| if n == 1 { Change::Deleted } else { Change::Changed });
        let title = match parts.next()? {
            NONE => None,
            title => Some(unescape(title.strip_prefix('=')?)),
        };
        let (mut selecting, mut headers) = (vec![], vec![]);
        for line in lines.split('|').filter(|line| !line.is_empty()) {
            if let Some(line) = line.strip_prefix('?') {
                let (name, value) = match line.split_once('=') {
                    Some((name, value)) => (name, Some(unescape(value))),
                    None => (line, None),
                };
                selecting.push((unescape(name), value));
            } else {
                let (name, value) = line.split_once(':')?;
                headers.push((unescape(name), unescape(value)));
            }
        }
        Some(Self {
            head: AnswerHead { status, headers: Headers(headers) },
            timing,
            selecting,
            good,
            title,
            text,
            since,
            generation,
            print,
            changed,
            shifted,
            outage_only: flags & 1 != 0,
            has_end: flags & 2 != 0,
            suspended: status_refused.zip(refused_at),
            outdated: change.zip(changed_at),
        })
    }
}

/// What is not printable ASCII, or has a meaning here, travels as its code point.
fn escape(text: &str, also: Option<char>, out: &mut String) {
    for c in text.chars() {
        match c {
            ' '..='~' if !matches!(c, '%' | '|') && Some(c) != also => out.push(c),
            _ => out.push_str(&format!("%{:x};", u32::from(c))),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some((code, tail)) = after.split_once(';') else { return out };
        out.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    out.push_str(rest);
    out
}
