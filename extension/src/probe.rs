//! Asks the page, and where the page failed the site once more, for what the browser did not deliver.
//!
//! Nothing is sent to anybody but the site in the tab, and that only at the visitor's click: one GET without
//! cookies and past the cache. How the answers are joined is decided in `seen`.

use crate::api::{self, settle};
use crate::js;
use crate::seen::{Again, Page, Told};
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response};

/// How long the site gets for its second answer, in milliseconds.
const PATIENCE_MS: u32 = 8_000;
/// How much of a body is kept, in UTF-16 units.
const BODY_UNITS: u32 = 65_536;

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
        return Some(once(url).await);
    }
    let Page::Told(told) = page else { return None };
    let answer = inject(tab, "again.js").await?;
    Some(Again {
        status: js::status(&answer, "status"),
        headers: js::pairs(&answer, "headers"),
        body: js::text(&answer, "body"),
        ttfb_ms: js::millis(&answer, "ttfb"),
        elapsed_ms: js::millis(&answer, "elapsed"),
        error: js::text(&answer, "error"),
        through_worker: told.controlled,
        cookies_decide: None,
    })
}

/// Whether cookies make the difference between a page that failed with `failed` and an answer without cookies
/// that did not: asked in the page, which alone can send its cookies. `None` where that cannot be told.
pub async fn cookies_decide(tab: i32, page: &Page, failed: u16, without: u16) -> Option<bool> {
    // A service worker could give either answer.
    if !matches!(page, Page::Told(told) if !told.controlled) {
        return None;
    }
    let answers = inject(tab, "cookies.js").await?;
    let (with_cookies, again) = (js::status(&answers, "with")?, js::status(&answers, "without")?);
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
pub async fn once(url: &str) -> Again {
    from_here(url).await.unwrap_or_else(|error| Again { error: Some(words(&error)), ..Again::default() })
}

async fn from_here(url: &str) -> Result<Again, JsValue> {
    let options = RequestInit::new();
    options.set_credentials(RequestCredentials::Omit);
    options.set_cache(RequestCache::NoStore);
    options.set_redirect(RequestRedirect::Manual);
    options.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let start = js_sys::Date::now();
    let request = Request::new_with_str_and_init(url, &options)?;
    let global = js_sys::global().unchecked_into::<web_sys::Window>();
    let answer: Response = JsFuture::from(global.fetch_with_request(&request)).await?.dyn_into()?;
    let ttfb = js_sys::Date::now() - start;
    let headers = Array::from(&answer.headers());
    let headers = js::pairs(&js::object([("headers", headers.into())]), "headers");
    // A body that breaks off is no reason to lose the head.
    let body = match answer.text() {
        Ok(text) => read_body(text).await,
        Err(_) => None,
    };
    Ok(Again {
        status: Some(answer.status()).filter(|s| *s != 0),
        headers,
        body,
        ttfb_ms: Some(ttfb as u32),
        elapsed_ms: Some((js_sys::Date::now() - start) as u32),
        error: None,
        through_worker: false,
        cookies_decide: None,
    })
}

async fn read_body(text: Promise) -> Option<String> {
    let text: js_sys::JsString = JsFuture::from(text).await.ok()?.dyn_into().ok()?;
    text.slice(0, BODY_UNITS).as_string()
}

fn words(error: &JsValue) -> String {
    js::text(error, "message").unwrap_or_else(|| "failed".into())
}
