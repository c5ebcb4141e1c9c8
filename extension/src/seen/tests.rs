//! Which facts count when the browser's sources disagree, are missing, or are about another page.

use super::*;

const URL: &str = "https://shop.test/a";

fn seen(url: &str, status: u16) -> Seen {
    Seen {
        url: url.into(),
        method: "GET".into(),
        status: Some(status),
        line: format!("HTTP/1.1 {status} Bad Gateway"),
        headers: vec![("Server".into(), "nginx".into())],
        ..Seen::default()
    }
}

fn told(status: u16) -> Page {
    Page::Told(Told { url: URL.into(), status: Some(status), body: Some("told".into()), ..Told::default() })
}

fn again(status: u16) -> Again {
    Again { status: Some(status), body: Some("again".into()), ..Again::default() }
}

fn known(seen: Option<Seen>, page: Page, again: Option<Again>) -> Known {
    Known { url: format!("{URL}#part"), seen, page, again, line: Line::default() }
}

#[test]
fn the_request_counts_where_it_is_about_this_page() {
    let known = known(Some(seen(URL, 502)), told(502), Some(again(502)));
    let facts = known.exchange();
    assert_eq!(known.source(), "popup.source_request");
    assert_eq!((facts.status, facts.reason.as_deref()), (Some(502), Some("Bad Gateway")));
    assert_eq!(facts.protocol.as_deref(), Some("HTTP/1.1"));
    assert_eq!(facts.headers.value("server"), Some("nginx"));
    assert_eq!(facts.body.as_deref(), Some("told".as_bytes()));
}

#[test]
fn a_request_of_another_page_does_not() {
    // Back or forward: the tab shows a page whose request was another's.
    let stale = known(Some(seen("https://shop.test/b", 502)), told(200), None);
    assert_eq!(stale.exchange().status, Some(200));
    // The same address, answered differently, as by a service worker.
    let worker = known(Some(seen(URL, 502)), told(200), None);
    assert_eq!((worker.exchange().status, worker.source()), (Some(200), "popup.source_page"));
}

#[test]
fn a_second_answer_stands_for_the_first_only_where_both_agree() {
    let same = known(None, told(502), Some(again(502))).exchange();
    assert_eq!((same.status, same.body.as_deref()), (Some(502), Some("again".as_bytes())));
    let other = known(None, told(502), Some(again(200))).exchange();
    assert_eq!((other.status, other.body.as_deref()), (Some(502), Some("told".as_bytes())));
    let broken = Again { error: Some("Failed to fetch".into()), ..Again::default() };
    let broken = known(None, told(502), Some(broken)).exchange();
    assert_eq!((broken.status, broken.transport_error), (Some(502), None));
}

#[test]
fn an_error_page_of_the_browser_is_judged_by_what_else_is_there() {
    assert_eq!(known(None, Page::Hidden, None).exchange().status, None);
    assert_eq!(known(None, Page::Hidden, Some(again(502))).exchange().status, Some(502));
    assert_eq!(known(Some(seen(URL, 502)), Page::Hidden, None).exchange().status, Some(502));
    let error = Seen { url: URL.into(), error: Some("net::ERR_CONNECTION_RESET".into()), ..Seen::default() };
    let facts = known(Some(error.clone()), Page::Hidden, None).exchange();
    assert_eq!(facts.transport_error.map(|error| error.fault), Some(Fault::Reset));
    // A page that a script can read did arrive, whatever an older request says.
    assert_eq!(known(Some(error), told(200), None).exchange().transport_error, None);
}

#[test]
fn one_answer_that_differs_says_nothing_of_cookies() {
    let cookies = |known: Known| known.exchange().beside.without_cookies;
    let decided = |decide| Again { cookies_decide: decide, ..again(200) };
    assert_eq!(cookies(known(None, told(502), Some(again(502)))), Some(502));
    assert_eq!(cookies(known(None, told(502), Some(decided(None)))), None);
    assert_eq!(cookies(known(None, told(502), Some(decided(Some(false))))), None);
    assert_eq!(cookies(known(None, told(502), Some(decided(Some(true))))), Some(200));
    // A form was sent, a page was fetched: two different things.
    let post = Seen { method: "POST".into(), ..seen(URL, 502) };
    assert_eq!(cookies(known(Some(post), told(502), Some(decided(Some(true))))), None);
    let worker = Again { through_worker: true, ..again(502) };
    assert_eq!(cookies(known(None, told(502), Some(worker))), None);
}

#[test]
fn what_differs_is_asked_about_once_more() {
    assert_eq!(known(None, told(502), Some(again(200))).differing(), Some((502, 200)));
    assert_eq!(known(None, told(502), Some(again(502))).differing(), None);
    assert_eq!(known(None, Page::Hidden, Some(again(502))).differing(), None);
}
