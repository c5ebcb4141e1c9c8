//! Puts a view into the popup's document.
//!
//! The frame stands in `popup.html`; this fills it in. Text goes in as text only: what a site sent can never
//! become markup. Buttons stay the same elements from one drawing to the next, so that focus stays too.

use crate::view::{self, Advice, View};
use backsoon::text::{self, Lang};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The popup's document.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The element with this id. A missing one is a fault of ours that the popup survives.
pub fn by_id(id: &str) -> Option<HtmlElement> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Sets an element's text.
pub fn set_text(id: &str, words: &str) {
    if let Some(element) = by_id(id) {
        // A live region that is set to what it says already would be read out again.
        if element.text_content().as_deref() != Some(words) {
            element.set_text_content(Some(words));
        }
    }
}

/// Sets the label of a button that has an icon.
pub fn set_label(id: &str, words: &str) {
    if let Some(label) = by_id(id).and_then(|button| button.query_selector("span").ok().flatten()) {
        label.set_text_content(Some(words));
    }
}

/// Sets the reason below the label of an action.
pub fn set_reason(id: &str, words: &str) {
    if let Some(reason) = by_id(id).and_then(|button| button.query_selector("small").ok().flatten()) {
        reason.set_text_content(Some(words));
    }
}

/// Sets the icon of a button.
pub fn set_icon(id: &str, icon: &str) {
    if let Some(icon_use) = by_id(id).and_then(|button| button.query_selector("use").ok().flatten()) {
        let _ = icon_use.set_attribute("href", &format!("#i-{icon}"));
    }
}

/// Shows or hides an element; a hidden button's list item goes with it.
pub fn show(id: &str, shown: bool) {
    let Some(element) = by_id(id) else { return };
    element.set_hidden(!shown);
    let parent = element.parent_element().filter(|parent| parent.tag_name() == "LI");
    if let Some(item) = parent.and_then(|parent| parent.dyn_into::<HtmlElement>().ok()) {
        item.set_hidden(!shown);
    }
}

/// Sets what never changes while the popup is open.
pub fn frame(lang: Lang, site: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("lang", lang.tag());
        let _ = root.set_attribute("dir", lang.direction());
    }
    let say = |id| text::say(lang, id);
    set_text("site", if site.is_empty() { "Backsoon" } else { site });
    set_label("now", say("popup.refresh_now"));
    set_text("confirm-never", say("popup.clear_never"));
    set_text("confirm-ask", say("popup.clear_ask"));
    set_text("confirm-yes", say("popup.clear_yes"));
    set_text("confirm-no", say("popup.clear_no"));
    set_text("evidence-title", say("popup.evidence"));
    set_label("copy", say("popup.copy"));
    set_label("options", say("options.title"));
    for (section, id) in [
        ("help", "popup.help"),
        ("more", "act.more"),
        ("folklore", "popup.folklore"),
        ("details", "popup.details"),
    ] {
        if let Some(title) = by_id(section).and_then(|s| s.query_selector("h2, summary").ok().flatten()) {
            title.set_text_content(Some(say(id)));
        }
    }
}

/// Fills in the verdict and everything below it; the buttons' words are the caller's.
pub fn fill(lang: Lang, view: &View, status: Option<u16>) -> Result<(), JsValue> {
    let document = document().ok_or("no document")?;
    if let Some(main) = document.query_selector("main")? {
        main.set_attribute("data-tone", view.tone.as_str())?;
        main.set_attribute("data-fault", view.fault.map(view::fault_id).unwrap_or_default())?;
    }
    set_text("headline", &view.headline);
    set_text("reason", &view.reason);
    set_text("status", &status.map(|s| s.to_string()).unwrap_or_default());
    show("status", status.is_some());
    places(&document, lang, view)?;
    set_text("warning", view.warning.unwrap_or_default());
    show("warning", view.warning.is_some());
    if let Some(section) = by_id("help") {
        let all: Vec<&str> = view.help.iter().map(|piece| piece.remedy).collect();
        section.set_attribute("data-remedies", &all.join(" "))?;
    }
    advice(&document, "folklore", "trouble", &view.folklore)?;
    details(&document, view)
}

/// A new element with a class and a text, either of which may be empty.
pub fn element(document: &Document, tag: &str, class: &str, words: &str) -> Result<Element, JsValue> {
    let element = document.create_element(tag)?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    if !words.is_empty() {
        element.set_text_content(Some(words));
    }
    Ok(element)
}

pub fn icon(document: &Document, name: &str) -> Result<Element, JsValue> {
    let svg = document.create_element_ns(Some(SVG), "svg")?;
    svg.set_attribute("aria-hidden", "true")?;
    let shape = document.create_element_ns(Some(SVG), "use")?;
    shape.set_attribute("href", &format!("#i-{name}"))?;
    svg.append_child(&shape)?;
    Ok(svg)
}

fn places(document: &Document, lang: Lang, view: &View) -> Result<(), JsValue> {
    let names = [("you", "popup.you"), ("network", "popup.network"), ("site", "popup.site")];
    for ((id, name), state) in names.into_iter().zip(view.places) {
        let Some(item) = by_id(&format!("place-{id}")) else { continue };
        item.set_attribute("data-state", state.as_str())?;
        let words = match state {
            view::State::Fine => "popup.fine",
            view::State::Trouble => "popup.trouble",
            view::State::NotKnown => "popup.not_known",
        };
        let place = element(document, "span", "place", "")?;
        let badge = element(document, "span", "badge", "")?;
        badge.append_child(&*icon(document, state.as_str())?)?;
        place.append_child(&*icon(document, id)?)?;
        place.append_child(&badge)?;
        item.replace_children_with_node_3(
            &place,
            &*element(document, "span", "name", text::say(lang, name))?,
            &*element(document, "span", "words", text::say(lang, words))?,
        );
    }
    Ok(())
}

fn advice(document: &Document, id: &str, mark: &str, list: &[Advice]) -> Result<(), JsValue> {
    show(id, !list.is_empty());
    let Some(ul) = by_id(id).and_then(|section| section.query_selector("ul").ok().flatten()) else {
        return Ok(());
    };
    ul.replace_children_with_node_0();
    for piece in list {
        let item = element(document, "li", "advice", "")?;
        item.set_attribute("data-remedy", piece.remedy)?;
        item.append_child(&*icon(document, mark)?)?;
        item.append_child(&*element(document, "b", "", piece.title)?)?;
        item.append_child(&*element(document, "span", "", &piece.why)?)?;
        ul.append_child(&item)?;
    }
    Ok(())
}

/// Adds a line to the details: id, name and value.
pub fn add_row(document: &Document, rows: &Element, row: (&str, &str, &str)) -> Result<(), JsValue> {
    let value = element(document, "dd", "", row.2)?;
    value.set_attribute("data-row", row.0)?;
    rows.append_child(&*element(document, "dt", "", row.1)?)?;
    rows.append_child(&value)?;
    Ok(())
}

fn details(document: &Document, view: &View) -> Result<(), JsValue> {
    show("details", !view.rows.is_empty());
    if let Some(rows) = by_id("rows") {
        rows.replace_children_with_node_0();
        for row in &view.rows {
            add_row(document, &rows, (row.id, row.name, &row.value))?;
        }
    }
    show("evidence-title", !view.evidence.is_empty());
    if let Some(list) = by_id("evidence") {
        list.set_hidden(view.evidence.is_empty());
        list.replace_children_with_node_0();
        for item in &view.evidence {
            list.append_child(&*element(document, "li", "", item)?)?;
        }
    }
    Ok(())
}
