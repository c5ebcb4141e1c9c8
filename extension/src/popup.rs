//! The popup: looks at the tab, shows the verdict, and carries out what the visitor clicks.
//!
//! What shall outlive the popup (a refresh that is due, a clearing that waits for its permission) is handed to
//! the background. Every permission is asked for in the click itself, as both browsers demand.

mod actions;
mod look;
mod steps;

use crate::owner::Owner;
use crate::view::View;
use crate::{api, draw, js, kept};
use actions::{
    ask_to_clear, cancel, clear, copy, grant, leave, refresh, say_outcome, stop_asking, stop_counting, tell,
    watch,
};
use backsoon::facts::Exchange;
use backsoon::text::Lang;
use backsoon::verdict::Verdict;
use gloo_timers::callback::Interval;
use look::{look, tab};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use steps::{check, copy_link, open_private};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// One open popup.
struct Popup {
    lang: Lang,
    /// Whether Backsoon is switched off: then nothing is offered that would go on after the popup.
    off: bool,
    /// Whether the visitor wants this site left alone.
    left_alone: Cell<bool>,
    tab: i32,
    url: RefCell<String>,
    site: RefCell<String>,
    /// What the last look found: for the report and the buttons.
    found: RefCell<Option<(Exchange, Verdict, View)>>,
    /// What the site itself said.
    owner: RefCell<Owner>,
    /// Each look has a number; one that was overtaken draws nothing.
    turn: Cell<u32>,
    /// When the refresh is due, in milliseconds since 1970.
    due: Cell<Option<f64>>,
    spoken: Cell<u32>,
    ticking: RefCell<Option<Interval>>,
    watching: Cell<bool>,
    /// Whether somebody waits for this page to come back.
    waiting: Cell<bool>,
    /// Whether the tab's window is private: nothing is offered there that the disk would remember.
    private: Cell<bool>,
}

/// Opens the popup: ready when the first verdict stands.
///
/// # Errors
/// Where the browser does not even name the tab; the plain headline stays then.
#[wasm_bindgen]
pub async fn open() -> Result<(), JsValue> {
    let settings = kept::settings().await;
    let popup = Rc::new(Popup {
        lang: kept::speaks(&settings),
        off: settings.off,
        left_alone: Cell::default(),
        tab: tab().await.ok_or("no tab")?,
        url: RefCell::default(),
        site: RefCell::default(),
        found: RefCell::default(),
        owner: RefCell::default(),
        turn: Cell::default(),
        due: Cell::default(),
        spoken: Cell::default(),
        ticking: RefCell::default(),
        watching: Cell::default(),
        waiting: Cell::default(),
        private: Cell::new(true),
    });
    wire(&popup);
    look(&popup).await
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
    on_click(popup, "tell", tell);
    on_click(popup, "watch", watch);
    on_click(popup, "watch-all", |popup| grant(popup, js::texts(["*://*/*"])));
    on_click(popup, "copy", copy);
    on_click(popup, "leave", leave);
    on_click(popup, "options", |_| {
        api::let_run(api::open_options_page());
    });
    on_click(popup, "copy-report", copy);
    on_click(popup, "copy-link", copy_link);
    on_click(popup, "private", open_private);
    on_click(popup, "check-network", |popup| check(popup, "check-network-said"));
    on_click(popup, "check-proxy", |popup| check(popup, "check-proxy-said"));
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
