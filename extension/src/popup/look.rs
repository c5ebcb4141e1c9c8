//! Looks at the tab and shows what was found: first what is at hand, then what a second answer adds.
//!
//! Each look has a number. A page that comes while one is under way starts the next, and the old one draws
//! nothing any more.

use super::Popup;
use super::actions::say_outcome;
use crate::api::{self, settle};
use crate::owner::Owner;
use crate::seen::{Known, Line, Page, without_fragment};
use crate::session;
use crate::view::{self, View};
use crate::{around, draw, draw_offers, draw_owner, js, kept, offers, probe, witness};
use backsoon::diagnosis::diagnose;
use backsoon::facts::Exchange;
use backsoon::text;
use backsoon::verdict::{AtFault, Verdict};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The tab that the popup is about: the one in front, or the one that the address names (`?tab=`).
pub(super) async fn tab() -> Option<i32> {
    let query = web_sys::window()?.location().search().ok()?;
    if let Some(named) = query.strip_prefix("?tab=") {
        return named.parse().ok();
    }
    let filter = js::object([("active", true.into()), ("currentWindow", true.into())]);
    let tabs = settle(api::tabs_query(&filter)).await.ok()?;
    js::id(&js_sys::Array::from(&tabs).get(0), "id")
}

/// Looks at the tab and draws: first what is at hand, then what a second answer adds.
pub(super) async fn look(popup: &Rc<Popup>) -> Result<(), JsValue> {
    let turn = popup.turn.get().wrapping_add(1);
    popup.turn.set(turn);
    let facts = settle(api::tabs_get(popup.tab)).await?;
    let url = js::text(&facts, "url").unwrap_or_default();
    let site = web_sys::Url::new(&url).map(|u| u.host()).unwrap_or_default();
    let web = url.starts_with("http:") || url.starts_with("https:");
    popup.url.replace(url.clone());
    popup.site.replace(if web { site.clone() } else { String::new() });
    popup.watching.set(web && probe::has_host(&url).await);
    popup.private.set(js::flag(&facts, "incognito").unwrap_or(true));
    popup.waiting.set(!popup.private.get() && session::wait(&url).await.is_some());
    let host = web_sys::Url::new(&url).map(|url| url.hostname()).unwrap_or_default();
    popup.left_alone.set(web && kept::settings().await.leaves_alone(&host));
    let (seen, page) = (session::seen(popup.tab).await, probe::page(popup.tab).await);
    if popup.turn.get() != turn {
        return Ok(());
    }
    draw::frame(popup.lang, &popup.site.borrow());
    // While a new page is on its way the old one, loaded whole, is still in the tab.
    let loading = js::text(&facts, "status").as_deref() == Some("loading")
        && !matches!(&page, Page::Told(told) if !told.done && told.status.is_some());
    // Firefox's `activeTab` ends when another page comes, and with it the tab's address.
    let shut_out = url.is_empty() && turn > 1;
    if !web || loading {
        let view = match (shut_out, web) {
            (true, _) => view::look_again(popup.lang),
            (false, true) => view::loading(popup.lang),
            (false, false) => view::not_a_page(popup.lang),
        };
        show(popup, None, view)?;
        mark("settled", turn);
        return Ok(());
    }
    let line = Line { online: Some(online()), ..Line::default() };
    let mut known = Known { url: url.clone(), seen, page, again: None, line };
    judge(popup, &site, &known)?;
    draw_owner::clear();
    // One more request only where something failed: a healthy page has nothing to explain.
    // A page of which nothing is known has nothing to be called healthy for.
    let failed = popup
        .found
        .borrow()
        .as_ref()
        .is_none_or(|(exchange, verdict, _)| exchange.status.is_none() || verdict.fault != AtFault::None);
    if failed {
        known.again = probe::again(popup.tab, &url, &known.page).await;
        if let Some((failed, without)) = known.differing() {
            let decide = probe::cookies_decide(popup.tab, &url, &known.page, failed, without).await;
            known.again.iter_mut().for_each(|again| again.cookies_decide = decide);
        }
        if popup.turn.get() != turn {
            return Ok(());
        }
        known.line.captive_portal = around::captive_portal().await;
        judge(popup, &site, &known)?;
        look_around(popup, &site, &mut known, turn).await?;
    }
    say_outcome(popup).await;
    if popup.off {
        draw::set_text("note", text::say(popup.lang, "options.is_off"));
    }
    mark("settled", turn);
    let look = witness::Look {
        tab: popup.tab,
        private: popup.private.get(),
        url: without_fragment(&url).to_owned(),
        load: known.load(),
    };
    let found =
        popup.found.borrow().as_ref().map(|(exchange, verdict, _)| (exchange.clone(), verdict.clone()));
    if let Some((exchange, verdict)) = found {
        witness::saw(look, &exchange, &verdict).await;
    }
    Ok(())
}

/// What the site's own answer says can be asked around it. The page is judged anew only where that changed.
async fn look_around(popup: &Rc<Popup>, site: &str, known: &mut Known, turn: u32) -> Result<(), JsValue> {
    let exchange = known.exchange();
    let found = around::ask(popup.tab, &known.url, &exchange, &diagnose(&exchange)).await;
    if popup.turn.get() != turn {
        return Ok(());
    }
    if found.edge.is_some() {
        known.line.edge = found.edge;
        judge(popup, site, known)?;
    }
    draw_owner::fill(popup.lang, &found.owner)?;
    draw_offers::steps(popup.lang, &known.exchange(), &found.owner)?;
    popup.owner.replace(found.owner);
    Ok(())
}

fn judge(popup: &Rc<Popup>, site: &str, known: &Known) -> Result<(), JsValue> {
    let exchange = known.exchange();
    let verdict = diagnose(&exchange);
    let mut view = view::compose(popup.lang, site, known, &exchange, &verdict);
    if popup.off {
        // A countdown and a wait are the background's, which is switched off.
        (view.refresh_after_s, view.wait) = (None, false);
    }
    view.wait &= !popup.private.get();
    show(popup, Some((exchange, verdict)), view)
}

fn show(popup: &Rc<Popup>, about: Option<(Exchange, Verdict)>, view: View) -> Result<(), JsValue> {
    let status = about.as_ref().and_then(|(exchange, _)| exchange.status);
    draw::fill(popup.lang, &view, status)?;
    let found = about.is_some();
    let mut view = view;
    // Who waits already must be able to stop, also where the page works again.
    view.wait |= popup.waiting.get();
    if let Some((exchange, verdict)) = &about {
        draw_offers::arrange(&offers::offers(popup.lang, exchange, verdict, &view))?;
        draw_offers::steps(popup.lang, exchange, &Owner::default())?;
    }
    popup.found.replace(about.map(|(exchange, verdict)| (exchange, verdict, view.clone())));
    popup.owner.take();
    draw::show("places", found);
    draw::show("owner", found && view.fault != Some(AtFault::None));
    draw::show("actions", found);
    draw::show("help", found);
    draw::show("help-title", found && view.fault != Some(AtFault::None));
    draw::show("watch-all", found && !popup.watching.get() && !popup.off && !popup.left_alone.get());
    // The browser or Backsoon would write the name of the site to the disk.
    draw::show("leave", found && !popup.off && (!popup.private.get() || popup.left_alone.get()));
    buttons(popup);
    mark("ready", popup.turn.get());
    Ok(())
}

/// Says on the document how far the popup is: the style and the tests wait for it.
pub(super) fn mark(name: &str, turn: u32) {
    if let Some(root) = draw::document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute(&format!("data-{name}"), &turn.to_string());
    }
}

/// The words and the presence of every button, from the view and from the countdown.
pub(super) fn buttons(popup: &Rc<Popup>) {
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
    let site = popup.site.borrow();
    let tell = if popup.waiting.get() { "back.stop" } else { "back.tell" };
    draw::set_label("tell", &text::fill(say(tell), &[("site", &site)]));
    let new_watch = popup.private.get() && !popup.watching.get();
    draw::show("watch", !popup.off && !popup.left_alone.get() && !new_watch);
    let leave = if popup.left_alone.get() { "options.take_up" } else { "options.leave_alone" };
    draw::set_label("leave", say(leave));
    let watching = popup.watching.get();
    draw_offers::more();
    draw::set_label("watch", if watching { say("popup.watch_stop") } else { say("popup.watch") });
    draw::set_reason("watch", if watching { say("popup.watching") } else { say("act.watch_why") });
}

fn numbered(template: &str, n: u32) -> String {
    text::fill(template, &[("n", &n.to_string())])
}

pub(super) fn seconds_left(due: f64) -> u32 {
    // `as` saturates: a time that has passed is 0.
    ((due - js_sys::Date::now()) / 1000.0).ceil() as u32
}

fn online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}
