//! Asks the page, and where the page failed the site once more, for what the browser did not deliver.
//!
//! Nothing is sent to anybody but the site in the tab, and that only at the visitor's click: one GET without
//! cookies and past the cache. How the answers are joined is decided in `seen`.

use crate::api::{self, Answer, settle};
use crate::js;
use crate::seen::{Again, Page, Told};
use js_sys::Array;
use wasm_bindgen::JsValue;

/// How much of a body is read, in bytes after decompression.
const BODY_BYTES: u32 = 65_536;

async fn inject(tab: i32, file: &str) -> Option<JsValue> {
    let injection = js::object([
        ("target", js::object([("tabId", tab.into())])),
        ("files", js::texts([file])),
        // A page that still loads is asked as it stands.
        ("injectImmediately", true.into()),
    ]);
    let results = settle(api::execute_script(&injection)).await.ok()?;
    js::field(&Array::from(&results).get(0), "result")
}

/// What the page in the tab says of its own answer, body and all.
pub async fn page(tab: i32) -> Page {
    told(tab, "look.js").await
}

/// The same, address and status only: asked of every page of a watched site.
pub async fn status(tab: i32) -> Page {
    told(tab, "status.js").await
}

async fn told(tab: i32, file: &str) -> Page {
    let Some(told) = inject(tab, file).await else { return Page::Hidden };
    Page::Told(Told {
        url: js::text(&told, "url").unwrap_or_default(),
        status: js::status(&told, "status"),
        protocol: js::text(&told, "protocol").unwrap_or_default(),
        ttfb_ms: js::millis(&told, "ttfb"),
        elapsed_ms: js::millis(&told, "elapsed"),
        cached: js::flag(&told, "cached").unwrap_or(false),
        controlled: js::flag(&told, "controlled").unwrap_or(false),
        done: js::flag(&told, "done").unwrap_or(false),
        body: js::text(&told, "body"),
        born: js::number(&told, "born").unwrap_or_default(),
    })
}

/// Asks for the address once more: from here where the browser allows it, else from within the page.
///
/// `None` where neither is possible.
pub async fn again(tab: i32, url: &str, page: &Page) -> Option<Again> {
    // Chrome's `activeTab` covers this request, Firefox's does not: there it would reach the site and its
    // answer be kept from us.
    if !api::is_firefox() || has_host(url).await {
        return Some(once(url, BODY_BYTES).await);
    }
    let Page::Told(told) = page else { return None };
    let answer = settle(ask(tab, url, BODY_BYTES, false)).await.ok().filter(JsValue::is_object)?;
    Some(Again { through_worker: told.controlled, ..read(&answer) })
}

/// Whether cookies make the difference between a page that failed with `failed` and an answer without cookies
/// that did not. The page asks once with cookies, which only a page can send, and once more without. `None` where
/// that cannot be told.
pub async fn cookies_decide(tab: i32, url: &str, page: &Page, failed: u16, without: u16) -> Option<bool> {
    // A service worker could give either answer.
    if !matches!(page, Page::Told(told) if !told.controlled) {
        return None;
    }
    let with_cookies = js::status(&settle(ask(tab, url, 0, true)).await.ok()?, "status")?;
    let again = js::status(&settle(ask(tab, url, 0, false)).await.ok()?, "status")?;
    Some(with_cookies == failed && again == without)
}

/// Whether the visitor granted access to the site of this address.
pub async fn has_host(url: &str) -> bool {
    let Some(pattern) = host_pattern(url) else { return false };
    let what = js::object([("origins", js::texts([pattern.as_str()]))]);
    settle(api::permissions_contains(&what)).await.ok().and_then(|v| v.as_bool()).unwrap_or(false)
}

/// The match pattern of the site of an address, as `*://shop.test/*`; patterns know no port.
pub fn host_pattern(url: &str) -> Option<String> {
    let url = web_sys::Url::new(url).ok()?;
    matches!(url.protocol().as_str(), "http:" | "https:").then(|| format!("*://{}/*", url.hostname()))
}

/// One more answer for an address, asked for from here: without cookies, past the cache, redirects not followed.
/// At most `most` bytes of its body are read.
pub async fn once(url: &str, most: u32) -> Again {
    match settle(ask(-1, url, most, false)).await {
        Ok(answer) => read(&answer),
        Err(_) => Again { error: Some("failed".into()), ..Again::default() },
    }
}

fn ask(tab: i32, url: &str, most: u32, with_cookies: bool) -> Answer {
    let credentials = if with_cookies { "include" } else { "omit" };
    let options = js::object([("most", most.into()), ("credentials", credentials.into())]);
    api::ask_site(tab, url, &options)
}

/// Reads what `static/bounded.js` returns.
pub fn read(answer: &JsValue) -> Again {
    Again {
        status: js::status(answer, "status"),
        headers: js::pairs(answer, "headers"),
        body: js::text(answer, "body"),
        ttfb_ms: js::millis(answer, "ttfb"),
        elapsed_ms: js::millis(answer, "elapsed"),
        error: js::text(answer, "error"),
        through_worker: false,
        cookies_decide: None,
    }
}
