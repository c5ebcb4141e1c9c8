//! The popup: looks at the tab, shows the verdict, and carries out what the visitor clicks.
//!
//! What shall outlive the popup (a refresh that is due, a clearing that waits for its permission) is handed to
//! the background. Every permission is asked for in the click itself, as both browsers demand.

use crate::api::{self, let_run, settle};
use crate::seen::{Known, Page};
use crate::session::{self, Clearing};
use crate::view::{self, View};
use crate::{draw, js, probe, report};
use backsoon::diagnosis::diagnose;
use backsoon::facts::Exchange;
use backsoon::text::{self, Lang};
use backsoon::verdict::{AtFault, Verdict};
use gloo_timers::callback::Interval;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Seconds before the end at which a countdown is read out.
const SPOKEN_AT: [u32; 3] = [60, 10, 5];

/// One open popup.
struct Popup {
    lang: Lang,
    tab: i32,
    url: RefCell<String>,
    site: RefCell<String>,
    /// What the last look found: for the report and the buttons.
    found: RefCell<Option<(Exchange, Verdict, View)>>,
    /// Each look has a number; one that was overtaken draws nothing.
    turn: Cell<u32>,
    /// When the refresh is due, in milliseconds since 1970.
    due: Cell<Option<f64>>,
    spoken: Cell<u32>,
    ticking: RefCell<Option<Interval>>,
    watching: Cell<bool>,
}

/// Opens the popup: ready when the first verdict stands.
///
/// # Errors
/// Where the browser does not even name the tab; the plain headline stays then.
#[wasm_bindgen]
pub async fn open() -> Result<(), JsValue> {
    let tag = api::ui_language().ok().and_then(|tag| tag.as_string()).unwrap_or_default();
    let popup = Rc::new(Popup {
        lang: text::negotiate(&tag),
        tab: tab().await.ok_or("no tab")?,
        url: RefCell::default(),
        site: RefCell::default(),
        found: RefCell::default(),
        turn: Cell::default(),
        due: Cell::default(),
        spoken: Cell::default(),
        ticking: RefCell::default(),
        watching: Cell::default(),
    });
    wire(&popup);
    look(&popup).await
}

/// The tab that the popup is about: the one in front, or the one that the address names (`?tab=`).
async fn tab() -> Option<i32> {
    let query = web_sys::window()?.location().search().ok()?;
    if let Some(named) = query.strip_prefix("?tab=") {
        return named.parse().ok();
    }
    let filter = js::object([("active", true.into()), ("currentWindow", true.into())]);
    let tabs = settle(api::tabs_query(&filter)).await.ok()?;
    js::id(&js_sys::Array::from(&tabs).get(0), "id")
}

/// Looks at the tab and draws: first what is at hand, then what a second answer adds.
async fn look(popup: &Rc<Popup>) -> Result<(), JsValue> {
    let turn = popup.turn.get().wrapping_add(1);
    popup.turn.set(turn);
    let facts = settle(api::tabs_get(popup.tab)).await?;
    let url = js::text(&facts, "url").unwrap_or_default();
    let site = web_sys::Url::new(&url).map(|u| u.host()).unwrap_or_default();
    let web = url.starts_with("http:") || url.starts_with("https:");
    popup.url.replace(url.clone());
    popup.site.replace(if web { site.clone() } else { String::new() });
    popup.watching.set(web && probe::has_host(&url).await);
    let (seen, page) = (session::seen(popup.tab).await, probe::page(popup.tab).await);
    if popup.turn.get() != turn {
        return Ok(());
    }
    draw::frame(popup.lang, &popup.site.borrow());
    // While a new page is on its way the old one, loaded whole, is still in the tab.
    let loading = js::text(&facts, "status").as_deref() == Some("loading")
        && !matches!(&page, Page::Told(told) if !told.done && told.status.is_some());
    if !web || loading {
        let view = if web { view::loading(popup.lang) } else { view::not_a_page(popup.lang) };
        show(popup, None, view)?;
        mark("settled", turn);
        return Ok(());
    }
    let mut known = Known { url: url.clone(), seen, page, again: None, online: online() };
    judge(popup, &site, &known)?;
    // One more request only where something failed: a healthy page has nothing to explain.
    let failed = popup.found.borrow().as_ref().is_none_or(|(_, verdict, _)| verdict.fault != AtFault::None);
    if failed {
        known.again = probe::again(popup.tab, &url, &known.page).await;
        if popup.turn.get() != turn {
            return Ok(());
        }
        judge(popup, &site, &known)?;
    }
    say_outcome(popup).await;
    mark("settled", turn);
    Ok(())
}

fn judge(popup: &Rc<Popup>, site: &str, known: &Known) -> Result<(), JsValue> {
    let exchange = known.exchange();
    let verdict = diagnose(&exchange);
    let view = view::compose(popup.lang, site, known, &exchange, &verdict);
    show(popup, Some((exchange, verdict)), view)
}

fn show(popup: &Rc<Popup>, about: Option<(Exchange, Verdict)>, view: View) -> Result<(), JsValue> {
    let status = about.as_ref().and_then(|(exchange, _)| exchange.status);
    draw::view(popup.lang, &view, status)?;
    let found = about.is_some();
    popup.found.replace(about.map(|(exchange, verdict)| (exchange, verdict, view.clone())));
    draw::show("places", found);
    draw::show("actions", found);
    draw::show("watch-all", found && !popup.watching.get());
    buttons(popup);
    mark("ready", popup.turn.get());
    Ok(())
}

/// Says on the document how far the popup is: the style and the tests wait for it.
fn mark(name: &str, turn: u32) {
    if let Some(root) = draw::document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute(&format!("data-{name}"), &turn.to_string());
    }
}

/// The words and the presence of every button, from the view and from the countdown.
fn buttons(popup: &Rc<Popup>) {
    let say = |id| text::say(popup.lang, id);
    let found = popup.found.borrow();
    let Some((_, _, view)) = found.as_ref() else { return };
    let left = popup.due.get().map(seconds_left);
    let (icon, label) = match (left, view.refresh_after_s, view.clear_leads) {
        (Some(left), ..) => ("trouble", numbered(say("popup.cancel_in"), left)),
        (None, _, true) => ("clear", say("popup.clear").to_owned()),
        (None, Some(wait), _) => ("reload", numbered(say("popup.refresh_in"), wait)),
        (None, None, _) => ("reload", String::new()),
    };
    draw::show("primary", !label.is_empty());
    draw::set_label(
        "now",
        if label.is_empty() { say("popup.refresh_only") } else { say("popup.refresh_now") },
    );
    draw::set_label("primary", &label);
    draw::set_icon("primary", icon);
    if let Some(primary) = draw::by_id("primary") {
        let _ = primary.toggle_attribute_with_force("data-counting", left.is_some());
    }
    draw::show("past-cache", view.past_cache);
    draw::show("clear", view.clear);
    draw::show("watch", true);
    draw::set_label("watch", if popup.watching.get() { say("popup.watch_stop") } else { say("popup.watch") });
    draw::set_label("watch-all", say("popup.watch_all"));
}

fn numbered(template: &str, n: u32) -> String {
    text::fill(template, &[("n", &n.to_string())])
}

fn seconds_left(due: f64) -> u32 {
    // `as` saturates: a time that has passed is 0.
    ((due - js_sys::Date::now()) / 1000.0).ceil() as u32
}

fn online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Binds the buttons and the browser's events, once.
fn wire(popup: &Rc<Popup>) {
    on_click(popup, "primary", |popup| {
        let (wait, clear) = match popup.found.borrow().as_ref() {
            Some((_, _, view)) => (view.refresh_after_s, view.clear_leads),
            None => (None, false),
        };
        match (popup.due.get(), clear, wait) {
            (Some(_), ..) => cancel(popup),
            (None, true, _) => ask_to_clear(popup),
            (None, false, Some(wait)) => refresh(popup, wait, false),
            (None, false, None) => {}
        }
    });
    on_click(popup, "now", |popup| refresh(popup, 0, false));
    on_click(popup, "past-cache", |popup| refresh(popup, 0, true));
    on_click(popup, "clear", ask_to_clear);
    on_click(popup, "confirm-yes", clear);
    on_click(popup, "confirm-no", |_| stop_asking());
    on_click(popup, "watch", watch);
    on_click(popup, "watch-all", |popup| grant(popup, js::texts(["*://*/*"])));
    on_click(popup, "copy", copy);
    let own = Rc::clone(popup);
    let updated = Closure::new(move |tab: i32, change: JsValue| {
        let popup = Rc::clone(&own);
        match js::text(&change, "status").as_deref() {
            Some("loading") if tab == popup.tab => stop_counting(&popup),
            Some("complete") if tab == popup.tab => spawn_local(async move {
                // The tab may be gone by now; what the popup shows stays.
                let _ = look(&popup).await;
            }),
            _ => {}
        }
    });
    let own = Rc::clone(popup);
    let changed = Closure::new(move |_changes: JsValue| {
        let popup = Rc::clone(&own);
        spawn_local(async move { say_outcome(&popup).await });
    });
    let _ = (api::on_tab_updated(&updated), api::on_storage_changed(&changed));
    updated.forget();
    changed.forget();
}

fn on_click(popup: &Rc<Popup>, id: &str, act: fn(&Rc<Popup>)) {
    let Some(button) = draw::by_id(id) else { return };
    let popup = Rc::clone(popup);
    let listener = Closure::<dyn FnMut()>::new(move || act(&popup));
    let _ = button.add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
    listener.forget();
}

fn note(popup: &Popup, id: &'static str) {
    draw::set_text("note", text::say(popup.lang, id));
}

/// Hands the refresh to the background, which does it even when the popup has closed.
fn refresh(popup: &Rc<Popup>, after_s: u32, past_cache: bool) {
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

fn stop_counting(popup: &Rc<Popup>) {
    popup.due.set(None);
    popup.ticking.replace(None);
    draw::set_text("spoken", "");
    buttons(popup);
}

fn cancel(popup: &Rc<Popup>) {
    let_run(api::send_message(&js::object([("do", "cancel".into()), ("tab", popup.tab.into())])));
    stop_counting(popup);
    note(popup, "popup.cancelled");
}

/// Says what clearing would do in this browser, before anything is asked or done.
fn ask_to_clear(popup: &Rc<Popup>) {
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

fn stop_asking() {
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

fn clear(popup: &Rc<Popup>) {
    let clearing = Clearing { tab: popup.tab, url: popup.url.borrow().clone(), at: js_sys::Date::now() };
    spawn_local(async move { session::keep_clearing(&clearing).await });
    let asked = api::permissions_request(&js::object([("permissions", js::texts(["browsingData"]))]));
    stop_asking();
    let popup = Rc::clone(popup);
    spawn_local(async move {
        if settle(asked).await.ok().and_then(|granted| granted.as_bool()) == Some(true) {
            let_run(api::send_message(&js::object([("do", "clear".into())])));
        } else {
            let _ = session::take_clearing().await;
            note(&popup, "popup.not_cleared");
        }
    });
}

/// Says how the last action ended, once.
async fn say_outcome(popup: &Popup) {
    match session::take_outcome(popup.tab).await.as_deref() {
        Some("popup.cleared") => note(popup, "popup.cleared"),
        Some("popup.not_cleared") => note(popup, "popup.not_cleared"),
        _ => {}
    }
}

fn watch(popup: &Rc<Popup>) {
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

fn grant(popup: &Rc<Popup>, origins: JsValue) {
    let asked = api::permissions_request(&js::object([("origins", origins)]));
    let popup = Rc::clone(popup);
    spawn_local(async move {
        if settle(asked).await.ok().and_then(|granted| granted.as_bool()) == Some(true) {
            note(&popup, "popup.watching");
            let _ = look(&popup).await;
        }
    });
}

fn copy(popup: &Rc<Popup>) {
    let found = popup.found.borrow();
    let (Some((exchange, verdict, view)), Some(window)) = (found.as_ref(), web_sys::window()) else { return };
    let title = text::fill(text::say(popup.lang, "popup.report_title"), &[("site", &popup.site.borrow())]);
    let written = window.navigator().clipboard().write_text(&report::markdown(
        &title,
        &view.headline,
        exchange,
        verdict,
    ));
    let popup = Rc::clone(popup);
    spawn_local(async move {
        let copied = JsFuture::from(written).await.is_ok();
        note(&popup, if copied { "popup.copied" } else { "popup.not_copied" });
    });
}
