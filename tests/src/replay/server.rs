//! The bad origin as one value: start it, ask for its addresses, switch it, drop it.

use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::captured;
use super::connection;
use super::control::{self, Seen};
use super::failure::Failure;
use super::listen::Port;
use super::mode::Mode;
use super::request::Request;
use super::script::Script;
use super::shop;

/// How to start.
pub struct Options {
    /// The site's port; 0 for any free one.
    pub port: u16,
    /// The port of `/__control` and `/__seen`, which stays open when the site's is closed; 0 for any free one.
    pub control_port: u16,
    /// The folder of the captures.
    pub captures: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        let captures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
        Self { port: 0, control_port: 0, captures }
    }
}

/// A running bad origin; it ends when it is dropped.
pub struct BadOrigin {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    captures: PathBuf,
    state: Mutex<State>,
    site: OnceLock<Port>,
    control: OnceLock<Port>,
    /// Never opened: what connects to it is refused.
    refused: OnceLock<Port>,
}

#[derive(Default)]
pub(super) struct State {
    pub mode: Mode,
    pub seen: Vec<Seen>,
}

impl BadOrigin {
    /// Starts it; an error is about a port that cannot be had.
    pub fn start(options: Options) -> io::Result<Self> {
        let inner = Arc::new(Inner {
            captures: options.captures,
            state: Mutex::default(),
            site: OnceLock::new(),
            control: OnceLock::new(),
            refused: OnceLock::new(),
        });
        let site = port(&inner, options.port, Inner::answer_site)?;
        let control = port(&inner, options.control_port, Inner::answer_control)?;
        let refused = port(&inner, 0, Inner::answer_control)?;
        site.open()?;
        control.open()?;
        let _ = (inner.site.set(site), inner.control.set(control), inner.refused.set(refused));
        Ok(Self { inner })
    }

    /// `http://127.0.0.1:N` of the site.
    pub fn url(&self) -> String {
        self.inner.url()
    }

    /// The same of the control port.
    pub fn control_url(&self) -> String {
        self.inner.control_url()
    }

    /// The same of a port that refuses every connection.
    pub fn refused_url(&self) -> String {
        self.inner.refused_url()
    }

    /// Switches the site.
    pub fn switch(&self, mode: Mode) -> io::Result<()> {
        self.inner.switch(mode)
    }

    /// What the site does now.
    pub fn mode(&self) -> Mode {
        self.inner.state().mode.clone()
    }

    /// Whether the mode can be switched to: a capture may be missing or hold nothing to replay.
    pub fn check(&self, mode: &Mode) -> Result<(), String> {
        self.inner.check(mode)
    }

    /// The requests received since the start, or since `forget_seen`.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.state().seen.clone()
    }

    /// Empties that log.
    pub fn forget_seen(&self) {
        self.inner.state().seen.clear();
    }
}

impl Drop for BadOrigin {
    fn drop(&mut self) {
        for port in [&self.inner.site, &self.inner.control] {
            let _ = port.get().map(Port::close);
        }
    }
}

/// A port whose connections do not keep the origin alive.
fn port(inner: &Arc<Inner>, number: u16, answer: fn(&Inner, &Request) -> Script) -> io::Result<Port> {
    let inner = Arc::downgrade(inner);
    Port::take(
        number,
        Arc::new(move |stream: Arc<TcpStream>| {
            let Some(inner) = inner.upgrade() else { return };
            connection::serve(stream, |request| answer(&inner, request));
        }),
    )
}

impl Inner {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn url(&self) -> String {
        self.site.get().map(Port::url).unwrap_or_default()
    }

    pub fn control_url(&self) -> String {
        self.control.get().map(Port::url).unwrap_or_default()
    }

    pub fn refused_url(&self) -> String {
        self.refused.get().map(Port::url).unwrap_or_default()
    }

    pub fn switch(&self, mode: Mode) -> io::Result<()> {
        self.state().mode = mode.clone();
        match (self.site.get(), mode) {
            (Some(site), Mode::Refused) => site.close(),
            (Some(site), Mode::Unaccepted) => site.fill(),
            (Some(site), _) => site.open(),
            (None, _) => Ok(()),
        }
    }

    /// What the site's port answers.
    fn answer_site(&self, request: &Request) -> Script {
        if request.path().starts_with("/__") {
            return self.answer_control(request);
        }
        self.state().note(request);
        if let Some(id) = request.path().strip_prefix("/capture/") {
            return self.answer_capture(id, request);
        }
        if let Some(kind) = request.path().strip_prefix("/fail/") {
            return match Failure::parse(kind) {
                Ok(failure) => failure.script(request),
                Err(why) => control::refusal(404, &why),
            };
        }
        let mode = self.state().mode.clone();
        match mode {
            // A connection that was opened before the switch.
            Mode::Refused | Mode::Unaccepted => Script::raw(vec![], super::script::End::Reset),
            Mode::Healthy => shop::answer(request),
            Mode::Capture(id) => self.answer_capture(&id, request),
            Mode::Fail(failure) => failure.script(request),
        }
    }

    fn answer_control(&self, request: &Request) -> Script {
        control::answer(self, request)
    }

    fn answer_capture(&self, id: &str, request: &Request) -> Script {
        captured::script(&self.captures, id, request).unwrap_or_else(|why| control::refusal(404, &why))
    }

    /// Whether the capture, where it is one, exists and can be replayed.
    pub fn check(&self, mode: &Mode) -> Result<(), String> {
        match mode {
            Mode::Capture(id) => captured::script(&self.captures, id, &Request::default()).map(|_| ()),
            _ => Ok(()),
        }
    }
}

impl State {
    /// Notes a request; the oldest go first when there are too many.
    fn note(&mut self, request: &Request) {
        const KEPT: usize = 10_000;
        if self.seen.len() >= KEPT {
            self.seen.remove(0);
        }
        self.seen.push(Seen::of(request));
    }
}
