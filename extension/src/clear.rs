//! Clears the data of one site: its scope in each browser, and what is never touched.
//!
//! Chrome clears by origin but widens cookies to the registrable domain. Firefox clears by host, storage by
//! host and port, and cannot clear one host's HTTP cache: the reload past the cache does that for the page.
//! Passwords, forms, downloads and history are never named: Firefox would clear them for all sites.

use crate::api::{self, settle};
use crate::js;
use wasm_bindgen::JsValue;

/// What is cleared in Chrome.
const CHROME: &[&str] =
    &["cache", "cacheStorage", "cookies", "fileSystems", "indexedDB", "localStorage", "serviceWorkers"];
/// What is cleared in Firefox.
const FIREFOX: &[&str] = &["cookies", "indexedDB", "localStorage", "serviceWorkers"];

/// Clears the site of this address.
///
/// # Errors
/// Without the permission, or where the browser refuses.
pub async fn site(url: &str) -> Result<(), JsValue> {
    let url = web_sys::Url::new(url)?;
    let (scope, kinds) = if api::is_firefox() {
        let (name, with_port) = (url.hostname(), url.host());
        let mut names = vec![name.as_str()];
        if with_port != name {
            names.push(with_port.as_str());
        }
        (js::object([("hostnames", js::texts(names))]), FIREFOX)
    } else {
        (js::object([("origins", js::texts([url.origin().as_str()]))]), CHROME)
    };
    let what = js::object([]);
    for kind in kinds {
        js::set(&what, kind, true.into());
    }
    settle(api::browsing_data_remove(&scope, &what)).await.map(|_| ())
}
