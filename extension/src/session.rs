//! What is kept for as long as the browser runs, in `storage.session`: nothing of it reaches a disk.
//!
//! One entry a tab for the request that the background saw, one for a refresh that is due, one for the
//! outcome of an action, one for the failure that it is in, and one for an action that waits for its permission.

use crate::api::{self, settle};
use crate::history::Open;
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

/// What the visitor consented to and what waits for the browser's permission.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// `clear` or `wait`.
    pub what: String,
    /// The tab that it is about.
    pub tab: i32,
    /// The address in it.
    pub url: String,
    /// When the visitor consented, in milliseconds since 1970.
    pub at: f64,
}

/// A site that somebody waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// The tab to load again when it is back.
    pub tab: i32,
    /// How often it was asked.
    pub tries: u32,
    /// Since when, in milliseconds since 1970.
    pub since: f64,
    /// The name of its alarm and of its notification. The browser writes alarms to the disk, and the system may
    /// write notifications there, so the name says nothing of the address.
    pub name: String,
}

const ASKED: &str = "asked";

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
        ("proxied", js::or_null(seen.proxied)),
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
        proxied: js::flag(&value, "proxied"),
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
pub async fn keep_asked(asked: &Asked) {
    let value = js::object([
        ("what", asked.what.as_str().into()),
        ("tab", asked.tab.into()),
        ("url", asked.url.as_str().into()),
        ("at", asked.at.into()),
    ]);
    keep(ASKED, value).await;
}

/// Takes out what waits for a permission, so that it is done once.
pub async fn take_asked() -> Option<Asked> {
    let value = load(ASKED).await?;
    forget(ASKED).await;
    Some(Asked {
        what: js::text(&value, "what")?,
        tab: js::id(&value, "tab")?,
        url: js::text(&value, "url")?,
        at: js::number(&value, "at")?,
    })
}

fn wait_key(url: &str) -> String {
    format!("wait.{url}")
}

/// Keeps a wait.
pub async fn keep_wait(url: &str, wait: &Wait) {
    let value = js::object([
        ("tab", wait.tab.into()),
        ("tries", wait.tries.into()),
        ("since", wait.since.into()),
        ("name", wait.name.as_str().into()),
    ]);
    keep(&wait_key(url), value).await;
}

/// The wait for an address.
pub async fn wait(url: &str) -> Option<Wait> {
    read_wait(&load(&wait_key(url)).await?)
}

fn read_wait(value: &JsValue) -> Option<Wait> {
    Some(Wait {
        tab: js::id(value, "tab")?,
        tries: js::millis(value, "tries")?,
        since: js::number(value, "since")?,
        name: js::text(value, "name")?,
    })
}

/// All addresses that somebody waits for, the first first.
pub async fn waits() -> Vec<String> {
    all_waits().await.into_iter().map(|(url, _)| url).collect()
}

/// The address of the wait with this name; `None` once the wait is over or the browser was started again.
pub async fn waited(name: &str) -> Option<String> {
    all_waits().await.into_iter().find(|(_, wait)| wait.name == name).map(|(url, _)| url)
}

async fn all_waits() -> Vec<(String, Wait)> {
    let Ok(all) = settle(api::session_all()).await else { return Vec::new() };
    let mut waits: Vec<(String, Wait)> = Vec::new();
    for name in js_sys::Reflect::own_keys(&all).unwrap_or_default().iter().filter_map(|n| n.as_string()) {
        let (Some(url), Some(value)) = (name.strip_prefix("wait."), js::field(&all, &name)) else { continue };
        if let Some(wait) = read_wait(&value) {
            // A sort by the library would cost the wasm 3 KB for a handful of entries.
            let place = waits.iter().position(|(_, other)| other.since > wait.since).unwrap_or(waits.len());
            waits.insert(place, (url.to_owned(), wait));
        }
    }
    waits
}

/// Ends the wait for an address.
pub async fn forget_wait(url: &str) {
    forget(&wait_key(url)).await;
}

fn told_key(name: &str) -> String {
    format!("told.{name}")
}

/// Keeps the address that a notification is about.
pub async fn keep_told(name: &str, url: &str) {
    keep(&told_key(name), url.into()).await;
}

/// The address that a notification is about, once.
pub async fn take_told(name: &str) -> Option<String> {
    let key = told_key(name);
    let url = load(&key).await?.as_string();
    forget(&key).await;
    url
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

fn open_key(tab: i32) -> String {
    format!("open.{tab}")
}

/// Keeps the failure that a tab is in.
pub async fn keep_open(tab: i32, open: &Open) {
    let value = js::object([
        ("failure", open.failure.into()),
        ("url", open.url.as_str().into()),
        ("load", open.load.as_str().into()),
    ]);
    keep(&open_key(tab), value).await;
}

/// The failure that a tab is in.
pub async fn open(tab: i32) -> Option<Open> {
    let value = load(&open_key(tab)).await?;
    Some(Open {
        failure: js::number(&value, "failure")?,
        url: js::text(&value, "url")?,
        load: js::text(&value, "load")?,
    })
}

/// The tab is in no failure any more.
pub async fn forget_open(tab: i32) {
    forget(&open_key(tab)).await;
}

fn awaited_key(url: &str) -> String {
    format!("awaited.{url}")
}

/// Keeps which failure of which tab ends when this address is back.
pub async fn keep_awaited(url: &str, tab: i32, failure: f64) {
    keep(&awaited_key(url), js::object([("tab", tab.into()), ("failure", failure.into())])).await;
}

/// The tab and the failure that wait for this address.
pub async fn awaited(url: &str) -> Option<(i32, f64)> {
    let value = load(&awaited_key(url)).await?;
    Some((js::id(&value, "tab")?, js::number(&value, "failure")?))
}

/// No failure waits for this address.
pub async fn forget_awaited(url: &str) {
    forget(&awaited_key(url)).await;
}

/// Forgets a tab that was closed.
pub async fn forget_tab(tab: i32) {
    for key in [request_key(tab), refresh_key(tab), outcome_key(tab), open_key(tab)] {
        forget(&key).await;
    }
}
