//! A kept answer: its head, when it came, and for which requests it stands.
//!
//! Everything that decides about its use is computed from the origin's own fields when it is used, so a
//! copy is only its head and its timing. How and where it is stored, this module does not know; it only
//! writes and reads the fields under which a platform cache holds it.

use crate::cache::directives::Directives;
use crate::cache::freshness::{self, Lifetime, StaleRule, Timing};
use crate::cache::vary::{self, Selecting};
use crate::facts::Headers;
use crate::rescue::fields::{is_hop_by_hop, is_ours};
use crate::rescue::judge::AnswerHead;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::rescue::soft::Sight;
use crate::status::structured::{Bare, Item, read_item, read_list};
use crate::time::Millis;

/// A stored answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredCopy {
    /// The origin's head, without fields of the connection.
    pub head: AnswerHead,
    /// When it was asked for and came.
    pub timing: Timing,
    /// The request fields that its `Vary` names.
    pub selecting: Selecting,
    /// Whether it may be shown when the origin fails; else it is a cache entry only.
    pub good: bool,
    /// The page's title and how many bytes of text it has, where somebody looked.
    pub title: Option<String>,
    /// See `title`.
    pub text: Option<u32>,
    /// Whether it says that what was kept before must not be shown any more ("gone", "forbidden").
    pub ends: bool,
    /// When the address was first stored since the last time it was forgotten: variants that share it belong
    /// together.
    pub since: Millis,
    /// 0 for the newest, 1 for the one before it.
    pub generation: u8,
    /// Tells its content from another (`generations::print`), where it was good by its head.
    pub print: Option<u64>,
    /// When this content first came.
    pub changed: Millis,
    /// When the one before it was last put aside; 0 for never.
    pub shifted: Millis,
}

/// Why a copy cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyRefusal {
    /// Copies are switched off.
    Off,
    /// The request is of a kind that no copy answers.
    Request,
    /// There is none.
    None,
    /// It is older than the owner allows.
    TooOld,
    /// It is another visitor's variant.
    Variant,
    /// The request has credentials and the copy is not said to be for all.
    Authorization,
    /// The origin forbade to use it stale, by this directive.
    Forbidden(&'static str),
    /// The owner wants it forgotten.
    Forgotten,
    /// It is past the origin's own `stale-if-error`.
    PastStaleIfError,
}

impl CopyRefusal {
    /// A stable word for `Cache-Status` and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Request => "request",
            Self::None => "no-copy",
            Self::TooOld => "copy-too-old",
            Self::Variant => "other-variant",
            Self::Authorization => "authorization",
            Self::Forbidden(directive) => directive,
            Self::Forgotten => "forgotten",
            Self::PastStaleIfError => "past-stale-if-error",
        }
    }
}

/// How old a usable copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyAge {
    /// Seconds since the origin made or validated it.
    pub age_s: u64,
    /// Seconds of freshness left; negative when stale.
    pub ttl_s: i64,
    /// The directive that forbids to show it, and that the owner overrides here.
    pub overrides: Option<&'static str>,
}

/// Fields that platform caches act on or write themselves (local workerd's its own `Date`), kept under another
/// name while stored.
const HIDDEN: [&str; 10] = [
    "age",
    "cache-control",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "date",
    "expires",
    "pragma",
    "surrogate-control",
    "vary",
    "x-accel-expires",
];

/// Fields that are about the passage through our own platform, not about the page.
const PASSAGE: [&str; 8] = [
    "alt-svc",
    "cache-status",
    "cf-cache-status",
    "cf-ray",
    "nel",
    "proxy-status",
    "report-to",
    "set-cookie",
];

const META: &str = "backsoon-copy";
const SELECTING: &str = "backsoon-selecting";
const HIDDEN_PREFIX: &str = "backsoon-was-";

impl StoredCopy {
    /// The copy that an answer makes.
    pub fn new(watch: &Watch, answer: &AnswerHead, timing: Timing, good: bool) -> Self {
        let keep = |name: &str| {
            !is_hop_by_hop(name, &answer.headers)
                && !is_ours(name)
                && !PASSAGE.contains(&lower(name).as_str())
        };
        let headers = answer.headers.0.iter().filter(|(name, _)| keep(name)).cloned().collect();
        // What the origin was sent decides: analytics cookies were stripped before.
        let selecting = vary::selecting(&answer.headers, watch.sent_headers());
        Self {
            head: AnswerHead { status: answer.status, headers: Headers(headers) },
            timing,
            selecting,
            good,
            title: None,
            text: None,
            ends: false,
            since: timing.responded_at,
            generation: 0,
            print: None,
            changed: timing.responded_at,
            shifted: 0,
        }
    }

    /// The same with what was seen of its body, for comparing later answers with it.
    #[must_use]
    pub fn seen(self, sight: &Sight) -> Self {
        Self { title: Some(sight.title.clone()), text: Some(sight.text), ..self }
    }

    /// The fields under which a platform cache holds it for `max_age_s` seconds.
    pub fn write(&self, max_age_s: u64) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = vec![];
        for (name, value) in &self.head.headers.0 {
            let name = lower(name);
            let name = if HIDDEN.contains(&name.as_str()) { format!("{HIDDEN_PREFIX}{name}") } else { name };
            fields.push((name, value.clone()));
        }
        let integer = |number: u64| Bare::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let meta = Item::new(Bare::Integer(1))
            .with("req", integer(self.timing.requested_at))
            .with("res", integer(self.timing.responded_at))
            .with("status", integer(self.head.status.into()))
            .with("since", integer(self.since))
            .with("gen", integer(self.generation.into()))
            .with("changed", integer(self.changed))
            .with("shifted", integer(self.shifted))
            .with("good", Bare::Boolean(self.good));
        let meta = match self.print {
            Some(print) => meta.with("print", integer(print)),
            None => meta,
        };
        let meta = match self.text {
            Some(text) => meta.with("text", integer(text.into())),
            None => meta,
        };
        let meta = match &self.title {
            Some(title) => meta.with("title", Bare::String(escape(title))),
            None => meta,
        };
        fields.push((META.to_owned(), meta.write()));
        let selecting: Vec<String> = self.selecting.iter().map(write_selecting).collect();
        if !selecting.is_empty() {
            fields.push((SELECTING.to_owned(), selecting.join(", ")));
        }
        fields.push(("cache-control".to_owned(), format!("public, max-age={max_age_s}")));
        fields
    }

    /// Reads what `write` wrote; `None` for anything else.
    pub fn read(stored: Headers) -> Option<Self> {
        let meta = read_item(stored.value(META)?)?;
        if meta.value != Bare::Integer(1) {
            return None;
        }
        let number = |key: &str| meta.integer(key).and_then(|n| u64::try_from(n).ok());
        let timing = Timing { requested_at: number("req")?, responded_at: number("res")? };
        let mut selecting = vec![];
        for item in stored.value(SELECTING).map(read_list).unwrap_or(Some(vec![]))? {
            let Bare::String(name) = &item.value else { return None };
            selecting.push((name.clone(), item.text("is").map(unescape)));
        }
        let mut headers = stored;
        headers.0.retain_mut(|(name, _)| {
            name.make_ascii_lowercase();
            if let Some(own) = name.strip_prefix(HIDDEN_PREFIX) {
                *name = own.to_owned();
                return true;
            }
            !HIDDEN.contains(&name.as_str()) && !is_ours(name) && !PASSAGE.contains(&name.as_str())
        });
        Some(Self {
            head: AnswerHead { status: u16::try_from(number("status")?).ok()?, headers },
            timing,
            selecting,
            good: meta.flag("good"),
            title: meta.text("title").map(unescape),
            text: number("text").and_then(|n| u32::try_from(n).ok()),
            ends: false,
            since: number("since")?,
            generation: u8::try_from(number("gen")?).ok()?,
            print: number("print"),
            // Absent in what an earlier release has stored.
            changed: number("changed").unwrap_or(timing.responded_at),
            shifted: number("shifted").unwrap_or(0),
        })
    }

    /// Whether the copy may be shown for a failed request, and how old it then is.
    pub fn usable(&self, watch: &Watch, settings: &Settings, now: Millis) -> Result<CopyAge, CopyRefusal> {
        if !settings.copies {
            return Err(CopyRefusal::Off);
        }
        if !watch.request.reads() {
            return Err(CopyRefusal::Request);
        }
        if !self.good {
            return Err(CopyRefusal::None);
        }
        if self.timing.responded_at < watch.forgotten_before {
            return Err(CopyRefusal::Forgotten);
        }
        let headers = &self.head.headers;
        if !vary::fits(&self.selecting, headers, watch.sent_headers()) {
            return Err(CopyRefusal::Variant);
        }
        if watch.request.headers.has("authorization") && !says_public(headers) {
            return Err(CopyRefusal::Authorization);
        }
        if now.saturating_sub(self.timing.responded_at) > settings.max_copy_age_ms {
            return Err(CopyRefusal::TooOld);
        }
        let age = self.age(now);
        let refusal = match freshness::stale_rule(headers) {
            // RFC 9111 §5.2.2.4: not even fresh without asking the origin.
            StaleRule::Forbidden("no-cache") => CopyRefusal::Forbidden("no-cache"),
            _ if age.ttl_s > 0 => return Ok(age),
            StaleRule::Allowed => return Ok(age),
            StaleRule::AllowedFor(seconds) if age.ttl_s.unsigned_abs() <= seconds => return Ok(age),
            StaleRule::AllowedFor(_) => CopyRefusal::PastStaleIfError,
            StaleRule::Forbidden(directive) => CopyRefusal::Forbidden(directive),
        };
        let owner_wants = settings.stale_anyway.iter().any(|p| p.matches(&watch.request.url.path));
        if owner_wants { Ok(CopyAge { overrides: Some(refusal.as_str()), ..age }) } else { Err(refusal) }
    }

    /// The copy as it is stored with a body of so many bytes. The platform hands bodies over decoded: a
    /// coding that it undoes is no longer one of the copy, and what named those very bytes names them no more.
    #[must_use]
    pub fn with_body_length(mut self, bytes: u64) -> Self {
        let headers = &mut self.head.headers.0;
        let is = |name: &str, field: &str| name.eq_ignore_ascii_case(field);
        let undone = |coding: &str| matches!(coding.trim().to_ascii_lowercase().as_str(), "gzip" | "br");
        let decoded = headers.iter().any(|(name, value)| is(name, "content-encoding") && undone(value));
        headers
            .retain(|(name, _)| !(is(name, "content-length") || (decoded && is(name, "content-encoding"))));
        headers.push(("content-length".to_owned(), bytes.to_string()));
        // RFC 9110 §8.8.3: a strong tag is of the bytes; a weak one still confirms at the origin.
        for (name, value) in headers.iter_mut() {
            if decoded && is(name, "etag") && !value.starts_with("W/") {
                *value = format!("W/{value}");
            }
        }
        self
    }

    /// Bytes of the stored body, where its head tells.
    pub fn body_length(&self) -> Option<u64> {
        self.head.headers.value("content-length").and_then(|length| length.trim().parse().ok())
    }

    /// Age and what is left of freshness.
    pub fn age(&self, now: Millis) -> CopyAge {
        let lifetime = freshness::lifetime(self.head.status, &self.head.headers, self.timing.responded_at);
        self.age_by(lifetime, now)
    }

    /// The same where the lifetime is known already.
    pub fn age_by(&self, lifetime: Lifetime, now: Millis) -> CopyAge {
        let age_s = freshness::age_s(&self.head.headers, self.timing, now);
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        CopyAge { age_s, ttl_s: signed(lifetime.seconds()).saturating_sub(signed(age_s)), overrides: None }
    }
}

/// RFC 9111 §3.5: with these the origin allows an answer for one to be used for all.
fn says_public(headers: &Headers) -> bool {
    let control = Directives::read(headers, "cache-control");
    control.has("public") || control.has("s-maxage")
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn write_selecting((name, value): &(String, Option<String>)) -> String {
    let item = Item::new(Bare::String(name.clone()));
    match value {
        Some(value) => item.with("is", Bare::String(escape(value))).write(),
        None => item.write(),
    }
}

/// Structured field strings hold printable ASCII only: `%` and the rest travel as code points.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ' '..='~' if c != '%' => out.push(c),
            _ => out.push_str(&format!("%{:x};", u32::from(c))),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some((code, tail)) = after.split_once(';') else { return out };
        out.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    out.push_str(rest);
    out
}
