//! What a visitor gets when the origin failed: the copy, a page of ours, or the origin's own answer.
//!
//! Each choice carries its reason. Knows the head of what came and of what is stored, never the platform.

use crate::cache::directives::Directives;
use crate::cache::range::Part;
use crate::cache::serve::Send;
use crate::page::{EXPOSED, Form};
use crate::rescue::OWN_PATH;
use crate::rescue::copy::{CopyAge, CopyRefusal, StoredCopy};
use crate::rescue::failure::{Failure, is_no_status};
use crate::rescue::firewall;
use crate::rescue::judge::AnswerHead;
use crate::rescue::kind::Kind;
use crate::rescue::negotiate::{self, Wants};
use crate::rescue::passage::passage;
use crate::rescue::plan::Watch;
use crate::rescue::respond;
use crate::rescue::settings::{FallbackStatus, Settings};
use crate::status::CacheStatus;
use crate::status::cache_status::Forward;
use crate::time::Millis;

/// All that there is to choose from.
#[derive(Clone, Copy, Debug)]
pub struct Rescue<'a> {
    /// The request.
    pub watch: &'a Watch,
    /// How the origin failed it.
    pub failure: &'a Failure,
    /// The RFC 9209 error type of the diagnosis, where it found a better one than the failure's own.
    pub error: Option<&'a str>,
    /// The head of the origin's own error, where one came, and whether its body can be handed on whole.
    pub origin: Option<(&'a AnswerHead, bool)>,
    /// What is stored under the request's key.
    pub copy: Option<&'a StoredCopy>,
    /// The time.
    pub now: Millis,
    /// Any number from the platform's randomness: it spreads the visitors' next tries.
    pub dice: u32,
}

/// Why the origin's own error is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayReason {
    /// The client did not ask for a page, JSON or text.
    NotAsked,
    /// The client asked for the very form in which the origin answered.
    FormFits,
    /// Only a copy would be better: a redirect belongs to the visitor, and of a number that is no status nobody
    /// can make another answer.
    AsItIs,
    /// The owner lets the origin's own maintenance page pass.
    PassThrough,
}

/// A page of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageChoice {
    /// Why no copy is shown.
    pub reason: CopyRefusal,
    /// In which form.
    pub form: Form,
    /// With which status; never 200.
    pub status: u16,
    /// Whether a body is sent at all: not to HEAD, not where the form is empty.
    pub body: bool,
    /// Whether the request is known not to have reached the origin. What only reads may be sent again in
    /// any case; of anything else the visitor is told.
    pub not_sent: bool,
    /// When to come back, in seconds.
    pub retry_after_s: u32,
    /// `Cache-Status` and `Proxy-Status`; the page brings all other fields.
    pub headers: Vec<(String, String)>,
}

/// A copy to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyChoice {
    /// Its age.
    pub age: CopyAge,
    /// When the origin made it: what the note tells.
    pub as_of: Millis,
    /// Whether the note belongs into this page. Then validators and length are already dropped.
    pub note: bool,
    /// Whether a body is sent: not to HEAD, and not where the client has it already.
    pub body: bool,
    /// Which part of the stored body is sent, where not the whole.
    pub part: Option<Part>,
    /// The status and all fields.
    pub head: AnswerHead,
}

/// What the visitor gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The stored body under this head.
    Copy(Box<CopyChoice>),
    /// A page of ours.
    Page(Box<PageChoice>),
    /// The origin's own complete error, with these additions.
    OriginAnswer {
        /// Why this and not a page.
        reason: RelayReason,
        /// Why no copy is shown.
        no_copy: CopyRefusal,
        /// What to change in its fields.
        edits: respond::Edits,
    },
}

/// Chooses. Total: there is an answer for every combination, and none has status 200 but a copy.
pub fn choose(rescue: &Rescue<'_>, settings: &Settings) -> Choice {
    let reason = match usable_copy(rescue, settings) {
        Ok((copy, age)) => return Choice::Copy(Box::new(shown(rescue, copy, age, settings))),
        Err(reason) => reason,
    };
    if let Some((relay, answer)) = relayed(rescue, settings) {
        let edits = match is_no_status(answer.status) {
            true => passage(&rescue.watch.request, answer, settings),
            false => respond::failed_relay(rescue, answer, reason, settings),
        };
        return Choice::OriginAnswer { reason: relay, no_copy: reason, edits };
    }
    Choice::Page(Box::new(page(rescue, reason, settings)))
}

/// The answer where what is relayed bare (an upgrade, a stream of events) got none: status and fields alone, for
/// no person reads it, and nothing of it is stored. `dice`: any number from the platform's randomness.
pub fn bare(failure: &Failure, settings: &Settings, dice: u32) -> AnswerHead {
    let fields = [
        ("access-control-allow-origin", "*".to_owned()),
        ("access-control-expose-headers", EXPOSED.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("retry-after", retry_after(failure, dice, settings).to_string()),
        ("x-robots-tag", "noindex".to_owned()),
        ("link", format!("<{OWN_PATH}status>; rel=\"status\"")),
        ("cache-status", CacheStatus::forwarded(Forward::Bypass, None).write()),
        ("proxy-status", respond::proxy_member(failure, None).write()),
    ];
    AnswerHead { status: status(failure, settings), headers: fields.into_iter().collect() }
}

fn usable_copy<'a>(
    rescue: &Rescue<'a>,
    settings: &Settings,
) -> Result<(&'a StoredCopy, CopyAge), CopyRefusal> {
    if !settings.copies {
        return Err(CopyRefusal::Off);
    }
    if !rescue.watch.lookup {
        return Err(CopyRefusal::Request);
    }
    let copy = rescue.copy.ok_or(CopyRefusal::None)?;
    copy.usable(rescue.watch, settings, rescue.now).map(|age| (copy, age))
}

fn shown(rescue: &Rescue<'_>, copy: &StoredCopy, age: CopyAge, settings: &Settings) -> CopyChoice {
    let served = respond::copy(rescue, copy, age);
    let note = settings.copy_note && served.send == Send::Whole && wears_note(rescue.watch, copy);
    CopyChoice {
        age,
        as_of: rescue.now.saturating_sub(age.age_s.saturating_mul(1000)),
        note,
        body: served.send != Send::Nothing,
        part: match served.send {
            Send::Part(part) => Some(part),
            Send::Whole | Send::Nothing => None,
        },
        head: if note { respond::for_note(served.head) } else { served.head },
    }
}

/// A whole HTML page that a person looks at, not in a frame, and not where the origin forbids changes.
fn wears_note(watch: &Watch, copy: &StoredCopy) -> bool {
    let stored = &copy.head.headers;
    let framed = negotiate::is_framed(&watch.request);
    let html = negotiate::media_type(stored.value("content-type").unwrap_or_default()) == "text/html";
    // A download is a file; a piece of a page belongs to a script.
    let disposition = stored.value("content-disposition").and_then(|value| value.split(';').next());
    let download = disposition.is_some_and(|kind| !kind.trim().eq_ignore_ascii_case("inline"));
    let no_document = copy.title.as_deref() == Some("") && !copy.has_end;
    let piece = matches!(watch.kind, Kind::Fragment | Kind::FragmentJson | Kind::FetchedHtml) || no_document;
    let frozen = Directives::read(stored, "cache-control").has("no-transform");
    let coded = stored.value("content-encoding").is_some_and(|c| !c.trim().eq_ignore_ascii_case("identity"));
    let page = watch.wants == Wants::Navigation && watch.request.method == "GET" && html;
    page && !framed && !frozen && !coded && !download && !piece
}

/// The origin's own error, where that is what the client can use best.
fn relayed<'a>(rescue: &Rescue<'a>, settings: &Settings) -> Option<(RelayReason, &'a AnswerHead)> {
    let (answer, complete) = rescue.origin?;
    // A refusal is the truth for whoever has no copy.
    let as_it_is = is_no_status(answer.status) || firewall::is_refusal(rescue.failure);
    if as_it_is || (300..400).contains(&answer.status) {
        return Some((RelayReason::AsItIs, answer));
    }
    if !complete {
        return None;
    }
    match rescue.watch.wants {
        Wants::Navigation => {
            let html = negotiate::answers(Wants::Navigation, answer.headers.value("content-type"));
            let meant = answer.status == 503 && rescue.failure.retry_after_s.is_some();
            if settings.error_page_pass_through && html && meant {
                Some((RelayReason::PassThrough, answer))
            } else {
                None
            }
        }
        wants @ (Wants::Json | Wants::Text) => {
            let fits = negotiate::answers(wants, answer.headers.value("content-type"));
            if fits { Some((RelayReason::FormFits, answer)) } else { None }
        }
        Wants::Subresource | Wants::Anything => Some((RelayReason::NotAsked, answer)),
    }
}

fn page(rescue: &Rescue<'_>, reason: CopyRefusal, settings: &Settings) -> PageChoice {
    let form = negotiate::form(rescue.watch.wants, &rescue.watch.request);
    let retry_after_s = retry_after(rescue.failure, rescue.dice, settings);
    PageChoice {
        reason,
        form,
        status: status(rescue.failure, settings),
        body: form != Form::HeadersOnly && rescue.watch.request.method != "HEAD",
        not_sent: not_sent(rescue),
        retry_after_s,
        headers: respond::page_headers(rescue, reason),
    }
}

/// 503 unless the owner wants the failure's own; a 5xx in every case.
fn status(failure: &Failure, settings: &Settings) -> u16 {
    match (settings.fallback_status, failure.received_status) {
        (FallbackStatus::ServiceUnavailable, _) => 503,
        (FallbackStatus::Origin, Some(status @ (502..=504))) => status,
        // Cloudflare's own timeouts.
        (FallbackStatus::Origin, Some(522 | 524)) => 504,
        (FallbackStatus::Origin, Some(520..=527 | 530)) => 502,
        (FallbackStatus::Origin, Some(_)) => 503,
        (FallbackStatus::Origin, None) => match failure.error.status() {
            status @ (502..=504) => status,
            _ => 503,
        },
    }
}

/// Only what ended before a connection stood is known not to have been sent. Cloudflare's 521, 522, 523, 525,
/// 526 and 530 say so too.
fn not_sent(rescue: &Rescue<'_>) -> bool {
    use crate::status::ProxyError as E;
    if !rescue.failure.asked {
        return true;
    }
    matches!(
        (rescue.failure.received_status, rescue.failure.error),
        (None, E::DnsError | E::ConnectionRefused | E::TlsCertificateError)
            | (Some(521 | 522 | 523 | 525 | 526 | 530), _)
    )
}

/// The origin's own word where it gave one within an hour, else the owner's with as much again at random.
fn retry_after(failure: &Failure, dice: u32, settings: &Settings) -> u32 {
    let least = settings.retry_after_s;
    let spread = dice.checked_rem(least.saturating_add(1)).unwrap_or(0);
    match failure.retry_after_s {
        Some(seconds) if (1..=3600).contains(&seconds) => seconds.max(least).saturating_add(spread),
        _ => least.saturating_add(spread),
    }
}
