//! Asks for what lies around a failed exchange: the owner's words, the CDN's edge, the visitor's own network.
//!
//! Nobody but the site in the tab is asked, and that only where its own answer says that there is something to
//! ask for. What the answers mean is decided in `backsoon` and in `owner`.

use crate::api::{self, settle};
use crate::owner::{self, Owner};
use crate::seen::Again;
use crate::{js, links, probe};
use backsoon::edge;
use backsoon::facts::{Exchange, Headers};
use backsoon::verdict::{AtFault, Verdict};
use wasm_bindgen::JsValue;

/// What the browser says of the visitor's network: whether a log-in page holds it. Firefox only, and only where
/// its detection is on.
pub async fn captive_portal() -> Option<bool> {
    let state = settle(api::captive_portal_state()).await.ok()?.as_string()?;
    match state.as_str() {
        "locked_portal" => Some(true),
        "unlocked_portal" | "not_captive" => Some(false),
        _ => None,
    }
}

/// What was learnt around a failed exchange.
pub struct Around {
    /// Whether the edge answers for itself; `None` where it has no address, or did not.
    pub edge: Option<bool>,
    /// What the owner says.
    pub owner: Owner,
}

/// How much of a status document or of an edge's answer is read, in bytes. A longer one says nothing.
const DOCUMENT_BYTES: u32 = 16_384;

/// Asks for a small public document.
fn ask_small(tab: i32, url: &str) -> api::Answer {
    let referrer = ("referrerPolicy", "no-referrer".into());
    api::ask_site(tab, url, &js::object([("most", DOCUMENT_BYTES.into()), referrer]))
}

/// An answer that succeeded and was read whole.
fn complete(answer: Option<JsValue>) -> Option<Again> {
    let yes = |answer: &JsValue, name| js::flag(answer, name) == Some(true);
    answer.filter(|answer| yes(answer, "ok") && yes(answer, "whole")).map(|answer| probe::read(&answer))
}

/// Asks the edge and the owner, both at once.
pub async fn ask(tab: i32, url: &str, exchange: &Exchange, verdict: &Verdict) -> Around {
    // Chrome's `activeTab` covers what is asked from here, Firefox's does not.
    let from = if !api::is_firefox() || probe::has_host(url).await { -1 } else { tab };
    let said = document_of(url, &exchange.headers);
    // Only where the site is at fault does it matter whether the line is fine.
    let path = edge::own_path(&exchange.headers).filter(|_| verdict.fault == AtFault::Site);
    // Both are under way before either is waited for.
    let edge = path.map(|path| ask_small(from, &beside(url, path)));
    let document = said.as_ref().and_then(|said| said.ask.as_deref()).map(|at| ask_small(from, at));
    let problem = problem(exchange);
    let edge = match edge {
        Some(answer) => answers(settle(answer).await.ok(), url),
        None => None,
    };
    let document = match document {
        Some(answer) => read(settle(answer).await.ok(), said.as_ref()),
        None => Owner::default(),
    };
    let linked = said.map(|said| said.linked).unwrap_or_default();
    Around { edge, owner: document.or(problem).or(linked) }
}

/// The address of a path on the same origin.
fn beside(url: &str, path: &str) -> String {
    web_sys::Url::new_with_base(path, url).map(|url| url.href()).unwrap_or_default()
}

/// An edge that does not answer so is no evidence: a guard may turn such requests away.
fn answers(answer: Option<JsValue>, url: &str) -> Option<bool> {
    let host = web_sys::Url::new(url).ok()?.hostname();
    edge::is_own_answer(&complete(answer)?.body?, &host).then_some(true)
}

/// What the links of an answer say.
struct Said {
    /// A status document on the same origin.
    ask: Option<String>,
    /// What needs no asking.
    linked: Owner,
}

fn document_of(url: &str, headers: &Headers) -> Option<Said> {
    let base = web_sys::Url::new(url).ok()?;
    let all = |relation: &'static str| {
        let targets = headers.values("link").flat_map(move |field| links::with_relation(field, relation));
        targets.filter_map(|target| web_sys::Url::new_with_base(target, url).ok()).collect::<Vec<_>>()
    };
    let (own, other): (Vec<_>, Vec<_>) =
        all("status").into_iter().partition(|link| link.origin() == base.origin());
    let status_page = other.first().map(web_sys::Url::href).filter(|page| links::https_host(page).is_some());
    let contact = ["help", "author"].into_iter().flat_map(all).find_map(|link| owner::contact(&link.href()));
    let linked = Owner { status_page, contact, ..Owner::default() };
    Some(Said { ask: own.first().map(web_sys::Url::href), linked })
}

fn read(answer: Option<JsValue>, said: Option<&Said>) -> Owner {
    let Some(answer) = complete(answer) else { return Owner::default() };
    let headers = Headers(answer.headers);
    if owner::is_json(headers.value("content-type").unwrap_or_default()) {
        return members(&answer.body.unwrap_or_default());
    }
    // A page for people: it is not read, but it can be opened.
    let page = said.and_then(|said| said.ask.clone()).filter(|page| links::https_host(page).is_some());
    Owner { status_page: page, ..Owner::default() }
}

/// The owner's words in the failing answer itself.
fn problem(exchange: &Exchange) -> Owner {
    let kind = exchange.headers.value("content-type").unwrap_or_default();
    match exchange.body.as_deref().map(String::from_utf8_lossy) {
        Some(body) if owner::is_problem(kind) => members(&body),
        _ => Owner::default(),
    }
}

fn members(json: &str) -> Owner {
    match js_sys::JSON::parse(json) {
        Ok(document) => Owner::of(|name| js::text(&document, name)),
        Err(_) => Owner::default(),
    }
}
