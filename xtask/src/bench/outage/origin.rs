//! The origin that fails: pages that are stale after a second, so that every cache has to ask, and the bad
//! origin's failures. Each page tells who it is and in which age of the site it was made; knows no cache.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use backsoon_tests::replay::{Failure, Port, Request, Script, serve};

/// The last words of every whole page: what lacks them was cut off.
pub const WHOLE: &str = "<!--whole-->";

/// An origin on a port of its own.
pub struct Origin {
    port: Port,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    failure: Mutex<Option<Failure>>,
    age: AtomicU64,
    asked: AtomicU64,
    /// Whether the pages under `/gone/` are gone.
    gone: AtomicBool,
}

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

    /// Fails so from now on: `refused`, or a name that the bad origin knows.
    pub fn fail(&self, kind: &str) -> Result<(), String> {
        if kind == "refused" {
            return self.port.close().map_err(|why| why.to_string());
        }
        *self.state.failure() = Some(Failure::parse(kind)?);
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

    /// How many requests arrived since the start.
    pub fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::SeqCst)
    }
}

impl State {
    fn failure(&self) -> std::sync::MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Script {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let failure = self.failure().clone();
        match failure.map(|failure| (failure.text(), failure)) {
            // An application that fails under 200 says of that page what it says of all.
            Some((name, _)) if name == "blank" => soft(request, ""),
            Some((name, _)) if name == "soft-error" => soft(request, ERROR),
            Some((_, failure)) => failure.script(request),
            None => self.healthy(request),
        }
    }

    fn healthy(&self, request: &Request) -> Script {
        let (path, head_only) = (request.path(), request.method == "HEAD");
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
        let kind = if path.ends_with(".css") { "text/css" } else { "text/html; charset=utf-8" };
        let headers = [("Content-Type", kind), ("Cache-Control", lifetime), ("ETag", tag.as_str())];
        if request.header("if-none-match") == Some(tag.as_str()) {
            return Script::answer(304, &headers, b"", true);
        }
        Script::answer(200, &headers, page(path, age, kind).as_bytes(), head_only)
    }
}

const ERROR: &str =
    "<!DOCTYPE html>\n<html lang=\"en\"><title>502 Bad Gateway</title>\n<h1>502 Bad Gateway</h1></html>\n";

fn soft(request: &Request, body: &str) -> Script {
    let headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "public, max-age=1")];
    Script::answer(200, &headers, body.as_bytes(), request.method == "HEAD")
}

/// How a page begins to say who it is.
pub fn mark(path: &str) -> String {
    format!("page {path} of age ")
}

fn page(path: &str, age: u64, kind: &str) -> String {
    let mark = mark(path);
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
