//! The origin failed a request, or is not asked because it fails: diagnose, choose, answer.

use crate::asking;
use crate::config;
use crate::convert::{self, Body};
use crate::everywhere;
use crate::handle::Watched;
use crate::isolate;
use crate::log;
use crate::preflights;
use crate::probe;
use crate::secondary;
use crate::store::{self, Stored};
use backsoon::cache::freshness::Timing;
use backsoon::cache::serve::Send;
use backsoon::diagnosis::diagnose;
use backsoon::page::{self, Form, PageModel, note};
use backsoon::rescue::choose::{CopyChoice, PageChoice};
use backsoon::rescue::failure::is_no_status;
use backsoon::rescue::judge::error_entry;
use backsoon::rescue::preflight;
use backsoon::rescue::secondary::stand_in;
use backsoon::rescue::{AnswerHead, Choice, Failure, Rescue, choose, linked_pages, page_model};
use backsoon::text::{self, Lang};
use wasm_bindgen::prelude::JsValue;
use web_sys::Response;

/// So much of an error's body is read for the diagnosis, and for so long.
const PREFIX_BYTES: u32 = 64 * 1024;
const PREFIX_MS: u32 = 1500;

/// How a request failed.
pub struct Failed {
    /// What is known of it.
    pub failure: Failure,
    /// The origin's own error, its head, and when it came; `None` where none came.
    pub answer: Option<(Response, AnswerHead, Timing)>,
    /// It was the breaker's probe.
    pub probe: bool,
    /// How often it was sent.
    pub tries: u32,
}

impl Failed {
    /// A failure of which no answer came.
    pub fn without_answer(failure: Failure) -> Self {
        Self { failure, answer: None, probe: false, tries: 1 }
    }

    /// Lets the platform drop the answer's body.
    pub fn discard(&self) {
        if let Some((answer, ..)) = &self.answer {
            convert::discard(answer);
        }
    }
}

/// The best answer that there still is.
pub async fn rescue(on: &Watched, stored: Stored, failed: Failed) -> Result<Response, JsValue> {
    let (watch, settings) = (&on.watch, &on.settings);
    let Failed { failure, answer, probe, tries } = failed;
    let stored = everywhere::or_from_there(on, stored).await;
    let error = match answer {
        // Of what is no status no other response can be made.
        Some((answer, head, timing)) if is_no_status(head.status) => {
            Some(OriginError { answer, head, timing, prefix: None, ended: Some(true) })
        }
        Some((answer, head, timing)) => Some(look_into(on, answer, head, timing).await?),
        None => None,
    };
    let (body, ended) = error.as_ref().map_or((None, None), |error| (error.prefix.clone(), error.ended));
    let head = error.as_ref().map(|error| &error.head);
    let mut exchange = failure.exchange(&watch.request, head, body, ended);
    if tries > 1 {
        exchange.beside.earlier.push(failure.received_status.unwrap_or(0));
    }
    let verdict = diagnose(&exchange);
    let rescue = Rescue {
        watch,
        failure: &failure,
        error: verdict.error().filter(|_| failure.asked && !failure.pending),
        origin: error.as_ref().map(|error| (&error.head, error.ended != Some(false))),
        copy: stored.copy(),
        now: convert::now(),
        dice: convert::dice(),
    };
    let choice = choose(&rescue, settings);
    let preflight = preflights::known(on).await;
    let copied = matches!(choice, Choice::Copy(_));
    let second = if copied { None } else { stand_in(&rescue, settings) };
    let shown = copied || second.is_some() || preflight.is_some();
    let reference = isolate::failed(settings, watch, &failure, probe, shown);
    probe::look(on);
    log::rescued(&rescue, &choice, &verdict, &reference);
    if let Some(copy) = preflight {
        if let Some(error) = &error {
            convert::discard(&error.answer);
        }
        return store::respond(None, &preflight::answer(&rescue, &copy), Send::Nothing).await;
    }
    if let Some(how) = second
        && let Some(answer) = secondary::ask(on, &how, &rescue).await
    {
        if let Some(error) = &error {
            convert::discard(&error.answer);
        }
        return Ok(answer);
    }
    let lang = text::negotiate(watch.request.headers.value("accept-language").unwrap_or_default());
    match choice {
        Choice::Copy(choice) => copy(&choice, stored, lang).await,
        Choice::Page(choice) => {
            let owner = settings.owner(&watch.request.url.host);
            let copies = if choice.form == Form::Html { readable(on).await } else { vec![] };
            let model = page_model(&choice, &rescue, &verdict, &owner, settings, lang, &reference);
            fallback(&choice, page::render(&PageModel { copies: &copies, ..model }))
        }
        Choice::OriginAnswer { edits, .. } => {
            let error = error.ok_or("chose an answer that never came")?;
            let entry = error_entry(watch, &error.head, stored.copy(), error.timing, settings)
                .filter(|_| !is_no_status(error.head.status));
            let room = entry.and_then(|entry| Some((entry, asking::room(on, &error.head)?)));
            let answer = match room {
                Some((entry, room)) => {
                    asking::keep(on, error.answer, entry, stored, asking::Body::Coming(room), None)?
                }
                None => error.answer,
            };
            convert::edited(answer, &edits)
        }
    }
}

/// The pages that the owner names and of which this visitor would now be shown a copy.
async fn readable(on: &Watched) -> Vec<page::Copy> {
    let mut found = vec![];
    for (watch, page) in linked_pages(&on.watch.request, &on.settings) {
        let stored = store::find(&watch).await;
        let there = config::at(&on.settings, &page.path);
        if stored.copy().is_some_and(|copy| copy.usable(&watch, &there, convert::now()).is_ok()) {
            found.push(page.clone());
        }
        if let Some(entry) = stored.entry {
            convert::discard(&entry.response);
        }
    }
    found
}

/// The origin's own error, looked into and still whole.
struct OriginError {
    answer: Response,
    head: AnswerHead,
    timing: Timing,
    prefix: Option<Vec<u8>>,
    /// Whether its body ended as promised, where that is known.
    ended: Option<bool>,
}

async fn look_into(
    on: &Watched,
    answer: Response,
    head: AnswerHead,
    timing: Timing,
) -> Result<OriginError, JsValue> {
    let Some((whole, look)) = convert::split(&answer)? else {
        return Ok(OriginError { answer, head, timing, prefix: Some(vec![]), ended: Some(true) });
    };
    on.visit.keep(&whole);
    let read = convert::prefix(&look, PREFIX_BYTES, PREFIX_MS).await;
    // One that stalls is as little to be handed on as one that broke.
    let (prefix, ended) = read.map_or((None, None), |read| {
        (Some(read.bytes.to_vec()), if read.late { Some(false) } else { read.ended })
    });
    Ok(OriginError { answer: whole, head, timing, prefix, ended })
}

async fn copy(choice: &CopyChoice, stored: Stored, lang: Lang) -> Result<Response, JsValue> {
    let send = match choice.part {
        _ if !choice.body => Send::Nothing,
        Some(part) => Send::Part(part),
        None => Send::Whole,
    };
    let response = store::respond(stored.entry, &choice.head, send).await?;
    Ok(if choice.note { convert::noted(response, &note(lang, choice.as_of)) } else { response })
}

fn fallback(choice: &PageChoice, page: page::Rendered) -> Result<Response, JsValue> {
    let own = choice.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields = page.headers.iter().map(|(name, value)| (*name, value.as_str())).chain(own);
    let body = if choice.body { Body::Text(page.body.clone()) } else { Body::Empty };
    convert::response(page.status, fields, body)
}
