//! What leads, what is offered and what is left out, from verdicts of every kind.

use super::*;
use crate::seen::{Page, Seen, Told};
use backsoon::diagnosis::diagnose;

fn look(status: Option<u16>, method: &str, body: &str) -> View {
    let url = "https://shop.test/".to_owned();
    let seen = status.map(|status| Seen {
        url: url.clone(),
        method: method.into(),
        status: Some(status),
        line: format!("HTTP/1.1 {status} Some Reason"),
        ..Seen::default()
    });
    let page = match status {
        Some(_) => Page::Told(Told { url: url.clone(), status, body: Some(body.into()), ..Told::default() }),
        None => Page::Hidden,
    };
    let known = Known { url, seen, page, again: None, line: Default::default() };
    let exchange = known.exchange();
    compose(Lang::ENGLISH, "shop.test", &known, &exchange, &diagnose(&exchange))
}

#[test]
fn a_healthy_page_needs_no_countdown_and_blames_nobody() {
    let view = look(Some(200), "GET", "<h1>Shop</h1>");
    assert_eq!((view.tone, view.fault, view.refresh_after_s), (Tone::Good, Some(AtFault::None), None));
    assert_eq!(view.places, [State::Fine; 3]);
    assert!(view.clear && view.past_cache && view.help.is_empty() && view.folklore.is_empty());
}

#[test]
fn a_failing_site_leads_to_a_refresh_and_offers_no_clearing() {
    let view = look(Some(502), "GET", "<h1>502 Bad Gateway</h1>");
    assert_eq!((view.tone, view.fault), (Tone::Bad, Some(AtFault::Site)));
    assert!(view.refresh_after_s.is_some_and(|s| (10..=20).contains(&s)), "{:?}", view.refresh_after_s);
    assert!(!view.clear && !view.clear_leads);
    assert!(view.folklore.iter().any(|advice| advice.remedy == "clear_site_data"));
    assert_eq!(view.places, [State::Fine, State::Fine, State::Trouble]);
}

#[test]
fn a_form_is_never_repeated_by_a_timer() {
    let view = look(Some(502), "POST", "<h1>502 Bad Gateway</h1>");
    assert_eq!(view.refresh_after_s, None);
    assert!(view.warning.is_some() && !view.past_cache);
}

#[test]
fn nothing_known_is_nothing_claimed() {
    let view = look(None, "", "");
    assert_eq!((view.tone, view.fault), (Tone::Unsure, None));
    assert_eq!(view.places, [State::NotKnown; 3]);
    assert!(view.help.is_empty() && view.folklore.is_empty() && view.evidence.is_empty());
}

#[test]
fn the_reference_of_an_answer_stands_in_the_details_and_ends_somewhere() {
    let url = "https://shop.test/".to_owned();
    let row = |headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let seen = Seen { url: url.clone(), status: Some(502), headers, ..Seen::default() };
        let told = Told { url: url.clone(), status: Some(502), ..Told::default() };
        let (seen, page) = (Some(seen), Page::Told(told));
        let known = Known { url: url.clone(), seen, page, again: None, line: Default::default() };
        let exchange = known.exchange();
        let view = compose(Lang::ENGLISH, "shop.test", &known, &exchange, &diagnose(&exchange));
        view.rows.into_iter().find(|row| row.id == "reference").map(|row| row.value)
    };
    assert_eq!(row(&[("X-Request-Id", "b2"), ("CF-Ray", "a1-FRA")]).as_deref(), Some("a1-FRA"));
    assert_eq!(row(&[("x-request-id", &"é".repeat(500))]).map(|text| text.chars().count()), Some(96));
    assert_eq!(row(&[("server", "nginx")]), None);
    assert_eq!(
        row(&[("x-request-id", "a\u{200b}\u{e0041}z\u{301}\u{301}\u{202e}1")]).as_deref(),
        Some("az\u{301}1")
    );
}

#[test]
fn the_words_of_a_status_line_steer_nothing() {
    let url = "https://shop.test/".to_owned();
    let line = "HTTP/1.1 502 Bad\u{200b} G\u{301}\u{301}\u{301}ate\u{202e}way".into();
    let seen = Seen { url: url.clone(), status: Some(502), line, ..Seen::default() };
    let known = Known { url, seen: Some(seen), page: Page::Hidden, again: None, line: Default::default() };
    let exchange = known.exchange();
    let view = compose(Lang::ENGLISH, "shop.test", &known, &exchange, &diagnose(&exchange));
    let status = view.rows.iter().find(|row| row.id == "status").map(|row| row.value.as_str());
    assert_eq!(status, Some("502 Bad G\u{301}ateway"));
}

#[test]
fn every_remedy_has_a_title_in_words() {
    for status in [400, 401, 403, 404, 429, 431, 500, 502, 503, 504, 522] {
        let view = look(Some(status), "GET", "");
        for advice in view.help.iter().chain(&view.folklore) {
            assert_ne!(advice.title, advice.remedy, "{status}: {} has no title", advice.remedy);
            assert!(
                !advice.why.contains('{') && !advice.why.starts_with("remedy."),
                "{status}: {}",
                advice.why
            );
        }
        assert!(!view.headline.starts_with("verdict."), "{status}: {}", view.headline);
    }
}
