//! Puts the site's own words into the popup: one line that is there from the start, which opens to all of it.
//!
//! Foreign text goes in as text, in a direction of its own. Links say where they lead, and open beside the popup.

use crate::draw::{add_row, by_id, document, element, set_text, show};
use crate::links;
use crate::owner::Owner;
use backsoon::text::{self, Lang};
use wasm_bindgen::JsValue;
use web_sys::Element;

/// A link that names where it leads.
#[derive(Clone)]
pub struct Link {
    /// Where: https or mail.
    pub href: String,
    /// What it says.
    pub words: String,
}

/// Empties the line and keeps its place: what the site says is still to come.
pub fn clear() {
    set_text("owner-none", "");
    show("owner-none", true);
    show("owner-said", false);
}

/// Shows what the site says, or that it says nothing.
pub fn fill(lang: Lang, owner: &Owner) -> Result<(), JsValue> {
    let say = |id| text::say(lang, id);
    set_text("owner-none", say("act.says_nothing"));
    show("owner-none", !owner.speaks());
    show("owner-said", owner.speaks());
    let time = owner.eta.as_deref().and_then(|eta| time(lang, eta));
    let time = time.map(|time| text::fill(say("act.expected"), &[("time", &time)])).unwrap_or_default();
    let (page, contact) = self::links(lang, owner);
    let all: Vec<Link> = page.into_iter().chain(contact).collect();
    let first = [owner.message.as_str(), &time].into_iter().find(|words| !words.is_empty());
    let first = first.or(all.first().map(|link| link.words.as_str())).unwrap_or_default();
    if let Some(summary) = by_id("owner-said").and_then(|said| said.query_selector("summary").ok().flatten())
    {
        let part = |tag: &str| summary.query_selector(tag).ok().flatten();
        if let (Some(label), Some(words)) = (part("span"), part("bdi")) {
            label.set_text_content(Some(say("act.says")));
            words.set_text_content(Some(first));
        }
    }
    if let (Some(reference), Some(rows), Some(document)) = (&owner.reference, by_id("rows"), document()) {
        // Beside the network's own, where there is one: each finds its own.
        add_row(&document, &rows, ("site-reference", say("popup.row_reference"), reference))?;
    }
    set_text("owner-words", &owner.message);
    show("owner-words", !owner.message.is_empty());
    set_text("owner-time", &time);
    show("owner-time", !time.is_empty());
    match by_id("owner-links") {
        Some(element) => list(&element, &all),
        None => Ok(()),
    }
}

/// The links to the owner's status page and to who can be written to.
pub fn links(lang: Lang, owner: &Owner) -> (Option<Link>, Option<Link>) {
    let named = |id, host: &str| text::fill(text::say(lang, id), &[("host", host)]);
    let page = owner.status_page.as_deref().map(|page| {
        let host = links::https_host(page).unwrap_or_default();
        Link { href: page.to_owned(), words: named("act.status_at", host) }
    });
    let contact = owner.contact.as_deref().map(|contact| match links::https_host(contact) {
        Some(host) => Link { href: contact.to_owned(), words: named("act.contact_at", host) },
        None => Link { href: ["mailto:", contact].concat(), words: named("act.contact_at", contact) },
    });
    (page, contact)
}

/// Puts links into a list.
pub fn list(list: &Element, links: &[Link]) -> Result<(), JsValue> {
    let Some(document) = document() else { return Ok(()) };
    list.replace_children_with_node_0();
    for Link { href, words } in links {
        let item = element(&document, "li", "", "")?;
        let link = element(&document, "a", "", words)?;
        for (name, value) in [("href", href.as_str()), ("target", "_blank"), ("rel", "noopener noreferrer")] {
            link.set_attribute(name, value)?;
        }
        item.append_child(&link)?;
        list.append_child(&item)?;
    }
    Ok(())
}

/// A time that is still to come, in the visitor's language and zone; one that has passed promises nothing.
fn time(lang: Lang, eta: &str) -> Option<String> {
    let date = js_sys::Date::new(&eta.into());
    let to_come = date.get_time() > js_sys::Date::now();
    let style = crate::js::object([("dateStyle", "medium".into()), ("timeStyle", "short".into())]);
    to_come.then(|| String::from(date.to_locale_string(lang.tag(), &style)))
}
