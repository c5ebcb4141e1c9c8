//! The visitors: sixty requests a second at fixed moments, whether or not the earlier ones are answered. Each
//! answer is read as a visitor would: is it the page, whole, of which age, or something else under a 200?

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use backsoon_tests::load::{Line, Reply};

use super::origin::{THANKS, WHOLE, mark};

/// Requests a second.
pub const RATE: u64 = 60;
/// So many visitors may be waiting at the same time.
const VISITORS: usize = 160;
/// A visitor who has waited so long has left.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many pages there are of each kind.
pub const PAGES: u64 = 30;
pub const STYLES: u64 = 10;
pub const GONE: u64 = 4;
pub const HOT: u64 = 5;
pub const API: u64 = 8;

/// What kind of page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Seen before the outage, stale after a second.
    Seen,
    /// Never asked for before.
    New,
    /// Taken away before the outage.
    Gone,
    /// Fresh throughout.
    Hot,
    /// An order: a POST, of whose fate a visitor must be told.
    Order,
}

/// One visit.
#[derive(Clone, Debug)]
pub struct Visit {
    pub kind: Kind,
    pub sent: Instant,
    pub took: Duration,
    /// 0 where none came.
    pub status: u16,
    /// The page itself, whole: the age of the site in which it was made.
    pub page: Option<u64>,
    /// Whether its body ended as promised: a browser sees it where it did not.
    pub whole: bool,
    /// Of an order: the visitor was thanked, or told that it was not sent or that nobody knows.
    pub told: bool,
}

impl Visit {
    /// Something else than the page under a 200.
    pub fn is_poison(&self) -> bool {
        self.status == 200 && self.page.is_none()
    }
}

/// The address of the n-th request of this folder, and its kind. As on most sites a first segment names a kind of
/// page, not the whole site.
fn wish(folder: &str, n: u64) -> (String, Kind) {
    // A fixed order that mixes the kinds: all servers are asked the same.
    let dice = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    match n % 12 {
        0 => (format!("/new/{folder}/{n}"), Kind::New),
        1 => (format!("/gone/{folder}/{}", dice % GONE), Kind::Gone),
        2 | 6 | 10 => (format!("/hot/{folder}/{}", dice % HOT), Kind::Hot),
        3 => (format!("/api/{folder}/{}.json", dice % API), Kind::Seen),
        9 if n % 24 == 9 => (format!("/order/{folder}?order={folder}-{n}"), Kind::Order),
        4 | 8 => (format!("/style/{folder}/{}.css", dice % STYLES), Kind::Seen),
        _ => (format!("/page/{folder}/{}", dice % PAGES), Kind::Seen),
    }
}

/// Everything of this folder that an outage should find kept.
pub fn all(folder: &str) -> Vec<String> {
    let of = |name: &str, count: u64, end: &str| -> Vec<String> {
        (0..count).map(|n| format!("/{name}/{folder}/{n}{end}")).collect()
    };
    let api = of("api", API, ".json");
    [of("page", PAGES, ""), of("style", STYLES, ".css"), api, of("gone", GONE, ""), of("hot", HOT, "")]
        .concat()
}

/// One visit to one address.
pub fn visit(line: &mut Line, path: &str, kind: Kind) -> Visit {
    let json = path.ends_with(".json") || (kind == Kind::Order && path.ends_with(['1', '5', '7']));
    let fields = match (json, path.ends_with(".css")) {
        (true, _) => "Accept: application/json\r\nSec-Fetch-Dest: empty\r\nAccept-Language: en\r\n",
        (_, true) => "Accept: text/css,*/*;q=0.1\r\nSec-Fetch-Dest: style\r\nAccept-Language: en\r\n",
        _ => NAVIGATION,
    };
    let sent = Instant::now();
    let reply = match kind {
        Kind::Order => line.post(path, fields, "flower=poppy"),
        _ => line.get(path, fields),
    };
    let Ok(reply) = reply else {
        return Visit { kind, sent, took: sent.elapsed(), status: 0, page: None, whole: false, told: false };
    };
    let text = String::from_utf8_lossy(&reply.body);
    let told = reply.status >= 500 && FATES.iter().any(|fate| text.contains(fate));
    Visit {
        kind,
        sent,
        took: reply.took,
        status: reply.status,
        page: age(&reply, path),
        whole: reply.whole,
        told: told || (reply.status == 200 && reply.body == THANKS.as_bytes()),
    }
}

const NAVIGATION: &str = "Accept: text/html,application/xhtml+xml\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nAccept-Language: en\r\n";
/// What tells the fate of an order, in HTML and in problem details.
const FATES: [&str; 4] = [
    "Your form was not sent",
    "We do not know if your form was sent",
    "\"request_processed\":\"no\"",
    "\"request_processed\":\"unknown\"",
];

fn age(reply: &Reply, path: &str) -> Option<u64> {
    let text = String::from_utf8_lossy(&reply.body);
    let (_, rest) = text.split_once(&mark(path))?;
    let whole = reply.status == 200 && reply.whole && rest.contains(WHOLE);
    if whole { rest.split_once(';')?.0.parse().ok() } else { None }
}

/// All visits until it is over: on a busy machine the story takes longer than it should.
pub fn visits(base: &str, folder: &str, over: &AtomicBool) -> Result<Vec<Visit>, String> {
    let (start, next, all) = (Instant::now(), AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let work = || -> Result<(), String> {
            let mut line = Line::to(base, PATIENCE)?;
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                let due = start + Duration::from_micros(n * 1_000_000 / RATE);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if over.load(Ordering::SeqCst) {
                    return Ok(());
                }
                let (path, kind) = wish(folder, n);
                let seen = visit(&mut line, &path, kind);
                all.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
            }
        };
        let threads: Vec<_> = (0..VISITORS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().map_err(|_| "a visitor's thread ended early".to_owned())??;
        }
        Ok::<(), String>(())
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}
