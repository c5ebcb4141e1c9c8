//! The sites that are left alone: shown, added by name or address, taken up again.

use super::{Page, fill_list, item, pressed, say};
use crate::settings::{Settings, is_host};
use crate::{draw, kept};
use backsoon::text::{self, Lang};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlInputElement};

pub(super) fn draw(lang: Lang, settings: &Settings) -> Result<(), JsValue> {
    let remove = text::say(lang, "options.remove");
    let items = settings.quiet.iter().map(|host| item(host, remove, ("data-site", host)));
    fill_list("sites", "quiet-none", items.collect::<Result<_, _>>()?)
}

pub(super) fn add(page: &Rc<Page>, event: &Event) {
    event.prevent_default();
    let Some(field) = draw::by_id("site").and_then(|site| site.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let host = host(&field.value());
    let _ = field.set_attribute("aria-invalid", if host.is_some() { "false" } else { "true" });
    let Some(host) = host else {
        let _ = field.focus();
        return say(page, "options.site_wrong");
    };
    field.set_value("");
    say(page, "options.left_alone");
    spawn_local(kept::choose(move |settings| {
        settings.leave_alone(&host);
    }));
}

pub(super) fn remove(page: &Rc<Page>, event: &Event) {
    let Some(host) = pressed(event, "data-site") else { return };
    say(page, "options.taken_up");
    spawn_local(kept::choose(move |settings| settings.quiet.retain(|quiet| *quiet != host)));
}

/// The host of what a visitor typed: a name, or a whole address.
fn host(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let address = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = web_sys::Url::new(&address).ok()?;
    // The browser has made it lower case and ASCII.
    Some(url.hostname()).filter(|host| matches!(url.protocol().as_str(), "http:" | "https:") && is_host(host))
}
