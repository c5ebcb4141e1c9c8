//! What the visitor allowed Backsoon to do, each with a button that gives it back to the browser.
//!
//! What the manifest needs from the start is not shown: nobody was asked for it, and it cannot be given back.

use super::{Page, fill_list, item, pressed, say, texts};
use crate::api::{self, settle};
use crate::js;
use backsoon::text::{self, Lang};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Event;

pub(super) fn draw(lang: Lang, granted: JsValue) -> Result<(), JsValue> {
    let optional =
        api::manifest().map(|manifest| texts(&manifest, "optional_permissions")).unwrap_or_default();
    let button = text::say(lang, "options.give_back");
    let mut items = Vec::new();
    for origin in texts(&granted, "origins") {
        items.push(item(&sites(lang, &origin), button, ("data-origin", &origin))?);
    }
    for name in texts(&granted, "permissions").iter().filter(|name| optional.contains(name)) {
        items.push(item(&permission(lang, name), button, ("data-permission", name))?);
    }
    fill_list("granted", "may-none", items)
}

/// The sites of a match pattern, as `*://shop.test/*`, in words.
fn sites(lang: Lang, pattern: &str) -> String {
    let host = pattern.split("://").nth(1).and_then(|rest| rest.split('/').next());
    match host {
        Some(host) if host != "*" => text::fill(text::say(lang, "options.may_site"), &[("site", host)]),
        _ => text::say(lang, "options.may_all").to_owned(),
    }
}

fn permission(lang: Lang, name: &str) -> String {
    let id = match name {
        "notifications" => "options.may_notify",
        "browsingData" => "options.may_delete",
        // One that has no words yet is called as the browser calls it.
        other => return other.to_owned(),
    };
    text::say(lang, id).to_owned()
}

pub(super) fn give_back(page: &Rc<Page>, event: &Event) {
    let what = match (pressed(event, "data-origin"), pressed(event, "data-permission")) {
        (Some(origin), _) => js::object([("origins", js::texts([origin.as_str()]))]),
        (None, Some(name)) => js::object([("permissions", js::texts([name.as_str()]))]),
        (None, None) => return,
    };
    let page = Rc::clone(page);
    spawn_local(async move {
        let gone = settle(api::permissions_remove(&what)).await.ok().and_then(|gone| gone.as_bool());
        say(&page, if gone == Some(true) { "options.given_back" } else { "options.not_given_back" });
    });
}
