//! Whether a body ends as a document of its type does: the only sign of a cut where nobody told its length.
//!
//! An answer of HTTP/1.0 without a length ends with its connection, so a cut one and a whole one look alike. Such an
//! answer is handed on, but it does not replace what is stored before several clients got the same.

use crate::rescue::copy::StoredCopy;
use crate::rescue::negotiate::media_type;

/// So many of the first bytes, and of the last ones, are looked at.
pub const MOST_BYTES: u64 = 1024;

/// Whether a body has its document's end, from its first and last bytes; `None` where its type has no end to look for.
pub fn has_end(copy: &StoredCopy, first: &[u8], last: &[u8]) -> Option<bool> {
    let headers = &copy.head.headers;
    let plain =
        |coding: &str| matches!(coding.trim().to_ascii_lowercase().as_str(), "gzip" | "br" | "identity");
    if headers.value("content-encoding").is_some_and(|coding| !plain(coding)) {
        return None;
    }
    let kind = media_type(headers.value("content-type").unwrap_or_default());
    let last =
        String::from_utf8_lossy(last).trim_end_matches([' ', '\t', '\r', '\n', '\0']).to_ascii_lowercase();
    match kind.as_str() {
        "text/html" => Some(last.contains("</html") || last.contains("</body")),
        kind if kind.ends_with("json") => {
            let start = String::from_utf8_lossy(first);
            let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            match start.chars().next() {
                Some('{') => Some(last.ends_with('}')),
                Some('[') => Some(last.ends_with(']')),
                _ => None,
            }
        }
        kind if kind.ends_with("xml") => root_of(&String::from_utf8_lossy(first).to_ascii_lowercase())
            .map(|root| last.contains(&["</", root].concat())),
        _ => None,
    }
}

/// Whether a body of so many bytes may be the cut beginning of what is stored, as far as their ends and lengths tell.
/// Then it takes its place only once it is believed, as a page that became another one.
pub fn may_be_cut(copy: &StoredCopy, has_end: Option<bool>, bytes: u64, stored: Option<&StoredCopy>) -> bool {
    let unsaid = !copy.head.headers.has("content-length");
    let lost = |stored: &StoredCopy| match has_end {
        Some(has_end) => !has_end && stored.has_end,
        // Where the type has no end to look for, a shorter body may be a part of the longer one.
        None => stored.body_length().is_some_and(|length| bytes < length),
    };
    unsaid && stored.is_some_and(|stored| stored.good && lost(stored))
}

/// The name of the root element: the first tag that is no declaration, instruction or comment.
fn root_of(start: &str) -> Option<&str> {
    let mut rest = start;
    while let Some((_, tail)) = rest.split_once('<') {
        rest = match tail.strip_prefix("!--") {
            Some(comment) => comment.split_once("-->")?.1,
            None => tail,
        };
        if tail.starts_with(['!', '?']) {
            continue;
        }
        let name = tail.split(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').next()?;
        return if name.is_empty() { None } else { Some(name) };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Headers;
    use crate::rescue::judge::AnswerHead;

    fn of(fields: &[(&str, &str)]) -> StoredCopy {
        let headers = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Headers>();
        StoredCopy { head: AnswerHead { status: 200, headers }, good: true, ..StoredCopy::default() }
    }

    fn ends(kind: &str, body: &str) -> Option<bool> {
        has_end(&of(&[("content-type", kind)]), body.as_bytes(), body.as_bytes())
    }

    #[test]
    fn each_type_has_its_own_end() {
        for (kind, body, expected) in [
            ("text/html; charset=utf-8", "<html><p>a</p></html>\n", Some(true)),
            ("text/html", "<HTML><P>a</P></BODY> <!-- made in 3 ms -->", Some(true)),
            ("text/html", "<html><p>a</p>", Some(false)),
            ("text/html", "<p>about &lt;/html&gt;", Some(false)),
            ("application/json", " {\"a\":[1]}\n", Some(true)),
            ("application/json", "{\"a\":[1]", Some(false)),
            ("application/problem+json", "[1,2", Some(false)),
            ("application/json", "12", None),
            ("image/svg+xml", "<?xml version='1.0'?><!-- <b> --><svg a='1'><g/></svg>", Some(true)),
            ("image/svg+xml", "<svg><g/>", Some(false)),
            ("application/rss+xml", "<?xml?>\n<!DOCTYPE rss><rss><channel></channel></rss>", Some(true)),
            ("application/xhtml+xml", "<html><p>a</p></html>", Some(true)),
            ("application/xml", "no tag", None),
            ("text/plain", "anything", None),
            ("image/png", "", None),
        ] {
            assert_eq!(ends(kind, body), expected, "{kind}: {body}");
        }
    }

    #[test]
    fn a_coding_that_the_platform_does_not_undo_hides_the_end() {
        let coded = of(&[("content-type", "text/html"), ("content-encoding", "zstd")]);
        assert_eq!(has_end(&coded, b"x", b"x"), None);
    }

    #[test]
    fn only_a_cut_of_unknown_length_keeps_out() {
        let (stored, open) = (StoredCopy { has_end: true, ..of(&[]) }, of(&[]));
        let told = of(&[("content-length", "5")]);
        let cut = |copy, has_end, stored| may_be_cut(copy, has_end, 5, stored);
        assert!(cut(&open, Some(false), Some(&stored)));
        assert!(!cut(&open, Some(true), Some(&stored)));
        assert!(!cut(&told, Some(false), Some(&stored)), "its length was promised and came");
        assert!(!cut(&open, Some(false), Some(&open)), "the stored one has no end either");
        assert!(!cut(&open, Some(false), None));
        // Styles, scripts and pictures have no end to look for.
        let longer = of(&[("content-length", "6")]);
        assert!(cut(&open, None, Some(&longer)) && !cut(&open, None, Some(&told)));
        assert!(!cut(&told, None, Some(&longer)));
        let bad = StoredCopy { good: false, ..longer.clone() };
        assert!(!cut(&open, None, Some(&bad)));
    }
}
