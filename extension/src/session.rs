//! What is kept for as long as the browser runs, in `storage.session`: nothing of it reaches a disk.
//!
//! One entry a tab for the request that the background saw, one for a refresh that is due, one for the
//! outcome of an action, and one for an action that waits for its permission.

use crate::api::{self, settle};
use crate::js;
use crate::seen::Seen;
use wasm_bindgen::JsValue;

/// A refresh that the visitor asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refresh {
    /// When it is due, in milliseconds since 1970.
    pub at: f64,
    /// Whether it goes past the cache.
    pub past_cache: bool,
}

/// A clearing that waits for the permission.
#[derive(Clone, Debug, PartialEq)]
pub struct Clearing {
    /// The tab to reload afterwards.
    pub tab: i32,
    /// The address whose site is cleared.
    pub url: String,
    /// When the visitor consented, in milliseconds since 1970.
    pub at: f64,
}

const CLEARING: &str = "clearing";

fn request_key(tab: i32) -> String {
    format!("tab.{tab}")
}

/// The name of a tab's refresh, as a key and as an alarm.
pub fn refresh_key(tab: i32) -> String {
    format!("refresh.{tab}")
}

fn outcome_key(tab: i32) -> String {
    format!("outcome.{tab}")
}

async fn load(key: &str) -> Option<JsValue> {
    js::field(&settle(api::session_get(key)).await.ok()?, key)
}

async fn keep(key: &str, value: JsValue) {
    let items = js::object([]);
    js::set(&items, key, value);
    let _ = settle(api::session_set(&items)).await;
}

async fn forget(key: &str) {
    let _ = settle(api::session_remove(key)).await;
}

/// Keeps the request of a tab.
pub async fn keep_seen(tab: i32, seen: &Seen) {
    let value = js::object([
        ("url", seen.url.as_str().into()),
        ("method", seen.method.as_str().into()),
        ("status", js::or_null(seen.status)),
        ("line", seen.line.as_str().into()),
        ("headers", js::from_pairs(&seen.headers)),
        ("cached", js::or_null(seen.cached)),
        ("error", js::or_null(seen.error.as_deref())),
        ("request", seen.request.as_str().into()),
    ]);
    keep(&request_key(tab), value).await;
}

/// The request of a tab, where the background saw one.
pub async fn seen(tab: i32) -> Option<Seen> {
    let value = load(&request_key(tab)).await?;
    Some(Seen {
        url: js::text(&value, "url")?,
        method: js::text(&value, "method").unwrap_or_default(),
        status: js::status(&value, "status"),
        line: js::text(&value, "line").unwrap_or_default(),
        headers: js::pairs(&value, "headers"),
        cached: js::flag(&value, "cached"),
        error: js::text(&value, "error"),
        request: js::text(&value, "request").unwrap_or_default(),
    })
}

/// Keeps the refresh of a tab.
pub async fn keep_refresh(tab: i32, refresh: Refresh) {
    let value = js::object([("at", refresh.at.into()), ("past_cache", refresh.past_cache.into())]);
    keep(&refresh_key(tab), value).await;
}

/// The refresh of a tab that is still to come.
pub async fn refresh(tab: i32) -> Option<Refresh> {
    let value = load(&refresh_key(tab)).await?;
    Some(Refresh {
        at: js::number(&value, "at")?,
        past_cache: js::flag(&value, "past_cache").unwrap_or(false),
    })
}

/// Drops the refresh of a tab.
pub async fn forget_refresh(tab: i32) {
    forget(&refresh_key(tab)).await;
}

/// Keeps what the visitor consented to until the permission is there.
pub async fn keep_clearing(clearing: &Clearing) {
    let value = js::object([
        ("tab", clearing.tab.into()),
        ("url", clearing.url.as_str().into()),
        ("at", clearing.at.into()),
    ]);
    keep(CLEARING, value).await;
}

/// Takes the waiting action out, so that it is done once.
pub async fn take_clearing() -> Option<Clearing> {
    let value = load(CLEARING).await?;
    forget(CLEARING).await;
    Some(Clearing {
        tab: js::id(&value, "tab")?,
        url: js::text(&value, "url")?,
        at: js::number(&value, "at")?,
    })
}

/// Keeps how an action ended, by the id of its sentence, for the popup to say.
pub async fn keep_outcome(tab: i32, sentence: &str) {
    keep(&outcome_key(tab), sentence.into()).await;
}

/// How the last action on this tab ended; said once.
pub async fn take_outcome(tab: i32) -> Option<String> {
    let key = outcome_key(tab);
    let sentence = load(&key).await?.as_string();
    forget(&key).await;
    sentence
}

/// Forgets a tab that was closed.
pub async fn forget_tab(tab: i32) {
    for key in [request_key(tab), refresh_key(tab), outcome_key(tab)] {
        forget(&key).await;
    }
}
