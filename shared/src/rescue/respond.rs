//! The fields that an answer carries: what is taken from it, what is added, and what we say of it.

use crate::cache::serve::{Served, serve};
use crate::facts::Headers;
use crate::rescue::choose::Rescue;
use crate::rescue::copy::{CopyAge, CopyRefusal, StoredCopy};
use crate::rescue::downstream;
use crate::rescue::failure::Failure;
use crate::rescue::fields::listed;
use crate::rescue::judge::{AnswerHead, Judgement, StoreRefusal};
use crate::rescue::passage::passage;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;
use crate::status::cache_status::Forward;
use crate::status::{CacheStatus, OUR_NAME, ProxyStatus};

/// Changes to the fields of a response that is handed on. First remove, then set, then append.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Fields to remove.
    pub remove: Vec<String>,
    /// Fields to replace.
    pub set: Vec<(String, String)>,
    /// Fields to add beside those of the same name.
    pub append: Vec<(String, String)>,
}

impl Edits {
    /// The fields after the changes.
    pub fn apply(&self, headers: &Headers) -> Headers {
        let gone = |name: &str| {
            self.remove.iter().any(|r| r.eq_ignore_ascii_case(name))
                || self.set.iter().any(|(s, _)| s.eq_ignore_ascii_case(name))
        };
        let kept = headers.0.iter().filter(|(name, _)| !gone(name)).cloned();
        Headers(kept.chain(self.set.iter().cloned()).chain(self.append.iter().cloned()).collect())
    }
}

/// What to change in an answer that is relayed by this judgement; nothing where it is relayed bare. (For a
/// rescue, `choose` gives the changes.)
pub fn relay_edits(watch: &Watch, answer: &AnswerHead, judgement: &Judgement, settings: &Settings) -> Edits {
    let why = if watch.request.reads() { Forward::Miss } else { Forward::Method };
    relay_edits_after(why, watch, answer, judgement, settings)
}

/// The same where the store was asked first: `why` it did not do.
pub fn relay_edits_after(
    why: Forward,
    watch: &Watch,
    answer: &AnswerHead,
    judgement: &Judgement,
    settings: &Settings,
) -> Edits {
    let mut edits = passage(&watch.request, answer, settings);
    let mut status = CacheStatus::forwarded(why, Some(answer.status));
    match judgement {
        Judgement::RelayBare(_) => return edits,
        Judgement::Relay { refusal, .. } => status.detail = Some(detail(*refusal, watch, answer)),
        Judgement::RelayAndStore(_) => status.stored = true,
        Judgement::Rescue(_) => {}
    }
    edits.append.push(("cache-status".to_owned(), status.write()));
    edits
}

/// Why an answer is not kept, and where a field of the request is the reason, which one.
fn detail(refusal: StoreRefusal, watch: &Watch, answer: &AnswerHead) -> String {
    let word = refusal.as_str();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let field =
        watch.unkeyed_field(&answer.headers).filter(|name| name.len() <= 64 && name.bytes().all(plain));
    match field {
        Some(name) if refusal == StoreRefusal::Field => [word, ":", name].concat(),
        _ => word.to_owned(),
    }
}

/// What to change in the origin's own error that is handed on.
pub fn failed_relay(
    rescue: &Rescue<'_>,
    answer: &AnswerHead,
    no_copy: CopyRefusal,
    settings: &Settings,
) -> Edits {
    let mut edits = passage(&rescue.watch.request, answer, settings);
    edits.append.push(("cache-status".to_owned(), cache_member(rescue, no_copy).write()));
    edits.append.push(("proxy-status".to_owned(), proxy_member(rescue.failure, rescue.error).write()));
    edits
}

/// The answer that a copy gives: the whole, a part, or "you have it already".
pub fn copy(rescue: &Rescue<'_>, copy: &StoredCopy, age: CopyAge) -> Served {
    // RFC 9211 §2: who did not ask has a hit, a stale one where its time is negative.
    let cache = if rescue.failure.asked {
        CacheStatus::forwarded(Forward::Stale, rescue.failure.received_status)
    } else {
        CacheStatus::hit(age.ttl_s)
    };
    let cache = match age.overrides {
        Some(directive) => cache.because(&format!("overrides-{directive}")),
        // RFC 9111 §4.4: an unsafe request has changed the address since.
        None if copy.outdated.is_some() => cache.because("older-than-a-change"),
        None if copy.generation > 0 => cache.because("older-generation"),
        None => cache,
    };
    let extra =
        vec![("cache-status".to_owned(), cache.write()), ("proxy-status".to_owned(), proxy_members(rescue))];
    let mut served = serve(copy, &rescue.watch.request, extra, rescue.now);
    if !downstream::is_fresh(copy, rescue.now) {
        downstream::without_lifetime(&mut served.head.headers);
    }
    served
}

/// With the note inside, the body is another one: what described the stored one no longer holds, and nobody
/// keeps it longer than the failure lasts.
pub fn for_note(mut head: AnswerHead) -> AnswerHead {
    let outdated =
        ["etag", "last-modified", "content-length", "content-md5", "digest", "content-digest", "repr-digest"];
    head.headers.0.retain(|(name, _)| !listed(&outdated, name));
    downstream::without_lifetime(&mut head.headers);
    head
}

/// What a page of ours says of the failure; all its other fields are the page's own.
pub fn page_headers(rescue: &Rescue<'_>, reason: CopyRefusal) -> Vec<(String, String)> {
    vec![
        ("cache-status".to_owned(), cache_member(rescue, reason).write()),
        ("proxy-status".to_owned(), proxy_members(rescue)),
    ]
}

fn cache_member(rescue: &Rescue<'_>, no_copy: CopyRefusal) -> CacheStatus {
    let forward = match no_copy {
        CopyRefusal::Off => Forward::Bypass,
        CopyRefusal::Request | CopyRefusal::Authorization => Forward::Method,
        CopyRefusal::None => Forward::UriMiss,
        CopyRefusal::Variant => Forward::VaryMiss,
        CopyRefusal::Suspended
        | CopyRefusal::Deleted
        | CopyRefusal::TooOld
        | CopyRefusal::Forbidden(_)
        | CopyRefusal::Forgotten
        | CopyRefusal::PastStaleIfError => Forward::Stale,
    };
    CacheStatus::forwarded(forward, rescue.failure.received_status).because(no_copy.as_str())
}

/// What the proxies nearer to the origin said, then what we say.
pub(crate) fn proxy_members(rescue: &Rescue<'_>) -> String {
    let earlier = rescue.origin.map(|(answer, _)| ProxyStatus::read(&answer.headers)).unwrap_or_default();
    let all: Vec<String> =
        earlier.into_iter().chain([proxy_member(rescue.failure, rescue.error)]).map(|m| m.write()).collect();
    all.join(", ")
}

/// What we say of a failure; `error` is the diagnosis' word for it, where it has a better one.
pub fn proxy_member(failure: &Failure, error: Option<&str>) -> ProxyStatus {
    ProxyStatus {
        proxy: OUR_NAME.to_owned(),
        error: Some(error.unwrap_or_else(|| failure.error.as_str()).to_owned()),
        received_status: failure.received_status,
        details: failure.soft.map(|reason| reason.as_str().to_owned()),
        ..ProxyStatus::default()
    }
}
