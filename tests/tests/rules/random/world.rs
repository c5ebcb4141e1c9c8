//! What visitors ask, what origins answer, how they fail, and how time passes.

use super::dice::Dice;
use backsoon::cache::freshness::Timing;
use backsoon::facts::Headers;
use backsoon::rescue::{AnswerHead, RequestFacts, Settings, Thrown, Url};
use backsoon::time::http_date;

const METHODS: [&str; 12] =
    ["GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"];
const ASKED: [&str; 26] = [
    "Cookie: sid=1",
    "Cookie: sid=1; _ga=2",
    "Cookie: _ga=2",
    "Cookie: __Host-backsoon=1; _gid=1",
    "Authorization: Bearer x",
    "Authorization: Bearer backsoon_x",
    "Accept: text/html",
    "Accept: text/html",
    "Accept: application/json",
    "Accept: text/plain",
    "Accept: */*",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Dest: image",
    "Sec-Fetch-Dest: empty",
    "Accept-Language: de",
    "Accept-Language: en, de",
    "Accept-Encoding: gzip",
    "Accept-Encoding: br, gzip;q=0",
    "Cache-Control: no-cache",
    "Cache-Control: no-store",
    "Range: bytes=0-0",
    "If-None-Match: \"1\"",
    "X-Forwarded-Host: evil.test",
    "X-Original-URL: /x",
    "Backsoon-Hop: shop.test",
    "backsoon-copy: 1",
];
const CONTROL: [&str; 22] = [
    "max-age=60",
    "max-age=0",
    "public",
    "public, max-age=600",
    "private",
    "PRIVATE, max-age=60",
    "no-store",
    "No-Store",
    "no-cache",
    "no-cache=\"x\"",
    "max-age=5, must-revalidate",
    "max-age=5, proxy-revalidate",
    "s-maxage=30",
    "s-maxage=1, stale-if-error=600",
    "max-age=1, stale-if-error=60",
    "must-revalidate, stale-if-error=60",
    "max-age=x",
    "max-age=99999999999999999999",
    "private=\"set-cookie\"",
    "immutable",
    ",,=,\"",
    "max-age=5, no-transform",
];
const ANSWERED: [&str; 22] = [
    "Set-Cookie: sid=2",
    "Set-Cookie: theme=dark; Path=/",
    "Vary: *",
    "Vary: Accept, *",
    "Vary: Cookie",
    "Vary: Accept-Language",
    "Vary: Accept-Encoding",
    "Vary: Authorization",
    "Content-Encoding: gzip",
    "Content-Type: text/html",
    "Content-Type: application/json",
    "Content-Type: text/event-stream",
    "Content-Length: 123",
    "Content-Length: 99999999999",
    "Age: 50",
    "Age: 4294967296000000",
    "Age: -5",
    "Date: Fri, 20 Nov 2026 00:00:00 GMT",
    "Date: nonsense",
    "Expires: Fri, 20 Nov 2037 00:00:00 GMT",
    "Retry-After: 5",
    "Backsoon-Copy: 1;req=0;res=0;status=200;gen=0",
];

pub fn settings(dice: &mut Dice) -> Settings {
    let mut settings = Settings { copies: !dice.once_in(10), ..Settings::default() };
    if dice.once_in(3) {
        settings.origin = Url::parse("http://origin.test");
    }
    if dice.once_in(3) {
        settings.max_copy_age_ms = 60_000;
    }
    settings
}

/// Mostly seconds, sometimes days, sometimes a clock that stands still.
pub fn step(dice: &mut Dice) -> u64 {
    match dice.below(10) {
        0 => 0,
        1 => dice.below(10 * 86_400_000),
        2..5 => dice.below(3_600_000),
        _ => dice.below(20_000),
    }
}

pub fn timing(now: u64, dice: &mut Dice) -> Timing {
    let delay = dice.below(3000);
    Timing { requested_at: now.saturating_sub(delay), responded_at: now }
}

pub fn request(dice: &mut Dice) -> RequestFacts {
    let mut headers = Headers::default();
    for _ in 0..dice.below(3) {
        push(&mut headers, dice.pick::<&str>(&ASKED));
    }
    let path = dice.pick(&["/", "/", "/", "/a", "/a", "/a?b=1", "/.well-known/backsoon/status"]);
    RequestFacts {
        method: (*dice.pick(&METHODS)).to_owned(),
        url: Url::parse(&format!("https://shop.test{path}")).expect("an address"),
        headers,
        body: dice.once_in(20),
    }
}

pub fn origin(dice: &mut Dice, now: u64) -> Result<AnswerHead, Thrown> {
    let status = match dice.below(20) {
        0..8 => 200,
        8..12 => *dice.pick(&[500, 502, 503, 504, 520, 522, 525, 530]),
        12 | 13 => *dice.pick(&[401, 403, 404, 410, 451]),
        14 => *dice.pick(&[100, 101, 103, 204, 206, 301, 304, 400, 429, 501, 599, 600, 999]),
        15 => dice.below(1100) as u16,
        16 | 17 => 200,
        _ => return Err(thrown(dice)),
    };
    let mut headers = Headers::default();
    if dice.once_in(2) {
        push(&mut headers, &format!("Cache-Control: {}", dice.pick(&CONTROL)));
    }
    if dice.once_in(2) {
        push(&mut headers, &format!("Date: {}", http_date(now)));
    }
    for _ in 0..dice.below(3) {
        push(&mut headers, dice.pick::<&str>(&ANSWERED));
    }
    Ok(AnswerHead { status, headers })
}

/// What a healthy origin answers: mostly cacheable, with validators.
pub fn good(dice: &mut Dice, now: u64) -> Result<AnswerHead, Thrown> {
    let mut headers = Headers::default();
    push(&mut headers, &format!("Date: {}", http_date(now)));
    push(&mut headers, "Content-Type: text/html");
    if !dice.once_in(4) {
        push(&mut headers, &format!("Cache-Control: {}", dice.pick(&HEALTHY)));
    }
    if !dice.once_in(3) {
        push(&mut headers, &format!("ETag: \"{}\"", dice.below(2)));
    }
    if dice.once_in(3) {
        push(
            &mut headers,
            &format!("Last-Modified: {}", http_date(now.saturating_sub(dice.below(10_000_000)))),
        );
    }
    if dice.once_in(4) {
        push(
            &mut headers,
            dice.pick::<&str>(&["Vary: Accept-Language", "Vary: Accept-Encoding", "Vary: Cookie"]),
        );
    }
    Ok(AnswerHead { status: 200, headers })
}

/// A plain page.
pub fn plain(now: u64) -> AnswerHead {
    let mut headers = Headers::default();
    push(&mut headers, &format!("Date: {}", http_date(now)));
    push(&mut headers, "ETag: \"1\"");
    AnswerHead { status: 200, headers }
}

/// A plain failure.
pub fn bad(now: u64) -> AnswerHead {
    let mut headers = Headers::default();
    push(&mut headers, &format!("Date: {}", http_date(now)));
    AnswerHead { status: 502, headers }
}

const HEALTHY: [&str; 8] = [
    "max-age=10",
    "max-age=600",
    "public, max-age=5",
    "s-maxage=20",
    "max-age=5, stale-while-revalidate=600",
    "max-age=5, stale-if-error=60",
    "max-age=30, must-revalidate",
    "no-cache",
];

fn thrown(dice: &mut Dice) -> Thrown {
    let message =
        *dice.pick(&["Network connection lost.", "internal error; reference = x", "timed out", "", "\u{0}é"]);
    Thrown {
        name: "Error".into(),
        message: message.into(),
        elapsed_ms: dice.below(9) as u32,
        own_timeout: dice.once_in(4),
    }
}

fn push(headers: &mut Headers, line: &str) {
    let (name, value) = line.split_once(": ").expect("name: value");
    headers.0.push((name.to_owned(), value.to_owned()));
}
