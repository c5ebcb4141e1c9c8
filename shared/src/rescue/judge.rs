//! What the head of the origin's answer means: pass it on, keep a copy too, or rescue the request.
//!
//! Knows nothing of bodies: what arrives after the head is watched by whoever streams it.

use crate::cache::freshness::Timing;
use crate::cache::storable::{Keep, keep};
use crate::facts::Headers;
use crate::rescue::copy::StoredCopy;
use crate::rescue::failure::{self, Failure};
use crate::rescue::negotiate::media_type;
use crate::rescue::passage::on_site;
use crate::rescue::plan::Watch;
use crate::rescue::request::Url;
use crate::rescue::settings::Settings;

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerHead {
    /// Status as received, whatever the number.
    pub status: u16,
    /// Response header fields.
    pub headers: Headers,
}

/// Why an answer is passed on without so much as a field added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BareReason {
    /// No status between 200 and 599: no response object can be made of it.
    Status,
    /// The line becomes another protocol's.
    Upgrade,
    /// Server-sent events.
    EventStream,
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreRefusal {
    /// Copies are switched off.
    Off,
    /// Only answers to GET are kept.
    Method,
    /// Only a whole 200 is kept.
    Status,
    /// A part of a whole.
    Partial,
    /// `Set-Cookie` gives something to one visitor.
    SetCookie,
    /// `Cache-Control: private`.
    Private,
    /// `Cache-Control: no-store`, of the answer or of the request.
    NoStore,
    /// `Vary: *`, or by a field that identifies.
    Vary,
    /// The request had `Authorization`.
    Authorization,
    /// The request had cookies that may identify.
    Cookie,
    /// The request had a field that is not known to be harmless, and `Vary` does not name it.
    Field,
    /// The address ends like a file of another type, as one that lures a cache into keeping a page does.
    Ending,
    /// Larger than what is kept.
    TooLarge,
    /// A stream without an end.
    EventStream,
    /// The address has a parameter of a campaign, whose value anybody can choose.
    Campaign,
    /// So much is being kept already that there is no room for more.
    Busy,
}

impl StoreRefusal {
    /// A stable word for `Cache-Status` and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Method => "method",
            Self::Status => "status",
            Self::Partial => "partial",
            Self::SetCookie => "set-cookie",
            Self::Private => "private",
            Self::NoStore => "no-store",
            Self::Vary => "vary",
            Self::Authorization => "authorization",
            Self::Cookie => "cookie",
            Self::Field => "field",
            Self::Ending => "ending",
            Self::TooLarge => "too-large",
            Self::EventStream => "event-stream",
            Self::Campaign => "campaign",
            Self::Busy => "busy",
        }
    }
}

/// What to do with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Hand the very response on, untouched.
    RelayBare(BareReason),
    /// Hand it on with our member of `Cache-Status`.
    Relay {
        /// Why it is not kept.
        refusal: StoreRefusal,
    },
    /// Hand it on and keep it, once its whole body has arrived.
    RelayAndStore(Box<StoredCopy>),
    /// The origin failed.
    Rescue(Failure),
}

/// Judges the head of an answer. Never fails. Only what is good enough for an outage is kept.
pub fn judge(watch: &Watch, answer: &AnswerHead, timing: Timing, settings: &Settings) -> Judgement {
    match usual(watch, answer, timing, settings) {
        Ok((_, refusal)) => Judgement::Relay { refusal },
        Err(judgement) => judgement,
    }
}

/// Judges the head of an answer where a cache stands before the origin: cache entries are kept too.
/// `stored` is what the key holds now.
pub fn judge_cached(
    watch: &Watch,
    answer: &AnswerHead,
    stored: Option<&StoredCopy>,
    timing: Timing,
    settings: &Settings,
) -> Judgement {
    let (keep, refusal) = match usual(watch, answer, timing, settings) {
        Ok(usual) => usual,
        Err(judgement) => return judgement,
    };
    match entry(watch, answer, keep, stored, timing, settings) {
        Some(entry) => Judgement::RelayAndStore(Box::new(entry)),
        None => Judgement::Relay { refusal },
    }
}

/// The cache entry that the origin's own error makes where the origin gave it a lifetime and nothing
/// better is stored.
pub fn error_entry(
    watch: &Watch,
    answer: &AnswerHead,
    stored: Option<&StoredCopy>,
    timing: Timing,
    settings: &Settings,
) -> Option<StoredCopy> {
    let keep = keep(watch, answer, timing.responded_at, settings);
    entry(watch, answer, keep, stored, timing, settings)
}

/// An answer that is handed on and is no good copy: what else may be kept of it, and why it is none. `Err`: what
/// else becomes of it.
fn usual(
    watch: &Watch,
    answer: &AnswerHead,
    timing: Timing,
    settings: &Settings,
) -> Result<(Keep, StoreRefusal), Judgement> {
    // What is no status may still be a failure that a copy helps against.
    if let Some(reason) = bare(answer)
        && !(failure::is_no_status(answer.status) && watch.lookup)
    {
        return Err(Judgement::RelayBare(reason));
    }
    let elapsed = timing.responded_at.saturating_sub(timing.requested_at);
    let elapsed = u32::try_from(elapsed).unwrap_or(u32::MAX);
    if let Some(failure) = failure::from_answer(answer, elapsed, timing.responded_at) {
        return Err(Judgement::Rescue(failure));
    }
    if leads_nowhere(watch, answer, settings) {
        return Err(Judgement::Rescue(failure::from_redirect_loop(answer.status, elapsed)));
    }
    match keep(watch, answer, timing.responded_at, settings) {
        Keep::Good => Err(Judgement::RelayAndStore(Box::new(kept(watch, answer, timing, true, settings)))),
        Keep::Overridden(_) => {
            let copy = StoredCopy { outage_only: true, ..kept(watch, answer, timing, true, settings) };
            Err(Judgement::RelayAndStore(Box::new(copy)))
        }
        Keep::Trial => Ok((Keep::No(StoreRefusal::SetCookie), StoreRefusal::SetCookie)),
        other @ (Keep::Entry(refusal) | Keep::No(refusal)) => Ok((other, refusal)),
    }
}

/// The copy for outages that an answer may make whose only fault is its first `Set-Cookie`, and the values of those
/// fields: to be kept once `first_cookie` has proved that it is everybody's.
pub fn on_trial(
    watch: &Watch,
    answer: &AnswerHead,
    timing: Timing,
    settings: &Settings,
) -> Option<(StoredCopy, Vec<String>)> {
    if keep(watch, answer, timing.responded_at, settings) != Keep::Trial {
        return None;
    }
    let cookies = answer.headers.values("set-cookie").map(str::to_owned).collect();
    let copy = kept(watch, answer, timing, true, settings);
    Some((StoredCopy { outage_only: true, ..copy }, cookies))
}

fn entry(
    watch: &Watch,
    answer: &AnswerHead,
    keep: Keep,
    stored: Option<&StoredCopy>,
    timing: Timing,
    settings: &Settings,
) -> Option<StoredCopy> {
    // What one visitor was told is no reason to lose a page that an outage may need: `ending` says what is.
    if stored.is_some_and(|stored| stored.good) {
        return None;
    }
    match keep {
        Keep::Entry(_) => Some(kept(watch, answer, timing, false, settings)),
        Keep::Good | Keep::Overridden(_) | Keep::Trial | Keep::No(_) => None,
    }
}

/// What is kept is of the site: no visitor of a stored redirect is led to the origin's own host.
fn kept(watch: &Watch, answer: &AnswerHead, timing: Timing, good: bool, settings: &Settings) -> StoredCopy {
    StoredCopy::new(watch, &on_site(&watch.request, answer, settings), timing, good)
}

fn bare(answer: &AnswerHead) -> Option<BareReason> {
    if answer.status == 101 {
        return Some(BareReason::Upgrade);
    }
    if !(200..=599).contains(&answer.status) {
        return Some(BareReason::Status);
    }
    let stream = media_type(answer.headers.value("content-type").unwrap_or_default()) == "text/event-stream";
    // Only what is under way can be a stream: an error under that name is an error.
    if stream && answer.status == 200 { Some(BareReason::EventStream) } else { None }
}

/// Whether it leads to the very address that was asked for, and gives nothing by which the next try could be
/// another one: then the copy helps, and the browser would only tell of too many redirects.
fn leads_nowhere(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> bool {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308)
        || !watch.lookup
        || answer.headers.has("set-cookie")
    {
        return false;
    }
    let there = on_site(&watch.request, answer, settings);
    let Some(location) = there.headers.value("location") else { return false };
    let location = location.split('#').next().unwrap_or_default();
    let own = &watch.request.url;
    match Url::parse(location) {
        Some(url) => url == *own,
        // Only what starts at the root is compared: the rest is rare.
        None => {
            let query = own.query.as_ref().map(|query| ["?", query].concat()).unwrap_or_default();
            location == [own.path.as_str(), &query].concat()
        }
    }
}
