//! Detects errors sent with status 200: a gateway's page, a database's complaint, or nothing at all.
//!
//! Looks at small bodies only, and believes its eyes slowly: `Bad` is what can hardly be anything else, `Doubtful`
//! what may well be right; neither takes the place of a good copy before it has been seen again. Whether a visitor
//! is shown something else instead, `evidence` decides. Knows nothing of gateways: that is the diagnosis' business.

mod catch_all;
pub mod ends;
mod evidence;
mod json;
mod look;
mod quarantine;
pub mod second_look;
mod streams;
mod words;

use crate::rescue::copy::StoredCopy;
use crate::rescue::judge::AnswerHead;
use crate::rescue::negotiate::{Wants, media_type};
use crate::rescue::plan::Watch;

pub use catch_all::{CatchAll, Held, Spread};
pub use evidence::{Evidence, Suspicion, Weighed, suspicion};
pub use look::{Sight, look};
pub use quarantine::Quarantine;
pub use streams::{RELEASED_AFTER_MS, is_held};

use json::Named;

/// Larger bodies are nobody's error page.
pub const MOST_BYTES: u64 = 65_536;
/// So long may an answer be that is read to its end before it takes a good copy's place before a visitor's eyes.
const MOST_REPLACED: u64 = 262_144;
/// More of a decoded body is not looked at.
const MOST_DECODED: u64 = 1_048_576;

/// Error pages have little to read and lead nowhere.
const MOST_TEXT: u32 = 2000;
const MOST_LINKS: u32 = 3;

/// What is wrong with the looks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoftReason {
    /// Its title or first heading is an error's name.
    ErrorPage,
    /// There is nothing to see where there should be a page.
    Blank,
    /// A program's own complaint stands in it.
    Trace,
    /// JSON that names a server error.
    ErrorJson,
    /// A tenth of what the page was before.
    Collapsed,
    /// Another kind of content than before.
    OtherKind,
    /// One of these is likely, and until that is sure the good copy is shown.
    Doubted,
}

impl SoftReason {
    /// A stable word for logs and `details`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ErrorPage => "error-page",
            Self::Blank => "blank",
            Self::Trace => "trace",
            Self::ErrorJson => "error-json",
            Self::Collapsed => "collapsed",
            Self::OtherKind => "other-kind",
            Self::Doubted => "doubted",
        }
    }
}

/// How far a 200 may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing is wrong with it.
    Good,
    /// Hand it on, but keep the older copy until it has been seen again.
    Doubtful(SoftReason),
    /// A failure.
    Bad(SoftReason),
}

/// How many bytes of a body are looked at before the head goes out, if any: of HTML of a known length up to 64 KB,
/// asked for with GET. Where a copy can be shown instead (`has_copy`) also of other kinds, up to 256 KB, and of
/// unknown length up to 64 KB. (What is longer is looked at when it is stored.)
pub fn before_answering(watch: &Watch, answer: &AnswerHead, has_copy: bool) -> Option<u64> {
    if media_type(answer.headers.value("content-type").unwrap_or_default()) == "text/event-stream" {
        return None;
    }
    let html = is_html(answer) || answer.headers.value("content-type").is_none();
    let length = answer.headers.value("content-length").and_then(|l| l.trim().parse::<u64>().ok());
    let most = if has_copy { MOST_REPLACED } else { MOST_BYTES };
    let looks = match length {
        Some(length) => (html || has_copy) && length <= most,
        None => has_copy,
    };
    let asked = watch.request.method == "GET" && answer.status == 200;
    // A coded body may be longer than it promised.
    (asked && looks).then(|| length.map_or(MOST_BYTES, |_| MOST_DECODED))
}

/// Judges a whole 200 by its body (decoded from its content coding) and by what is stored of the address.
pub fn trust(watch: &Watch, answer: &AnswerHead, body: &[u8], stored: Option<&StoredCopy>) -> Trust {
    if answer.status != 200 || watch.request.method != "GET" {
        return Trust::Good;
    }
    // Beside nothing anything is better.
    let before = stored.filter(|copy| copy.good && copy.body_length() != Some(0));
    let kind = media_type(answer.headers.value("content-type").unwrap_or_default());
    if body.iter().all(u8::is_ascii_whitespace) {
        return blank(watch, &kind, before);
    }
    if u64::try_from(body.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Trust::Good;
    }
    if kind.ends_with("json") {
        return match json::named(body) {
            // A program may be told of an error under 200; but not in the place of a good answer.
            Named::ServersError if before.is_some() => Trust::Bad(SoftReason::ErrorJson),
            Named::ServersError | Named::AnError => Trust::Doubtful(SoftReason::ErrorJson),
            Named::None => changed(&kind, None, before),
        };
    }
    if kind != "text/html" && kind != "application/xhtml+xml" && !kind.is_empty() {
        return changed(&kind, None, before);
    }
    let sight = look(body);
    if let Some(trust) = error_page(watch, &sight, before) {
        return trust;
    }
    if words::is_trace(&sight.text_start) {
        let bare = sight.links == 0 && sight.text < MOST_TEXT && sight.title.is_empty();
        return if bare { Trust::Bad(SoftReason::Trace) } else { Trust::Doubtful(SoftReason::Trace) };
    }
    changed(&kind, Some(&sight), before)
}

/// An empty page is a failure for a person who waits for one, and where there was a page before. A beacon or
/// a ping may well be empty.
fn blank(watch: &Watch, kind: &str, before: Option<&StoredCopy>) -> Trust {
    let page = kind == "text/html" || kind.is_empty();
    let was_full = before.is_some_and(|copy| copy.body_length().is_none_or(|length| length > 0));
    match (page && watch.wants == Wants::Navigation) || was_full {
        true => Trust::Bad(SoftReason::Blank),
        false => Trust::Good,
    }
}

fn error_page(watch: &Watch, sight: &Sight, before: Option<&StoredCopy>) -> Option<Trust> {
    let named = words::names_error(&sight.title).or_else(|| words::names_error(&sight.heading))?;
    // A page about an error has it in its address, says more of it, leads on to others, or was so before.
    let about = named.is_some_and(|code| watch.request.url.path.contains(&code.to_string()))
        || before.is_some_and(|copy| copy.title.as_deref() == Some(&sight.title));
    if about {
        return Some(Trust::Good);
    }
    let small = sight.text <= MOST_TEXT && sight.links <= MOST_LINKS;
    Some(if small { Trust::Bad(SoftReason::ErrorPage) } else { Trust::Doubtful(SoftReason::ErrorPage) })
}

/// Compared with the good copy that there is.
fn changed(kind: &str, sight: Option<&Sight>, before: Option<&StoredCopy>) -> Trust {
    let Some(before) = before else { return Trust::Good };
    let was = media_type(before.head.headers.value("content-type").unwrap_or_default());
    if !was.is_empty() && was != *kind {
        return Trust::Doubtful(SoftReason::OtherKind);
    }
    let shrunk = match (sight, before.text) {
        (Some(sight), Some(text)) => text >= 1000 && sight.text < text / 10,
        _ => false,
    };
    if shrunk { Trust::Doubtful(SoftReason::Collapsed) } else { Trust::Good }
}

/// Whether a page is small enough to be an error's that stands everywhere. Only of HTML: many a list in JSON is
/// empty on the same day.
pub fn may_spread(answer: &AnswerHead, bytes: u64) -> bool {
    let html = is_html(answer) || answer.headers.value("content-type").is_none();
    html && answer.status == 200 && bytes <= MOST_BYTES
}

fn is_html(answer: &AnswerHead) -> bool {
    let kind = media_type(answer.headers.value("content-type").unwrap_or_default());
    kind == "text/html" || kind == "application/xhtml+xml"
}
