//! The parts that visitors have asked for by themselves: the only ones that the worker asks for again.
//!
//! A page's markup may be a stranger's (a comment), and a request may do something or be answered by the address of
//! its sender. So a page alone never makes the worker ask for anything that no visitor has asked for before, and what
//! comes is kept only where a visitor from another network got the very same bytes.

use crate::cache::storable::has_explicit;
use crate::memory::Memory;
use crate::rescue::closure::Need;
use crate::rescue::judge::AnswerHead;
use crate::rescue::kind::Kind;
use crate::rescue::network::{may_be_one, network_of};
use crate::rescue::plan::Watch;
use crate::time::{Millis, parse_http_date};

/// So many parts are remembered in one isolate.
const ROOM: usize = 1000;

/// A part as a visitor got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What its address and its media type name.
    need: Need,
    /// Tells its bytes from others.
    print: u64,
    /// The visitor's network.
    network: Option<String>,
}

impl Known {
    /// Whether it is asked for again: the page wants it as what it is, and this visitor is not who got it before.
    fn helps(&self, need: Need, network: Option<&str>) -> bool {
        self.need == need && !may_be_one(self.network.as_deref(), network)
    }

    /// Whether an answer to this request is the part that a visitor got before.
    pub fn is(&self, watch: &Watch, answer: &AnswerHead, print: u64) -> bool {
        let network = network_of(&watch.request.headers);
        answer.status == 200
            && self.print == print
            && self.helps(self.need, network.as_deref())
            && self.need.is_media(answer.headers.value("content-type"))
    }
}

/// What one isolate remembers of them.
#[derive(Clone, Debug)]
pub struct Asked(Memory<Known>);

impl Default for Asked {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl Asked {
    /// A visitor asked for something that was kept. Remembered is what is a part of pages beyond doubt.
    pub fn saw(&mut self, watch: &Watch, answer: &AnswerHead, print: u64, now: Millis) {
        let Some(need) = part(watch, answer) else { return };
        let network = network_of(&watch.request.headers);
        // Who got it first stays its witness, as long as it stays the same.
        let known = self.0.get(&watch.key).filter(|known| known.print == print && known.need == need);
        let known = known.cloned().unwrap_or(Known { need, print, network });
        self.0.put(&watch.key, known, now);
    }

    /// What is known of a part that a page of this visitor names; `None` where it is not to be asked for.
    pub fn known(&self, watch: &Watch, need: Need) -> Option<Known> {
        let network = network_of(&watch.request.headers);
        self.0.get(&watch.key).filter(|known| known.helps(need, network.as_deref())).cloned()
    }
}

/// What an answer is a part of pages as; `None` where it is none, or was asked for by somebody who is known.
fn part(watch: &Watch, answer: &AnswerHead) -> Option<Need> {
    let asked = watch.kind == Kind::Part && watch.request.method == "GET" && !watch.is_identified();
    if !asked || answer.status != 200 {
        return None;
    }
    let headers = &answer.headers;
    let validator = headers.value("etag").is_some_and(|tag| !tag.trim().is_empty())
        || headers.value("last-modified").and_then(parse_http_date).is_some();
    let need = Need::of_path(&watch.request.url.path)?;
    let whole = need.is_media(headers.value("content-type")) && (validator || has_explicit(answer));
    whole.then_some(need)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Headers;
    use crate::rescue::plan::{Plan, plan};
    use crate::rescue::request::{RequestFacts, Url};
    use crate::rescue::settings::Settings;

    fn asks(path: &str, fields: &[(&str, &str)]) -> Option<Box<Watch>> {
        let url = Url::parse(&format!("https://shop.test{path}"))?;
        let browser = [("sec-fetch-dest", "style"), ("sec-fetch-mode", "no-cors")];
        let headers: Headers = browser.iter().chain(fields).copied().collect();
        let request = RequestFacts { method: "GET".to_owned(), url, headers, body: false };
        match plan(request, &Settings::default()) {
            Plan::Watch(watch) => Some(watch),
            _ => None,
        }
    }

    fn answer(fields: &[(&str, &str)]) -> AnswerHead {
        AnswerHead { status: 200, headers: fields.iter().copied().collect() }
    }

    const CSS: [(&str, &str); 2] = [("content-type", "text/css"), ("etag", "\"1\"")];
    const HERE: [(&str, &str); 1] = [(ADDRESS, "203.0.113.7")];
    const THERE: [(&str, &str); 1] = [(ADDRESS, "198.51.100.7")];
    const ADDRESS: &str = crate::rescue::network::ADDRESS_FIELD;

    /// Whether a visitor of another network makes the worker ask for what this one got.
    fn known(path: &str, fields: &[(&str, &str)], got: &AnswerHead) -> bool {
        let mut asked = Asked::default();
        let (Some(first), Some(second)) = (asks(path, fields), asks(path, &THERE)) else { return false };
        asked.saw(&first, got, 1, 0);
        asked.known(&second, Need::Style).is_some()
    }

    #[test]
    fn only_what_a_visitor_got_as_a_part_is_asked_for_again() {
        assert!(known("/a.css", &HERE, &answer(&CSS)));
        let fresh = [("content-type", "text/css"), ("cache-control", "max-age=60")];
        assert!(known("/a.css?v=1", &HERE, &answer(&fresh)), "explicit freshness");
        for path in
            ["/logout", "/internal/report", "/unsubscribe?token=a.css", "/a.png", "/x%2Fa.css", "/x;a.css"]
        {
            assert!(!known(path, &HERE, &answer(&CSS)), "{path}");
        }
        assert!(
            !known("/a.css", &HERE, &answer(&[("content-type", "text/css")])),
            "no validator, no freshness"
        );
        let html = [("content-type", "text/html"), ("etag", "\"1\"")];
        assert!(!known("/a.css", &HERE, &answer(&html)), "a page");
        assert!(!known("/a.css", &HERE, &AnswerHead { status: 404, ..answer(&CSS) }));
        assert!(!known("/a.css", &[("cookie", "session=1")], &answer(&CSS)), "of somebody who is known");
        assert!(!known("/a.css", &[("authorization", "Basic x")], &answer(&CSS)));
        assert!(!known("/a.css", &THERE, &answer(&CSS)), "its only witness is the visitor's own network");
    }

    #[test]
    fn what_differs_by_address_is_not_the_part() {
        let mut asked = Asked::default();
        let (Some(first), Some(second)) = (asks("/a.css", &HERE), asks("/a.css", &THERE)) else {
            panic!("watched")
        };
        assert_eq!(asked.known(&second, Need::Style), None, "nobody has asked for it");
        asked.saw(&first, &answer(&CSS), 1, 0);
        assert_eq!(asked.known(&second, Need::Script), None, "the page wants it as something else");
        let Some(known) = asked.known(&second, Need::Style) else { panic!("known") };
        assert!(known.is(&second, &answer(&CSS), 1));
        assert!(!known.is(&second, &answer(&CSS), 2), "other bytes");
        assert!(!known.is(&second, &AnswerHead { status: 302, ..answer(&CSS) }, 1));
        assert!(!known.is(&second, &answer(&[("content-type", "text/html")]), 1));
        assert!(!known.is(&first, &answer(&CSS), 1), "the same visitor");
        // Another visitor of the same bytes does not replace the witness.
        asked.saw(&second, &answer(&CSS), 1, 1);
        assert!(asked.known(&second, Need::Style).is_some());
    }
}
