//! Looks at an answer's body before it is believed: whether it is whole, and whether it is what its status says.
//!
//! What an error looks like, `backsoon::rescue::soft` knows.

use crate::convert;
use crate::handle::Watched;
use crate::isolate;
use backsoon::rescue::soft::{self, MOST_BYTES, Trust, look, trust};
use backsoon::rescue::{AnswerHead, Failure, StoredCopy, failure};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// A body that is not whole after so long is streamed as it comes.
const LOOK_MS: u32 = 1000;
/// A coded body may be larger than it promised; more than this is not looked at.
const MOST_DECODED: u32 = 1024 * 1024;

/// An answer after a look at it.
pub enum Seen {
    /// Nothing was to be looked at, or it took too long: the answer, unread.
    Unread(Response),
    /// The answer with its whole body.
    Whole(Response, Uint8Array),
    /// It is none. What came of it, where it can be handed on.
    Failed(Failure, Option<Response>),
}

/// Looks at an answer before it is handed on, where that is short and known to end.
pub async fn before_answering(
    on: &Watched,
    answer: Response,
    head: &AnswerHead,
    stored: Option<&StoredCopy>,
    elapsed_ms: u32,
) -> Result<Seen, JsValue> {
    if !soft::before_answering(&on.watch, head) {
        return Ok(Seen::Unread(answer));
    }
    let Some(stream) = answer.body() else { return Ok(Seen::Unread(answer)) };
    let plain = !head.headers.has("content-encoding");
    let length = head.headers.value("content-length").and_then(|length| length.trim().parse().ok());
    let length = length.filter(|_| plain);
    let read =
        convert::peek(&stream, MOST_DECODED, LOOK_MS, length).await.ok_or("a body that nobody can read")?;
    let shown = match (read.ended, &read.rest) {
        (Some(false), _) => return Ok(Seen::Failed(failure::from_truncated(elapsed_ms), None)),
        (_, Some(rest)) => convert::with_body(&answer, rest)?,
        _ => convert::with_body(&answer, &read.bytes)?,
    };
    on.visit.keep(&shown);
    if read.rest.is_some() {
        return Ok(Seen::Unread(shown));
    }
    Ok(match trust(&on.watch, head, &read.bytes.to_vec(), stored) {
        Trust::Bad(reason) => Seen::Failed(failure::from_soft(reason, elapsed_ms), Some(shown)),
        Trust::Good | Trust::Doubtful(_) => Seen::Whole(shown, read.bytes),
    })
}

/// Looks at a whole answer before it is kept; `None` where it must not take the place of what is there.
pub fn before_keeping(
    on: &Watched,
    copy: StoredCopy,
    bytes: &Uint8Array,
    stored: Option<&StoredCopy>,
) -> Option<StoredCopy> {
    let length = u64::from(bytes.byte_length());
    if !copy.good || length > MOST_BYTES {
        return Some(copy);
    }
    let body = bytes.to_vec();
    match trust(&on.watch, &copy.head, &body, stored) {
        Trust::Good => isolate::cleared(&on.watch.key),
        Trust::Doubtful(_) if isolate::believed(&on.watch.key, length) => {}
        // Where there is nothing better it is kept, but not for an outage.
        Trust::Doubtful(_) if !stored.is_some_and(|stored| stored.good) => {
            return Some(StoredCopy { good: false, ..copy });
        }
        Trust::Doubtful(_) | Trust::Bad(_) => return None,
    }
    Some(copy.seen(&look(&body)))
}
