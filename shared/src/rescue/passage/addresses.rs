//! Where in a response field an address stands: as the whole value, in `<...>`, in quotes, or after `url=`.
//!
//! What becomes of an address, the caller decides. Each field is read once, from left to right.

use crate::facts::Headers;

/// How a field carries its addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The whole value.
    Whole,
    /// `<address>; parameters`, several separated by commas (RFC 8288).
    Angles,
    /// `"address"`, in a list or dictionary (RFC 9651).
    Quotes,
    /// `seconds; url=address` (HTML §7.5.8).
    Refresh,
}

/// The fields, by how they carry addresses. The `hx-`, `x-inertia-`, `x-pjax-`, `x-up-` and `turbolinks-` fields are
/// what `Location` is to a browser, for the script libraries of these names.
const FIELDS: [(&str, Form); 15] = [
    ("content-location", Form::Whole),
    ("hx-location", Form::Whole),
    ("hx-push-url", Form::Whole),
    ("hx-redirect", Form::Whole),
    ("hx-replace-url", Form::Whole),
    ("link", Form::Angles),
    ("location", Form::Whole),
    ("refresh", Form::Refresh),
    ("reporting-endpoints", Form::Quotes),
    ("sourcemap", Form::Whole),
    ("speculation-rules", Form::Quotes),
    ("turbolinks-location", Form::Whole),
    ("x-inertia-location", Form::Whole),
    ("x-pjax-url", Form::Whole),
    ("x-up-location", Form::Whole),
];

/// The fields of these headers that carry addresses, each once, lower-case.
pub(super) fn named(headers: &Headers) -> Vec<&'static str> {
    let there = |(field, _): &&(&'static str, Form)| headers.has(field);
    FIELDS.iter().filter(there).map(|(field, _)| *field).collect()
}

/// The field's value with each address as `moves` gives it; `None` where all stay.
pub(super) fn moved(name: &str, value: &str, moves: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (_, form) = FIELDS.iter().find(|(field, _)| *field == name)?;
    match form {
        Form::Whole => moves(value.trim()),
        Form::Refresh => {
            let (before, address, after) = refresh(value)?;
            Some([before, &moves(address)?, after].concat())
        }
        Form::Angles => between(value, '<', '>', moves),
        Form::Quotes => between(value, '"', '"', moves),
    }
}

/// Replaces what stands between `open` and `close`. Quoted text outside of it is no address.
fn between(value: &str, open: char, close: char, moves: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut changed = false;
    let mut rest = value;
    while let Some(at) = rest.find([open, '"']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        let Some(first) = chars.next() else { break };
        let inside = chars.as_str();
        let end = if first == open { inside.find(close) } else { quoted_end(inside) };
        out.push(first);
        let Some((text, after)) = end.and_then(|end| inside.split_at_checked(end)) else {
            // Unclosed: nobody knows what it means.
            rest = inside;
            break;
        };
        let other = if first == open { moves(text.trim()) } else { None };
        changed |= other.is_some();
        out.push_str(other.as_deref().unwrap_or(text));
        let mut chars = after.chars();
        out.extend(chars.next());
        rest = chars.as_str();
    }
    out.push_str(rest);
    if changed { Some(out) } else { None }
}

/// Where quoted text ends: at the first quote without a backslash.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// What stands before the address, the address, and what stands after it. Browsers take the address with or without
/// `url=` and quotes.
fn refresh(value: &str) -> Option<(&str, &str, &str)> {
    let seconds = value.find([';', ','])?;
    let mut start = skip(value, seconds.saturating_add(1));
    let rest = value.get(start..)?;
    if rest.get(..3).is_some_and(|url| url.eq_ignore_ascii_case("url")) {
        let equals = skip(value, start.saturating_add(3));
        if value.get(equals..)?.starts_with('=') {
            start = skip(value, equals.saturating_add(1));
        }
    }
    let quote = value.get(start..)?.chars().next().filter(|c| matches!(c, '"' | '\''));
    start = start.saturating_add(usize::from(quote.is_some()));
    let rest = value.get(start..)?;
    let length = quote.and_then(|quote| rest.find(quote)).unwrap_or(rest.trim_end().len());
    let end = start.saturating_add(length);
    Some((value.get(..start)?, value.get(start..end)?, value.get(end..)?))
}

/// The next place from `at` on that is no blank.
fn skip(value: &str, at: usize) -> usize {
    let rest = value.get(at..).unwrap_or_default();
    at.saturating_add(rest.len().saturating_sub(rest.trim_start().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(found: &str) -> Option<String> {
        found.strip_prefix("http://origin").map(|rest| format!("https://site{rest}"))
    }

    #[test]
    fn each_field_is_read_as_it_is_defined() {
        for (name, value, wanted) in [
            ("link", "<http://origin/next>; rel=\"next\"", "<https://site/next>; rel=\"next\""),
            (
                "link",
                "</a>; rel=x, <http://origin/b>; title=\"<http://origin/no>, \\\"\", < http://origin/c >",
                "</a>; rel=x, <https://site/b>; title=\"<http://origin/no>, \\\"\", <https://site/c>",
            ),
            ("refresh", "3; url=http://origin/r", "3; url=https://site/r"),
            ("refresh", "0;URL = 'http://origin/r' ", "0;URL = 'https://site/r' "),
            ("refresh", "5, http://origin/r", "5, https://site/r"),
            ("reporting-endpoints", "a=\"http://origin/r\", b=\"/r\"", "a=\"https://site/r\", b=\"/r\""),
            ("sourcemap", "http://origin/a.map", "https://site/a.map"),
            ("hx-redirect", "http://origin/log-in", "https://site/log-in"),
        ] {
            assert_eq!(moved(name, value, there).as_deref(), Some(wanted), "{name}: {value}");
        }
    }

    #[test]
    fn what_names_no_address_of_the_origin_stays() {
        for (name, value) in [
            ("link", "</next>; rel=next"),
            ("link", "<http://other/>; title=\"<http://origin/>\""),
            ("link", "<http://origin/unclosed"),
            ("link", "\"unclosed <http://origin/>"),
            ("refresh", "3"),
            ("refresh", "3;"),
            ("refresh", "3; url"),
            ("refresh", "3; url=\""),
            ("refresh", ""),
            ("refresh", "3; é"),
            ("hx-location", "{\"path\":\"/x\"}"),
            ("access-control-allow-origin", "http://origin"),
        ] {
            assert_eq!(moved(name, value, there), None, "{name}: {value}");
        }
    }

    /// A field of 100 KB costs what its length says.
    #[test]
    fn any_bytes_end_without_a_panic() {
        let mut seed: u32 = 7;
        for _ in 0..20_000 {
            let letters = ['<', '>', '"', '\\', ';', ',', '=', 'u', 'r', 'l', ' ', 'é', '\''];
            let text: String = (0..12)
                .filter_map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    letters.get((seed >> 16) as usize % letters.len())
                })
                .collect();
            for (name, _) in FIELDS {
                let _ = moved(name, &text, |found| Some(found.to_owned()));
            }
        }
        let long = "<http://origin/\"".repeat(10_000);
        let _ = moved("link", &long, there);
    }
}
