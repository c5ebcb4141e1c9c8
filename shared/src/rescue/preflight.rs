//! What a CORS preflight (Fetch §4.8) is answered while the origin fails: what the origin last answered to the very
//! same question, never more.
//!
//! The question is path, `Origin`, method and field names; an answer for all sites (`*`, without `Vary: Origin`)
//! holds for the same question of any site. Only questions of nobody in particular are heard. A refusal that visitors
//! of two networks met ends what was allowed before; one visitor alone may be refused for reasons of his own. Without
//! the real request's answer a permission reveals nothing.

use crate::cache::freshness::Timing;
use crate::cache::vary;
use crate::facts::Headers;
use crate::memory::Memory;
use crate::rescue::OWN_PATH;
use crate::rescue::choose::Rescue;
use crate::rescue::cookies::CookieClass;
use crate::rescue::copy::StoredCopy;
use crate::rescue::failure::is_failure;
use crate::rescue::fields::listed;
use crate::rescue::judge::AnswerHead;
use crate::rescue::network::{may_be_one, network_of};
use crate::rescue::plan::Watch;
use crate::rescue::respond::proxy_members;
use crate::rescue::settings::Settings;
use crate::status::CacheStatus;
use crate::time::Millis;

/// So long an answer is remembered.
const LONGEST_MS: Millis = 86_400_000;
/// The store is told of the same answer again after this time.
const AGAIN_MS: Millis = 600_000;
/// So many answers an isolate knows to be in the store.
const MOST: usize = 256;
/// A longer address or answer is not remembered.
const MOST_BYTES: usize = 2048;
/// A browser keeps a permission from our memory for so many seconds at most.
const MAX_AGE_S: u32 = 60;

const ORIGIN: &str = "origin";
const ALLOWS: &str = "access-control-allow-origin";
/// The fields that carry a permission. A permission for private networks is not among them: it is for one network.
const KEPT: [&str; 6] = [
    ALLOWS,
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-max-age",
    "vary",
];
const ASKED: &str = "access-control-request-method, access-control-request-headers";

/// The keys of a preflight: of the site's own answer, and of an answer for all sites. `None` where the request is no
/// preflight, or says who asks.
pub fn keys(watch: &Watch, settings: &Settings) -> Option<[String; 2]> {
    let (request, url) = (&watch.request, &watch.request.url);
    let asks = request.headers.has(ORIGIN) && request.headers.has("access-control-request-method");
    // A preflight's own fields are in the key.
    let other = watch.unlisted.iter().any(|name| !name.starts_with("access-control-request-"));
    let cookies = watch.cookies == CookieClass::Identifying;
    let identified = other || cookies || request.headers.has("authorization");
    // Some clients say that their preflight has an empty body.
    let body = request.body && request.headers.value("content-length").map(str::trim) != Some("0");
    if request.method != "OPTIONS" || !asks || !settings.copies || body || identified {
        return None;
    }
    if url.path.len() > MOST_BYTES {
        return None;
    }
    let key = |fields: &[&str]| {
        let fields: Vec<String> = fields.iter().map(|name| (*name).to_owned()).collect();
        let asked = vary::variant(&fields, &request.headers);
        [&url.scheme, "://", &url.host, OWN_PATH, "preflight-", &asked, &url.path].concat()
    };
    let (method, names) = ("access-control-request-method", "access-control-request-headers");
    Some([key(&[names, method, ORIGIN]), key(&[names, method])])
}

/// What an answer to a preflight teaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Nothing: no preflight, a failure, or a refusal that one network alone has met.
    Nothing,
    /// The origin allows this: keep it under the key if `tell`.
    Allowed {
        /// Under which key.
        key: String,
        /// What to keep; it has no body.
        copy: Box<StoredCopy>,
        /// Whether the store does not know it yet, or not lately.
        tell: bool,
    },
    /// The origin does not allow it, as two networks have met: nothing is kept under these keys any more.
    Refused([String; 2]),
}

/// What an isolate has told the store of preflights. The store alone answers: it also knows what another isolate was
/// refused since.
#[derive(Clone, Debug)]
pub struct Preflights {
    told: Memory<StoredCopy>,
    /// Refusals since the last permission: the network that met the first.
    refused: Memory<Option<String>>,
}

impl Default for Preflights {
    fn default() -> Self {
        Self { told: Memory::new(MOST), refused: Memory::new(MOST) }
    }
}

impl Preflights {
    /// Learns from the origin's answer to a request.
    pub fn learn(&mut self, watch: &Watch, answer: &AnswerHead, settings: &Settings, now: Millis) -> Lesson {
        let Some([own, all]) = keys(watch, settings) else { return Lesson::Nothing };
        // "Too many requests" is about the asker's pace.
        if is_failure(answer.status) || answer.status == 429 || answer.status >= 500 {
            return Lesson::Nothing;
        }
        let Some((copy, for_all)) = allowed(watch, answer, now) else {
            return self.refuse(watch, own, all, now);
        };
        self.refused.remove(&own);
        let key = if for_all { all } else { own };
        let told = self
            .told
            .get(&key)
            .filter(|known| known.head == copy.head)
            .map(|known| known.timing.responded_at);
        let tell = told.is_none_or(|at| now.saturating_sub(at) > AGAIN_MS);
        if tell {
            self.told.put(&key, copy.clone(), now);
        }
        Lesson::Allowed { key, copy: Box::new(copy), tell }
    }

    fn refuse(&mut self, watch: &Watch, own: String, all: String, now: Millis) -> Lesson {
        let network = network_of(&watch.request.headers);
        let Some(first) = self.refused.get(&own) else {
            self.refused.put(&own, network, now);
            return Lesson::Nothing;
        };
        if may_be_one(first.as_deref(), network.as_deref()) {
            return Lesson::Nothing;
        }
        self.told.remove(&own);
        self.told.remove(&all);
        Lesson::Refused([own, all])
    }
}

/// Whether what is remembered answers this preflight now.
pub fn holds(watch: &Watch, copy: &StoredCopy, settings: &Settings, now: Millis) -> bool {
    let at = copy.timing.responded_at;
    at >= watch.forgotten_before
        && now.saturating_sub(at) <= LONGEST_MS.min(settings.max_copy_age_ms)
        && vary::fits(&copy.selecting, &copy.head.headers, watch.sent_headers())
}

/// The answer that it makes.
pub fn answer(rescue: &Rescue<'_>, copy: &StoredCopy) -> AnswerHead {
    let max_age =
        copy.head.headers.value("access-control-max-age").and_then(|value| value.trim().parse().ok());
    let kept = copy.head.headers.0.iter().filter(|(name, _)| name != "access-control-max-age");
    let mut fields: Vec<(String, String)> = kept.cloned().collect();
    let age_s = rescue.now.saturating_sub(copy.timing.responded_at) / 1000;
    let stale_by = i64::try_from(age_s).unwrap_or(i64::MAX).saturating_neg();
    fields.extend([
        ("cache-control".to_owned(), "no-store".to_owned()),
        ("cache-status".to_owned(), CacheStatus::hit(stale_by).because("preflight").write()),
        ("proxy-status".to_owned(), proxy_members(rescue)),
    ]);
    if let Some(seconds) = max_age {
        let seconds = MAX_AGE_S.min(seconds).to_string();
        fields.push(("access-control-max-age".to_owned(), seconds));
    }
    AnswerHead { status: copy.head.status, headers: Headers(fields) }
}

/// What of an answer is kept, and whether it is for all sites; `None` where it refuses.
fn allowed(watch: &Watch, answer: &AnswerHead, now: Millis) -> Option<(StoredCopy, bool)> {
    let headers = &answer.headers;
    let mut sites = headers.values(ALLOWS).map(str::trim);
    let (site, asker) = (sites.next()?, watch.request.headers.value(ORIGIN)?.trim());
    let named = site == "*" || site == asker;
    if !(200..300).contains(&answer.status) || !named || sites.next().is_some() || vary::is_any(headers) {
        return None;
    }
    let for_all = site == "*" && !vary::names(headers, ORIGIN);
    let kept = headers.0.iter().filter(|(name, _)| listed(&KEPT, name));
    let mut fields: Vec<(String, String)> =
        kept.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    if fields.iter().map(|(_, value)| value.len()).sum::<usize>() > MOST_BYTES {
        return None;
    }
    // What the question consists of selects the answer, whatever the origin says of it.
    let asked = if for_all { ASKED.to_owned() } else { [ASKED, ", ", ORIGIN].concat() };
    fields.push(("vary".to_owned(), asked));
    let head = AnswerHead { status: answer.status, headers: Headers(fields) };
    let timing = Timing { requested_at: now, responded_at: now };
    Some((StoredCopy::new(watch, &head, timing, false), for_all))
}
