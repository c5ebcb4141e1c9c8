//! Random histories of several visitors, an origin that changes its mind and fails, and a clock, through
//! the whole story with cache and breaker.
//!
//! Every answer of the origin carries a serial number in its body, so that the oracle knows of each byte
//! that a visitor gets for whom it was made, under which fields and when. The oracle reads raw fields.
//! The number is in letters, so that each answer is other content; at times the origin says the same
//! everywhere, and the number is in digits, which make no difference to content.
//! `BACKSOON_HISTORIES` sets how many histories are played, `BACKSOON_HISTORY` plays one and tells it.

use crate::random::dice::Dice;
use crate::random::world;
use crate::story::{Answer, Story};
use backsoon::facts::Headers;
use backsoon::rescue::generations::{counts, older_key};
use backsoon::rescue::soft::CatchAll;
use backsoon::rescue::{Plan, RequestFacts, plan};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What the oracle knows of one answer of the origin.
struct Made {
    at: u64,
    url: String,
    status: u16,
    headers: Headers,
    /// Asked with credentials that the origin saw.
    personal: bool,
    authorized: bool,
}

#[derive(Default, Debug)]
struct Seen {
    steps: u64,
    from_store: u64,
    fresh: u64,
    stale: u64,
    revalidated: u64,
    partial: u64,
    not_modified: u64,
    pages: u64,
    spared: u64,
    put_aside: u64,
    rolled_back: u64,
    stood_in: u64,
    confirmed: u64,
}

#[test]
fn whole_histories_keep_the_promises() {
    let histories =
        std::env::var("BACKSOON_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000_u64);
    let mut seen = Seen::default();
    if let Some(one) = std::env::var("BACKSOON_HISTORY").ok().and_then(|n| n.parse().ok()) {
        return play(one, &mut seen, true);
    }
    for history in 0..histories {
        play(history, &mut seen, false);
    }
    println!("{histories} histories: {seen:?}");
    let least = histories / 50;
    for (what, count) in [("fresh", seen.fresh), ("stale", seen.stale), ("revalidated", seen.revalidated)] {
        assert!(count > least, "{what} is hardly ever reached: {seen:?}");
    }
    for (what, count) in [("partial", seen.partial), ("304", seen.not_modified), ("pages", seen.pages)] {
        assert!(count > least, "{what} is hardly ever reached: {seen:?}");
    }
    assert!(seen.spared > least, "the breaker hardly ever opens: {seen:?}");
    assert!(seen.put_aside > least, "hardly anything is put aside: {seen:?}");
    let least = histories / 1000;
    assert!(seen.confirmed > least, "hardly anything is confirmed: {seen:?}");
    assert!(seen.rolled_back > least && seen.stood_in > 0, "hardly anything comes back: {seen:?}");
}

fn play(history: u64, seen: &mut Seen, tell: bool) {
    let mut dice = Dice::new(history ^ 0xCAC4E);
    let mut story = Story::new(world::settings(&mut dice), 1_795_000_000_000);
    let quick = dice.once_in(2);
    if quick {
        story = story.with_breaker();
    }
    let mut outage = false;
    // A healthy site with visitors who go from page to page through two isolates, and at times says the same
    // everywhere.
    let sorry = !quick && dice.once_in(4);
    let (mut same, mut isolate) = (false, CatchAll::default());
    let made: RefCell<BTreeMap<u64, Made>> = RefCell::default();
    // Since when an address is known to be gone or forbidden for all.
    let mut ended: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..6 + dice.below(if sorry { 60 } else { 14 }) {
        story.now += match (quick, sorry && !dice.once_in(20)) {
            (true, _) => dice.below(2500),
            (_, true) => dice.below(20_000),
            (_, false) => world::step(&mut dice),
        };
        outage = if dice.once_in(6) { !outage } else { outage };
        story.dice = dice.below(1 << 32) as u32;
        seen.steps += 1;
        same = sorry && if same { !dice.once_in(15) } else { dice.once_in(8) };
        let mut request = world::request(&mut dice);
        if sorry && !dice.once_in(8) {
            let reloads = ("Cache-Control".to_owned(), "no-cache".to_owned());
            let headers = Headers(if outage { vec![] } else { vec![reloads] });
            request = RequestFacts { method: "GET".to_owned(), url: request.url, headers, body: false };
        }
        if sorry && dice.once_in(8) {
            std::mem::swap(&mut story.catch_all, &mut isolate);
        }
        let now = story.now;
        let answers = match dice.below(3) {
            _ if (quick || sorry) && outage => None,
            _ if sorry && !dice.once_in(40) => Some(world::good(&mut dice, now)),
            0 => Some(world::origin(&mut dice, now)),
            1 => Some(world::good(&mut dice, now)),
            _ => None,
        };
        let failing = if quick || sorry { outage } else { dice.once_in(3) };
        let (mut times, mut neutral) = (0_u32, 0_u32);
        let mut truth = None;
        let before = made.borrow().len() as u64;
        let mut origin = |method: &str, sent: &Headers| {
            // Nothing is gone before a request that carries nothing of a visitor's has confirmed it.
            let confirms = sent.value("user-agent").is_some_and(|agent| agent.contains("Backsoon"));
            times += u32::from(!confirms);
            neutral += u32::from(confirms);
            assert!(
                !sent.0.iter().any(|(n, _)| n.starts_with("backsoon-") && n != "backsoon-hop"),
                "{history}"
            );
            let mut head = match &answers {
                Some(Ok(head)) => head.clone(),
                Some(Err(thrown)) => return Err(thrown.clone()),
                None if failing => world::bad(now),
                None => world::plain(now),
            };
            if head.status == 200
                && sent.value("if-none-match").is_some_and(|tag| head.headers.value("etag") == Some(tag))
            {
                head.status = 304;
            }
            let serial = made.borrow().len() as u64;
            let personal = sent.values("cookie").any(|c| c.contains("sid"));
            let authorized = sent.has("authorization");
            assert!(
                !confirms || (!personal && !authorized && method == "GET"),
                "{history}: {method} {sent:?}"
            );
            if confirms && matches!(head.status, 404 | 410 | 451) {
                truth = Some(serial);
            }
            let record = Made {
                at: now,
                url: request.url.text(),
                status: head.status,
                headers: head.headers.clone(),
                personal,
                authorized,
            };
            made.borrow_mut().insert(serial, record);
            let body = if method == "HEAD" || head.status == 304 {
                String::new()
            } else {
                if same { format!("serial {serial}") } else { format!("serial {}", letters(serial)) }
            };
            if !body.is_empty() && !head.headers.has("content-length") {
                head.headers.0.push(("content-length".to_owned(), body.len().to_string()));
            }
            head.headers.0.push(("x-serial".to_owned(), serial.to_string()));
            Ok(Answer { status: head.status, headers: head.headers, body, ours: false })
        };
        let answer = story.ask(request.clone(), &mut origin);
        if tell {
            let (asked, got) = (&request.headers.0, &answer.headers.0);
            println!(
                "{now} {} {} {asked:?}\n    {} {got:?} {}",
                request.method,
                request.url.text(),
                answer.status,
                answer.body
            );
        }
        // One for each address that is confirmed, and one for the start page.
        assert!(neutral <= 4, "{history}: {neutral} neutral requests");
        seen.confirmed += u64::from(truth.is_some());
        let limit = if request.is_safe() { 2 } else { 1 };
        assert!(times <= limit, "{history}: {} was sent {times} times", request.method);
        if times == 0 && answer.ours && story.breaker.as_ref().is_some_and(|b| b.is_open()) {
            seen.spared += 1;
        }
        check(history, &story, &request, &answer, before, times, &made.borrow(), &ended, seen);
        if let Some(serial) = truth {
            ended.insert(request.url.text(), serial);
        }
        older(history, &story, &request, &made.borrow(), &ended, seen);
    }
    seen.rolled_back += story.rolled_back;
    seen.stood_in += story.stood_in;
}

/// Nothing private is put aside, and nothing that the origin has declared gone counts there.
fn older(
    history: u64,
    story: &Story,
    request: &RequestFacts,
    made: &BTreeMap<u64, Made>,
    ended: &BTreeMap<String, u64>,
    seen: &mut Seen,
) {
    let Plan::Watch(watch) = plan(request.clone(), &story.settings) else { return };
    let Some((older, body)) = older_key(&watch.key).and_then(|key| story.entry(&key)) else { return };
    seen.put_aside += 1;
    let serial = body.strip_prefix("serial ").and_then(number).expect("a serial number");
    private(history, &made[&serial]);
    assert!(older.good && older.generation == 1, "{history}: what is not good was put aside");
    let Some((newest, _)) = story.entry(&watch.key).filter(|(newest, _)| counts(newest, &older)) else {
        return;
    };
    assert!(newest.timing.responded_at >= older.timing.responded_at, "{history}: the older is the newer");
    let end = ended.get(&request.url.text());
    assert!(end.is_none_or(|end| serial >= *end), "{history}: what is gone is put aside still");
}

/// A number in letters.
fn letters(number: u64) -> String {
    format!("{number:04}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

fn number(text: &str) -> Option<u64> {
    let digit = |c: char| if ('a'..='j').contains(&c) { char::from(c as u8 - b'a' + b'0') } else { c };
    text.chars().map(digit).collect::<String>().parse().ok()
}

#[allow(clippy::too_many_arguments)]
fn check(
    history: u64,
    story: &Story,
    request: &RequestFacts,
    answer: &Answer,
    before: u64,
    asked: u32,
    made: &BTreeMap<u64, Made>,
    ended: &BTreeMap<String, u64>,
    seen: &mut Seen,
) {
    assert!(
        !answer.headers.0.iter().any(|(n, _)| n.starts_with("backsoon-")),
        "{history}: a field of ours leaks"
    );
    if answer.ours {
        if !matches!(plan(request.clone(), &story.settings), Plan::Own(_)) {
            seen.pages += 1;
            assert!((502..=504).contains(&answer.status), "{history}: a page with {}", answer.status);
        }
        return;
    }
    seen.partial += u64::from(answer.status == 206 && answer.headers.has("cache-status"));
    seen.not_modified += u64::from(answer.status == 304);
    let newest = answer.headers.value("x-serial").and_then(|n| n.parse::<u64>().ok());
    let body = answer.body.strip_prefix("serial ").and_then(number);
    // A 304 of the origin renews the fields, the body is the older one's.
    let Some(serial) = body.or(newest) else { return };
    if serial >= before {
        return;
    }
    seen.from_store += 1;
    let origin = &made[&serial];
    let fields = newest.map_or(origin, |n| &made[&n]);
    assert_eq!(origin.url, request.url.text(), "{history}: another address' body");
    assert!(matches!(request.method.as_str(), "GET" | "HEAD"), "{history}: {} from store", request.method);
    private(history, origin);
    private(history, fields);
    if let Some(end) = ended.get(&request.url.text()) {
        // An answer that says "gone" may itself be kept.
        assert!(
            serial >= *end || newest.is_some_and(|n| n >= *end),
            "{history}: shown after the origin was confirmed to say that it is gone"
        );
    }
    let now = story.now;
    let age: u64 = match answer.headers.value("age") {
        Some(age) => age.parse().unwrap_or_else(|_| panic!("{history}: age {age}")),
        None => panic!("{history}: from store without Age: {answer:?}"),
    };
    assert!(age >= now.saturating_sub(fields.at) / 1000, "{history}: age {age} is younger than its stay");
    let status = answer.headers.value("cache-status").unwrap_or_default();
    let control = control(&fields.headers);
    if newest.is_some_and(|n| n >= before) {
        seen.revalidated += 1;
    } else if status.contains("; hit") && asked == 0 && !status.contains("ttl=-") && !status.contains("ttl=0")
    {
        seen.fresh += 1;
        assert!(!control.contains("no-cache"), "{history}: unasked under {control}");
    } else {
        seen.stale += 1;
        assert!(
            !control.contains("no-cache") && !control.contains("revalidate;"),
            "{history}: stale under {control}"
        );
        for directive in ["must-revalidate", "proxy-revalidate"] {
            assert!(
                !control.contains(directive) || !is_stale(status, answer),
                "{history}: stale under {control}"
            );
        }
    }
}

/// Whether the answer itself says that its time is over.
fn is_stale(status: &str, answer: &Answer) -> bool {
    let lifetime = answer.headers.values("cache-control").find_map(|c| {
        let at = c.find("max-age=")?;
        c[at + 8..].split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    });
    let age = answer.headers.value("age").and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    status.contains("ttl=-") || lifetime.is_some_and(|lifetime| age > lifetime)
}

/// Nothing that was made for one visitor comes out of the store, for whomever.
fn private(history: u64, made: &Made) {
    let control = control(&made.headers);
    let for_all = control.contains("public") || control.contains("s-maxage");
    assert!(!made.headers.has("set-cookie"), "{history}: Set-Cookie came out of the store");
    assert!(
        !control.contains("private") && !control.contains("no-store"),
        "{history}: {control} came out of the store"
    );
    assert!(!made.personal || for_all, "{history}: made with a log-in cookie under {control:?}");
    let allowed = for_all || control.contains("must-revalidate");
    assert!(!made.authorized || allowed, "{history}: made with Authorization under {control:?}");
    assert!(
        !made.headers.values("vary").any(|v| v.contains('*')),
        "{history}: Vary: * came out of the store"
    );
    assert!(made.status != 206, "{history}: a part came out of the store as a whole");
}

fn control(headers: &Headers) -> String {
    let all: Vec<&str> = headers.values("cache-control").collect();
    all.join(",").to_ascii_lowercase()
}
