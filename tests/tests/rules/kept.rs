//! What is kept beside a page and where: the page's closure, the writes into the far store, invalidation.

use crate::cases::{Asked, Case, answer, run, same};
use backsoon::cache::freshness::Timing;
use backsoon::cache::invalidate::invalidated;
use backsoon::cache::reuse::{Reuse, reuse};
use backsoon::rescue::closure::{MOST, closure, resolve};
use backsoon::rescue::judge::{error_entry, judge_cached};
use backsoon::rescue::{Judgement, Plan, Settings, Url, Watch, plan};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default = "page")]
    url: String,
    html: String,
    /// `Need address`, in order.
    expect: Vec<String>,
}

fn page() -> String {
    "https://shop.test/a/b?c=1".to_owned()
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let url = Url::parse(&self.url).ok_or("no address")?;
        let got: Vec<String> = closure(&url, self.html.as_bytes())
            .into_iter()
            .map(|(need, at)| format!("{need:?} {at}"))
            .collect();
        same("closure", got, self.expect.clone())
    }
}

#[test]
fn closure_cases() {
    run::<Row>("closure", 25);
}

#[test]
fn a_page_has_at_most_twenty_parts_and_any_bytes_end() {
    let url = Url::parse("https://shop.test/").expect("an address");
    let html: String =
        (0..100).map(|n| format!("<img src=/{n}.png><link rel=stylesheet href={n}.css>")).collect();
    let found = closure(&url, html.as_bytes());
    assert_eq!(found.len(), MOST);
    assert!(found.iter().all(|(_, address)| address.ends_with(".css")), "styles go first");
    let mut dice = crate::random::dice::Dice::new(11);
    let pieces = [
        "<",
        ">",
        "=",
        "\"",
        "'",
        "/",
        " ",
        "img",
        "src",
        "script",
        "!--",
        "-->",
        "</",
        "é",
        "\u{0}",
        "a",
        "base href",
    ];
    for _ in 0..20_000 {
        let html: String = (0..dice.below(30)).map(|_| *dice.pick(&pieces)).collect();
        let found = closure(&url, html.as_bytes());
        assert!(
            found.iter().all(|(_, address)| address.starts_with("https://shop.test/")),
            "{html}: {found:?}"
        );
        backsoon::rescue::soft::look(html.as_bytes());
    }
}

/// The examples of RFC 3986 §5.4.1 that are about paths.
#[test]
fn addresses_resolve_as_the_standard_says() {
    let base = Url::parse("http://a/b/c/d;p?q").expect("an address");
    for (reference, target) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"),
        (";x", "http://a/b/c/;x"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
    ] {
        assert_eq!(resolve(reference, &base).map(|url| url.text()).as_deref(), Some(target), "{reference}");
    }
    for wrong in ["mailto:a@b", "data:text/css,x", "javascript:x", "g h", "http://u:p@a/", "blob:x"] {
        assert_eq!(resolve(wrong, &base), None, "{wrong}");
    }
}

#[test]
fn a_successful_unsafe_request_invalidates_what_it_names_on_its_own_site() {
    let asked: Asked = toml::from_str("request = \"POST https://shop.test/a/b?c=1\"").expect("a request");
    let settings = Settings { origin: Url::parse("https://origin.test"), ..Settings::default() };
    let Plan::Watch(watch) = plan(asked.facts(), &settings) else { panic!("not watched") };
    let keys = |status: u16, fields: &[&str]| {
        let fields: Vec<String> = fields.iter().map(|f| (*f).to_owned()).collect();
        let urls = invalidated(&watch, &answer(status, &fields), &settings);
        let path = |url: Url| url.text().strip_prefix("https://shop.test").map(str::to_owned);
        urls.into_iter().map(|url| path(url).expect("of the site")).collect::<Vec<_>>()
    };
    assert_eq!(keys(200, &[]), ["/a/b?c=1"]);
    assert_eq!(keys(303, &["Location: /thanks"]), ["/a/b?c=1", "/thanks"]);
    assert_eq!(
        keys(201, &["Location: x/1", "Content-Location: https://shop.test/y"]),
        ["/a/b?c=1", "/a/x/1", "/y"]
    );
    assert_eq!(keys(303, &["Location: https://origin.test/thanks"]), ["/a/b?c=1", "/thanks"]);
    assert_eq!(keys(200, &["Location: https://evil.test/y"]), ["/a/b?c=1"]);
    assert_eq!(keys(200, &["Location: http://shop.test/y"]), ["/a/b?c=1"]);
    assert_eq!(keys(404, &["Location: /x"]), Vec::<String>::new());
    assert_eq!(keys(500, &[]), Vec::<String>::new());
}

/// Variants live beside each other, and all are outdated when the address is changed.
#[test]
fn variants_live_beside_each_other_until_the_address_is_changed() {
    use crate::story::{Answer, Story};
    use backsoon::facts::Headers;
    use backsoon::rescue::RequestFacts;
    let mut story = Story::new(Settings::default(), 1_795_000_000_000);
    let request = |method: &str, language: &str| RequestFacts {
        method: method.to_owned(),
        url: Url::parse("https://shop.test/").expect("an address"),
        headers: [("accept-language", language)].into_iter().collect(),
        body: method == "POST",
    };
    let mut ask = |method: &str, language: &str| {
        let mut origin = |_: &str, sent: &Headers| {
            let body = sent.value("accept-language").unwrap_or_default().to_owned();
            let fields = [("cache-control", "max-age=60"), ("vary", "Accept-Language")];
            Ok(Answer { status: 200, headers: fields.into_iter().collect(), body, ours: false })
        };
        let before = story.asked;
        let answer = story.ask(request(method, language), &mut origin);
        story.now += 10;
        (answer.body, story.asked > before)
    };
    assert_eq!(ask("GET", "de"), ("de".to_owned(), true));
    assert_eq!(ask("GET", "en"), ("en".to_owned(), true));
    assert_eq!(ask("GET", "de"), ("de".to_owned(), false), "the older variant is still there");
    assert_eq!(ask("GET", "en"), ("en".to_owned(), false));
    ask("POST", "en");
    assert_eq!(ask("GET", "en"), ("en".to_owned(), false), "asked for anew behind the POST");
    assert_eq!(ask("GET", "de"), ("de".to_owned(), true), "the other variant is outdated");
}

fn watch(headers: &[&str]) -> Watch {
    let headers = headers.iter().map(|line| (*line).to_owned()).collect();
    let asked = Asked { request: "GET https://shop.test/a".to_owned(), headers, ..Asked::default() };
    match plan(asked.facts(), &Settings::default()) {
        Plan::Watch(watch) => *watch,
        other => panic!("{other:?}"),
    }
}

fn lines(of: &[&str]) -> Vec<String> {
    of.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn a_kept_error_is_for_programs_and_never_for_a_person() {
    let timing = Timing { requested_at: 1_000_000, responded_at: 1_000_000 };
    let head = answer(503, &lines(&["Cache-Control: max-age=60"]));
    let kept = error_entry(&watch(&[]), &head, None, timing, &Settings::default()).expect("an entry");
    assert!(matches!(reuse(&watch(&[]), Some(&kept), 1_001_000), Reuse::Serve(_)));
    assert!(matches!(reuse(&watch(&["Accept: text/html"]), Some(&kept), 1_001_000), Reuse::Ask(_)));
}

#[test]
fn what_came_for_authorization_does_not_take_the_place_of_a_good_copy() {
    let timing = Timing { requested_at: 1_000_000, responded_at: 1_000_000 };
    let settings = Settings::default();
    let head = answer(200, &lines(&["Cache-Control: public, max-age=60"]));
    let judged = |headers: &[&str], stored: Option<&backsoon::rescue::StoredCopy>| {
        judge_cached(&watch(headers), &head, stored, timing, &settings)
    };
    let Judgement::RelayAndStore(good) = judged(&[], None) else { panic!("not kept") };
    assert!(good.good);
    let bearer = ["Authorization: Bearer x"];
    assert!(matches!(judged(&bearer, Some(&good)), Judgement::Relay { .. }));
    assert!(matches!(judged(&bearer, None), Judgement::RelayAndStore(entry) if !entry.good));
}

/// A redirect that is answered from store leads to the site as the one did that was relayed.
#[test]
fn a_stored_redirect_leads_to_the_site() {
    use crate::story::{Answer, Story};
    use backsoon::rescue::RequestFacts;
    let settings = Settings { origin: Url::parse("https://origin.test"), ..Settings::default() };
    let mut story = Story::new(settings, 1_795_000_000_000);
    let mut asked = 0;
    for _ in 0..2 {
        let request = RequestFacts {
            method: "GET".to_owned(),
            url: Url::parse("https://shop.test/old").expect("an address"),
            ..RequestFacts::default()
        };
        let answer = story.ask(request, &mut |_, _| {
            asked += 1;
            let fields = [("cache-control", "max-age=60"), ("location", "https://origin.test/new")];
            Ok(Answer {
                status: 301,
                headers: fields.into_iter().collect(),
                body: String::new(),
                ours: false,
            })
        });
        assert_eq!(answer.headers.value("location"), Some("https://shop.test/new"));
    }
    assert_eq!(asked, 1, "the second came from the store");
}

/// A 403 to nobody in particular ends the copy, and the next visitor who is let in brings it back; what one
/// visitor with a cookie is refused says nothing of the page.
#[test]
fn a_forbidden_page_ends_its_copy_until_somebody_is_let_in() {
    use crate::story::{Answer, Story};
    use backsoon::rescue::RequestFacts;
    let mut story = Story::new(Settings::default(), 1_795_000_000_000);
    let mut ask = |status: u16, cookie: &str, to_all: bool| {
        let request = RequestFacts {
            method: "GET".to_owned(),
            url: Url::parse("https://shop.test/page").expect("an address"),
            headers: [("accept", "text/html"), ("cookie", cookie)]
                .into_iter()
                .filter(|f| !f.1.is_empty())
                .collect(),
            body: false,
        };
        story.now += 1000;
        let answer = story.ask(request, &mut |_, sent| {
            let neutral = sent.value("user-agent").is_some_and(|agent| agent.contains("Backsoon"));
            let status = if neutral && !to_all { 200 } else { status };
            let fields = [("cache-control", "max-age=0"), ("content-type", "text/html")];
            Ok(Answer {
                status,
                headers: fields.into_iter().collect(),
                body: format!("{status}"),
                ours: false,
            })
        });
        (answer.status, answer.ours)
    };
    assert_eq!(ask(200, "", false), (200, false));
    assert_eq!(ask(503, "", false), (200, false), "the copy");
    assert_eq!(ask(401, "sid=1", false), (401, false));
    assert_eq!(ask(503, "", false), (200, false), "one visitor's 401 ended nothing");
    for _ in 0..60 {
        ask(401, "", false);
    }
    assert_eq!(ask(503, "", false), (200, false), "nor did those of one without a cookie");
    assert_eq!(ask(401, "", true), (401, false));
    for _ in 0..60 {
        ask(401, "", true);
    }
    assert_eq!(ask(503, "", true), (503, true), "a page that is closed to everybody is not shown");
    assert_eq!(ask(200, "", true), (200, false));
    assert_eq!(ask(503, "", true), (200, false), "and it is back with the first who is let in");
}

/// A server that names the asking site and says no `Vary`: each site has its own answer, beside that for visitors
/// of the page itself, also when the origin is gone.
#[test]
fn answers_for_single_sites_live_beside_each_other() {
    use crate::story::{Answer, Story};
    use backsoon::facts::Headers;
    use backsoon::rescue::RequestFacts;
    let mut story = Story::new(Settings::default(), 1_795_000_000_000);
    let mut ask = |site: &str, works: bool| {
        let request = RequestFacts {
            method: "GET".to_owned(),
            url: Url::parse("https://shop.test/font").expect("an address"),
            headers: [("origin", site)].into_iter().filter(|field| !field.1.is_empty()).collect(),
            body: false,
        };
        let mut origin = |_: &str, sent: &Headers| {
            let named = sent.value("origin").map(|site| ("access-control-allow-origin", site));
            let fields = [("cache-control", "max-age=0")].into_iter().chain(named);
            let status = if works { 200 } else { 503 };
            Ok(Answer { status, headers: fields.collect(), body: "font".to_owned(), ours: false })
        };
        story.now += 1000;
        let answer = story.ask(request, &mut origin);
        (answer.status, answer.headers.value("access-control-allow-origin").unwrap_or_default().to_owned())
    };
    for _ in 0..2 {
        for site in ["", "https://a.test", "https://b.test"] {
            assert_eq!(ask(site, true), (200, site.to_owned()));
        }
    }
    for site in ["https://b.test", "", "https://a.test"] {
        assert_eq!(ask(site, false), (200, site.to_owned()), "its own copy");
    }
    assert_eq!(ask("https://c.test", false).0, 503, "nobody else's");
}
