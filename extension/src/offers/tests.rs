//! What is offered, in which order, and to whom nothing is told.

use super::*;
use crate::seen::{Again, Known, Line, Page, Seen, Told};
use backsoon::diagnosis::diagnose;

fn known(url: &str, status: u16, line: Line) -> Known {
    let seen = Seen { url: url.into(), method: "GET".into(), status: Some(status), ..Seen::default() };
    let body = format!("<title>{status} Bad Gateway</title><hr><center>nginx/1.24.0</center>");
    let told = Told { url: url.into(), status: Some(status), body: Some(body), ..Told::default() };
    Known { url: url.into(), seen: Some(seen), page: Page::Told(told), again: None, line }
}

fn of(known: &Known) -> Vec<Offer> {
    let exchange = known.exchange();
    let verdict = diagnose(&exchange);
    let view = view::compose(Lang::ENGLISH, "shop.example.com", known, &exchange, &verdict);
    offers(Lang::ENGLISH, &exchange, &verdict, &view)
}

fn acts(known: &Known) -> Vec<Act> {
    of(known).into_iter().map(|offer| offer.act).collect()
}

#[test]
fn who_waits_for_a_site_is_told_first() {
    let down = acts(&known("https://shop.example.com/a", 502, Line::default()));
    assert_eq!(down.first(), Some(&"tell"));
    assert!(down.contains(&"status-page") && down.contains(&"tracker") && down.contains(&"archive"));
    assert!(!down.contains(&"network") && !down.contains(&"clear") && !down.contains(&"proxy"), "{down:?}");
}

#[test]
fn network_steps_are_offered_where_the_evidence_points_there() {
    let offline = Line { online: Some(false), ..Line::default() };
    assert_eq!(acts(&known("https://shop.example.com/", 502, offline)).first(), Some(&"network"));
    let edge = Line { edge: Some(true), ..Line::default() };
    assert!(!acts(&known("https://shop.example.com/", 502, edge)).contains(&"network"));
}

#[test]
fn each_has_a_reason_and_none_stands_twice() {
    for status in [200, 400, 401, 403, 404, 429, 431, 500, 502, 503, 504, 522] {
        let all = of(&known("https://shop.example.com/", status, Line::default()));
        for offer in &all {
            assert!(!offer.title.is_empty() && !offer.why.is_empty(), "{status}: {offer:?}");
            assert!(!offer.why.contains('{') && !offer.title.contains('.'), "{status}: {offer:?}");
            let same = all.iter().filter(|o| (o.act, o.remedy) == (offer.act, offer.remedy)).count();
            assert_eq!(same, 1, "{status}: {offer:?}");
        }
    }
}

#[test]
fn hosts_of_the_visitors_own_network_are_told_to_nobody() {
    for url in [
        "http://intranet/",
        "http://192.168.1.1/",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://nas.local/",
    ] {
        let all = acts(&known(url, 502, Line::default()));
        assert!(!all.contains(&"archive") && !all.contains(&"tracker"), "{url}: {all:?}");
        assert!(all.contains(&"tell"), "{url}");
    }
    assert!(is_public(host("https://www.shop.example.com:8443/a?b@c.local")));
}

#[test]
fn third_parties_learn_no_query() {
    assert_eq!(
        archive("https://shop.example.com/a?token=1#x"),
        "https://web.archive.org/web/2/https://shop.example.com/a"
    );
    for tracker in trackers("https://www.shop.example.com/a?token=1") {
        assert!(tracker.ends_with("shop.example.com") && !tracker.contains("www."), "{tracker}");
    }
}

#[test]
fn a_copy_that_the_site_keeps_is_offered_where_the_site_tells_of_it() {
    let copy = |field: &str| {
        let headers = vec![("Cache-Status".to_owned(), field.to_owned())];
        let again = Again { status: Some(200), headers, ..Again::default() };
        acts(&Known { again: Some(again), ..known("https://shop.example.com/", 502, Line::default()) })
    };
    assert_eq!(copy("backsoon; fwd=stale; fwd-status=502").first(), Some(&"private"));
    assert_eq!(copy("other; hit; ttl=-30").first(), Some(&"private"));
    assert_eq!(copy("other; hit; ttl=30").first(), Some(&"tell"));
}

#[test]
fn a_check_says_only_what_was_seen() {
    let answer = |status: Option<u16>, error: Option<&str>| {
        let again =
            Again { status, error: error.map(str::to_owned), body: Some(String::new()), ..Again::default() };
        let known = Known {
            page: Page::Hidden,
            seen: None,
            again: Some(again),
            ..known("https://a.example.com/", 502, Line::default())
        };
        let exchange = known.exchange();
        checked(Some((&exchange, &diagnose(&exchange))))
    };
    assert_eq!(answer(Some(200), None), Check::Helped);
    assert_eq!(answer(None, None), Check::Helped);
    assert_eq!(answer(Some(502), None), Check::Answers(502));
    assert_eq!(answer(None, Some("Failed to fetch")), Check::Silent);
    assert_eq!(checked(None), Check::Cannot);
    assert_eq!(Check::Answers(502).words(Lang::ENGLISH), "No change: the site still answers with 502.");
}
