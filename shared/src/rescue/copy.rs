//! A kept answer: its head, when it came, and for which requests it stands.
//!
//! Everything that decides about its use is computed from the origin's own fields when it is used, so a
//! copy is only its head and its timing. How and where it is stored, this module does not know; `form` only
//! writes and reads the field in which a platform cache holds it.

pub mod form;

use crate::cache::directives::Policy;
use crate::cache::ending;
use crate::cache::freshness::{self, Lifetime, StaleRule, Timing};
use crate::cache::near_variant;
use crate::cache::vary::{self, Selecting};
use crate::facts::Headers;
use crate::rescue::acting::acts;
use crate::rescue::fields::{hop_by_hop, is_of_passage, is_ours};
use crate::rescue::judge::AnswerHead;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::rescue::soft::Sight;
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
    /// Kept for outages only: it is never fresh.
    pub outage_only: bool,
    /// Whether the body ends as a document of its type does (`</html>`); `false` where nobody looked.
    pub has_end: bool,
    /// When the origin was confirmed to refuse this address (401, 403, 451), and by which status: nobody is shown the
    /// entry until a good answer replaces it.
    pub suspended: Option<(u16, Millis)>,
    /// When a successful unsafe request changed the address, and how: the entry is not fresh any more.
    pub outdated: Option<(Change, Millis)>,
}

/// How a successful unsafe request changed an address (RFC 9111 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// By a method such as POST or PUT: in an outage the entry may be shown, labelled as older than the change.
    Changed,
    /// By DELETE: the entry is not shown before the origin has confirmed that the address is still there.
    Deleted,
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
    /// The origin was confirmed to refuse the address.
    Suspended,
    /// The address was deleted, and nobody has seen it since.
    Deleted,
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
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
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

impl StoredCopy {
    /// The copy that an answer makes.
    pub fn new(watch: &Watch, answer: &AnswerHead, timing: Timing, good: bool) -> Self {
        let of_connection = hop_by_hop(&answer.headers);
        let keep = |name: &str, value: &str| {
            !of_connection(name) && !is_ours(name) && !is_of_passage(name) && !acts(name, value)
        };
        let fields = &answer.headers.0;
        let headers = fields.iter().filter(|(name, value)| keep(name, value)).cloned().collect();
        let acting = fields.iter().any(|(name, value)| acts(name, value));
        // What the origin was sent decides: analytics cookies were stripped before.
        let selecting = vary::selecting(&answer.headers, watch.sent_headers());
        Self {
            head: AnswerHead { status: answer.status, headers: Headers(headers) },
            timing,
            selecting,
            good,
            title: None,
            text: None,
            since: timing.responded_at,
            generation: 0,
            print: None,
            changed: timing.responded_at,
            shifted: 0,
            // Each visitor asks the origin for what acts; a page where a part should be is a lure or a catch-all. Only
            // an outage shows them.
            outage_only: acting || ending::is_page_for_a_part(&watch.request.url.path, &answer.headers),
            has_end: false,
            suspended: None,
            outdated: None,
        }
    }

    /// The same with what was seen of its body, for comparing later answers with it.
    #[must_use]
    pub fn seen(self, sight: &Sight) -> Self {
        Self { title: Some(sight.title.clone()), text: Some(sight.text), ..self }
    }

    /// The origin was confirmed to refuse the address. No variant and no generation from before counts any more.
    pub fn suspend(&mut self, status: u16, at: Millis) {
        self.suspended = Some((status, at));
        self.since = at;
    }

    /// An unsafe request has changed the address. After a deletion nothing from before counts any more.
    pub fn outdate(&mut self, change: Change, at: Millis) {
        self.outdated = Some((change, at));
        if change == Change::Deleted {
            self.since = at;
        }
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
        if self.suspended.is_some() {
            return Err(CopyRefusal::Suspended);
        }
        if matches!(self.outdated, Some((Change::Deleted, _))) {
            return Err(CopyRefusal::Deleted);
        }
        let headers = &self.head.headers;
        if !near_variant::fits_in_outage(&self.selecting, headers, watch.sent_headers()) {
            return Err(CopyRefusal::Variant);
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
        let path = &watch.request.url.path;
        let owner_wants = settings.stale_anyway.iter().any(|pattern| pattern.matches(path))
            || (self.outage_only && settings.overrides_no_store(path));
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
        self.sight(&Policy::read(&self.head.headers), now).1
    }

    /// The lifetime, and the age, by directives that are read already.
    pub fn sight(&self, policy: &Policy, now: Millis) -> (Lifetime, CopyAge) {
        let headers = &self.head.headers;
        let dated = freshness::dated(headers);
        let created = dated.unwrap_or(self.timing.responded_at);
        let lifetime = freshness::lifetime_by(policy, self.head.status, headers, created);
        let age_s = freshness::age_by(dated, headers, self.timing, now);
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let ttl_s = signed(lifetime.seconds()).saturating_sub(signed(age_s));
        (lifetime, CopyAge { age_s, ttl_s, overrides: None })
    }
}
