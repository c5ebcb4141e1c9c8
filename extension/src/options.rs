//! The options page: the off switch, the language, the sites that are left alone, what Backsoon may do now, and
//! the history of failures.
//!
//! It shows what is kept and granted, and draws again whenever that changes, in whatever window it was changed.
//! What a choice means is decided in `settings` and `background`.

mod draw_history;
mod granted;
mod sites;
mod waits;

use crate::api::{self, settle};
use crate::{draw, js, kept, session, witness};
use backsoon::text::{self, Lang};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// One open options page.
struct Page {
    lang: Cell<Lang>,
    /// Whether the next click on "clear" clears.
    sure: Cell<bool>,
}

/// Opens the page; it is ready when everything stands.
///
/// # Errors
/// Where the document is not the options page.
#[wasm_bindgen]
pub async fn options() -> Result<(), JsValue> {
    let page = Rc::new(Page { lang: Cell::new(kept::lang().await), sure: Cell::default() });
    wire(&page);
    redraw(&page).await?;
    if let Some(root) = draw::document().and_then(|document| document.document_element()) {
        root.set_attribute("data-ready", "1")?;
    }
    Ok(())
}

/// Binds the controls and the browser's events, once.
fn wire(page: &Rc<Page>) {
    on(page, "on", "change", |_, event| {
        if let Some(on) = target::<HtmlInputElement>(event).map(|switch| switch.checked()) {
            spawn_local(kept::choose(move |settings| settings.off = !on));
        }
    });
    on(page, "lang", "change", |_, event| {
        if let Some(tag) = target::<HtmlSelectElement>(event).map(|select| select.value()) {
            spawn_local(kept::choose(move |settings| settings.lang = (!tag.is_empty()).then_some(tag)));
        }
    });
    on(page, "reload", "change", |_, event| {
        if let Some(reload) = target::<HtmlInputElement>(event).map(|choice| choice.checked()) {
            spawn_local(kept::choose(move |settings| settings.stay = !reload));
        }
    });
    on(page, "waits", "click", waits::stop);
    on(page, "add", "submit", sites::add);
    on(page, "sites", "click", sites::remove);
    on(page, "granted", "click", granted::give_back);
    on(page, "export", "click", |_, _| spawn_local(draw_history::save()));
    on(page, "clear", "click", clear);
    on(page, "clear", "blur", |page, _| ask_to_clear(page, false));
    let own = Rc::clone(page);
    let changed: Closure<dyn FnMut(JsValue)> = Closure::new(move |_: JsValue| {
        let page = Rc::clone(&own);
        spawn_local(async move {
            // A page that is being closed draws nothing any more.
            let _ = redraw(&page).await;
        });
    });
    let _ = (
        api::on_storage_changed(&changed),
        api::on_permission_added(&changed),
        api::on_permission_removed(&changed),
    );
    changed.forget();
}

fn on(page: &Rc<Page>, id: &str, event: &str, act: fn(&Rc<Page>, &Event)) {
    let Some(element) = draw::by_id(id) else { return };
    let page = Rc::clone(page);
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(&page, &event));
    let _ = element.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    listener.forget();
}

fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// The button in which an event happened, and the value of one of its `data-` attributes.
fn pressed(event: &Event, attribute: &str) -> Option<String> {
    let element: web_sys::Element = target(event)?;
    element.closest("button").ok()??.get_attribute(attribute)
}

/// Says what just happened, to those who see it and to those who hear it.
fn say(page: &Page, id: &'static str) {
    draw::set_text("news", text::say(page.lang.get(), id));
}

async fn redraw(page: &Rc<Page>) -> Result<(), JsValue> {
    let settings = kept::settings().await;
    let lang = kept::speaks(&settings);
    page.lang.set(lang);
    words(lang)?;
    for (id, on) in [("on", !settings.off), ("reload", !settings.stay)] {
        if let Some(choice) = draw::by_id(id).and_then(|on| on.dyn_into::<HtmlInputElement>().ok()) {
            choice.set_checked(on);
        }
    }
    if let Some(select) = draw::by_id("lang").and_then(|lang| lang.dyn_into::<HtmlSelectElement>().ok()) {
        select.set_value(settings.lang.as_deref().unwrap_or_default());
    }
    waits::draw(lang, &session::waits().await)?;
    sites::draw(lang, &settings)?;
    granted::draw(lang, settle(api::permissions_all()).await.unwrap_or_default())?;
    ask_to_clear(page, page.sure.get());
    draw_history::draw(lang, &kept::history().await)
}

/// Every word that does not depend on what is kept.
fn words(lang: Lang) -> Result<(), JsValue> {
    let document = draw::document().ok_or("no document")?;
    if let Some(root) = document.document_element() {
        root.set_attribute("lang", lang.tag())?;
        root.set_attribute("dir", lang.direction())?;
    }
    document.set_title(&format!("Backsoon · {}", text::say(lang, "options.title")));
    let most = crate::history::MOST.to_string();
    for (id, words) in [
        ("title", "options.title"),
        ("on-label", "options.on"),
        ("on-why", "options.on_why"),
        ("lang-label", "options.language"),
        ("lang-browser", "options.browsers_language"),
        ("waits-title", "options.waits"),
        ("waits-none", "options.waits_none"),
        ("reload-label", "options.reload"),
        ("quiet-title", "options.quiet"),
        ("quiet-why", "options.quiet_why"),
        ("quiet-none", "options.quiet_none"),
        ("site-label", "options.site_field"),
        ("add-button", "options.add"),
        ("may-title", "options.may"),
        ("may-why", "options.may_why"),
        ("may-none", "options.may_none"),
        ("history-title", "options.history"),
        ("history-why", "options.history_why"),
        ("history-none", "options.history_none"),
        ("export", "options.export"),
        ("col-time", "options.col_time"),
        ("col-site", "options.col_site"),
        ("col-what", "options.col_what"),
        ("col-end", "options.col_end"),
    ] {
        draw::set_text(id, &text::fill(text::say(lang, words), &[("n", &most)]));
    }
    Ok(())
}

/// The first click asks, the second clears; whoever goes elsewhere in between has said no.
fn clear(page: &Rc<Page>, _: &Event) {
    let sure = page.sure.get();
    ask_to_clear(page, !sure);
    if !sure {
        return say(page, "options.clear_sure");
    }
    let page = Rc::clone(page);
    spawn_local(async move {
        witness::clear().await;
        say(&page, "options.cleared");
        // The button that was clicked goes with the list.
        if let Some(title) = draw::by_id("history-title") {
            let _ = title.focus();
        }
    });
}

fn ask_to_clear(page: &Page, sure: bool) {
    page.sure.set(sure);
    let id = if sure { "options.clear_sure" } else { "options.clear" };
    draw::set_text("clear", text::say(page.lang.get(), id));
    if let Some(button) = draw::by_id("clear") {
        let _ = button.toggle_attribute_with_force("data-sure", sure);
    }
}

/// A list's new item: words, and a button that does something about them.
fn item(words: &str, button: &str, attribute: (&str, &str)) -> Result<web_sys::Element, JsValue> {
    let document = draw::document().ok_or("no document")?;
    let item = document.create_element("li")?;
    // A host is written from left to right wherever it stands.
    let said = draw::element(&document, "bdi", "", words)?;
    let act = draw::element(&document, "button", "", button)?;
    act.set_attribute("type", "button")?;
    act.set_attribute("aria-label", &format!("{button}: {words}"))?;
    act.set_attribute(attribute.0, attribute.1)?;
    item.append_child(&said)?;
    item.append_child(&act)?;
    Ok(item)
}

/// Fills a list again, and shows beside it what stands for an empty one.
fn fill_list(id: &str, none: &str, items: Vec<web_sys::Element>) -> Result<(), JsValue> {
    draw::show(none, items.is_empty());
    draw::show(id, !items.is_empty());
    let Some(list) = draw::by_id(id) else { return Ok(()) };
    // Pressing one of its buttons takes that away: the keyboard stays near.
    let had_focus = list.contains(draw::document().and_then(|d| d.active_element()).as_deref());
    list.replace_children_with_node_0();
    for item in &items {
        list.append_child(item)?;
    }
    if had_focus {
        let heading = list.parent_element().and_then(|section| section.query_selector("h2").ok().flatten());
        if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
            let _ = heading.focus();
        }
    }
    Ok(())
}

/// The origins of a match pattern's list, and the permissions, as texts.
fn texts(value: &JsValue, name: &str) -> Vec<String> {
    let list = js::field(value, name).map(|list| js_sys::Array::from(&list)).unwrap_or_default();
    list.iter().filter_map(|item| item.as_string()).collect()
}
