//! What the background does with each event: keeps what was seen of a tab, sets the badge, carries out the
//! refreshes and clearings that the visitor asked for.
//!
//! It may be stopped between any two events: nothing is kept in memory but a short timer, and that has an
//! alarm behind it. What a status means is decided in `backsoon`.

use crate::api::{self, let_run, settle};
use crate::seen::{Known, Line, Page, Seen, without_fragment};
use crate::session::{self, Refresh};
use crate::{clear, js, kept, net_error, probe, wait, witness};
use wasm_bindgen::prelude::*;

/// Alarms of packed extensions ring after 30 s at the earliest; a shorter wait is a timer with an alarm behind.
const SHORTEST_ALARM_MS: f64 = 30_000.0;
/// A consent older than this is no longer one, in milliseconds.
const CONSENT_MS: f64 = 120_000.0;

/// The head of an answer arrived for a tab's main frame.
#[wasm_bindgen]
pub async fn headers_received(details: JsValue) {
    // A prerendered page is not in any tab yet; when it is, the page itself tells its status.
    if js::text(&details, "documentLifecycle").is_some_and(|state| state != "active") {
        return;
    }
    let Some(tab) = js::id(&details, "tabId").filter(|id| *id >= 0) else { return };
    let headers = js::field(&details, "responseHeaders").map(|v| js_sys::Array::from(&v)).unwrap_or_default();
    let seen = Seen {
        url: without_fragment(&js::text(&details, "url").unwrap_or_default()).to_owned(),
        method: js::text(&details, "method").unwrap_or_default(),
        status: js::status(&details, "statusCode"),
        line: js::text(&details, "statusLine").unwrap_or_default(),
        headers: headers
            .iter()
            .filter_map(|h| Some((js::text(&h, "name")?, js::text(&h, "value").unwrap_or_default())))
            .collect(),
        cached: js::flag(&details, "fromCache"),
        error: None,
        proxied: proxied(&details),
        request: js::text(&details, "requestId").unwrap_or_default(),
    };
    session::keep_seen(tab, &seen).await;
}

/// The answer is complete: only now is it known whether it came from the cache.
#[wasm_bindgen]
pub async fn request_completed(details: JsValue) {
    let Some(tab) = js::id(&details, "tabId").filter(|id| *id >= 0) else { return };
    let (Some(mut seen), Some(cached)) = (session::seen(tab).await, js::flag(&details, "fromCache")) else {
        return;
    };
    if js::text(&details, "requestId").is_some_and(|request| request == seen.request)
        && seen.cached != Some(cached)
    {
        seen.cached = Some(cached);
        session::keep_seen(tab, &seen).await;
    }
    mark(tab).await;
}

/// The transport failed.
#[wasm_bindgen]
pub async fn request_failed(details: JsValue) {
    let Some(tab) = js::id(&details, "tabId").filter(|id| *id >= 0) else { return };
    let error = js::text(&details, "error").unwrap_or_default();
    let request = js::text(&details, "requestId").unwrap_or_default();
    if net_error::is_own_doing(&error) {
        return;
    }
    // Firefox reports an empty error page so, after its head arrived: the head says more.
    if session::seen(tab).await.is_some_and(|seen| seen.request == request && seen.status.is_some()) {
        return mark(tab).await;
    }
    let seen = Seen {
        url: without_fragment(&js::text(&details, "url").unwrap_or_default()).to_owned(),
        method: js::text(&details, "method").unwrap_or_default(),
        error: Some(error),
        proxied: proxied(&details),
        request,
        ..Seen::default()
    };
    session::keep_seen(tab, &seen).await;
    mark(tab).await;
}

/// Whether a request went through a proxy: Firefox says which one, Chrome says nothing.
fn proxied(details: &JsValue) -> Option<bool> {
    let kind = js::field(details, "proxyInfo").and_then(|proxy| js::text(&proxy, "type"));
    api::is_firefox().then(|| kind.is_some_and(|kind| kind != "direct"))
}

/// A tab began or finished to load.
#[wasm_bindgen]
pub async fn tab_updated(tab: i32, status: String) {
    if status == "loading" {
        // Whoever goes on, or reloads, has no use for our refresh.
        cancel_refresh(tab).await;
    } else {
        mark(tab).await;
    }
}

/// Sets the badge of a tab that has loaded. Asked for whenever a part of the facts arrives: Firefox may say that
/// a page is complete before it shows the head of its answer.
async fn mark(tab: i32) {
    let Ok(facts) = settle(api::tabs_get(tab)).await else { return };
    // Without host access the browser keeps the address to itself, and there is nothing to say.
    let Some(url) = js::text(&facts, "url").filter(|url| url.starts_with("http")) else { return };
    if js::text(&facts, "status").as_deref() != Some("complete") {
        return;
    }
    let private = js::flag(&facts, "incognito").unwrap_or(true);
    let settings = kept::settings().await;
    let host = web_sys::Url::new(&url).map(|url| url.hostname()).unwrap_or_default();
    let quiet = settings.off || settings.leaves_alone(&host);
    let due = if quiet { Some(String::new()) } else { badge(tab, &url, private).await };
    let Some(text) = due else { return };
    let color = js::object([("tabId", tab.into()), ("color", "#a3271d".into())]);
    let_run(api::set_badge_color(&color));
    let_run(api::set_badge_text(&js::object([("tabId", tab.into()), ("text", text.as_str().into())])));
}

/// The text of the badge: the status of a page that failed, or an empty one; `None` where nothing new is known.
///
/// The page itself is asked, and what it says counts: one from the back-forward cache, a service worker or a
/// prerendering has no request of its own, or another's. Only an error page of the browser's own, which says
/// nothing, is judged by the request alone.
async fn badge(tab: i32, url: &str, private: bool) -> Option<String> {
    let page = probe::status(tab).await;
    if matches!(&page, Page::Told(told) if without_fragment(&told.url) != without_fragment(url)) {
        return Some(String::new());
    }
    let known = Known {
        url: url.to_owned(),
        seen: session::seen(tab).await,
        page,
        again: None,
        line: Line::default(),
    };
    // An error page of the browser's own, and the last request was for something that never came here: a
    // download, a load that was stopped. The mark goes by itself with the page that it is for.
    if known.source() == "popup.source_none" {
        return None;
    }
    let exchange = known.exchange();
    let status = exchange.status.filter(|status| backsoon::badge::is_due(*status));
    let broken = status.is_some() || exchange.transport_error.is_some();
    // The history comes after the badge, which a visitor waits for.
    if !private && (broken || session::open(tab).await.is_some()) {
        wasm_bindgen_futures::spawn_local(write_down(tab, known));
    }
    Some(status.map(|status| status.to_string()).unwrap_or_default())
}

/// Brings a page into the history, with the verdict on all that it tells.
async fn write_down(tab: i32, mut known: Known) {
    let look = witness::Look {
        tab,
        private: false,
        url: without_fragment(&known.url).to_owned(),
        load: known.load(),
    };
    let whole = probe::page(tab).await;
    // Gone on meanwhile: then what was seen so far has to do.
    if matches!((&whole, &known.page), (Page::Told(whole), Page::Told(told)) if whole.born == told.born) {
        known.page = whole;
    }
    let exchange = known.exchange();
    let verdict = backsoon::diagnosis::diagnose(&exchange);
    witness::saw(look, &exchange, &verdict).await;
}

/// The visitor changed a choice: badges follow at once, and switched off nobody is waited for.
async fn chosen() {
    if kept::settings().await.off {
        wait::stop_all().await;
    }
    let tabs = settle(api::tabs_query(&js::object([]))).await.map(|tabs| js_sys::Array::from(&tabs));
    for tab in tabs.unwrap_or_default().iter().filter_map(|tab| js::id(&tab, "id")) {
        mark(tab).await;
    }
}

/// A tab was closed.
#[wasm_bindgen]
pub async fn tab_removed(tab: i32) {
    let_run(api::alarms_clear(&session::refresh_key(tab)));
    session::forget_tab(tab).await;
}

/// An alarm rang: its name says what is due.
#[wasm_bindgen]
pub async fn alarm_rang(name: String) {
    if let Some(tab) = name.strip_prefix("refresh.").and_then(|id| id.parse().ok()) {
        refresh_if_due(tab).await;
    } else if name.starts_with("wait.") {
        wait::rang(&name).await;
    }
}

/// A notification was clicked: its id is the name of the wait that ended.
#[wasm_bindgen]
pub async fn notification_clicked(id: String) {
    wait::open(&id).await;
}

/// The visitor granted a permission, perhaps the one that an action waits for.
#[wasm_bindgen]
pub async fn permission_added() {
    run_asked().await;
}

/// The popup asks for something that shall outlive it.
#[wasm_bindgen]
pub async fn order_received(order: JsValue) {
    let tab = js::id(&order, "tab").unwrap_or(-1);
    match js::text(&order, "do").as_deref() {
        Some("refresh") => {
            let wait_ms = js::number(&order, "after_ms").unwrap_or(0.0).max(0.0);
            let past_cache = js::flag(&order, "past_cache").unwrap_or(false);
            plan_refresh(tab, wait_ms, past_cache).await;
        }
        Some("cancel") => cancel_refresh(tab).await,
        Some("run") => run_asked().await,
        Some("chosen") => chosen().await,
        Some("stop_waiting") => wait::stop(&js::text(&order, "url").unwrap_or_default()).await,
        _ => {}
    }
}

async fn plan_refresh(tab: i32, wait_ms: f64, past_cache: bool) {
    let at = js_sys::Date::now() + wait_ms;
    session::keep_refresh(tab, Refresh { at, past_cache }).await;
    let behind = at.max(js_sys::Date::now() + SHORTEST_ALARM_MS);
    let _ =
        settle(api::alarms_create(&session::refresh_key(tab), &js::object([("when", behind.into())]))).await;
    if wait_ms < SHORTEST_ALARM_MS {
        gloo_timers::callback::Timeout::new(wait_ms as u32, move || {
            wasm_bindgen_futures::spawn_local(refresh_if_due(tab));
        })
        .forget();
    }
}

async fn cancel_refresh(tab: i32) {
    if session::refresh(tab).await.is_some() {
        session::forget_refresh(tab).await;
        let_run(api::alarms_clear(&session::refresh_key(tab)));
    }
}

async fn refresh_if_due(tab: i32) {
    // A second order may have moved it; timers may ring a moment early.
    let Some(refresh) = session::refresh(tab).await.filter(|r| r.at <= js_sys::Date::now() + 50.0) else {
        return;
    };
    cancel_refresh(tab).await;
    let_run(api::tabs_reload(tab, &js::object([("bypassCache", refresh.past_cache.into())])));
}

async fn run_asked() {
    let Some(asked) = session::take_asked().await else { return };
    if js_sys::Date::now() - asked.at > CONSENT_MS {
        return;
    }
    let outcome = match asked.what.as_str() {
        "wait" if wait::start(asked.tab, &asked.url).await => "back.telling",
        // The popup offers no wait in a private window.
        "wait" => return,
        _ => match clear::site(&asked.url).await {
            Ok(()) => {
                let_run(api::tabs_reload(asked.tab, &js::object([("bypassCache", true.into())])));
                "popup.cleared"
            }
            Err(_) => "popup.not_cleared",
        },
    };
    session::keep_outcome(asked.tab, outcome).await;
}
