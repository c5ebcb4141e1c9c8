//! The neutral request that confirms what an answer to one visitor claimed: a GET of the address with the stored
//! entry's selecting fields and what its kind needs, and nothing of the visitor who made the claim.

use crate::facts::Headers;
use crate::rescue::copy::StoredCopy;
use crate::rescue::kind::Kind;
use crate::rescue::network::ADDRESS_FIELD;
use crate::rescue::request::{RequestFacts, Url};

/// What the worker calls itself. It starts like a browser's name: many firewalls refuse all others. A refusal is not
/// confirmed then, which is the safe side.
const AGENT: &str = "Mozilla/5.0 (Backsoon)";
/// The same for an entry that was made for a crawler.
const ROBOT: &str = "Mozilla/5.0 (compatible; Backsoon)";
/// The same for an entry that was made for another program.
const PROGRAM: &str = "Backsoon";

/// The request. `context`: the fields of the visitor in whose context the request runs. Only the address that the
/// platform gives is taken from them, since an origin may refuse requests without one.
pub fn request(url: Url, kind: Kind, entry: Option<&StoredCopy>, context: &Headers) -> RequestFacts {
    let mut headers: Vec<(String, String)> = vec![];
    let mut set = |name: &str, value: &str| {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    };
    for (name, value) in fields_of(kind) {
        set(name, value);
    }
    for (name, value) in entry.into_iter().flat_map(|entry| &entry.selecting) {
        // What identifies somebody is nobody's to send; what decides the kind stands already.
        if let Some(value) = value
            && !matches!(name.as_str(), "cookie" | "authorization" | ADDRESS_FIELD)
        {
            set(name, value);
        }
    }
    if let Some(address) = context.value(ADDRESS_FIELD) {
        set(ADDRESS_FIELD, address);
    }
    RequestFacts { method: "GET".to_owned(), url, headers: Headers(headers), body: false }
}

/// The fields by which an origin tells the kinds apart.
fn fields_of(kind: Kind) -> &'static [(&'static str, &'static str)] {
    const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
    match kind {
        Kind::Page => &[
            ("user-agent", AGENT),
            ("accept", PAGE),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-mode", "navigate"),
        ],
        Kind::FetchedHtml => &[
            ("user-agent", AGENT),
            ("accept", PAGE),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "cors"),
        ],
        Kind::WebView => &[
            ("user-agent", AGENT),
            ("accept", PAGE),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-mode", "navigate"),
            ("x-requested-with", "backsoon.webview"),
        ],
        Kind::Robot => &[("user-agent", ROBOT), ("accept", PAGE)],
        Kind::Part => &[
            ("user-agent", AGENT),
            ("accept", "*/*"),
            ("sec-fetch-dest", "image"),
            ("sec-fetch-mode", "no-cors"),
        ],
        Kind::Json => &[("user-agent", AGENT), ("accept", "application/json")],
        Kind::Fragment => {
            &[("user-agent", AGENT), ("accept", "text/html, */*"), ("x-requested-with", "XMLHttpRequest")]
        }
        Kind::FragmentJson => {
            &[("user-agent", AGENT), ("accept", "application/json"), ("x-requested-with", "XMLHttpRequest")]
        }
        Kind::Fetch => &[("user-agent", AGENT), ("accept", "*/*"), ("sec-fetch-mode", "cors")],
        Kind::Program => &[("user-agent", PROGRAM), ("accept", "*/*")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rescue::negotiate;

    #[test]
    fn the_request_is_of_the_kind_that_it_confirms() {
        for kind in Kind::ALL {
            let request = request(Url::default(), kind, None, &Headers::default());
            assert_eq!(Kind::of(&request, negotiate::wants(&request)), kind, "{request:?}");
        }
    }

    #[test]
    fn only_the_address_is_of_the_visitor_in_whose_context_it_runs() {
        let fields = |all: &[(&str, &str)]| all.iter().copied().collect::<Headers>();
        let context = fields(&[
            (ADDRESS_FIELD, "203.0.113.7"),
            ("cookie", "sid=1"),
            ("authorization", "Basic eA=="),
            ("accept-language", "xx"),
            ("referer", "https://evil.test/"),
            ("user-agent", "sqlmap"),
            ("x-forwarded-for", "198.51.100.1"),
        ]);
        let selecting = [("accept-language", Some("de")), ("cookie", Some("sid=2")), ("origin", None)];
        let selecting = selecting.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).to_vec();
        let entry = StoredCopy { selecting, ..StoredCopy::default() };
        let request = request(Url::default(), Kind::Page, Some(&entry), &context);
        assert_eq!(request.headers.value("accept-language"), Some("de"));
        assert_eq!(request.headers.value(ADDRESS_FIELD), Some("203.0.113.7"));
        assert_eq!(request.headers.value("user-agent"), Some(AGENT));
        for name in ["cookie", "authorization", "referer", "x-forwarded-for", "origin"] {
            assert!(!request.headers.has(name), "{name}");
        }
    }
}
