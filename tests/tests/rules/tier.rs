//! The store that is everywhere: what is written, when it is asked, and whether what it says counts.

use crate::cases::Asked;
use backsoon::cache::freshness::Timing;
use backsoon::facts::Headers;
use backsoon::rescue::tier::{Bounds, Sighting, Tier, fingerprint, is_reserved, may_know_better};
use backsoon::rescue::{AnswerHead, Plan, Settings, StoredCopy, Watch, plan};

const DAY: u64 = 86_400_000;
/// Half of the writes go to addresses that were seen twice.
const BOUNDS: Bounds =
    Bounds { writes_a_day: 6, queries_a_path: 2, most_bytes: 1000, strange_looks_a_day: 2 };

fn write(tier: &mut Tier, key: &str, print: u64, now: u64) -> &'static str {
    let sighting = Sighting { key, fingerprint: print, bytes: 10, ..Sighting::default() };
    tier.write(sighting, now).map_or_else(|no| no.as_str(), |()| "written")
}

/// A sight of what this place held before.
fn held(tier: &mut Tier, key: &str, now: u64) -> bool {
    let sighting = Sighting { key, fingerprint: 1, bytes: 10, again: true, ..Sighting::default() };
    tier.write(sighting, now).is_ok()
}

#[test]
fn it_is_written_on_change_at_second_sight_within_the_share() {
    let mut tier = Tier::new(BOUNDS);
    assert_eq!(write(&mut tier, "/a", 1, 0), "first-sight");
    assert_eq!(write(&mut tier, "/a", 1, 1), "written");
    assert_eq!(write(&mut tier, "/a", 1, 2), "unchanged");
    assert_eq!(write(&mut tier, "/a", 2, 3), "first-sight", "changed, and seen so for the first time");
    assert_eq!(write(&mut tier, "/a", 2, 4), "written");
    for clock in 10..50 {
        assert_eq!(write(&mut tier, "/a", clock, clock), "first-sight", "a page with a clock in it");
    }
    assert_eq!(write(&mut tier, "/b", 1, 100), "first-sight");
    assert_eq!(write(&mut tier, "/b", 1, 101), "written");
    assert_eq!(write(&mut tier, "/c", 1, 102), "first-sight");
    assert_eq!(write(&mut tier, "/c", 1, 103), "share");
    assert_eq!(write(&mut tier, "/c", 1, DAY), "written", "another day");
    for query in ["/q?x=1", "/q?x=2", "/q?x=3"] {
        write(&mut tier, query, 1, DAY + 1);
    }
    assert_eq!(write(&mut tier, "/q?x=1", 1, DAY + 2), "written");
    assert_eq!(write(&mut tier, "/q?x=2", 1, DAY + 3), "written");
    assert_eq!(write(&mut tier, "/q?x=3", 1, DAY + 4), "queries");
    assert_eq!(tier.refused(), 1);
    let too_large = |tier: &mut Tier, key: &str, bytes| {
        tier.write(Sighting { key, bytes, fingerprint: 1, again: true, ..Sighting::default() }, 0)
            .err()
            .map(|no| no.as_str())
    };
    assert_eq!(too_large(&mut tier, "/z", 1001), Some("too-large"));
    assert_eq!(too_large(&mut tier, &"/z".repeat(300), 1), Some("too-large"), "longer than a key may be");
    assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
}

#[test]
fn a_page_that_never_repeats_has_one_copy_and_a_day_later_another() {
    let mut tier = Tier::new(Bounds::default());
    let written = (0..1000).filter(|n| write(&mut tier, "/clock", *n, 5 + n) == "written").count();
    assert_eq!(written, 1);
    assert_eq!(write(&mut tier, "/clock", 5000, DAY + 10), "written", "a day later it is renewed");
}

#[test]
fn what_this_place_held_before_is_a_second_sight() {
    let mut tier = Tier::new(BOUNDS);
    assert!(held(&mut tier, "/a", 0));
}

#[test]
fn a_write_that_was_not_needed_or_failed_does_not_count() {
    let mut tier = Tier::new(Bounds { writes_a_day: 1, ..BOUNDS });
    assert!(held(&mut tier, "/a", 0));
    tier.spared();
    assert!(held(&mut tier, "/b", 0), "the share was given back");
    tier.refused_by_platform("/b");
    assert_eq!(tier.refused(), 1);
    assert_eq!(write(&mut tier, "/b", 1, DAY), "written", "what failed is tried again");
}

#[test]
fn what_is_missing_there_is_not_asked_for_again_within_a_minute() {
    let mut tier = Tier::new(BOUNDS);
    assert!(tier.asks("/a", 0));
    tier.missing("/a", 0);
    assert!(!tier.asks("/a", 59_999));
    assert!(tier.asks("/a", 60_000), "another place may have written it");
    tier.missing("/b", 0);
    assert!(held(&mut tier, "/b", 1));
    assert!(tier.asks("/b", 2), "it was written since");
    assert!(!tier.asks(&"/a".repeat(300), 0), "it can hold no such key");
}

#[test]
fn what_is_gone_does_not_come_back_and_strangers_cannot_spend_the_look_ups() {
    let mut tier = Tier::new(BOUNDS);
    let copy =
        |at| StoredCopy { timing: Timing { requested_at: at, responded_at: at }, ..StoredCopy::default() };
    assert!(tier.counts("/a", &copy(5)));
    assert!(tier.gone("/a", true, 10));
    assert!(!tier.counts("/a", &copy(10)), "the place next door has not heard of it yet");
    assert!(tier.counts("/a", &copy(11)), "it is there again");
    assert!(tier.gone("/x1", false, 11) && tier.gone("/x2", false, 12));
    assert!(!tier.gone("/x3", false, 13), "addresses that nobody knows");
    assert!(tier.gone("/b", true, 14), "what was held here is always looked after");
    assert!(tier.gone("/x4", false, DAY), "another day");
    tier.missing("/a", DAY + 20);
    assert!(!tier.gone("/a", true, DAY + 21), "nothing is there to forget");
}

fn watch(request: &str) -> (Watch, Settings) {
    let asked: Asked = toml::from_str(&format!("request = \"{request}\"")).expect("a request");
    let Plan::Watch(watch) = plan(asked.facts(), &asked.settings()) else { panic!("not watched") };
    (*watch, asked.settings())
}

#[test]
fn it_is_asked_only_where_it_may_know_better() {
    let (page, settings) = watch("GET https://shop.test/");
    let now = 1_000_000_000;
    let near = |status, good, age, control: &str| StoredCopy {
        head: AnswerHead { status, headers: [("cache-control", control)].into_iter().collect::<Headers>() },
        timing: Timing { requested_at: now - age, responded_at: now - age },
        good,
        ..StoredCopy::default()
    };
    let asks = |near: &StoredCopy| may_know_better(Some(near), &page, &settings, now);
    assert!(may_know_better(None, &page, &settings, now));
    assert!(!asks(&near(200, true, 1000, "max-age=60")), "a good copy is near");
    assert!(asks(&near(200, true, settings.max_copy_age_ms + 1000, "max-age=60")), "too old");
    assert!(asks(&near(200, false, 1000, "max-age=60")), "a doubtful page");
    assert!(asks(&near(500, false, 1000, "max-age=60")), "an error");
    assert!(asks(&near(404, false, 1000, "max-age=60")), "one visitor was told that there is none");
    assert!(asks(&near(301, false, 1000, "max-age=60")), "one visitor was told that it has moved");
    assert!(!asks(&near(200, true, 90_000, "max-age=60, must-revalidate")), "the origin forbade it since");
    let (order, settings) = watch("POST https://shop.test/");
    assert!(!may_know_better(None, &order, &settings, now));
}

#[test]
fn what_was_written_is_taken_back_once_and_only_if_it_is_the_bad_one() {
    let mut tier = Tier::new(BOUNDS);
    assert!(!tier.wrote("/a", 0), "nothing was written");
    write(&mut tier, "/a", 1, 10);
    assert_eq!(write(&mut tier, "/a", 1, 20), "written");
    assert!(!tier.wrote("/a", 21), "what is bad came later: the good one is there");
    assert!(tier.wrote("/a", 15));
    assert!(!tier.wrote("/a", 15), "it is not there any more");
    assert_eq!(write(&mut tier, "/a", 1, 30), "written", "and may be written again");
}

/// So many sights of an address from these networks, in turn. Gives how often it was written.
fn seen_from(tier: &mut Tier, key: &str, networks: &[Option<&str>], sights: usize, now: u64) -> usize {
    let sighting = Sighting { key, fingerprint: 1, bytes: 10, ..Sighting::default() };
    let networks = networks.iter().cycle().take(sights);
    networks.filter(|network| tier.write(Sighting { network: **network, ..sighting }, now).is_ok()).count()
}

#[test]
fn made_up_addresses_do_not_use_up_the_share() {
    let one = [Some("203.0.113")];
    let (two, unknown) = ([Some("203.0.113"), Some("198.51.100")], [None]);
    let visitors = [Some("192.0.2"), Some("192.0.3"), Some("192.0.4")];
    for (who, sights) in [(&unknown[..], 2), (&unknown, 4), (&one, 2), (&one, 40), (&two, 2), (&two, 40)] {
        let mut tier = Tier::new(Bounds::default());
        let junk: usize = (0..500).map(|n| seen_from(&mut tier, &format!("/junk{n}"), who, sights, n)).sum();
        assert!(junk <= 38, "{who:?} {sights}: {junk}");
        if who.len() == 1 && who[0].is_some() {
            assert!(junk <= 13, "one network has a quarter: {junk}");
        }
        let real = seen_from(&mut tier, "/real-page", &visitors, 8, 1000);
        assert_eq!(real, 1, "a real page gets in: {who:?} {sights}");
    }
}

#[test]
fn the_start_page_and_the_owners_pages_have_a_reserve() {
    let mut tier = Tier::new(Bounds::default());
    for n in 0..500 {
        seen_from(&mut tier, &format!("/junk{n}"), &[None], 64, n);
    }
    assert_eq!(
        seen_from(&mut tier, "/real-page", &[None], 64, 1000),
        0,
        "with no network known it can be used up"
    );
    let mut reserved = |key: &str| {
        let sighting = Sighting { key, bytes: 10, reserved: true, ..Sighting::default() };
        (0..40).filter(|n| tier.write(Sighting { fingerprint: n / 2, ..sighting }, 1000).is_ok()).count()
    };
    assert_eq!(reserved("/"), 2, "changes of one of them do not use it up");
    for page in ["/a", "/b", "/c", "/d"] {
        assert_eq!(reserved(page), 2, "{page}");
    }
    assert_eq!(reserved("/e"), 0);
}

#[test]
fn only_pages_as_people_see_them_are_reserved() {
    let is = |request: &str, accept: &str| {
        let text = format!(
            "request = \"{request}\"\nheaders = [\"accept: {accept}\", \"sec-fetch-mode: navigate\"]"
        );
        let asked: Asked = toml::from_str(&text).expect("a request");
        let Plan::Watch(watch) = plan(asked.facts(), &asked.settings()) else { panic!("not watched") };
        is_reserved(&watch, &asked.settings())
    };
    assert!(is("GET https://shop.test/", "text/html"));
    assert!(!is("GET https://shop.test/?made=up", "text/html"));
    assert!(!is("GET https://shop.test/", "application/json"));
    assert!(!is("GET https://shop.test/made-up", "text/html"));
}

#[test]
fn what_is_gone_is_not_pushed_out_by_other_addresses() {
    let mut tier = Tier::new(Bounds::default());
    let copy =
        |at| StoredCopy { timing: Timing { requested_at: at, responded_at: at }, ..StoredCopy::default() };
    tier.gone("/gone", true, 10);
    for n in 0..5000 {
        let key = format!("/junk{n}");
        seen_from(&mut tier, &key, &[None], 2, 11 + n);
        tier.missing(&format!("/missing{n}"), 11 + n);
        tier.gone(&format!("/made-up{n}"), false, 11 + n);
    }
    assert!(!tier.counts("/gone", &copy(9)));
    assert!(tier.counts("/gone", &copy(11)));
}
