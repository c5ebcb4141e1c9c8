//! Random histories of two visitors who send fields that identify them, in front of an origin that lets any of those
//! fields change its answer. The origin marks each answer with what changed it, so the oracle needs no list of fields:
//! a marked answer may only reach a request with the same marks.
//!
//! `BACKSOON_IDENTITIES` sets how many histories are played, `BACKSOON_IDENTITY` plays one and tells it.

use crate::random::dice::Dice;
use crate::story::{Answer, Story};
use backsoon::facts::Headers;
use backsoon::rescue::{RequestFacts, Settings, Thrown, Url};

/// Fields by which a visitor may be known, or that make an origin answer as another site. None is in every browser.
const IDENTIFYING: [&str; 24] = [
    "Authorization",
    "Cookie",
    "X-Api-Key",
    "X-User",
    "X-Tenant-Id",
    "X-Forwarded-Host",
    "X-Original-URL",
    "X-Forwarded-Prefix",
    "X-Authenticated-User",
    "X-Amzn-Oidc-Identity",
    "X-Ms-Client-Principal",
    "Ssl-Client-Cert",
    "Remote-User",
    "X-Locale",
    "X-Currency",
    "X-Middleware-Subrequest",
    "Rsc",
    "Next-Router-State-Tree",
    "Hx-Target",
    "X-Shop",
    "Dpop",
    "Signature",
    "X-Pin",
    "X-A-Field-That-Nobody-Lists",
];

/// Fields that every browser may send; the origin does not look at them.
const USUAL: [(&str, &str); 10] = [
    ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, br"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Referer", "https://search.test/"),
    ("DNT", "1"),
    ("Cache-Control", "max-age=0"),
];

const CONTROLS: [&str; 12] = [
    "",
    "",
    "public, max-age=60",
    "max-age=60",
    "public",
    "s-maxage=60",
    "max-age=0, must-revalidate",
    "no-cache",
    "private",
    "no-store",
    "max-age=60, stale-if-error=600",
    "public, max-age=1, stale-while-revalidate=60",
];

struct World {
    /// Which identifying fields change an answer of this origin.
    looks_at: Vec<&'static str>,
    control: &'static str,
    vary: Vec<&'static str>,
    validator: bool,
    failing: bool,
    set_cookie: bool,
}

fn world(dice: &mut Dice, few: &[&'static str]) -> World {
    let looks_at: Vec<&str> = match few {
        [] => IDENTIFYING.iter().copied().filter(|_| dice.once_in(4)).collect(),
        few => few.to_vec(),
    };
    let vary =
        if dice.once_in(3) { looks_at.iter().copied().filter(|_| dice.once_in(2)).collect() } else { vec![] };
    World {
        vary,
        control: dice.pick::<&str>(&CONTROLS),
        validator: dice.once_in(2),
        failing: false,
        set_cookie: dice.once_in(8),
        looks_at,
    }
}

/// What of the request changed the answer: name and value of each field that the origin looks at.
fn marks(looks_at: &[&str], sent: &Headers) -> String {
    let mark = |name: &&str| {
        // In front of an origin the worker itself says for which host it asks.
        let values: Vec<&str> = sent.values(name).filter(|value| *value != "shop.test").collect();
        (!values.is_empty()).then(|| format!("[{name}={}]", values.join(",")))
    };
    looks_at.iter().filter_map(mark).collect()
}

/// The fields that reach the origin: in front of one the worker says itself for which host it asks.
fn reaching(sent: &Headers, in_front: bool) -> Headers {
    let own = |name: &str| in_front && name.eq_ignore_ascii_case("x-forwarded-host");
    Headers(sent.0.iter().filter(|(name, _)| !own(name)).cloned().collect())
}

fn request(dice: &mut Dice, visitor: usize, few: &[&'static str]) -> RequestFacts {
    let mut fields: Vec<(String, String)> = vec![];
    for (name, value) in USUAL {
        if !dice.once_in(5) {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    // A visitor shows who it is in some requests, and not in others.
    for name in IDENTIFYING {
        let sends = if few.is_empty() { dice.once_in(12) } else { few.contains(&name) && dice.once_in(2) };
        if sends {
            let value = match name {
                "Cookie" => format!("sid={visitor}"),
                "Authorization" => format!("Basic {visitor}"),
                _ => format!("v{visitor}"),
            };
            let name = if dice.once_in(4) { name.to_lowercase() } else { name.to_owned() };
            fields.push((name, value));
        }
    }
    let methods = ["GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "OPTIONS"];
    let method = dice.pick::<&str>(&methods).to_string();
    let address = dice.pick::<&str>(&["https://shop.test/", "https://shop.test/a?b=1"]);
    RequestFacts {
        body: method == "POST",
        method,
        url: Url::parse(address).expect("an address"),
        headers: Headers(fields),
    }
}

#[derive(Default, Debug)]
struct Seen {
    stored: u64,
    personal: u64,
    keyed: u64,
}

#[test]
fn no_answer_that_one_visitor_influenced_reaches_the_other() {
    let one = std::env::var("BACKSOON_IDENTITY").ok().and_then(|n| n.parse().ok());
    let histories =
        std::env::var("BACKSOON_IDENTITIES").ok().and_then(|n| n.parse().ok()).unwrap_or(3_000_u64);
    let mut seen = Seen::default();
    match one {
        Some(one) => play(one, &mut seen, true),
        None => (0..histories).for_each(|history| play(history, &mut seen, false)),
    }
    println!("{histories} histories: {seen:?}");
    let least = histories / 50;
    assert!(one.is_some() || (seen.stored > least && seen.personal > least), "too little happens: {seen:?}");
    assert!(one.is_some() || seen.keyed > 0, "no answer is keyed by a field in Vary: {seen:?}");
}

fn play(history: u64, seen: &mut Seen, tell: bool) {
    let mut dice = Dice::new(history ^ 0x1DE4);
    let settings = Settings {
        origin: dice.once_in(2).then(|| Url::parse("https://origin.test")).flatten(),
        ..Settings::default()
    };
    let in_front = settings.origin.is_some();
    let mut story = Story::new(settings, 1_795_000_000_000);
    // In some histories the visitors send few fields again and again, so that answers can be keyed by them.
    let few: Vec<&str> = if dice.once_in(3) { vec![*dice.pick(&IDENTIFYING)] } else { vec![] };
    let mut world = world(&mut dice, &few);
    for step in 0..8 + dice.below(12) {
        story.now += dice.below(90_000);
        if dice.once_in(4) {
            world.failing = !world.failing;
        }
        let request = request(&mut dice, step as usize % 2, &few);
        let mut asked = None;
        let now = story.now;
        let mut origin = |method: &str, sent: &Headers| {
            let mark = marks(&world.looks_at, sent);
            asked = Some(mark.clone());
            if world.failing {
                return Err(Thrown {
                    name: "Error".to_owned(),
                    message: "Network connection lost.".to_owned(),
                    elapsed_ms: 5,
                    own_timeout: false,
                });
            }
            let body = format!("<title>Shop</title><h1>Welcome</h1><p>{mark}</p>");
            let mut fields =
                vec![("date", backsoon::time::http_date(now)), ("content-type", "text/html".to_owned())];
            fields.push(("content-length", body.len().to_string()));
            fields.push(("x-mark", mark.clone()));
            if !world.control.is_empty() {
                fields.push(("cache-control", world.control.to_owned()));
            }
            if !world.vary.is_empty() {
                fields.push(("vary", world.vary.join(", ")));
            }
            if world.set_cookie {
                fields.push(("set-cookie", "sid=9".to_owned()));
            }
            let tag = format!("\"{}\"", mark.len());
            let known = sent.value("if-none-match") == Some(&tag);
            if world.validator {
                fields.push(("etag", tag));
            }
            let status = if world.validator && known { 304 } else { 200 };
            let body = if method == "HEAD" || status == 304 { String::new() } else { body };
            Ok(Answer { status, headers: fields.into_iter().collect(), body, ours: false })
        };
        let answer = story.ask(request.clone(), &mut origin);
        if tell {
            println!(
                "{step} {} {:?}\n    {} {:?}",
                request.method, request.headers.0, answer.status, answer.headers.0
            );
        }
        if answer.ours {
            continue;
        }
        let from_store = answer.headers.has("age");
        let mark = answer.headers.value("x-mark").unwrap_or_default();
        seen.stored += u64::from(from_store);
        seen.personal += u64::from(!from_store && !mark.is_empty());
        if from_store && !mark.is_empty() {
            // RFC 9111 §3.5: an origin may say that an answer to `Authorization` is for all, for its lifetime.
            let control = answer.headers.value("cache-control").unwrap_or_default();
            let for_all = ["public", "s-maxage", "must-revalidate"].iter().any(|word| control.contains(word));
            let alone = mark.starts_with("[Authorization") && mark.matches('[').count() == 1;
            if alone && for_all && !answer.headers.has("proxy-status") {
                continue;
            }
            // Only an answer whose Vary names each field that changed it may come from the store, and only to a
            // request that says the same.
            let named: String = marks(&world.vary, &reaching(&request.headers, in_front));
            assert_eq!(mark, named, "{history}: an answer made for another visitor");
            assert!(!mark.contains("[Cookie"), "{history}: an answer made for a cookie");
            seen.keyed += 1;
        }
        if !from_store && asked.is_some() {
            let own = marks(&world.looks_at, &request.headers);
            assert!(own.contains(mark) || mark.len() <= own.len(), "{history}: another visitor's answer");
        }
    }
}
