//! `Cache-Status` (RFC 9211): whether a cache answered, and if not, why it went on.

use crate::facts::Headers;
use crate::status::OUR_NAME;
use crate::status::structured::{Bare, Item, add, read_list, start, string, token_or_string};

/// Why a request went forward (RFC 9211 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// The cache does not handle such requests.
    Bypass,
    /// The method demands it.
    Method,
    /// Nothing is stored for this address.
    UriMiss,
    /// Something is stored, but not for these request fields.
    VaryMiss,
    /// Nothing fits, by address or fields.
    Miss,
    /// The request's own directives demand it.
    Request,
    /// What is stored is no longer fresh.
    Stale,
    /// Only a part is stored.
    Partial,
}

impl Forward {
    const ALL: [Self; 8] = [
        Self::Bypass,
        Self::Method,
        Self::UriMiss,
        Self::VaryMiss,
        Self::Miss,
        Self::Request,
        Self::Stale,
        Self::Partial,
    ];

    /// The registered word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Method => "method",
            Self::UriMiss => "uri-miss",
            Self::VaryMiss => "vary-miss",
            Self::Miss => "miss",
            Self::Request => "request",
            Self::Stale => "stale",
            Self::Partial => "partial",
        }
    }
}

/// One member: what one cache says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheStatus {
    /// The cache's name for itself; foreign text where read.
    pub cache: String,
    /// Answered from store without asking.
    pub hit: bool,
    /// Why it asked.
    pub forward: Option<Forward>,
    /// The status that it received then.
    pub forward_status: Option<u16>,
    /// Seconds of freshness left; negative when stale.
    pub ttl_s: Option<i64>,
    /// The answer was stored.
    pub stored: bool,
    /// The request shared another one's answer.
    pub collapsed: bool,
    /// The cache's key.
    pub key: Option<String>,
    /// More of the cache's own words.
    pub detail: Option<String>,
}

impl CacheStatus {
    /// Ours: answered from store.
    pub fn hit(ttl_s: i64) -> Self {
        Self { cache: OUR_NAME.to_owned(), hit: true, ttl_s: Some(ttl_s), ..Self::default() }
    }

    /// Ours: the origin was asked; `status` is what it answered, if it did.
    pub fn forwarded(forward: Forward, status: Option<u16>) -> Self {
        let cache = OUR_NAME.to_owned();
        Self { cache, forward: Some(forward), forward_status: status, ..Self::default() }
    }

    /// The same with a word on why.
    #[must_use]
    pub fn because(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }

    /// Whether this cache shows what it keeps because whoever it asks failed, or was not asked though what is
    /// kept is no longer fresh (RFC 9211 §2.2, §2.3, §2.4).
    pub fn stands_in(&self) -> bool {
        let failed = self.forward_status.is_some_and(|status| status >= 500);
        (self.forward == Some(Forward::Stale) && failed)
            || (self.hit && self.ttl_s.is_some_and(|ttl| ttl < 0))
    }

    /// The member as text.
    pub fn write(&self) -> String {
        let mut out = start(&token_or_string(&self.cache));
        if self.hit {
            add(&mut out, "hit", &Bare::Boolean(true));
        }
        if let Some(forward) = self.forward {
            add(&mut out, "fwd", &Bare::Token(forward.as_str().to_owned()));
        }
        if let Some(status) = self.forward_status {
            add(&mut out, "fwd-status", &Bare::Integer(i64::from(status)));
        }
        if let Some(ttl) = self.ttl_s {
            add(&mut out, "ttl", &Bare::Integer(ttl.clamp(-999_999_999_999_999, 999_999_999_999_999)));
        }
        if self.stored {
            add(&mut out, "stored", &Bare::Boolean(true));
        }
        if self.collapsed {
            add(&mut out, "collapsed", &Bare::Boolean(true));
        }
        if let Some(key) = &self.key {
            add(&mut out, "key", &string(key));
        }
        if let Some(detail) = &self.detail {
            add(&mut out, "detail", &token_or_string(detail));
        }
        out
    }

    /// All members of all `Cache-Status` fields, the one nearest to the origin first.
    pub fn read(headers: &Headers) -> Vec<Self> {
        headers.values("cache-status").filter_map(read_list).flatten().filter_map(|i| Self::of(&i)).collect()
    }

    fn of(item: &Item) -> Option<Self> {
        let (Bare::Token(cache) | Bare::String(cache)) = &item.value else { return None };
        let word = item.text("fwd");
        Some(Self {
            cache: cache.clone(),
            hit: item.flag("hit"),
            forward: Forward::ALL.into_iter().find(|f| Some(f.as_str()) == word),
            forward_status: item.integer("fwd-status").and_then(|n| u16::try_from(n).ok()),
            ttl_s: item.integer("ttl"),
            stored: item.flag("stored"),
            collapsed: item.flag("collapsed"),
            key: item.text("key").map(str::to_owned),
            detail: item.text("detail").map(str::to_owned),
        })
    }
}
