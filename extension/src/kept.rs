//! What is kept on this device, in `storage.local`: the visitor's choices and the history of failures.
//!
//! Popup, options page and background all write it, each with a wasm of its own: whoever reads in order to
//! write does so `alone`. What cannot be read counts as not there.

use crate::api::{self, let_run, settle};
use crate::history::{End, Failure, Said};
use crate::js;
use crate::settings::Settings;
use backsoon::text::Lang;
use js_sys::Array;
use std::future::Future;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::future_to_promise;

const SETTINGS: &str = "settings";
const HISTORY: &str = "history";

/// Does something while no other page of the extension, nor its background, is inside the same.
pub async fn alone(work: impl Future<Output = ()> + 'static) {
    let work = Closure::once(move |_lock: JsValue| -> JsValue {
        let done = async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        };
        future_to_promise(done).into()
    });
    // Only a page that is being closed is refused the lock.
    let _ = settle(api::lock("kept", &work)).await;
}

async fn load(key: &str) -> Option<JsValue> {
    js::field(&settle(api::local_get(key)).await.ok()?, key)
}

async fn keep(key: &str, value: JsValue) {
    let items = js::object([]);
    js::set(&items, key, value);
    let _ = settle(api::local_set(&items)).await;
}

/// The visitor's choices.
pub async fn settings() -> Settings {
    let Some(value) = load(SETTINGS).await else { return Settings::default() };
    let quiet = js::field(&value, "quiet").map(|list| Array::from(&list)).unwrap_or_default();
    Settings {
        off: js::flag(&value, "off").unwrap_or(false),
        quiet: quiet.iter().filter_map(|host| host.as_string()).collect(),
        stay: js::flag(&value, "stay").unwrap_or(false),
        lang: js::text(&value, "lang"),
    }
}

async fn keep_settings(settings: &Settings) {
    let value = js::object([
        ("off", settings.off.into()),
        ("quiet", js::texts(settings.quiet.iter().map(String::as_str))),
        ("stay", settings.stay.into()),
        ("lang", js::or_null(settings.lang.as_deref())),
    ]);
    keep(SETTINGS, value).await;
}

/// Changes the visitor's choices, and tells the background.
pub async fn choose(change: impl FnOnce(&mut Settings) + 'static) {
    alone(async {
        let mut settings = settings().await;
        change(&mut settings);
        keep_settings(&settings).await;
    })
    .await;
    let_run(api::send_message(&js::object([("do", "chosen".into())])));
}

/// The language that the visitor chose, or else the browser's.
pub async fn lang() -> Lang {
    speaks(&settings().await)
}

/// The same, where the choices are at hand.
pub fn speaks(settings: &Settings) -> Lang {
    settings.speaks(&api::ui_language().ok().and_then(|tag| tag.as_string()).unwrap_or_default())
}

/// The failures, oldest first.
pub async fn history() -> Vec<Failure> {
    let list = load(HISTORY).await.map(|list| Array::from(&list)).unwrap_or_default();
    list.iter().filter_map(|value| read(&value)).collect()
}

/// Keeps the failures.
pub async fn keep_history(list: &[Failure]) {
    keep(HISTORY, list.iter().map(written).collect::<Array>().into()).await;
}

fn read(value: &JsValue) -> Option<Failure> {
    let causes = js::field(value, "causes").map(|list| Array::from(&list)).unwrap_or_default();
    Some(Failure {
        at: js::number(value, "at")?,
        site: js::text(value, "site")?,
        said: Said {
            status: js::status(value, "status"),
            gateway: js::text(value, "gateway").unwrap_or_default(),
            layer: js::text(value, "layer"),
            causes: causes.iter().filter_map(|cause| cause.as_string()).collect(),
            sentence: js::text(value, "sentence").unwrap_or_default(),
        },
        end: End::read(&js::text(value, "end").unwrap_or_default()),
        ended: js::number(value, "ended"),
    })
}

fn written(failure: &Failure) -> JsValue {
    let value = said(failure);
    js::set(&value, "at", failure.at.into());
    js::set(&value, "ended", js::or_null(failure.ended));
    value
}

/// The fields that storage and export have in common.
fn said(failure: &Failure) -> JsValue {
    let said = &failure.said;
    js::object([
        ("at", JsValue::NULL),
        ("site", failure.site.as_str().into()),
        ("status", js::or_null(said.status)),
        ("gateway", said.gateway.as_str().into()),
        ("layer", js::or_null(said.layer.as_deref())),
        ("causes", js::texts(said.causes.iter().map(String::as_str))),
        ("sentence", said.sentence.as_str().into()),
        ("end", failure.end.as_str().into()),
    ])
}

/// The history as a JSON document, newest first; its form is in `docs/options.md`.
pub fn export(list: &[Failure], now: f64) -> String {
    let failures = list.iter().rev().map(|failure| {
        let value = said(failure);
        js::set(&value, "at", iso(failure.at).into());
        js::set(&value, "ended", js::or_null(failure.ended.map(iso)));
        js::set(&value, "after_min", js::or_null(failure.minutes()));
        value
    });
    let document = js::object([
        ("form", "backsoon-history-1".into()),
        ("exported", iso(now).into()),
        ("failures", failures.collect::<Array>().into()),
    ]);
    let text = js_sys::JSON::stringify_with_replacer_and_space(&document, &JsValue::NULL, &1.into());
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// RFC 3339, UTC.
fn iso(ms: f64) -> String {
    // A number that no calendar has throws in JavaScript; it gives the first moment instead.
    let date = js_sys::Date::new(&ms.into());
    if date.get_time().is_nan() { "1970-01-01T00:00:00.000Z".to_owned() } else { date.to_iso_string().into() }
}
