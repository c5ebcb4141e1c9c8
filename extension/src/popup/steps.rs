//! The steps that a visitor takes away from here: a private window, another browser, another network, and the
//! look afterwards that says whether it helped.

use super::Popup;
use crate::api::{self, settle};
use crate::offers::{self, Check};
use crate::seen::{Known, Line, Page};
use crate::{draw, js, probe};
use backsoon::diagnosis::diagnose;
use backsoon::text;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Opens the page in a private window. Firefox leaves that to the visitor, unless add-ons are allowed there: then
/// the link is copied, and the note says what to do with it.
pub(super) fn open_private(popup: &Rc<Popup>) {
    let window = js::object([("incognito", true.into()), ("url", popup.url.borrow().as_str().into())]);
    let opened = api::windows_create(&window);
    let popup = Rc::clone(popup);
    spawn_local(async move {
        // Chrome opens it and tells nothing of it where the extension is not allowed in there.
        if settle(opened).await.is_ok() {
            return;
        }
        let url = popup.url.borrow().clone();
        let copied = write(&url).await;
        let mut words = text::say(popup.lang, "act.private_how").to_owned();
        if copied {
            words.push(' ');
            words.push_str(text::say(popup.lang, "act.link_copied"));
        }
        draw::set_text("note", &words);
    });
}

/// Copies the page's address: to be opened elsewhere it has to be whole.
pub(super) fn copy_link(popup: &Rc<Popup>) {
    let popup = Rc::clone(popup);
    spawn_local(async move {
        let url = popup.url.borrow().clone();
        if write(&url).await {
            draw::set_text("note", text::say(popup.lang, "act.link_copied"));
        }
    });
}

async fn write(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// Asks for the page once more, without cookies, and says whether what the visitor changed has helped.
pub(super) fn check(popup: &Rc<Popup>, said: &'static str) {
    let popup = Rc::clone(popup);
    spawn_local(async move {
        draw::set_text(said, text::say(popup.lang, "act.checking"));
        let turn = popup.turn.get();
        let outcome = ask(&popup).await;
        // Another page has come meanwhile: its popup starts anew.
        if popup.turn.get() == turn {
            draw::set_text(said, &outcome.words(popup.lang));
        }
    });
}

async fn ask(popup: &Popup) -> Check {
    let url = popup.url.borrow().clone();
    // Where only the page may ask, it has to be one that lets a script in.
    let page = if api::is_firefox() { probe::page(popup.tab).await } else { Page::Hidden };
    let Some(again) = probe::again(popup.tab, &url, &page).await else { return offers::checked(None) };
    let known = Known { url, seen: None, page: Page::Hidden, again: Some(again), line: Line::default() };
    let exchange = known.exchange();
    offers::checked(Some((&exchange, &diagnose(&exchange))))
}
