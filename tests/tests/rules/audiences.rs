//! Two visitors of a healthy origin, one of them known to it: whatever is stored, the known one gets the origin's own
//! complete answer. And which other address tells whether an origin is healthy.

use crate::cases::{Asked, answer};
use crate::random::dice::Dice;
use crate::story::{Answer, Story};
use backsoon::facts::Headers;
use backsoon::rescue::soft::second_look::{GoodAddress, Met, SecondLooks, Suspect};
use backsoon::rescue::soft::{Evidence, look};
use backsoon::rescue::{Plan, RequestFacts, Settings, StoredCopy, Thrown, Url, Watch, generations, plan};
use backsoon::{cache::freshness::Timing, time::http_date};

const BODIES: [(&str, &str); 10] = [
    ("text/html", "<title>Shop</title><h1>Shop</h1>FILLER</html>"),
    ("text/html", "<title>Shop</title><div id=app></div>"),
    ("text/html", "<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"),
    (
        "text/html",
        "<html><head><title>502 Bad Gateway</title></head><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center></html>",
    ),
    ("text/html", "Fatal error: out of memory"),
    ("text/html", ""),
    ("text/html", "<li>One new row</li>"),
    ("application/json", "{\"items\":[1,2,3]}"),
    ("application/json", "{\"error\":\"database unavailable\"}"),
    ("text/plain", " \n"),
];
const STATUSES: [u16; 12] = [200, 200, 200, 200, 200, 200, 201, 204, 302, 403, 404, 429];
const CONTROLS: [&str; 6] = ["", "", "private, no-store", "no-store", "max-age=0", "no-cache"];
const IDENTITIES: [&str; 3] =
    ["Cookie: session=ada", "Authorization: Bearer a", "Cookie: wordpress_logged_in_1=ada"];
const KINDS: [&[&str]; 5] = [
    &["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "User-Agent: Mozilla/5.0"],
    &["Accept: */*", "HX-Request: true"],
    &["Accept: application/json"],
    &["Accept: text/html", "User-Agent: Googlebot"],
    &["Accept: */*"],
];

fn pick<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[dice.below(all.len() as u64) as usize]
}

fn drawn(dice: &mut Dice, now: u64) -> Answer {
    let (kind, body) = *pick(dice, &BODIES);
    let status = *pick(dice, &STATUSES);
    let body = body.replace("FILLER", &"<p>Words of a good page.</p>".repeat(80));
    let body = if status == 204 { String::new() } else { body };
    let control = *pick(dice, &CONTROLS);
    let mut fields = vec![("content-type", kind.to_owned()), ("date", http_date(now))];
    if dice.below(2) == 0 {
        fields.push(("content-length", body.len().to_string()));
    }
    if !control.is_empty() {
        fields.push(("cache-control", control.to_owned()));
    }
    if status == 302 {
        fields.push(("location", "/elsewhere".to_owned()));
    }
    Answer { status, headers: fields.into_iter().collect(), body, ours: false }
}

#[test]
fn whoever_is_known_gets_the_origins_own_complete_answer() {
    let histories =
        std::env::var("BACKSOON_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000_u64);
    let (mut own, mut copies) = (0, 0);
    for history in 0..histories {
        let mut dice = Dice::new(history);
        let mut story = Story::new(Settings::default(), 1_795_000_000_000);
        for _ in 0..4 + dice.below(8) {
            story.now += dice.below(100_000);
            // Others may find whatever they like at other addresses, but a neutral request met no trouble.
            story.evidence = Evidence {
                failures: dice.below(2) == 0,
                spread: dice.below(2) == 0,
                look: if dice.below(2) == 0 { None } else { Some(false) },
                ..Evidence::default()
            };
            let identity = if dice.below(2) == 0 { None } else { Some(*pick(&mut dice, &IDENTITIES)) };
            let fields: Vec<String> =
                pick(&mut dice, &KINDS).iter().copied().chain(identity).map(str::to_owned).collect();
            let request = RequestFacts {
                method: "GET".to_owned(),
                url: Url::parse("https://shop.test/home").expect("an address"),
                headers: crate::cases::lines(&fields),
                body: false,
            };
            let fails = identity.is_none() && dice.below(4) == 0;
            let sent = drawn(&mut dice, story.now);
            let mut origin = |_: &str, _: &Headers| -> Result<Answer, Thrown> {
                Ok(if fails { Answer { status: 502, ..sent.clone() } } else { sent.clone() })
            };
            let got = story.ask(request, &mut origin);
            copies += u32::from(identity.is_none() && got.body != sent.body);
            if identity.is_some() {
                own += 1;
                assert_eq!(
                    (got.status, &got.body),
                    (sent.status, &sent.body),
                    "{history}: {fields:?} {sent:?}"
                );
            }
        }
    }
    println!("{histories} histories: {own} own answers, {copies} copies or pages for others");
    assert!(own > histories && u64::from(copies) > histories / 10);
}

fn watch(path: &str, fields: &[&str]) -> Box<Watch> {
    let asked = Asked {
        request: format!("GET https://shop.test{path}"),
        headers: fields.iter().map(|field| (*field).to_owned()).collect(),
        ..Asked::default()
    };
    match plan(asked.facts(), &asked.settings()) {
        Plan::Watch(watch) => watch,
        _ => panic!("not watched"),
    }
}

fn page(word: &str) -> String {
    format!("<title>{word}</title><h1>{word}</h1>{}</html>", "<p>Words of a good page.</p>".repeat(60))
}

fn good(path: &str, fields: &[&str], body: &str) -> Option<GoodAddress> {
    let watch = watch(path, fields);
    let head = answer(200, &["content-type: text/html".to_owned()]);
    let copy = StoredCopy::new(&watch, &head, Timing::default(), true).seen(&look(body.as_bytes()));
    GoodAddress::of(
        &watch,
        &StoredCopy { print: generations::print(Some("text/html"), body.as_bytes()), ..copy },
    )
}

const BROWSER: [&str; 3] = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "User-Agent: Mozilla/5.0"];

fn suspect(watch: &Watch, in_place_of_good: bool) -> Suspect<'_> {
    Suspect { watch, print: Some(7), in_place_of_good }
}

#[test]
fn only_what_anybody_may_ask_for_again_is_looked_at() {
    assert!(good("/a", &BROWSER, "a").is_some());
    for (path, extra) in [
        ("/unsubscribe?token=1", "X-Nothing: 1"),
        ("/a", "Cookie: session=ada"),
        ("/a", "Authorization: Basic YQ=="),
        ("/a", "HX-Request: true"),
        ("/a", "Cache-Control: no-store"),
    ] {
        let fields: Vec<&str> = BROWSER.iter().copied().chain([extra]).collect();
        assert!(good(path, &fields, "a").is_none(), "{path} {extra}");
    }
    let platforms = ["CF-Connecting-IP: 192.0.2.7", "X-Forwarded-For: 192.0.2.7", "Referer: /me"];
    let fields: Vec<&str> = BROWSER.iter().copied().chain(platforms).collect();
    let sent = good("/a", &fields, "a").expect("a good address").request().headers;
    let own = ["cf-connecting-ip", "x-forwarded-for", "referer"];
    assert!(own.iter().all(|name| !sent.has(name)), "{sent:?}");
}

#[test]
fn one_look_at_a_time_at_another_address_and_its_outcome_is_shared() {
    let mut looks = SecondLooks::default();
    let (a, b) = (watch("/a", &BROWSER), watch("/b", &BROWSER));
    let (evidence, next) = looks.consult(suspect(&a, false), 0);
    assert_eq!((evidence, next), (Evidence::default(), None), "nothing else is known");
    looks.answered_well(good("/a", &BROWSER, &page("A")).expect("good"), 1);
    assert_eq!(looks.consult(suspect(&a, false), 2).1, None, "its own address tells nothing");
    let (evidence, next) = looks.consult(suspect(&b, false), 3);
    let next = next.expect("a look");
    assert!(evidence.pending && next.request().url.path == "/a");
    for now in 4..3000 {
        let (evidence, again) = looks.consult(suspect(&b, false), now);
        assert!(evidence.pending && again.is_none(), "one at a time");
    }
    looks.looked(&next, Met { trouble: Some(true), print: Some(7) }, 3000);
    let (evidence, again) = looks.consult(suspect(&b, false), 3001);
    assert_eq!((evidence.look, evidence.same, evidence.pending), (Some(true), true, false));
    let again = again.expect("trouble is looked after before it is forgotten");
    looks.looked(&again, Met { trouble: Some(false), print: None }, 3100);
    assert_eq!(looks.consult(suspect(&b, false), 3101).0.look, Some(false));
    let mine = watch("/b", &["Accept: text/html", "Cookie: session=ada"]);
    assert!(!looks.consult(suspect(&mine, true), 3102).0.spread, "who is known confirms nothing");
    // Nobody waits for the same body again.
    let (evidence, none) = looks.consult(suspect(&b, false), 40_000);
    assert_eq!((evidence.look, evidence.pending, none), (Some(false), false, None));
    let other = Suspect { print: Some(8), ..suspect(&b, false) };
    assert!(looks.consult(other, 40_001).0.pending, "another body is another suspicion");
}

#[test]
fn a_lost_look_and_one_that_tells_nothing_stop_no_later_one() {
    let mut looks = SecondLooks::default();
    let b = watch("/b", &BROWSER);
    for path in ["/a", "/c"] {
        looks.answered_well(good(path, &BROWSER, &page(path)).expect("good"), 1);
    }
    let first = looks.consult(suspect(&b, false), 0).1.expect("a look");
    let second = looks.consult(suspect(&b, false), 7000).1.expect("the first is lost");
    assert_eq!(first.request().url, second.request().url);
    looks.looked(&second, Met { trouble: None, print: None }, 7100);
    assert!(!looks.consult(suspect(&b, false), 7101).0.pending);
    let third = looks.consult(suspect(&b, false), 10_000).1.expect("a look");
    assert_ne!(third.request().url, second.request().url, "what is gone is not asked again");
}

#[test]
fn errors_in_place_of_good_copies_at_two_addresses_are_a_sign() {
    let mut looks = SecondLooks::default();
    let (a, b) = (watch("/a", &BROWSER), watch("/b", &BROWSER));
    assert!(!looks.consult(suspect(&a, true), 0).0.spread);
    assert!(!looks.consult(suspect(&a, true), 1).0.spread, "the same address is one");
    assert!(!looks.consult(suspect(&b, false), 2).0.spread, "there was nothing good");
    assert!(looks.consult(suspect(&b, true), 3).0.spread);
    assert!(!looks.consult(suspect(&a, true), 20_000).0.spread, "long ago");
    let ada = watch("/c", &["Accept: text/html", "Cookie: session=ada"]);
    let (evidence, _) = looks.consult(suspect(&ada, true), 20_001);
    assert!(!evidence.spread && evidence.same, "others met the very same");
    assert!(!looks.consult(suspect(&b, false), 20_002).0.spread);
    assert!(looks.consult(suspect(&b, true), 20_003).0.spread, "two anonymous ones, not three");
    let other = Suspect { print: Some(8), ..suspect(&ada, true) };
    assert!(!looks.consult(other, 20_004).0.same);
}

#[test]
fn a_look_is_judged_by_what_its_address_was() {
    let watch = watch("/a", &BROWSER);
    let shell = "<title>Shop</title><div id=app></div>";
    let known = |body: &str| good("/a", &BROWSER, body).expect("good");
    let print = |body: &str| generations::print(Some("text/html"), body.as_bytes());
    let head = |status: u16| answer(status, &["content-type: text/html".to_owned()]);
    for (before, status, body, suspect, trouble) in [
        (page("A"), 200, page("A"), "x", Some(false)),
        (page("A"), 200, page("B"), "x", Some(false)),
        (page("A"), 200, shell.to_owned(), "x", None),
        (page("A"), 200, shell.to_owned(), shell, Some(true)),
        (shell.to_owned(), 200, shell.to_owned(), shell, Some(false)),
        (page("A"), 200, page("Tea time"), &*page("Tea time"), Some(true)),
        (page("A"), 200, String::new(), "x", Some(true)),
        (page("A"), 502, page("A"), "x", Some(true)),
        (page("A"), 999, page("A"), "x", Some(true)),
        (page("A"), 404, page("A"), "x", None),
        (page("A"), 403, page("A"), "x", None),
        (page("A"), 302, String::new(), "x", None),
    ] {
        let met = known(&before).judge(&watch, Some((&head(status), body.as_bytes())), print(suspect));
        assert_eq!(met.trouble, trouble, "{status} {body:.30}");
    }
    assert_eq!(known(&page("A")).judge(&watch, None, None).trouble, Some(true));
}

#[test]
fn strangers_do_not_push_out_what_answered_well_more_often() {
    let mut looks = SecondLooks::default();
    for now in 0..3 {
        looks.answered_well(good("/", &BROWSER, &page("Home")).expect("good"), now);
    }
    for n in 0..100 {
        looks.answered_well(good(&format!("/made-up-{n}"), &BROWSER, &page("x")).expect("good"), 10 + n);
    }
    let b = watch("/b", &BROWSER);
    assert_eq!(looks.consult(suspect(&b, false), 1000).1.expect("a look").request().url.path, "/");
}
