//! The one story of a request: plan, ask the origin, judge, and on failure diagnose, choose and answer.
//!
//! Every decision is `backsoon::rescue`'s. This file only knows in which order things happen.

use crate::convert::{self, Body};
use crate::origin::{self, Asked};
use crate::visit::Visit;
use crate::{log, own, store};
use backsoon::diagnosis::diagnose;
use backsoon::page;
use backsoon::rescue::choose::{CopyChoice, PageChoice};
use backsoon::rescue::respond::{passage, relay_edits};
use backsoon::rescue::{
    AnswerHead, Choice, Failure, Judgement, Plan, Rescue, Settings, Watch, choose, failure, judge,
    page_model, plan,
};
use backsoon::text;
use std::rc::Rc;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Request, Response};

/// So much of an error's body is read for the diagnosis, and for so long.
const PREFIX_BYTES: u32 = 64 * 1024;
const PREFIX_MS: u32 = 1500;

/// Answers a request. `Err` is what the platform threw where it should not; the entry module answers then.
pub async fn handle(request: Request, settings: Rc<Settings>, visit: Visit) -> Result<Response, JsValue> {
    let facts = convert::request_facts(&request).ok_or("an address that is not http")?;
    match plan(facts.clone(), &settings) {
        Plan::Own(endpoint) => own::answer(endpoint, &settings),
        Plan::Bare { outgoing, .. } => {
            let asked = origin::ask(&visit, request, &outgoing, settings.timeout_ms).await;
            let answer = asked.answer.map_err(|thrown| JsValue::from(thrown.message))?;
            let edits = passage(&facts, &convert::head(&answer), &settings);
            convert::edited(answer, &edits)
        }
        Plan::Refuse(watch, failure) => rescue(&visit, &watch, failure, None, &settings).await,
        Plan::Watch(watch) => {
            let asked = origin::ask(&visit, request, &watch.outgoing, settings.timeout_ms).await;
            watched(&visit, *watch, asked, settings).await
        }
    }
}

async fn watched(
    visit: &Visit,
    watch: Watch,
    asked: Asked,
    settings: Rc<Settings>,
) -> Result<Response, JsValue> {
    let answer = match asked.answer {
        Ok(answer) => answer,
        Err(thrown) => return rescue(visit, &watch, failure::from_thrown(&thrown), None, &settings).await,
    };
    let head = convert::head(&answer);
    let judgement = judge(&watch, &head, asked.timing, &settings);
    let edits = relay_edits(&watch, &head, &judgement, &settings);
    match judgement {
        Judgement::Rescue(failure) => {
            return rescue(visit, &watch, failure, Some((answer, head)), &settings).await;
        }
        Judgement::RelayBare(_) => {}
        Judgement::Relay { forget, .. } => {
            own::origin_answered();
            if forget {
                visit.background(store::forget(watch.key));
            }
        }
        Judgement::RelayAndStore(copy) => {
            own::origin_answered();
            if let Some((shown, kept)) = answer.body().as_ref().and_then(convert::tee) {
                let init: &web_sys::ResponseInit = wasm_bindgen::JsCast::unchecked_ref(&answer);
                let shown = Response::new_with_opt_readable_stream_and_init(Some(&shown), init)?;
                visit.keep(&shown);
                visit.background(async move { store::keep(watch.key, *copy, kept, &settings).await });
                return convert::edited(shown, &edits);
            }
        }
    }
    convert::edited(answer, &edits)
}

/// The origin failed this request: the best answer that there still is.
async fn rescue(
    visit: &Visit,
    watch: &Watch,
    failure: Failure,
    answer: Option<(Response, AnswerHead)>,
    settings: &Settings,
) -> Result<Response, JsValue> {
    let found = if watch.lookup { store::find(&watch.key).await } else { None };
    let error = match answer {
        Some((answer, head)) => Some(look_into(visit, answer, head).await?),
        None => None,
    };
    let (body, ended) = match &error {
        Some(error) => (error.prefix.clone(), error.ended),
        None => (None, None),
    };
    let head = error.as_ref().map(|error| &error.head);
    let verdict = diagnose(&failure.exchange(&watch.request, head, body, ended));
    let rescue = Rescue {
        watch,
        failure: &failure,
        error: verdict.error(),
        origin: error.as_ref().map(|error| (&error.head, error.ended != Some(false))),
        copy: found.as_ref().map(|found| &found.copy),
        now: convert::now(),
        dice: (js_sys::Math::random() * f64::from(u32::MAX)) as u32,
    };
    let choice = choose(&rescue, settings);
    let reference = own::origin_failed(matches!(choice, Choice::Copy(_)));
    log::rescued(&rescue, &choice, &verdict, &reference);
    match choice {
        Choice::Copy(choice) => copy(&choice, found.and_then(|found| found.response.body()), settings).await,
        Choice::Page(choice) => {
            let owner = settings.owner();
            let lang = watch.request.headers.value("accept-language").unwrap_or_default();
            let lang = text::negotiate(lang);
            let model = page_model(&choice, &rescue, &verdict, &owner, settings, lang, &reference);
            fallback(&choice, page::render(&model))
        }
        Choice::OriginAnswer { edits, .. } => {
            let error = error.ok_or("chose an answer that never came")?;
            convert::edited(error.answer, &edits)
        }
    }
}

/// The origin's own error, looked into and still whole.
struct OriginError {
    answer: Response,
    head: AnswerHead,
    prefix: Option<Vec<u8>>,
    /// Whether its body ended as promised, where that is known.
    ended: Option<bool>,
}

async fn look_into(visit: &Visit, answer: Response, head: AnswerHead) -> Result<OriginError, JsValue> {
    let Some((look, rest)) = answer.body().as_ref().and_then(convert::tee) else {
        return Ok(OriginError { answer, head, prefix: Some(vec![]), ended: Some(true) });
    };
    let init: &web_sys::ResponseInit = wasm_bindgen::JsCast::unchecked_ref(&answer);
    let whole = Response::new_with_opt_readable_stream_and_init(Some(&rest), init)?;
    visit.keep(&whole);
    let read = convert::prefix(&look, PREFIX_BYTES, PREFIX_MS).await;
    let (prefix, ended) = read.map_or((None, None), |read| (Some(read.bytes), read.ended));
    Ok(OriginError { answer: whole, head, prefix, ended })
}

async fn copy(
    choice: &CopyChoice,
    body: Option<web_sys::ReadableStream>,
    settings: &Settings,
) -> Result<Response, JsValue> {
    let body = match (body.filter(|_| choice.body), choice.part) {
        (Some(body), None) => Body::Opaque(body.into()),
        (Some(body), Some(part)) => {
            let whole = convert::whole(&body, settings.max_copy_bytes).await.ok_or("a stored body broke")?;
            Body::Opaque(convert::part(whole, part.first, part.last)?)
        }
        (None, _) => Body::Empty,
    };
    let fields = choice.head.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    convert::response(choice.head.status, fields, body)
}

fn fallback(choice: &PageChoice, page: page::Rendered) -> Result<Response, JsValue> {
    let own = choice.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields = page.headers.iter().map(|(name, value)| (*name, value.as_str())).chain(own);
    let body = if choice.body { Body::Text(page.body.clone()) } else { Body::Empty };
    convert::response(page.status, fields, body)
}
