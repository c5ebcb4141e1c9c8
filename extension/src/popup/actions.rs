//! What the visitor's clicks do: refresh, clear, watch, copy.
//!
//! A click that needs a permission asks for it at once: after any wait the browsers refuse to ask.

use super::Popup;
use super::look::{buttons, look, seconds_left};
use crate::api::{self, let_run, settle};
use crate::session::{self, Asked};
use crate::settings::Settings;
use crate::{draw, js, kept, probe, report};
use backsoon::text;
use gloo_timers::callback::Interval;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Seconds before the end at which a countdown is read out.
const SPOKEN_AT: [u32; 3] = [60, 10, 5];

pub(super) fn note(popup: &Popup, id: &'static str) {
    let site = popup.site.borrow();
    draw::set_text("note", &text::fill(text::say(popup.lang, id), &[("site", &site)]));
}

/// Hands the refresh to the background, which does it even when the popup has closed.
pub(super) fn refresh(popup: &Rc<Popup>, after_s: u32, past_cache: bool) {
    let after_ms = f64::from(after_s) * 1000.0;
    let order = js::object([
        ("do", "refresh".into()),
        ("tab", popup.tab.into()),
        ("after_ms", after_ms.into()),
        ("past_cache", past_cache.into()),
    ]);
    let_run(api::send_message(&order));
    draw::set_text("note", "");
    if after_s == 0 {
        return;
    }
    popup.due.set(Some(js_sys::Date::now() + after_ms));
    popup.spoken.set(after_s);
    draw::set_text("spoken", &counting(popup, after_s));
    let own = Rc::clone(popup);
    popup.ticking.replace(Some(Interval::new(250, move || tick(&own))));
    buttons(popup);
}

fn counting(popup: &Popup, seconds: u32) -> String {
    text::section("popup")
        .map(|popup_texts| popup_texts.count(popup.lang, "counting", seconds))
        .unwrap_or_default()
}

fn tick(popup: &Rc<Popup>) {
    let Some(left) = popup.due.get().map(seconds_left) else { return };
    buttons(popup);
    let spoken = popup.spoken.get();
    if let Some(mark) = SPOKEN_AT.into_iter().find(|mark| left <= *mark && spoken > *mark) {
        popup.spoken.set(mark);
        draw::set_text("spoken", &counting(popup, left));
    }
}

pub(super) fn stop_counting(popup: &Rc<Popup>) {
    popup.due.set(None);
    popup.ticking.replace(None);
    draw::set_text("spoken", "");
    buttons(popup);
}

pub(super) fn cancel(popup: &Rc<Popup>) {
    let_run(api::send_message(&js::object([("do", "cancel".into()), ("tab", popup.tab.into())])));
    stop_counting(popup);
    note(popup, "popup.cancelled");
}

/// Says what clearing would do in this browser, before anything is asked or done.
pub(super) fn ask_to_clear(popup: &Rc<Popup>) {
    let scope = if api::is_firefox() { "popup.clear_firefox" } else { "popup.clear_chrome" };
    let site = web_sys::Url::new(&popup.url.borrow()).map(|url| url.hostname()).unwrap_or_default();
    let say = |id| text::fill(text::say(popup.lang, id), &[("site", &site)]);
    draw::set_text("confirm-title", &say("popup.clear_title"));
    draw::set_text("confirm-scope", &say(scope));
    draw::show("confirm", true);
    expanded(true);
    if let Some(title) = draw::by_id("confirm-title") {
        let _ = title.focus();
    }
}

pub(super) fn stop_asking() {
    draw::show("confirm", false);
    expanded(false);
    if let Some(button) =
        draw::by_id("clear").filter(|button| !button.hidden()).or_else(|| draw::by_id("primary"))
    {
        let _ = button.focus();
    }
}

fn expanded(open: bool) {
    if let Some(button) = draw::by_id("clear") {
        let _ = button.set_attribute("aria-expanded", if open { "true" } else { "false" });
    }
}

pub(super) fn clear(popup: &Rc<Popup>) {
    let permission = js::object([("permissions", js::texts(["browsingData"]))]);
    run_if_granted(popup, "clear", &permission, "popup.not_cleared");
    stop_asking();
}

/// Asks for what waiting needs: to look at this site later, and to say so.
pub(super) fn tell(popup: &Rc<Popup>) {
    let url = popup.url.borrow().clone();
    if popup.waiting.get() {
        let order = js::object([("do", "stop_waiting".into()), ("url", url.as_str().into())]);
        let_run(api::send_message(&order));
        popup.waiting.set(false);
        buttons(popup);
        return note(popup, "back.stopped");
    }
    let Some(pattern) = probe::host_pattern(&url) else { return };
    let what = js::object([
        ("permissions", js::texts(["notifications"])),
        ("origins", js::texts([pattern.as_str()])),
    ]);
    run_if_granted(popup, "wait", &what, "back.refused");
}

/// Asks the browser, and keeps what the visitor consented to: the question may close the popup, and then the
/// background goes on alone.
fn run_if_granted(popup: &Rc<Popup>, what: &str, permissions: &JsValue, refused: &'static str) {
    let url = popup.url.borrow().clone();
    let consent = Asked { what: what.to_owned(), tab: popup.tab, url, at: js_sys::Date::now() };
    let asked = api::permissions_request(permissions);
    let popup = Rc::clone(popup);
    spawn_local(async move {
        // Kept before anybody is told to look for it.
        session::keep_asked(&consent).await;
        if settle(asked).await.ok().and_then(|granted| granted.as_bool()) == Some(true) {
            let_run(api::send_message(&js::object([("do", "run".into())])));
        } else {
            let _ = session::take_asked().await;
            note(&popup, refused);
        }
    });
}

/// Says how the last action ended, once.
pub(super) async fn say_outcome(popup: &Rc<Popup>) {
    match session::take_outcome(popup.tab).await.as_deref() {
        Some("popup.cleared") => note(popup, "popup.cleared"),
        Some("popup.not_cleared") => note(popup, "popup.not_cleared"),
        Some("back.telling") => {
            popup.waiting.set(true);
            buttons(popup);
            note(popup, "back.telling");
        }
        _ => {}
    }
}

pub(super) fn watch(popup: &Rc<Popup>) {
    let Some(pattern) = probe::host_pattern(&popup.url.borrow()) else { return };
    if !popup.watching.get() {
        return grant(popup, js::texts([pattern.as_str()]));
    }
    let popup = Rc::clone(popup);
    spawn_local(async move {
        for origins in [pattern.as_str(), "*://*/*"] {
            let _ = settle(api::permissions_remove(&js::object([("origins", js::texts([origins]))]))).await;
        }
        note(&popup, "popup.watch_off");
        let _ = look(&popup).await;
    });
}

/// Leaves this site alone from now on, or takes it up again.
pub(super) fn leave(popup: &Rc<Popup>) {
    let Ok(host) = web_sys::Url::new(&popup.url.borrow()).map(|url| url.hostname()) else { return };
    let alone = !popup.left_alone.get();
    let popup = Rc::clone(popup);
    spawn_local(async move {
        let change = move |settings: &mut Settings| {
            if alone {
                settings.leave_alone(&host);
            } else {
                settings.take_up(&host);
            }
        };
        kept::choose(change).await;
        popup.left_alone.set(alone);
        buttons(&popup);
        note(&popup, if alone { "options.left_alone" } else { "options.taken_up" });
    });
}

pub(super) fn grant(popup: &Rc<Popup>, origins: JsValue) {
    let asked = api::permissions_request(&js::object([("origins", origins)]));
    let popup = Rc::clone(popup);
    spawn_local(async move {
        if settle(asked).await.ok().and_then(|granted| granted.as_bool()) == Some(true) {
            note(&popup, "popup.watching");
            let _ = look(&popup).await;
        } else {
            note(&popup, "back.refused");
        }
    });
}

pub(super) fn copy(popup: &Rc<Popup>) {
    let found = popup.found.borrow();
    let (Some((exchange, verdict, view)), Some(window)) = (found.as_ref(), web_sys::window()) else { return };
    let title = text::fill(text::say(popup.lang, "popup.report_title"), &[("site", &popup.site.borrow())]);
    let written = window.navigator().clipboard().write_text(&report::markdown(
        &title,
        &view.headline,
        (exchange, verdict),
        &view.evidence,
        &popup.owner.borrow(),
    ));
    let popup = Rc::clone(popup);
    spawn_local(async move {
        let copied = JsFuture::from(written).await.is_ok();
        note(&popup, if copied { "popup.copied" } else { "popup.not_copied" });
    });
}
