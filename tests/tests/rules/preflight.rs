//! Preflights in an outage: never more than the origin last allowed to the very same question.

use backsoon::rescue::preflight::{Lesson, Preflights, answer, holds, keys};
use backsoon::rescue::{
    AnswerHead, Plan, RequestFacts, Rescue, Settings, StoredCopy, Url, Watch, failure, plan,
};

const NOW: u64 = 1_795_000_000_000;

fn asked(origin: &str, method: &str, more: &[(&str, &str)]) -> Box<Watch> {
    let fields = [("origin", origin), ("access-control-request-method", method)];
    let request = RequestFacts {
        method: "OPTIONS".to_owned(),
        url: Url::parse("https://shop.test/api?page=1").unwrap(),
        headers: fields.iter().chain(more).copied().collect(),
        body: false,
    };
    let Plan::Watch(watch) = plan(request, &Settings::default()) else { panic!("not watched") };
    watch
}

fn head(status: u16, fields: &[(&str, &str)]) -> AnswerHead {
    AnswerHead { status, headers: fields.iter().copied().collect() }
}

/// The store that isolates share, as the worker drives it.
#[derive(Default)]
struct Story {
    known: Preflights,
    store: std::collections::HashMap<String, StoredCopy>,
}

impl Story {
    fn learn(&mut self, watch: &Watch, answer: &AnswerHead, now: u64) {
        match self.known.learn(watch, answer, &Settings::default(), now) {
            Lesson::Allowed { key, copy, tell: true } => drop(self.store.insert(key, *copy)),
            Lesson::Refused(keys) => keys.iter().for_each(|key| drop(self.store.remove(key))),
            Lesson::Allowed { .. } | Lesson::Nothing => {}
        }
    }

    fn answer(&self, watch: &Watch, now: u64) -> Option<AnswerHead> {
        let settings = Settings::default();
        let mut found = keys(watch, &settings)?.into_iter().filter_map(|key| self.store.get(&key).cloned());
        let copy = found.find(|copy| holds(watch, copy, &settings, now))?;
        let copy = StoredCopy::read(&copy.write()).expect("the stored field can be read");
        let failure = failure::from_open_breaker();
        let rescue = Rescue { watch, failure: &failure, error: None, origin: None, copy: None, now, dice: 0 };
        Some(answer(&rescue, &copy))
    }
}

const GRANT: [(&str, &str); 5] = [
    ("access-control-allow-origin", "https://app.example"),
    ("access-control-allow-methods", "GET, PUT"),
    ("access-control-allow-headers", "x-shop"),
    ("access-control-allow-private-network", "true"),
    ("access-control-max-age", "600"),
];

#[test]
fn the_same_question_gets_the_same_permission_and_no_other_does() {
    let mut story = Story::default();
    let app = asked("https://app.example", "PUT", &[("access-control-request-headers", "x-shop")]);
    assert_eq!(story.answer(&app, NOW), None);
    story.learn(&app, &head(204, &GRANT), NOW);
    let got = story.answer(&app, NOW + 5000).expect("known");
    assert_eq!(got.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-shop"),
        ("access-control-max-age", "60"),
        ("cache-status", "backsoon; hit; ttl=-5; detail=preflight"),
    ] {
        assert_eq!(got.headers.value(name), Some(value), "{name}");
    }
    assert!(!got.headers.has("access-control-allow-private-network"));
    let fields = |value| [("access-control-request-headers", value)];
    for (origin, method, more) in [
        ("https://evil.example", "PUT", fields("x-shop")),
        ("https://app.example:444", "PUT", fields("x-shop")),
        ("https://APP.example", "PUT", fields("x-shop")),
        ("null", "PUT", fields("x-shop")),
        ("https://app.example", "DELETE", fields("x-shop")),
        ("https://app.example", "PUT", fields("x-shop,x-admin")),
    ] {
        assert_eq!(story.answer(&asked(origin, method, &more), NOW), None, "{origin} {method} {more:?}");
    }
    // Who says who it is, or wants another address believed, neither teaches nor is answered.
    for more in [("cookie", "session=1"), ("authorization", "x"), ("x-forwarded-host", "evil.example")] {
        let odd = asked("https://app.example", "PUT", &[("access-control-request-headers", "x-shop"), more]);
        assert_eq!(story.answer(&odd, NOW), None, "{more:?}");
        story.learn(&odd, &head(403, &[]), NOW);
    }
    assert!(story.answer(&app, NOW).is_some());
    // It is over after a day.
    assert_eq!(story.answer(&app, NOW + 86_400_001), None);
}

#[test]
fn two_refusals_end_the_permission_and_failures_do_not() {
    let app = asked("https://app.example", "PUT", &[]);
    for (status, fields, stays) in [
        (503, &[][..], true),
        (429, &[][..], true),
        (403, &[][..], false),
        (204, &[][..], false),
        (204, &[("access-control-allow-origin", "https://other.example")][..], false),
        (200, &[("access-control-allow-origin", "*"), ("vary", "*")][..], false),
        (302, &GRANT[..], false),
    ] {
        let mut story = Story::default();
        story.learn(&app, &head(204, &GRANT), NOW);
        story.learn(&app, &head(status, fields), NOW + 1);
        assert!(story.answer(&app, NOW + 2).is_some(), "one visitor alone: {status} {fields:?}");
        story.learn(&app, &head(status, fields), NOW + 3);
        assert_eq!(story.answer(&app, NOW + 4).is_some(), stays, "{status} {fields:?}");
    }
}

#[test]
fn one_network_takes_no_permission_away() {
    let of = |address| asked("https://app.example", "PUT", &[("cf-connecting-ip", address)]);
    let mut story = Story::default();
    story.learn(&of("203.0.113.7"), &head(204, &GRANT), NOW);
    for address in ["203.0.113.7", "203.0.113.8", "203.0.113.8"] {
        story.learn(&of(address), &head(403, &[]), NOW + 1);
        assert!(story.answer(&of("198.51.100.7"), NOW + 2).is_some(), "{address}");
    }
    // A permission in between begins anew.
    story.learn(&of("203.0.113.7"), &head(204, &GRANT), NOW + 2);
    story.learn(&of("198.51.100.7"), &head(403, &[]), NOW + 3);
    assert!(story.answer(&of("192.0.2.7"), NOW + 4).is_some());
    story.learn(&of("192.0.2.7"), &head(403, &[]), NOW + 5);
    assert!(story.answer(&of("198.51.100.7"), NOW + 6).is_none());
}

#[test]
fn an_answer_for_all_sites_holds_for_all_unless_it_varies() {
    let (app, other) = (asked("https://app.example", "GET", &[]), asked("https://other.example", "GET", &[]));
    let mut story = Story::default();
    story.learn(&app, &head(204, &[("access-control-allow-origin", "*")]), NOW);
    assert!(story.answer(&app, NOW).is_some() && story.answer(&other, NOW).is_some());
    // The origin refuses one site after all: what was for all is not any more.
    story.learn(&other, &head(403, &[]), NOW + 1);
    story.learn(&other, &head(403, &[]), NOW + 1);
    assert_eq!(story.answer(&app, NOW + 2), None);
    let mut story = Story::default();
    story.learn(&app, &head(204, &[("access-control-allow-origin", "*"), ("vary", "Origin")]), NOW);
    assert!(story.answer(&app, NOW).is_some() && story.answer(&other, NOW).is_none());
    // Other fields that select the answer select it here too.
    let (en, de) = ([("accept-language", "en")], [("accept-language", "de")]);
    let (en, de) = (asked("https://app.example", "GET", &en), asked("https://app.example", "GET", &de));
    let mut story = Story::default();
    let varied = [("access-control-allow-origin", "*"), ("vary", "Accept-Language")];
    story.learn(&en, &head(204, &varied), NOW);
    assert!(story.answer(&en, NOW).is_some() && story.answer(&de, NOW).is_none());
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut story = Story::default();
    let app = asked("https://app.example", "PUT", &[]);
    let long = "x-a,".repeat(1000);
    let fields = [("access-control-allow-origin", "*"), ("access-control-allow-headers", long.as_str())];
    story.learn(&app, &head(204, &fields), NOW);
    assert_eq!(story.answer(&app, NOW), None);
    // The same answer is told to the store once in ten minutes.
    let settings = Settings::default();
    let mut known = Preflights::default();
    let tells = |lesson| matches!(lesson, Lesson::Allowed { tell: true, .. });
    assert!(tells(known.learn(&app, &head(204, &GRANT), &settings, NOW)));
    assert!(!tells(known.learn(&app, &head(204, &GRANT), &settings, NOW + 1000)));
    assert!(tells(known.learn(&app, &head(204, &GRANT), &settings, NOW + 700_000)));
}
