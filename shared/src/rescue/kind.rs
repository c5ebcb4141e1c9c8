//! For which kind of client an answer was made: stored answers are selected by it, and compared with their like only.
//!
//! Many origins answer one address in several ways and do not say so in `Vary`: JSON for a script, a fragment for
//! htmx, a rendered page for a crawler. The kind is part of an address' key, so none of them replaces another.

use crate::rescue::negotiate::{self, Wants};
use crate::rescue::request::RequestFacts;

/// The kind of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A browser shows a page.
    #[default]
    Page,
    /// An app shows a page in a web view and names itself, which many servers take for a script's request.
    WebView,
    /// A script asks for HTML: a piece of a page, or a whole one that it puts in the place of what is shown.
    FetchedHtml,
    /// A crawler or another program asks for a page.
    Robot,
    /// A style, script, image, font or other part of a page.
    Part,
    /// A client that prefers JSON.
    Json,
    /// A script that replaces a part of a page: htmx, jQuery, Turbo, Unpoly, Pjax.
    Fragment,
    /// The same that prefers JSON.
    FragmentJson,
    /// A browser's `fetch` that does not say what it expects.
    Fetch,
    /// Any other program: curl, a monitor.
    Program,
}

/// A field that a library sends to get a fragment, and the value that means so; `None`: any.
const FRAGMENT_FIELDS: [(&str, Option<&str>); 9] = [
    ("hx-request", None),
    ("turbo-frame", None),
    ("up-target", None),
    ("x-inertia", None),
    ("x-livewire", None),
    ("x-pjax", None),
    // An Android web view names its app in this field of every request.
    ("x-requested-with", Some("xmlhttprequest")),
    ("x-turbolinks", None),
    ("x-up-target", None),
];

/// Words in the name of a crawler that calls itself `Mozilla`.
const CRAWLERS: [&str; 15] = [
    "(compatible;",
    "bot/",
    "bot;",
    "bot)",
    "crawl",
    "embedly",
    "facebookexternalhit",
    "google-",
    "headless",
    "lighthouse",
    "preview",
    "prerender",
    "slurp",
    "spider",
    "validator",
];

impl Kind {
    /// The kind whose stored answer may stand in for one of this kind when the origin fails, and never the reverse: a
    /// page is better than none where a part of it was wanted.
    pub fn stand_in(self) -> Option<Self> {
        matches!(self, Self::WebView | Self::FetchedHtml).then_some(Self::Page)
    }

    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Page,
        Self::WebView,
        Self::FetchedHtml,
        Self::Robot,
        Self::Part,
        Self::Json,
        Self::Fragment,
        Self::FragmentJson,
        Self::Fetch,
        Self::Program,
    ];

    /// A stable word for keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::WebView => "webview",
            Self::FetchedHtml => "fetched-html",
            Self::Robot => "robot",
            Self::Part => "part",
            Self::Json => "json",
            Self::Fragment => "fragment",
            Self::FragmentJson => "fragment-json",
            Self::Fetch => "fetch",
            Self::Program => "program",
        }
    }

    /// The kind of a request that asks for this.
    pub fn of(request: &RequestFacts, wants: Wants) -> Self {
        if is_fragment(request) {
            return if wants == Wants::Json { Self::FragmentJson } else { Self::Fragment };
        }
        match (wants, is_browser(request)) {
            (Wants::Navigation, true) if is_fetched(request) => Self::FetchedHtml,
            (Wants::Navigation, true) if names_app(request) => Self::WebView,
            (Wants::Navigation, true) => Self::Page,
            (Wants::Navigation, false) => Self::Robot,
            (Wants::Subresource, _) => Self::Part,
            (Wants::Json, _) => Self::Json,
            (Wants::Text | Wants::Anything, true) => Self::Fetch,
            (Wants::Text | Wants::Anything, false) => Self::Program,
        }
    }
}

/// The listed fields of a request whose values are unusual for its kind: the answer may be another than its like get.
pub fn unusual(request: &RequestFacts, kind: Kind) -> Vec<&'static str> {
    let accept = accepts_as_usual(request, kind);
    // Parts of a page are files, which no server makes by this field.
    let app = names_app(request) && !matches!(kind, Kind::WebView | Kind::Part);
    let fetched = kind == Kind::Robot && is_fetched(request);
    let fields = [
        (!accept).then_some("accept"),
        app.then_some("x-requested-with"),
        fetched.then_some("sec-fetch-mode"),
    ];
    fields.into_iter().flatten().collect()
}

fn accepts_as_usual(request: &RequestFacts, kind: Kind) -> bool {
    let html = |range: &str| matches!(range, "text/html" | "application/xhtml+xml");
    let json = |range: &str| range == "application/json";
    let anything = |range: &str| range == "*/*";
    let of_page = |range: &str| {
        let xml = matches!(range, "application/xml" | "text/xml" | "application/signed-exchange");
        xml || matches!(range, "*/*" | "text/plain") || negotiate::is_media(range)
    };
    let of_script = |range: &str| matches!(range, "*/*" | "text/javascript" | "text/plain");
    match kind {
        Kind::Page | Kind::WebView | Kind::FetchedHtml | Kind::Robot => {
            request.headers.has("accept") && negotiate::accepts_only(request, html, of_page)
        }
        Kind::Part => {
            let file = |range: &str| range == "*/*" || range.contains("font") || negotiate::is_media(range);
            let odd = |range: &str| matches!(range, "application/signed-exchange" | "application/ogg");
            negotiate::accepts_only(request, file, odd)
        }
        Kind::Json | Kind::FragmentJson => negotiate::accepts_only(request, json, of_script),
        Kind::Fragment => {
            let piece = |range: &str| matches!(range, "text/html" | "*/*" | "text/vnd.turbo-stream.html");
            negotiate::accepts_only(request, piece, html)
        }
        Kind::Fetch | Kind::Program => {
            negotiate::accepts_only(request, anything, |range| range == "application/signed-exchange")
        }
    }
}

/// Whether an app names itself in the field by which scripts' libraries do.
fn names_app(request: &RequestFacts) -> bool {
    let value = request.headers.value("x-requested-with").map(str::trim);
    value.is_some_and(|value| !value.eq_ignore_ascii_case("xmlhttprequest"))
}

/// Whether a script asks: browsers say which of their requests show a page.
fn is_fetched(request: &RequestFacts) -> bool {
    let mode = request.headers.value("sec-fetch-mode").map(str::trim);
    mode.is_some_and(|mode| !mode.eq_ignore_ascii_case("navigate"))
}

/// Whether a library asks for a piece of a page.
fn is_fragment(request: &RequestFacts) -> bool {
    FRAGMENT_FIELDS.iter().any(|(name, meant)| {
        let value = request.headers.value(name).map(str::trim);
        value.is_some_and(|value| meant.is_none_or(|meant| value.eq_ignore_ascii_case(meant)))
    })
}

/// Whether a browser says that it is one. A program that names no browser is not one.
fn is_browser(request: &RequestFacts) -> bool {
    // Only browsers send these fields, and no script can set them.
    let says_so = request.headers.has("sec-fetch-mode") || request.headers.has("sec-fetch-dest");
    match request.headers.value("user-agent") {
        Some(agent) => {
            let agent = agent.to_ascii_lowercase();
            let named = agent.starts_with("mozilla/") || agent.starts_with("opera/");
            (named || says_so) && !CRAWLERS.iter().any(|word| agent.contains(word))
        }
        None => says_so,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rescue::negotiate::wants;

    fn kind(fields: &[(&str, &str)]) -> Kind {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = RequestFacts {
            method: "GET".to_owned(),
            headers: crate::facts::Headers(headers),
            ..RequestFacts::default()
        };
        Kind::of(&request, wants(&request))
    }

    const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
    const FIREFOX: (&str, &str) =
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0");

    #[test]
    fn a_browser_is_no_crawler() {
        assert_eq!(kind(&[HTML, FIREFOX]), Kind::Page);
        for robot in [
            "Googlebot",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/143.0.0.0",
            "curl/8.5.0",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/1 Mobile (compatible; Googlebot/2.1)",
        ] {
            assert_eq!(kind(&[HTML, ("user-agent", robot)]), Kind::Robot, "{robot}");
        }
    }

    #[test]
    fn scripts_ask_for_other_things_than_pages() {
        let script = [("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors"), FIREFOX];
        let with = |field: (&'static str, &'static str)| kind(&[&script[..], &[field]].concat());
        assert_eq!(with(("accept", "*/*")), Kind::Fetch);
        assert_eq!(with(("accept", "application/json")), Kind::Json);
        for field in [
            ("hx-request", "true"),
            ("X-Requested-With", "XMLHttpRequest"),
            ("turbo-frame", "cart"),
            ("x-up-target", ".main"),
            ("x-pjax", "true"),
            ("x-inertia", "true"),
        ] {
            assert_eq!(with(field), Kind::Fragment, "{field:?}");
            assert_eq!(kind(&[HTML, FIREFOX, field]), Kind::Fragment, "{field:?} with a page's Accept");
        }
        // An Android web view names its app in every request.
        assert_eq!(kind(&[HTML, FIREFOX, ("x-requested-with", "com.example.app")]), Kind::WebView);
        // A frame shows pages too.
        assert_eq!(kind(&[HTML, FIREFOX, ("sec-fetch-dest", "iframe")]), Kind::Page);
        let object = [HTML, FIREFOX, ("sec-fetch-dest", "object"), ("sec-fetch-mode", "navigate")];
        assert_eq!(kind(&object), Kind::Page);
        assert_eq!(kind(&[HTML, FIREFOX, ("sec-fetch-mode", "cors")]), Kind::FetchedHtml);
        let script_json = [("x-requested-with", "XMLHttpRequest"), ("accept", "application/json"), FIREFOX];
        assert_eq!(kind(&script_json), Kind::FragmentJson);
        assert_eq!(kind(&[("accept", "image/avif,*/*"), ("sec-fetch-dest", "image"), FIREFOX]), Kind::Part);
        assert_eq!(kind(&[("accept", "*/*")]), Kind::Program);
    }

    #[test]
    fn kinds_part_the_keys_of_an_address() {
        let mut words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
    }
}
