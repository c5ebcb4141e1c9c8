//! Asks the origin on behalf of a watched request, and does with a proper answer what was judged: hand it on,
//! keep it, confirm or forget what is stored. A failure is handed back.

use crate::confirm;
use crate::convert;
use crate::coverage::{self, Proof};
use crate::everywhere;
use crate::firewall;
use crate::generations;
use crate::handle::Watched;
use crate::isolate;
use crate::look::{Seen, before_answering, before_keeping};
use crate::origin::{self, Asked};
use crate::parts;
use crate::preflights;
use crate::rescue::Failed;
use crate::store::{self, Stored};
use backsoon::cache::conditional::{self, Met};
use backsoon::cache::freshness::Timing;
use backsoon::cache::reuse::Ask;
use backsoon::cache::serve::{Served, serve};
use backsoon::cache::update::{Validated, serve_validated, validated};
use backsoon::inflight;
use backsoon::rescue::judge::{judge, judge_cached};
use backsoon::rescue::passage::on_site;
use backsoon::rescue::respond::relay_edits_after;
use backsoon::rescue::{AnswerHead, Edits, Judgement, Outgoing, StoreRefusal, StoredCopy, Watch, failure};
use backsoon::status::CacheStatus;
use backsoon::time::Millis;
use js_sys::Uint8Array;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::prelude::JsValue;
use web_sys::{ReadableStream, Response};

/// What came of asking.
pub enum Outcome {
    /// The answer for the visitor.
    Answer(Response),
    /// The origin failed; what is stored is still there.
    Failed(Box<Failed>, Box<Stored>),
}

/// Something that goes on.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Outcome, JsValue>> + 'a>>;

/// Asks, once more where that is worth it, and settles what came. `aside`: nobody waits for the answer. Boxed:
/// else all of it would be in the wasm once for each who asks.
pub fn ask(on: &Watched, how: Ask, stored: Stored, probe: bool, aside: bool) -> Asking<'_> {
    Box::pin(asked(on, how, stored, probe, aside))
}

async fn asked(on: &Watched, how: Ask, stored: Stored, probe: bool, aside: bool) -> Result<Outcome, JsValue> {
    isolate::sent(&on.settings, on.host(), aside);
    let (began, mut tries): (_, u32) = (convert::now(), 1);
    let mut how = how;
    loop {
        let asked = send(on, &how, aside).await;
        let (answer, head, judgement) = match read(on, &stored, asked) {
            Read::Answer(answer, head, judgement) => (answer, head, judgement),
            Read::Failed(failed) => {
                if !probe && isolate::retries(&on.settings, &on.watch, &failed.failure, tries) {
                    tries = tries.saturating_add(1);
                    failed.discard();
                    continue;
                }
                isolate::over(&on.watch, false, began);
                return Ok(Outcome::Failed(Box::new(Failed { probe, tries, ..*failed }), stored.into()));
            }
        };
        let (judgement, timing) = judgement;
        isolate::not_refused(&on.settings, &on.watch, &head);
        let of_site = || on_site(&on.watch.request, &head, &on.settings);
        match stored.copy().and_then(|copy| validated(&how, copy, &of_site(), timing)) {
            Some(Validated::Holds(copy)) => {
                isolate::answered(&on.settings, &on.watch, since(timing));
                return confirmed(on, *copy, stored).await.map(Outcome::Answer);
            }
            Some(Validated::Other) => {
                // It spoke of something else than what is stored: ask for the whole, as if nothing were.
                convert::discard(&answer);
                how = how.unconditionally();
                continue;
            }
            None => {}
        }
        let (answer, refused) = firewall::look(on, answer, &head, since(timing), aside).await?;
        if let Some(failure) = refused {
            // The origin lives: the breaker does not count it.
            isolate::answered(&on.settings, &on.watch, since(timing));
            isolate::over(&on.watch, false, began);
            let answer = Some((answer, head, timing));
            return Ok(Outcome::Failed(Box::new(Failed { failure, answer, probe, tries }), stored.into()));
        }
        let (answer, bytes, took_ms) =
            match before_answering(on, answer, &head, &stored, timing, aside).await? {
                Seen::Unread(answer) => (answer, None, since(timing)),
                Seen::Whole(answer, bytes) => (answer, Some(bytes), since(timing)),
                // Its head says that the origin lives, its body that it is not quick.
                Seen::Late(answer) => (answer, None, u32::MAX),
                Seen::Failed(failure, shown) => {
                    isolate::over(&on.watch, false, began);
                    let answer = shown.map(|shown| (shown, head, timing));
                    return Ok(Outcome::Failed(
                        Box::new(Failed { failure, answer, probe, tries }),
                        stored.into(),
                    ));
                }
            };
        isolate::answered(&on.settings, &on.watch, took_ms);
        return settle(on, &how, stored, Answer { response: answer, head, timing, bytes, began }, judgement)
            .await
            .map(Outcome::Answer);
    }
}

/// Milliseconds since it was asked for.
pub fn since(timing: Timing) -> u32 {
    u32::try_from(convert::now().saturating_sub(timing.requested_at)).unwrap_or(u32::MAX)
}

/// A proper answer; its bytes where they are here already.
struct Answer {
    response: Response,
    head: AnswerHead,
    timing: Timing,
    bytes: Option<Uint8Array>,
    /// When it was first asked for.
    began: Millis,
}

type Judged = (Judgement, Timing);

enum Read {
    Answer(Response, AnswerHead, Judged),
    Failed(Box<Failed>),
}

async fn send(on: &Watched, how: &Ask, aside: bool) -> Asked {
    let mut outgoing: Outgoing = on.watch.outgoing.clone();
    // Only what is there: each name costs a way into the platform.
    let there = how.remove.iter().filter(|name| on.watch.request.headers.has(name));
    outgoing.remove.extend(there.map(|name| (*name).to_owned()));
    outgoing.set.extend(how.set.iter().cloned());
    origin::ask(&on.visit, &on.request, &outgoing, on.settings.timeout_ms, aside).await
}

fn read(on: &Watched, stored: &Stored, asked: Asked) -> Read {
    let timing = asked.timing;
    let answer = match asked.answer {
        Ok(answer) => answer,
        Err(thrown) => {
            return Read::Failed(Box::new(Failed::without_answer(failure::from_thrown(&thrown))));
        }
    };
    let head = convert::head(&answer);
    let judgement = if on.settings.cache {
        judge_cached(&on.watch, &head, stored.at_key().as_ref(), timing, &on.settings)
    } else {
        judge(&on.watch, &head, timing, &on.settings)
    };
    match judgement {
        Judgement::Rescue(failure) => {
            let failed = Failed { answer: Some((answer, head, timing)), ..Failed::without_answer(failure) };
            Read::Failed(Box::new(failed))
        }
        judgement => Read::Answer(answer, head, (judgement, timing)),
    }
}

/// The stored answer holds: it is kept anew with the newer fields, and answers.
async fn confirmed(on: &Watched, copy: StoredCopy, stored: Stored) -> Result<Response, JsValue> {
    let served = serve_validated(&on.watch, &copy, convert::now());
    let asked = copy.timing.requested_at;
    let at_key = stored.at_key();
    let Some(entry) = stored.entry else { return Err("confirmed what is not stored".into()) };
    let Some(stream) = entry.response.body() else {
        isolate::over(&on.watch, true, asked);
        return store::respond(None, &served.head, served.send).await;
    };
    let bytes = convert::whole(&stream, u64::MAX).await.ok_or("a stored body broke")?;
    let (kept, own) = (bytes.clone(), on.clone());
    on.visit.background(async move {
        let stays = store::put(&own.watch, copy.clone(), at_key, &kept, &own.settings).await.is_some();
        isolate::over(&own.watch, stays, asked);
        beyond(&own, &copy, &kept, true).await;
    });
    store::respond_from(&bytes, &served.head, served.send)
}

/// The client's own conditions were left out so that a whole answer came: that it has it already is said here.
fn known(how: &Ask, watch: &Watch, copy: &StoredCopy, head: &AnswerHead) -> Option<Served> {
    let now = convert::now();
    let met = conditional::met(&watch.request.headers, &copy.head, now);
    if how.remove.is_empty() || met != Met::NotModified {
        return None;
    }
    let member = CacheStatus::forwarded(how.why, Some(head.status)).write();
    Some(serve(copy, &watch.request, vec![("cache-status".to_owned(), member)], now))
}

/// Hands a proper answer on, and does with the store what was judged.
async fn settle(
    on: &Watched,
    how: &Ask,
    stored: Stored,
    answer: Answer,
    judgement: Judgement,
) -> Result<Response, JsValue> {
    let watch = &on.watch;
    let Answer { response: answer, head, timing, bytes, began } = answer;
    let ours = bytes.is_some();
    coverage::note(on, &head, timing);
    let trial = coverage::on_trial(on, &judgement, &head, timing);
    let (judgement, body) = match (judgement, bytes) {
        (Judgement::RelayAndStore(copy), None) => match room(on, &head) {
            Some(room) => (Judgement::RelayAndStore(copy), Some(Body::Coming(room))),
            None => (Judgement::Relay { refusal: StoreRefusal::Busy }, None),
        },
        (judgement, bytes) => (judgement, bytes.map(Body::Here)),
    };
    let edits = relay_edits_after(how.why, watch, &head, &judgement, &on.settings);
    let (judgement, body, proof) = match trial {
        Some((copy, proof)) => {
            let body = body.or_else(|| room(on, &head).map(Body::Coming));
            (Judgement::RelayAndStore(copy), body, Some(proof))
        }
        None => (judgement, body, None),
    };
    preflights::learn(on, &head);
    confirm::settled(on, &head, &stored);
    if let (Judgement::RelayAndStore(copy), Some(body)) = (judgement, body) {
        let may_know = on.settings.cache && proof.is_none();
        let known = may_know.then(|| known(how, watch, &copy, &head)).flatten();
        let answer = keep(on, answer, *copy, stored, body, proof)?;
        return match known {
            Some(served) => {
                convert::discard(&answer);
                store::respond(None, &served.head, served.send).await
            }
            None => handed_on(answer, &edits, ours),
        };
    }
    isolate::over(watch, false, began);
    if !stored.skipped && stored.entry.is_none() && watch.request.reads() {
        isolate::found_nothing(&watch.key);
    }
    handed_on(answer, &edits, ours)
}

/// The answer with our fields. `ours`: it was made here already, and need not be made once more.
fn handed_on(answer: Response, edits: &Edits, ours: bool) -> Result<Response, JsValue> {
    if !ours {
        return convert::edited(answer, edits);
    }
    convert::edit(&answer, edits)?;
    Ok(answer)
}

/// What is to be kept, and not here yet, where there is room for it beside all that is being kept already.
pub fn room(on: &Watched, head: &AnswerHead) -> Option<Room> {
    let length = head.headers.value("content-length").and_then(|length| length.trim().parse().ok());
    let bytes = length.unwrap_or(inflight::STEP);
    Some(Room { id: isolate::takes_in(&on.watch, bytes)?, bytes })
}

/// Room for an answer.
pub struct Room {
    id: u32,
    bytes: u64,
}

/// What an answer is kept from.
pub enum Body {
    /// Its bytes, which are here.
    Here(Uint8Array),
    /// What is still to come.
    Coming(Room),
}

/// The same answer, which is kept while it is handed on; with a proof only if that holds for its bytes.
pub fn keep(
    on: &Watched,
    answer: Response,
    copy: StoredCopy,
    stored: Stored,
    body: Body,
    proof: Option<Proof>,
) -> Result<Response, JsValue> {
    let (shown, body) = match body {
        Body::Here(bytes) => (answer, Kept::Bytes(bytes)),
        Body::Coming(room) => match convert::split(&answer)? {
            Some((shown, body)) => (shown, Kept::Stream(body, room)),
            // No body at all: an empty one is kept.
            None => {
                isolate::took_in(room.id, Some(0));
                (answer, Kept::Bytes(convert::nothing()))
            }
        },
    };
    on.visit.keep(&shown);
    let own = on.clone();
    on.visit.background(async move {
        let (asked, status) = (copy.timing.requested_at, copy.head.status);
        let kept = kept(&own, copy, &stored, body, proof).await;
        if kept.is_some() {
            isolate::came(&own.watch, asked);
            isolate::came_well(&own.settings, &own.watch, status);
        }
        isolate::over(&own.watch, kept.is_some(), asked);
        if let Some((copy, bytes)) = kept {
            // Other content than before is a first sight, and may yet prove to be an error's.
            let again = stored.copy().is_some_and(|stored| stored.print == copy.print);
            beyond(&own, &copy, &bytes, again).await;
        }
    });
    Ok(shown)
}

enum Kept {
    Bytes(Uint8Array),
    Stream(ReadableStream, Room),
}

/// What was kept, if it was.
async fn kept(
    on: &Watched,
    copy: StoredCopy,
    stored: &Stored,
    body: Kept,
    proof: Option<Proof>,
) -> Option<(StoredCopy, Uint8Array)> {
    let bytes = match body {
        Kept::Bytes(bytes) => bytes,
        Kept::Stream(body, room) => {
            let most = on.settings.max_copy_bytes;
            let more = || isolate::takes_more_in(room.id);
            let bytes = convert::whole_where_room(&body, room.bytes, inflight::STEP, most, more).await;
            isolate::took_in(room.id, bytes.as_ref().map(|bytes| u64::from(bytes.byte_length())));
            bytes?
        }
    };
    if proof.is_some_and(|proof| !proof.holds(&bytes)) {
        return None;
    }
    let looked = if stored.skipped { Some(store::find(&on.watch).await) } else { None };
    let stored = looked.as_ref().unwrap_or(stored);
    let fit = copy.good;
    let copy = before_keeping(on, copy, &bytes, stored.copy())?;
    let copy = generations::before_keeping(on, copy, fit, &bytes, stored).await?;
    if copy.good {
        isolate::answered_well(&on.settings, &on.watch, &copy);
    }
    // As it is stored, so that what is everywhere has the same beginning.
    let copy = store::put(&on.watch, copy, stored.at_key(), &bytes, &on.settings).await?;
    Some((copy, bytes))
}

/// Keeps an answer that no visitor waits for. Says whether it was kept.
pub async fn take(
    on: &Watched,
    answer: Response,
    head: &AnswerHead,
    copy: StoredCopy,
    stored: &Stored,
) -> bool {
    let body = match (answer.body(), room(on, head)) {
        (Some(stream), Some(room)) => Kept::Stream(stream, room),
        (None, _) => Kept::Bytes(convert::nothing()),
        (Some(_), None) => return false,
    };
    let Some((copy, bytes)) = kept(on, copy, stored, body, None).await else { return false };
    let again = stored.copy().is_some_and(|stored| stored.print == copy.print);
    beyond(on, &copy, &bytes, again).await;
    copy.good
}

/// What was kept here is kept everywhere; a page's parts are kept beside it.
async fn beyond(on: &Watched, copy: &StoredCopy, bytes: &Uint8Array, again: bool) {
    if copy.good {
        everywhere::keep(on, copy, bytes, again).await;
        parts::keep(on, copy, bytes).await;
    }
}
