//! What one visitor could do to others by the first version of these rules, each as its own case.

use crate::story::{Answer, Story};
use backsoon::breaker::{Breaker, Rules, Witness};
use backsoon::cache::freshness::Timing;
use backsoon::cache::reuse::{Reuse, reuse};
use backsoon::cache::variants;
use backsoon::collapse::{Flights, Turn};
use backsoon::facts::Headers;
use backsoon::rescue::firewall::Firewall;
use backsoon::rescue::{AnswerHead, Plan, RequestFacts, Settings, StoredCopy, Url, Watch, failure, plan};

const NOW: u64 = 1_795_000_000_000;
const BROWSER: [(&str, &str); 3] =
    [("accept", "text/html"), ("user-agent", "Mozilla/5.0"), ("sec-fetch-dest", "document")];

fn request(url: &str, fields: &[(&str, &str)]) -> RequestFacts {
    let url = Url::parse(url).expect("an address");
    let headers = BROWSER.iter().chain(fields).copied().collect();
    RequestFacts { method: "GET".to_owned(), url, headers, body: false }
}

fn watch(url: &str, fields: &[(&str, &str)]) -> Box<Watch> {
    match plan(request(url, fields), &Settings::default()) {
        Plan::Watch(watch) => watch,
        other => panic!("not watched: {other:?}"),
    }
}

fn copy(watch: &Watch, fields: &[(&str, &str)], age_ms: u64) -> StoredCopy {
    let head = AnswerHead { status: 200, headers: fields.iter().copied().collect() };
    let timing = Timing { requested_at: NOW - age_ms, responded_at: NOW - age_ms };
    StoredCopy::new(watch, &head, timing, true)
}

#[test]
fn an_address_with_a_campaign_in_it_renews_nothing() {
    let plain = watch("https://shop.test/a", &[]);
    let stored = copy(&plain, &[("cache-control", "max-age=1"), ("etag", "\"x\"")], 5000);
    let asks = |watch: &Watch| match reuse(watch, Some(&stored), NOW) {
        Reuse::Ask(ask) => ask.validates(),
        other => panic!("{other:?}"),
    };
    let campaign = watch("https://shop.test/a?utm_source=evil", &[]);
    assert_eq!(campaign.key, plain.key);
    assert!(asks(&plain) && !asks(&campaign));
}

#[test]
fn a_page_asked_for_as_something_else_never_meets_the_page() {
    let page = watch("https://shop.test/a", &[]);
    for fields in [
        [("accept", "application/json")],
        [("x-requested-with", "com.example.app")],
        [("x-requested-with", "XMLHttpRequest")],
    ] {
        let mut facts = request("https://shop.test/a", &[]);
        facts.headers.0.retain(|(name, _)| name != fields[0].0);
        facts.headers.0.push((fields[0].0.to_owned(), fields[0].1.to_owned()));
        let Plan::Watch(other) = plan(facts, &Settings::default()) else { panic!("not watched") };
        assert!(other.key != page.key || other.store.is_err(), "{fields:?}");
    }
}

#[test]
fn a_field_that_one_visitor_sent_pushes_nobodys_copy_out() {
    let plain = watch("https://shop.test/a", &[]);
    let held = copy(&plain, &[("etag", "\"x\"")], 5000);
    let evil = watch("https://shop.test/a", &[("origin", "https://evil.test")]);
    let named = copy(&evil, &[("access-control-allow-origin", "https://evil.test")], 0);
    let keys = variants::keys(&evil, &named, Some(&held));
    assert!(!keys.contains(&plain.key) && keys.len() == 1, "{keys:?}");
    assert_eq!(variants::elsewhere(&evil, &held), keys.first().cloned(), "it is found again");
    let tenant = watch("https://shop.test/a", &[("x-tenant", "1")]);
    let keyed = copy(&tenant, &[("vary", "x-tenant")], 0);
    assert!(!variants::keys(&tenant, &keyed, Some(&held)).contains(&plain.key));
    // What every browser sends may begin to select, and an old entry gives way.
    let german = watch("https://shop.test/a", &[("accept-language", "de")]);
    let varied = copy(&german, &[("vary", "accept-language")], 0);
    assert!(variants::keys(&german, &varied, Some(&held)).contains(&plain.key));
    let old = copy(&plain, &[("etag", "\"x\"")], 86_400_000);
    assert!(variants::keys(&tenant, &keyed, Some(&old)).contains(&plain.key));
    assert!(variants::keys(&tenant, &keyed, None).contains(&plain.key));
}

#[test]
fn a_store_with_one_value_for_a_key_keeps_variants_apart() {
    let of = |language| watch("https://shop.test/a", &[("accept-language", language)]);
    let vary = [("vary", "accept-language")];
    let (german, japanese) = (of("de"), of("ja"));
    let (first, second) = (copy(&german, &vary, 5000), copy(&japanese, &vary, 0));
    assert_eq!(variants::only_key(&german, &first, None), german.key);
    let there = variants::short_name(&german, &first);
    assert_eq!(variants::only_key(&german, &first, Some(&there)), german.key, "it is written anew");
    let key = variants::only_key(&japanese, &second, Some(&there));
    assert_ne!(key, german.key, "the other is not replaced");
    assert_eq!(variants::elsewhere(&japanese, &first), Some(key), "and is found");
    assert!(variants::counts_far(&first, &second));
    assert!(!variants::counts_far(&second, &first), "from before the address was forgotten");
}

#[test]
fn what_hangs_for_one_network_is_late_for_it_alone() {
    let mut flights = Flights::new(2000);
    let (one, other) = (Some("203.0.113"), Some("198.51.100"));
    for round in 0..5_u64 {
        let now = 1000 + round * 3000;
        flights.late("a", now, one, now + 2000);
        assert_eq!(flights.turn("a", 0, one, now + 2001), Turn::Late);
        assert_ne!(flights.turn("a", 0, other, now + 2002), Turn::Late, "{round}");
    }
    flights.late("a", 20_000, other, 22_000);
    assert_eq!(flights.turn("a", 0, Some("192.0.2"), 22_001), Turn::Late);
    // Whoever is known takes no part at all.
    assert!(watch("https://shop.test/a", &[]).coalesces());
    assert!(!watch("https://shop.test/a", &[("cookie", "sid=1")]).coalesces());
    assert!(!watch("https://shop.test/a", &[("x-a", "1")]).coalesces());
}

#[test]
fn failures_of_one_network_or_of_drafted_visitors_are_no_trouble() {
    let mut breaker = Breaker::new(Rules::default());
    let mut fail = |path: &str, network: &str, fields: &[(&str, &str)], now: u64| {
        let watch = watch(&format!("https://shop.test{path}"), fields);
        let failed = failure::from_answer(&AnswerHead { status: 502, ..AnswerHead::default() }, 5, now);
        breaker.failed(&failed.expect("a failure"), Witness::of(&watch, Some(network), false), false, now, 0);
        breaker.clone()
    };
    for n in 0..50 {
        let known = fail(["/a", "/b"][n % 2], "203.0.113", &[], NOW + n as u64);
        assert!(!known.has_trouble("/", NOW + n as u64) && !known.has_trouble("/a", NOW + n as u64));
    }
    let image = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    let mut drafted = image.to_vec();
    drafted.push(("sec-fetch-dest", "image"));
    let mut facts = request("https://shop.test/b", &drafted);
    facts.headers.0.retain(|(name, value)| name != "sec-fetch-dest" || value == "image");
    let Plan::Watch(bystander) = plan(facts, &Settings::default()) else { panic!("not watched") };
    assert!(!Witness::of(&bystander, Some("198.51.100"), false).anonymous);
    let known = fail("/c", "198.51.100", &[], NOW + 100);
    assert!(known.has_trouble("/", NOW + 100), "two networks, two routes");
}

#[test]
fn a_file_that_every_firewall_hands_out_does_not_end_its_refusal() {
    let body = (403, 7);
    let mut firewall = Firewall::default();
    for (network, at) in [("1", 0), ("2", 1), ("3", 2)] {
        firewall.refused(body, Some(network), "https://shop.test/a", at);
    }
    // One network floods the memory with what it alone is told.
    for n in 0..100 {
        firewall.refused((403, 100 + n), Some("1"), "https://shop.test/x", 3);
    }
    firewall.start_page(body, 4);
    assert!(firewall.is_failure(body, 1800, 5));
    firewall.shown("https://shop.test/robots.txt");
    assert!(firewall.is_failure(body, 1800, 6));
    firewall.shown("https://shop.test/a");
    assert!(!firewall.is_failure(body, 1800, 7));
}

#[test]
fn what_one_kind_of_client_is_refused_ends_nothing_of_another() {
    let mut story = Story::new(Settings::default(), NOW);
    let from = |network: &str| request("https://shop.test/a", &[("cf-connecting-ip", network)]);
    let robot = |network: &str| {
        let mut facts = from(network);
        facts.headers.0.retain(|(name, _)| name != "user-agent" && name != "sec-fetch-dest");
        facts.headers.0.push(("user-agent".to_owned(), "Googlebot/2.1".to_owned()));
        facts
    };
    let html = |status, body: &str| Answer {
        status,
        headers: [("content-type", "text/html")].into_iter().collect(),
        body: body.to_owned(),
        ours: false,
    };
    let mut good = |_: &str, _: &Headers| Ok(html(200, "a good page"));
    story.ask(from("203.0.113.1"), &mut good);
    story.ask(robot("203.0.113.1"), &mut good);
    let is_robot = |sent: &Headers| !sent.has("sec-fetch-dest");
    let mut closed = |_: &str, sent: &Headers| {
        Ok(if is_robot(sent) { html(410, "no crawlers") } else { html(200, "a good page") })
    };
    story.now += 1000;
    story.ask(robot("198.51.100.1"), &mut closed);
    story.confirm_what_waits(&from("203.0.113.1"), &mut closed);
    let mut down = |_: &str, _: &Headers| Ok(html(502, ""));
    assert_eq!(story.ask(from("192.0.2.1"), &mut down).body, "a good page", "people keep theirs");
    assert_ne!(story.ask(robot("192.0.2.1"), &mut down).body, "a good page", "crawlers have none");
}
