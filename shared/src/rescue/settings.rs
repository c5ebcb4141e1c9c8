//! The owner's settings: `[vars]` of wrangler.toml, read into values that are always usable.
//!
//! A wrong value never takes the site down: it falls back to its default and becomes a `Problem`. Where
//! the pairs come from is the caller's business.

mod local;
mod table;

use crate::breaker::Rules;
use crate::page::{self, Owner};
use crate::rescue::harmless;
use crate::rescue::paths::{Pattern, patterns};
use crate::rescue::request::Url;
use crate::text::readable_host;
use crate::time::{Millis, parse_rfc3339};

pub use local::{Local, Value};
pub use table::{KEYS, Key, as_markdown};

/// Which status a fallback page carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackStatus {
    /// Always 503, which search engines and clients understand as "come back".
    ServiceUnavailable,
    /// The origin's own 502 or 504, or the one that fits the failure.
    Origin,
}

/// All settings, each usable as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In front of any origin: where it is. `None` on a route of one's own zone.
    pub origin: Option<Url>,
    /// A second server, asked for what only reads where there is neither origin nor copy.
    pub secondary_origin: Option<Url>,
    /// How long to wait for the head of the origin's answer, in milliseconds.
    pub timeout_ms: u32,
    /// How long a visitor waits for the origin where there is a copy to show, in milliseconds; 0: as long as
    /// anybody else.
    pub copy_after_ms: u32,
    /// How long after it was stored a copy may be shown, in milliseconds.
    pub max_copy_age_ms: u64,
    /// Largest body that is kept, in bytes.
    pub max_copy_bytes: u64,
    /// Whether stored answers are given while they are fresh, as a cache does.
    pub cache: bool,
    /// When the origin is no longer asked, and how it is let come back.
    pub breaker: Rules,
    /// Whether copies are kept and shown at all.
    pub copies: bool,
    /// Where copies are shown although the origin forbids to use them stale.
    pub stale_anyway: Vec<Pattern>,
    /// What was stored of these paths before the time is as if it were not there.
    pub forget: Vec<(Pattern, Millis)>,
    /// How long copies are shown while a firewall of the site refuses everybody, in seconds; 0: not at all.
    pub refusal_outage_s: u32,
    /// Whether a copied HTML page carries a note from when it is.
    pub copy_note: bool,
    /// Whether the origin's own 503 page with `Retry-After` is shown to visitors without a copy.
    pub error_page_pass_through: bool,
    /// Status of the fallback page.
    pub fallback_status: FallbackStatus,
    /// What the site is called on the fallback page; its host where empty.
    pub site_name: Option<String>,
    /// How visitors reach somebody: a mail address, `tel:` link, `https:` address, or words.
    pub contact: Option<String>,
    /// Address of the site's status page.
    pub status_page: Option<String>,
    /// Colour of the fallback page.
    pub colour: Option<String>,
    /// Logo of the fallback page, as a `data:` address.
    pub logo: Option<String>,
    /// A sentence of the owner's for visitors during an outage.
    pub message: Option<String>,
    /// When the owner expects the site back.
    pub eta: Option<Millis>,
    /// Names of further cookies that identify nobody; `*` at the end stands for any rest.
    pub analytics_cookies: Vec<String>,
    /// Whether the order of a query's parameters does not matter.
    pub sort_query: bool,
    /// Where anonymous answers are kept for outages although `Set-Cookie`, `private` or `no-store` stands in the way.
    pub override_no_store: Vec<Pattern>,
    /// Names of further request fields that change no answer and identify nobody, lower-case; `*` at the end stands for
    /// any rest.
    pub harmless_fields: Vec<String>,
    /// Smallest wait between tries that a fallback page asks for, in seconds.
    pub retry_after_s: u32,
    /// Pages that the fallback page may link to, where there is a copy of them.
    pub pages: Vec<page::Copy>,
    /// What differs by path, the most specific last; with it stands what is set for all. `at` reads it.
    pub locals: Vec<Local>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            origin: None,
            secondary_origin: None,
            timeout_ms: local::TIMEOUT_MS,
            copy_after_ms: local::COPY_AFTER_MS,
            max_copy_age_ms: local::MAX_COPY_AGE_MS,
            max_copy_bytes: 10_000_000,
            cache: true,
            breaker: Rules::default(),
            copies: true,
            stale_anyway: vec![],
            forget: vec![],
            refusal_outage_s: 1800,
            copy_note: true,
            error_page_pass_through: false,
            fallback_status: FallbackStatus::ServiceUnavailable,
            site_name: None,
            contact: None,
            status_page: None,
            colour: None,
            logo: None,
            message: None,
            eta: None,
            analytics_cookies: vec![],
            sort_query: false,
            override_no_store: vec![],
            harmless_fields: vec![],
            retry_after_s: 15,
            pages: vec![],
            locals: vec![],
        }
    }
}

/// A setting that could not be used as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key as written.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// What would have been right, as a noun phrase.
    pub expected: String,
}

impl Settings {
    /// Reads pairs of key and value. Of a key given twice the last one counts. Never fails: what cannot
    /// be used keeps its default and is named among the problems.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<Problem>) {
        let mut settings = Self::default();
        let mut problems = vec![];
        for (key, value) in pairs {
            let expected = match table::key(key) {
                None => Some(table::unknown(key)),
                // An empty value is the wrangler.toml way to leave a setting at its default.
                Some(_) if value.trim().is_empty() => None,
                Some(known) => match settings.set(key, value.trim()) {
                    Some(()) => None,
                    None => Some(known.expected.to_owned()),
                },
            };
            if let Some(expected) = expected {
                problems.push(Problem { key: key.to_owned(), value: value.to_owned(), expected });
            }
        }
        (settings, problems)
    }

    /// Whether the owner says that this request field is harmless.
    pub fn vouches_for(&self, name: &str) -> bool {
        self.harmless_fields.iter().any(|entry| harmless::is_meant(entry, name))
    }

    /// Whether the owner lets anonymous answers of this path be kept for outages although the origin refuses.
    pub fn overrides_no_store(&self, path: &str) -> bool {
        self.override_no_store.iter().any(|pattern| pattern.matches(path))
    }

    /// What the fallback page shows of the owner's. A site without a name is called by its host.
    pub fn owner(&self, host: &str) -> Owner {
        Owner {
            name: Some(self.site_name.clone().unwrap_or_else(|| readable_host(host))),
            message: self.message.clone(),
            eta_ms: self.eta,
            contact: self.contact.clone(),
            status_page: self.status_page.clone(),
            colour: self.colour.clone(),
            logo: self.logo.clone(),
        }
    }

    /// `None` where the value is not what the key expects; then nothing has changed.
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "ORIGIN" => self.origin = Some(origin(value)?),
            "SECONDARY_ORIGIN" => self.secondary_origin = Some(origin(value)?),
            "TIMEOUT_MS"
            | "COPY_AFTER_MS"
            | "MAX_COPY_AGE_S"
            | "CACHE"
            | "COPIES"
            | "ORIGIN_ERROR_PAGE_PASS_THROUGH" => {
                self.set_by_path(key, value)?;
            }
            "MAX_COPY_BYTES" => self.max_copy_bytes = number(value, 1024, 25_000_000)?,
            "BREAKER_FAILURES" => self.breaker.failures = number(value, 0, 100)? as u32,
            "PROBE_MS" => self.breaker.probe_ms = number(value, 200, 60_000)? as u32,
            "RAMP_MS" => self.breaker.ramp_ms = number(value, 0, 600_000)? as u32,
            "STALE_ANYWAY" => self.stale_anyway = patterns(value)?,
            "PURGE_BEFORE" => self.forget = forget(value)?,
            "REFUSAL_OUTAGE_S" => self.refusal_outage_s = number(value, 0, 86_400)? as u32,
            "COPY_NOTE" => self.copy_note = switch(value)?,
            "FALLBACK_STATUS" => {
                self.fallback_status = match value {
                    "503" => FallbackStatus::ServiceUnavailable,
                    "origin" => FallbackStatus::Origin,
                    _ => return None,
                }
            }
            "SITE_NAME" => self.site_name = Some(line(value, 80)?),
            "CONTACT" => self.contact = Some(contact(value)?),
            "STATUS_PAGE" => self.status_page = Some(secure(value)?),
            "COLOUR" => self.colour = Some(colour(value)?),
            "LOGO" => self.logo = Some(logo(value)?),
            "MESSAGE" => self.message = Some(line(value, 280)?),
            "ETA" => self.eta = Some(parse_rfc3339(value)?),
            "ANALYTICS_COOKIES" => self.analytics_cookies = cookie_names(value)?,
            "SORT_QUERY" => self.sort_query = switch(value)?,
            "OVERRIDE_NO_STORE" => self.override_no_store = patterns(value)?,
            "HARMLESS_FIELDS" => self.harmless_fields = field_names(value)?,
            "RETRY_AFTER_S" => self.retry_after_s = number(value, 1, 3600)? as u32,
            "PAGES" => self.pages = pages(value)?,
            _ => return None,
        }
        Some(())
    }
}

/// Scheme and host alone: a path, a query or a user name would be lost without anybody noticing.
fn origin(value: &str) -> Option<Url> {
    let url = Url::parse(value)?;
    let alone = url.path == "/" && url.query.is_none() && !value.contains('#');
    if alone && is_reachable(&url.host) { Some(url) } else { None }
}

/// Whether a platform takes the host and its port for such: with another one every request would fail.
fn is_reachable(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, "0"),
    };
    let port = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    // An address of version 6 stands in brackets.
    port && (name.starts_with('[') || !name.contains(':')) && !name.contains(['^', '|'])
}

fn number(value: &str, least: u64, most: u64) -> Option<u64> {
    let number = value.parse::<u64>().ok()?;
    if (least..=most).contains(&number) { Some(number) } else { None }
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}

fn line(value: &str, most: usize) -> Option<String> {
    let plain = value.chars().count() <= most && !value.chars().any(char::is_control);
    if plain { Some(value.to_owned()) } else { None }
}

/// Words are allowed, but nothing that looks like a link and is not one of the harmless kinds.
fn contact(value: &str) -> Option<String> {
    let text = line(value, 200)?;
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("https") => secure(&text),
        Some("mailto" | "tel") | None => Some(text),
        // "Call us: 555 0100" has a blank after its colon, a link never has.
        Some(_) if text.contains(": ") => Some(text),
        Some(_) => None,
    }
}

fn secure(value: &str) -> Option<String> {
    let url = Url::parse(value)?;
    if url.scheme == "https" { Some(value.to_owned()) } else { None }
}

/// The page itself says which colours and pictures it can show.
fn colour(value: &str) -> Option<String> {
    let owner = Owner { colour: Some(value.to_owned()), ..Owner::default() };
    if page::check(&owner).is_empty() { owner.colour } else { None }
}

fn logo(value: &str) -> Option<String> {
    let owner = Owner { logo: Some(value.to_owned()), ..Owner::default() };
    if page::check(&owner).is_empty() { owner.logo } else { None }
}

fn pages(value: &str) -> Option<Vec<page::Copy>> {
    let one = |text: &str| {
        let (path, title) = text.split_once(' ').unwrap_or((text, ""));
        let title = line(title.trim(), 80)?;
        Some(page::Copy { path: page::own_path(path)?.to_owned(), title })
    };
    let pages: Vec<page::Copy> = value.split(',').map(|text| one(text.trim())).collect::<Option<_>>()?;
    if pages.len() <= page::COPIES_SHOWN { Some(pages) } else { None }
}

/// `/path@time`, several separated by commas or blanks.
fn forget(value: &str) -> Option<Vec<(Pattern, Millis)>> {
    let entry = |text: &str| {
        let (path, time) = text.rsplit_once('@')?;
        Some((Pattern::parse(path)?, parse_rfc3339(time)?))
    };
    value.split([',', ' ']).filter(|part| !part.is_empty()).map(entry).collect()
}

fn cookie_names(value: &str) -> Option<Vec<String>> {
    let names: Vec<String> = value.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    // A bare `*` would call every log-in cookie harmless.
    let usable = |name: &String| {
        name.trim_end_matches('*').len() >= 2
            && name.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@;:\\\"/[]?={}".contains(&b))
            && !name.trim_end_matches('*').contains('*')
    };
    if names.iter().all(usable) { Some(names) } else { None }
}

fn field_names(value: &str) -> Option<Vec<String>> {
    let names: Vec<String> =
        value.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_ascii_lowercase).collect();
    let usable = |name: &String| {
        let begin = name.strip_suffix('*').unwrap_or(name);
        begin.len() >= 2
            && begin.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&b))
            // Nobody's log-in is harmless.
            && !["cookie", "authorization", "proxy-authorization"].iter().any(|no| harmless::is_meant(name, no))
    };
    if names.iter().all(usable) { Some(names) } else { None }
}
