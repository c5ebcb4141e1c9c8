//! A second server of the owner's, that stands in where there is neither origin nor copy.
//!
//! Asked only for what only reads, and as by a visitor of whom nothing is known: it may be a mirror that belongs
//! to somebody else. What it says is never stored, and its failures are nobody's.

use crate::facts::Headers;
use crate::rescue::choose::Rescue;
use crate::rescue::fields::{is_ours, members};
use crate::rescue::firewall;
use crate::rescue::judge::AnswerHead;
use crate::rescue::outgoing::HOP_FIELD;
use crate::rescue::request::Url;
use crate::rescue::respond::{Edits, proxy_members};
use crate::rescue::settings::Settings;
use crate::status::cache_status::Forward;
use crate::status::{CacheStatus, ProxyError};

/// How long its head may take, in milliseconds: the visitor has waited for the origin before.
pub const LIMIT_MS: u32 = 5_000;

/// Fields of the visitor's that it gets.
const PASSED: [&str; 4] = ["accept", "accept-encoding", "accept-language", "user-agent"];

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// GET or HEAD.
    pub method: String,
    /// The address there.
    pub url: String,
    /// All fields of the request.
    pub headers: Headers,
}

/// Whether and how the second server is asked for a request that the origin failed.
pub fn stand_in(rescue: &Rescue<'_>, settings: &Settings) -> Option<StandIn> {
    let second = settings.secondary_origin.as_ref()?;
    let request = &rescue.watch.request;
    let personal = request.headers.has("authorization") || request.headers.has("range");
    let circle = rescue.failure.error == ProxyError::ProxyLoopDetected;
    let refused = firewall::is_refusal(rescue.failure);
    if !request.reads() || request.body || personal || circle || refused {
        return None;
    }
    let url = Url {
        scheme: second.scheme.clone(),
        host: second.host.clone(),
        path: request.url.path.clone(),
        query: rescue.watch.outgoing.query.clone(),
    };
    let passed = request.headers.0.iter().filter(|(name, _)| PASSED.contains(&name.as_str())).cloned();
    let hops: Vec<&str> = members(&request.headers, HOP_FIELD).chain([request.url.host.as_str()]).collect();
    let headers = Headers(passed.chain([(HOP_FIELD.to_owned(), hops.join(", "))]).collect());
    Some(StandIn { method: request.method.clone(), url: url.text(), headers })
}

/// What to change in its answer, where that is one to show: a page, or a redirect to one.
pub fn shown(rescue: &Rescue<'_>, answer: &AnswerHead, settings: &Settings) -> Option<Edits> {
    if !matches!(answer.status, 200 | 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut edits = Edits::default();
    let site = &rescue.watch.request.url;
    let moved = answer.headers.value("location").and_then(Url::parse);
    if let (Some(target), Some(second)) = (moved, &settings.secondary_origin)
        && target.host == second.host
    {
        let url = Url { scheme: site.scheme.clone(), host: site.host.clone(), ..target };
        edits.set.push(("location".to_owned(), url.text()));
    }
    edits.set.push(("cache-control".to_owned(), "no-store".to_owned()));
    edits.remove = ["set-cookie", "age", "expires"].map(str::to_owned).to_vec();
    let names = answer.headers.0.iter().map(|(name, _)| name.to_ascii_lowercase());
    edits.remove.extend(names.filter(|name| is_ours(name)));
    let cache = CacheStatus::forwarded(Forward::Miss, Some(answer.status)).because("secondary-origin");
    edits.append.push(("cache-status".to_owned(), cache.write()));
    edits.append.push(("proxy-status".to_owned(), proxy_members(rescue)));
    Some(edits)
}
