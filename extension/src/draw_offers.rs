//! Puts the offered actions into the popup: the best beside the one that leads, the others under "More".
//!
//! Every action is the same element from one drawing to the next; only its place changes, and that only when the
//! order does. Links lead to third parties only where the visitor opens them.

use crate::draw::{by_id, document, element, icon, set_label, set_text, show};
use crate::draw_owner::{self, Link};
use crate::offers::{self, BESIDE, Offer};
use crate::owner::Owner;
use backsoon::facts::Exchange;
use backsoon::text::{self, Lang};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// Every action that has an element.
const ACTS: [&str; 13] = [
    "tell",
    "past-cache",
    "clear",
    "private",
    "other",
    "network",
    "proxy",
    "status-page",
    "tracker",
    "archive",
    "contact",
    "watch",
    "watch-all",
];

/// Shows these, best first.
pub fn arrange(all: &[Offer]) -> Result<(), JsValue> {
    let (Some(best), Some(rest), Some(document)) = (by_id("best"), by_id("rest"), document()) else {
        return Ok(());
    };
    for act in ACTS {
        if let Some(item) = item(act) {
            item.set_hidden(all.iter().all(|offer| offer.act != act));
        }
    }
    let order: Vec<String> =
        all.iter().map(|o| [o.act, o.remedy, o.title, o.why.as_str()].join(" ")).collect();
    let order = order.join("\n");
    if best.get_attribute("data-order").as_deref() == Some(order.as_str()) {
        return Ok(());
    }
    best.set_attribute("data-order", &order)?;
    let focused = document.active_element().filter(|e| best.contains(Some(e)) || rest.contains(Some(e)));
    let old = document.query_selector_all("#help .advice")?;
    for at in 0..old.length() {
        if let Some(parent) = old.item(at).and_then(|node| Some((node.parent_node()?, node))) {
            parent.0.remove_child(&parent.1)?;
        }
    }
    for (at, offer) in all.iter().enumerate() {
        let list = if at < BESIDE { &best } else { &rest };
        let carrier: Element = match item(offer.act) {
            Some(item) => item.into(),
            None => {
                let advice = element(&document, "li", "advice", "")?;
                let mark = icon(&document, "fine")?;
                mark.set_attribute("class", "icon")?;
                advice.append_child(&mark)?;
                advice.append_child(&*element(&document, "span", "", "")?)?;
                advice.append_child(&*element(&document, "small", "", "")?)?;
                advice
            }
        };
        carrier.set_attribute("data-remedy", offer.remedy)?;
        for (part, words) in [("span", offer.title), ("small", offer.why.as_str())] {
            if let Some(part) = carrier.query_selector(part)? {
                part.set_text_content(Some(words));
            }
        }
        list.append_child(&carrier)?;
    }
    // What was moved has lost the focus.
    if let Some(focused) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = focused.focus();
    }
    Ok(())
}

/// Shows "More" where there is something under it: what was switched off or is granted already is hidden there.
pub fn more() {
    let any = by_id("rest").and_then(|rest| rest.query_selector("li:not([hidden])").ok().flatten());
    show("more", any.is_some());
}

fn item(act: &str) -> Option<HtmlElement> {
    by_id(&["act-", act].concat()).filter(|_| !act.is_empty())
}

/// What stands in the actions that open: how to do it, and where the links lead.
pub fn steps(lang: Lang, exchange: &Exchange, owner: &Owner) -> Result<(), JsValue> {
    let say = |id| text::say(lang, id);
    let portal = exchange.beside.captive_portal == Some(true);
    how("other", say("act.other_how"));
    how("network", if portal { say("act.portal_how") } else { say("act.network_how") });
    how("proxy", say("act.proxy_how"));
    let (page, contact) = draw_owner::links(lang, owner);
    how("status-page", if page.is_some() { "" } else { say("act.status_how") });
    list("status-page", page.as_slice())?;
    how("contact", if contact.is_some() { "" } else { say("act.report_how") });
    list("contact", contact.as_slice())?;
    let opens = |href: String| {
        let host = crate::links::https_host(&href).unwrap_or_default();
        let words = text::fill(say("act.open_at"), &[("host", host)]);
        Link { href, words }
    };
    how("tracker", say("act.tracker_how"));
    list("tracker", &offers::trackers(&exchange.url).map(opens))?;
    let archive = opens(offers::archive(&exchange.url));
    let host = crate::links::https_host(&archive.href).unwrap_or_default();
    how("archive", &text::fill(say("act.archive_how"), &[("host", host)]));
    list("archive", &[archive])?;
    for (button, words) in [
        ("copy-link", "act.copy_link"),
        ("check-network", "act.check"),
        ("check-proxy", "act.check"),
        ("copy-report", "popup.copy"),
    ] {
        set_label(button, say(words));
    }
    for said in ["check-network-said", "check-proxy-said"] {
        set_text(said, "");
    }
    Ok(())
}

fn how(act: &str, words: &str) {
    if let Some(text) = item(act).and_then(|item| item.query_selector("details > p").ok().flatten()) {
        text.set_text_content(Some(words));
    }
}

fn list(act: &str, links: &[Link]) -> Result<(), JsValue> {
    match item(act).and_then(|item| item.query_selector(".links").ok().flatten()) {
        Some(list) => draw_owner::list(&list, links),
        None => Ok(()),
    }
}
