//! The origin that fails: pages that are stale after a second, so that every cache has to ask, and the bad
//! origin's failures. Each page tells who it is and in which age of the site it was made; knows no cache.

use std::collections::HashMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backsoon_tests::replay::{Failure, Port, Request, Script, Step, serve};

/// The last words of every whole page: what lacks them was cut off.
pub const WHOLE: &str = "<!--whole-->";

/// An origin on a port of its own.
pub struct Origin {
    port: Port,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    failure: Mutex<Option<Failing>>,
    /// How often each order has arrived.
    orders: Mutex<HashMap<String, u32>>,
    age: AtomicU64,
    asked: AtomicU64,
    /// Whether the pages under `/gone/` are gone.
    gone: AtomicBool,
}

/// How it fails, and since when.
#[derive(Clone)]
struct Failing {
    how: How,
    since: Instant,
}

#[derive(Clone)]
enum How {
    /// One of the bad origin's.
    Bad(Failure),
    /// Of this site alone: what such a failure does depends on the page, the clock or the load.
    Own(&'static str),
}

/// Failures of this site alone, beside those of the bad origin.
const OWN: &[&str] = &[
    // Every page is whole and right, and comes after five seconds.
    "slow",
    // An error or nothing under 200 with the page's own fields, as an application does it, with its length or in chunks.
    "soft-error",
    "soft-lengths",
    "soft-chunked",
    "blank",
    "blank-chunked",
    "error-json",
    // Well and 502 in turn, each 0.7 s.
    "flapping",
    // Of ten requests four are refused at once, three come after three seconds, three are answered.
    "overload",
];

impl Origin {
    /// Starts it, healthy.
    pub fn start() -> Result<Self, String> {
        let state = Arc::new(State::default());
        let own = state.clone();
        let answer = move |stream: Arc<TcpStream>| serve(stream, |request| own.answer(request));
        let port = Port::take(0, Arc::new(answer)).map_err(|why| format!("an origin's port: {why}"))?;
        port.open().map_err(|why| format!("an origin's port: {why}"))?;
        Ok(Self { port, state })
    }

    /// `http://127.0.0.1:N`.
    pub fn url(&self) -> String {
        self.port.url()
    }

    /// Fails so from now on: `refused`, `connect-timeout`, or a name that the bad origin knows.
    pub fn fail(&self, kind: &str) -> Result<(), String> {
        match kind {
            "refused" => return self.port.close().map_err(|why| why.to_string()),
            "connect-timeout" => return self.port.fill().map_err(|why| why.to_string()),
            _ => {}
        }
        let how = match OWN.iter().find(|own| **own == kind) {
            Some(own) => How::Own(own),
            None => How::Bad(Failure::parse(kind)?),
        };
        *self.state.failure() = Some(Failing { how, since: Instant::now() });
        Ok(())
    }

    /// Is well again, and everything on it is new.
    pub fn mend(&self) -> Result<(), String> {
        *self.state.failure() = None;
        self.state.age.fetch_add(1, Ordering::SeqCst);
        self.port.open().map_err(|why| why.to_string())
    }

    /// Takes the pages under `/gone/` away, or puts them back.
    pub fn gone(&self, gone: bool) {
        self.state.gone.store(gone, Ordering::SeqCst);
    }

    /// In which age of the site a page is made now.
    pub fn age(&self) -> u64 {
        self.state.age.load(Ordering::SeqCst)
    }

    /// Orders that arrived more than once since the start.
    pub fn replayed(&self) -> u32 {
        let orders = self.state.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.values().map(|times| times - 1).sum()
    }

    /// How many requests arrived since the start.
    pub fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::SeqCst)
    }
}

impl State {
    fn failure(&self) -> std::sync::MutexGuard<'_, Option<Failing>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Script {
        let count = self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(number) = request.query("order") {
            let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            *orders.entry(number.to_owned()).or_default() += 1;
        }
        let failing = self.failure().clone();
        match failing {
            None => self.healthy(request),
            Some(Failing { how: How::Bad(failure), .. }) => failure.script(request),
            Some(Failing { how: How::Own(name), since }) => self.fail_so(name, since, count, request),
        }
    }

    fn fail_so(&self, name: &str, since: Instant, count: u64, request: &Request) -> Script {
        let late = |ms| {
            let whole = self.healthy(request);
            let pause = Step::Pause(Duration::from_millis(ms));
            Script { steps: [vec![pause], whole.steps].concat(), end: whole.end }
        };
        match name {
            "slow" => late(5000),
            "blank" => soft(request, "", false),
            "blank-chunked" => soft(request, "", true),
            "soft-chunked" => soft(request, ERROR, true),
            // As long as its address: at every page another length.
            "soft-lengths" => {
                let says =
                    format!("<p>{} is not here.</p>", request.path()).repeat(1 + request.path().len() % 7);
                soft(request, &ERROR.replace("</html>", &format!("{says}</html>")), false)
            }
            "error-json" if request.path().contains("/api/") => {
                let headers = [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=1")];
                let body = br#"{"error":"upstream_unavailable","message":"The database is not there."}"#;
                Script::answer(200, &headers, body, request.method == "HEAD")
            }
            "flapping" if (since.elapsed().as_millis() / 700) % 2 == 1 => self.healthy(request),
            "overload" if count % 10 < 3 => late(3000),
            "overload" if count % 10 < 6 => self.healthy(request),
            "overload" => Failure::Status(503).script(request),
            "flapping" => Failure::Status(502).script(request),
            _ => soft(request, ERROR, false),
        }
    }

    fn healthy(&self, request: &Request) -> Script {
        let (path, head_only) = (request.path(), request.method == "HEAD");
        if request.method == "POST" {
            let headers = [("Content-Type", "text/html"), ("Cache-Control", "no-store")];
            return Script::answer(200, &headers, THANKS.as_bytes(), false);
        }
        if path.contains("/gone/") && self.gone.load(Ordering::SeqCst) {
            // Some say of the answer itself that it is not to be kept, some do not: both are met.
            let quiet: &[_] = &[("Content-Type", "text/html")];
            let said: &[_] = &[("Content-Type", "text/html"), ("Cache-Control", "no-store")];
            let headers = if path.ends_with('0') || path.ends_with('2') { quiet } else { said };
            return Script::answer(
                410,
                headers,
                b"<title>Gone</title><p>This page was taken away.",
                head_only,
            );
        }
        let age = self.age.load(Ordering::SeqCst);
        let lifetime = if path.contains("/hot/") { "public, max-age=3600" } else { "public, max-age=1" };
        let tag = format!("\"{age}-{}\"", path.replace('/', "-"));
        let kind = match path.rsplit_once('.') {
            Some((_, "css")) => "text/css",
            Some((_, "json")) => "application/json",
            _ => "text/html; charset=utf-8",
        };
        let headers = [("Content-Type", kind), ("Cache-Control", lifetime), ("ETag", tag.as_str())];
        if request.header("if-none-match") == Some(tag.as_str()) {
            return Script::answer(304, &headers, b"", true);
        }
        Script::answer(200, &headers, page(path, age, kind).as_bytes(), head_only)
    }
}

const ERROR: &str =
    "<!DOCTYPE html>\n<html lang=\"en\"><title>502 Bad Gateway</title>\n<h1>502 Bad Gateway</h1></html>\n";

/// What a visitor reads whose order has arrived.
pub const THANKS: &str = "<!doctype html><title>Thank you</title><h1>Thank you for your order</h1>";

fn soft(request: &Request, body: &str, chunked: bool) -> Script {
    let mut headers =
        vec![("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "public, max-age=1")];
    if !chunked {
        return Script::answer(200, &headers, body.as_bytes(), request.method == "HEAD");
    }
    headers.push(("Transfer-Encoding", "chunked"));
    Script::chunked(200, &headers, body.as_bytes())
}

/// How a page begins to say who it is.
pub fn mark(path: &str) -> String {
    format!("page {path} of age ")
}

fn page(path: &str, age: u64, kind: &str) -> String {
    let mark = mark(path);
    if kind == "application/json" {
        let items = r#"{"name":"poppy","price":2.4,"said":"Cut at dawn."},"#.repeat(12);
        return format!(r#"{{"is":"{mark}{age};","items":[{items}null],"end":"{WHOLE}"}}"#);
    }
    if kind == "text/css" {
        return format!(
            "/* {mark}{age}; */\n{}/* {WHOLE} */\n",
            "p { margin: 0 auto; color: #234; }\n".repeat(50)
        );
    }
    let text =
        "<p>Poppies, cornflowers and marigolds, cut at dawn and on your table by noon.</p>\n".repeat(25);
    format!(
        "<!doctype html><html lang=\"en\"><head><title>Flowers of the week</title></head><body>\n\
         <h1>Flowers</h1><p>This is {mark}{age};</p>\n{text}<a href=\"/\">More</a>{WHOLE}</body></html>\n"
    )
}
