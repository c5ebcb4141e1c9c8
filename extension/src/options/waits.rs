//! What somebody waits for, of all sites in one list, each with a button that ends the wait.
//!
//! It draws what the background keeps, and asks the background to change it.

use super::{Page, fill_list, item, pressed};
use crate::{api, draw, js};
use backsoon::text::{self, Lang};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Event, Url};

pub(super) fn draw(lang: Lang, urls: &[String]) -> Result<(), JsValue> {
    let stop = text::say(lang, "options.remove");
    let items = urls.iter().map(|url| item(page(url), stop, ("data-wait", url)));
    fill_list("waits", "waits-none", items.collect::<Result<_, _>>()?)
}

/// Enough to tell one page from another: what follows a question mark is long, and may be nobody's business.
fn page(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

pub(super) fn stop(page: &Rc<Page>, event: &Event) {
    let Some(url) = pressed(event, "data-wait") else { return };
    let order = js::object([("do", "stop_waiting".into()), ("url", url.as_str().into())]);
    api::let_run(api::send_message(&order));
    let site = Url::new(&url).map(|url| url.host()).unwrap_or_default();
    draw::set_text("news", &text::fill(text::say(page.lang.get(), "back.stopped"), &[("site", &site)]));
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn a_page_is_named_without_what_is_nobodys_business() {
        assert_eq!(page("https://shop.test:8443/cart/?token=1#part"), "shop.test:8443/cart");
        assert_eq!(page("http://shop.test/"), "shop.test");
    }
}
