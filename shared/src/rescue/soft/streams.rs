//! When a body of unknown length is handed on while more of it is still to come.
//!
//! Its beginning decides: what is nothing yet, or begins as an error does, is held on to.

use super::json::{self, Named};
use super::{Trust, error_page, look, words};
use crate::rescue::copy::StoredCopy;
use crate::rescue::judge::AnswerHead;
use crate::rescue::negotiate::media_type;
use crate::rescue::plan::Watch;

/// A body that has not ended so many milliseconds after its first bytes is a stream.
pub const RELEASED_AFTER_MS: u32 = 50;
/// So many bytes of a page without title or heading are its beginning.
const BEGINNING: usize = 8192;

/// Whether a stream of which so much has come is still held back.
pub fn is_held(watch: &Watch, answer: &AnswerHead, begun: &[u8], stored: Option<&StoredCopy>) -> bool {
    // What is somebody's own is never replaced for its looks.
    if watch.is_identified() {
        return false;
    }
    if begun.iter().all(u8::is_ascii_whitespace) {
        return true;
    }
    let kind = media_type(answer.headers.value("content-type").unwrap_or_default());
    if kind.ends_with("json") {
        return json::named(begun) != Named::None;
    }
    if kind != "text/html" && kind != "application/xhtml+xml" && !kind.is_empty() {
        return false;
    }
    let sight = look(begun);
    let named = has_passed(begun, b"</title") && (has_passed(begun, b"</h1") || has_passed(begun, b"</h2"));
    let judged = begun.len() >= BEGINNING || named;
    let before = stored.filter(|copy| copy.good);
    let error = error_page(watch, &sight, before).is_some_and(|trust| trust != Trust::Good);
    !judged || error || words::is_trace(&sight.text_start)
}

/// Whether this end tag is there, in whatever case.
fn has_passed(begun: &[u8], tag: &[u8]) -> bool {
    begun.windows(tag.len()).any(|part| part.eq_ignore_ascii_case(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rescue::plan::{Plan, plan};
    use crate::rescue::request::{RequestFacts, Url};
    use crate::rescue::settings::Settings;

    fn held(kind: &str, begun: &str, fields: &[(&str, &str)]) -> bool {
        let request = RequestFacts {
            method: "GET".to_owned(),
            url: Url::parse("https://shop.test/a").unwrap_or_default(),
            headers: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            body: false,
        };
        let Plan::Watch(watch) = plan(request, &Settings::default()) else { panic!("not watched") };
        let headers = [("content-type", kind.to_owned())].into_iter().collect();
        is_held(&watch, &AnswerHead { status: 200, headers }, begun.as_bytes(), None)
    }

    #[test]
    fn a_stream_is_released_once_its_beginning_is_judged() {
        let head = "<!doctype html><title>Shop</title><body><h1>Flowers</h1>";
        for (kind, begun, expected) in [
            ("text/html", head, false),
            ("text/html", "<!doctype html><head><title>Shop</title></head>", true),
            ("text/html", "<!doctype html><TITLE>Shop</TITLE><H2>Flowers</H2>", false),
            ("text/html", "<!doctype html><title>502 Bad Gateway</title><h1>Sorry</h1>", true),
            ("text/html", "<title></title><h1></h1>Fatal error: in a.php", true),
            ("text/html", " \n ", true),
            ("text/plain", "line 0\n", false),
            ("text/plain", "\n", true),
            ("application/x-ndjson", "{\"a\":1}\n", false),
            ("application/json", "{\"error\":\"database\",", true),
            ("application/json", "[1,", false),
            ("image/png", "\u{fffd}PNG", false),
        ] {
            assert_eq!(held(kind, begun, &[]), expected, "{kind}: {begun}");
        }
        let long = format!("<title>Shop</title>{}", "<p>word</p>".repeat(1000));
        assert!(!held("text/html", &long, &[]));
    }

    #[test]
    fn what_is_somebodys_own_is_not_held() {
        let begun = "<title>502 Bad Gateway</title><h1>Sorry</h1>";
        assert!(!held("text/html", begun, &[("cookie", "session=ada")]));
    }
}
