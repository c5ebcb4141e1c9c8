//! Looks at an answer's body before it is believed: whether it is whole, and whether it is what its status says.
//!
//! What an error looks like, `backsoon::rescue::soft` knows.

use crate::asking::since;
use crate::convert::{self, Peek};
use crate::handle::{Watched, has_copy};
use crate::isolate;
use crate::second_look;
use crate::store::Stored;
use backsoon::cache::freshness::Timing;
use backsoon::cache::near_variant::fits_in_outage;
use backsoon::cache::variants;
use backsoon::diagnosis::is_gateways_page;
use backsoon::rescue::generations::print;
use backsoon::rescue::network::network_of;
use backsoon::rescue::patience::look_ms;
use backsoon::rescue::soft::second_look::Suspect;
use backsoon::rescue::soft::{self, MOST_BYTES, RELEASED_AFTER_MS, SoftReason, Trust, ends, look, trust};
use backsoon::rescue::{AnswerHead, Failure, StoredCopy, failure};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// An answer after a look at it.
pub enum Seen {
    /// Nothing was to be looked at, or it is too long: the answer, unread.
    Unread(Response),
    /// It took too long: the same.
    Late(Response),
    /// The answer with its whole body.
    Whole(Response, Uint8Array),
    /// It is none. What came of it, where it can be handed on.
    Failed(Failure, Option<Response>),
}

/// Looks at an answer before it is handed on, where that is short and known to end, or where a copy can be shown
/// instead. `aside`: nobody waits for it.
pub async fn before_answering(
    on: &Watched,
    answer: Response,
    head: &AnswerHead,
    stored: &Stored,
    timing: Timing,
    aside: bool,
) -> Result<Seen, JsValue> {
    let has_copy = has_copy(on, stored);
    let Some(most) = soft::before_answering(&on.watch, head, has_copy) else {
        return Ok(Seen::Unread(answer));
    };
    let Some(stream) = answer.body() else { return Ok(Seen::Unread(answer)) };
    let plain = !head.headers.has("content-encoding");
    let told = head.headers.value("content-length").and_then(|length| length.trim().parse().ok());
    let length = told.filter(|_| plain);
    let (kept, most) = (has_copy || aside, u32::try_from(most).unwrap_or(u32::MAX));
    let unreadable = "a body that nobody can read";
    let limit_ms = look_ms(&on.settings, kept, told.is_some());
    // Nobody sees how soon a body comes that nobody waits for.
    let soon_ms = if told.is_some() || aside { 0 } else { RELEASED_AFTER_MS };
    let mut read =
        convert::peek(&on.visit, &stream, most, limit_ms, length, soon_ms).await.ok_or(unreadable)?;
    if let Peek::More { rest, begun: Some(begun), .. } = &read {
        if !soft::is_held(&on.watch, head, &begun.to_vec(), stored.copy()) {
            let shown = convert::with_body(&answer, rest)?;
            on.visit.keep(&shown);
            return Ok(Seen::Unread(shown));
        }
        read = convert::peek(&on.visit, rest, most, limit_ms, None, 0).await.ok_or(unreadable)?;
    }
    // What still trickles is a stream; what stands still is awaited as if its length were known.
    if let (true, None, Peek::More { rest, still: true, .. }) = (has_copy, told, &read) {
        let limit_ms = look_ms(&on.settings, kept, true);
        read = convert::peek(&on.visit, rest, most, limit_ms, None, 0).await.ok_or(unreadable)?;
    }
    let bytes = match read {
        Peek::Broken => return Ok(Seen::Failed(failure::from_truncated(since(timing)), None)),
        Peek::More { rest, late: true, still, .. }
            if kept && (told.is_some() || still) && on.settings.copy_after_ms > 0 =>
        {
            // Whether the platform sends the rest of it is its business.
            let _ = rest.cancel();
            return Ok(Seen::Failed(failure::from_stalled(since(timing)), None));
        }
        Peek::More { rest, late, .. } => {
            let shown = convert::with_body(&answer, &rest)?;
            on.visit.keep(&shown);
            return Ok(if late { Seen::Late(shown) } else { Seen::Unread(shown) });
        }
        Peek::Whole(bytes) => bytes,
    };
    let shown = convert::with_body(&answer, &bytes)?;
    on.visit.keep(&shown);
    Ok(match suspected(on, head, &bytes, stored, aside).await {
        Some(reason) => Seen::Failed(failure::from_soft(reason, since(timing)), Some(shown)),
        None => Seen::Whole(shown, bytes),
    })
}

/// As what a whole answer fails, where its looks and something else speak against it.
async fn suspected(
    on: &Watched,
    head: &AnswerHead,
    bytes: &Uint8Array,
    stored: &Stored,
    aside: bool,
) -> Option<SoftReason> {
    let body = bytes.to_vec();
    let like = stored.copy().filter(|copy| is_like(on, copy));
    let trust = trust(&on.watch, head, &body, like);
    let suspicion = soft::suspicion(&on.watch, head, trust, has_copy(on, stored))?;
    let length = u64::from(bytes.byte_length());
    if suspicion.reason == SoftReason::Doubted && believed(on, head, length) {
        return None;
    }
    let kind = head.headers.value("content-type");
    let of_gateway = suspicion.needs_alike() && is_gateways_page(kind, &body);
    let suspect = Suspect {
        watch: &on.watch,
        print: print(kind, &body),
        in_place_of_good: matches!(trust, Trust::Bad(_)) && like.is_some_and(|copy| copy.good),
    };
    let failed = second_look::weighed(on, &suspicion, suspect, of_gateway, aside).await;
    failed.then_some(suspicion.reason)
}

/// Whether a stored answer tells what this request's answer should look like: it is of its variant, or near it.
fn is_like(on: &Watched, stored: &StoredCopy) -> bool {
    fits_in_outage(&stored.selecting, &stored.head.headers, on.watch.sent_headers())
}

/// Whether a doubtful answer has been seen often enough.
fn believed(on: &Watched, head: &AnswerHead, length: u64) -> bool {
    let network = network_of(&on.watch.request.headers);
    isolate::believed(&variants::name(&on.watch, &head.headers), length, network.as_deref())
}

/// Looks at a whole answer before it is kept; `None` where it must not take the place of what is there.
pub fn before_keeping(
    on: &Watched,
    copy: StoredCopy,
    bytes: &Uint8Array,
    stored: Option<&StoredCopy>,
) -> Option<StoredCopy> {
    let length = u64::from(bytes.byte_length());
    let most = ends::MOST_BYTES;
    let first = convert::part(bytes, 0, most).to_vec();
    let last = convert::part(bytes, length.saturating_sub(most), length).to_vec();
    let has_end = ends::has_end(&copy, &first, &last);
    let like = stored.filter(|stored| is_like(on, stored));
    if ends::may_be_cut(&copy, has_end, length, like) && !believed(on, &copy.head, length) {
        return None;
    }
    let copy = StoredCopy { has_end: has_end == Some(true), ..copy };
    if !copy.good || length > MOST_BYTES {
        return Some(copy);
    }
    let body = bytes.to_vec();
    match trust(&on.watch, &copy.head, &body, like) {
        Trust::Good => isolate::cleared(&variants::name(&on.watch, &copy.head.headers)),
        Trust::Doubtful(_) if believed(on, &copy.head, length) => {}
        // Where there is nothing better it is kept, but not for an outage.
        Trust::Doubtful(_) if !stored.is_some_and(|stored| stored.good) => {
            return Some(StoredCopy { good: false, ..copy });
        }
        Trust::Doubtful(_) | Trust::Bad(_) => return None,
    }
    Some(copy.seen(&look(&body)))
}
