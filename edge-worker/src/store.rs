//! Copies in the Cache API of this location.
//!
//! The platform holds them under a long lifetime of ours and knows nothing of their true freshness: that is
//! in the copy's own fields, and `backsoon::rescue` reads it.

use crate::convert::{self, Body};
use backsoon::rescue::{Settings, StoredCopy};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{ReadableStream, Response};

#[wasm_bindgen]
extern "C" {
    /// The platform's cache of this location; the standard has no default one.
    #[wasm_bindgen(thread_local_v2, js_namespace = caches, js_name = default)]
    static DEFAULT: DefaultCache;

    #[derive(Clone)]
    type DefaultCache;

    #[wasm_bindgen(method, catch, js_name = match)]
    async fn look_up(this: &DefaultCache, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn put(this: &DefaultCache, key: &str, response: &Response) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn delete(this: &DefaultCache, key: &str) -> Result<JsValue, JsValue>;
}

/// What is stored under a key.
pub struct Found {
    /// Its head.
    pub copy: StoredCopy,
    /// The stored response, for its body.
    pub response: Response,
}

/// Looks a key up.
pub async fn find(key: &str) -> Option<Found> {
    let cache = DEFAULT.with(|cache| cache.clone());
    let found = cache.look_up(key).await.ok()?;
    let response: Response = wasm_bindgen::JsCast::dyn_into(found).ok()?;
    let copy = StoredCopy::read(&convert::fields(&response.headers()))?;
    Some(Found { copy, response })
}

/// Keeps a copy once its whole body has arrived; one that breaks or is too long leaves what was there.
pub async fn keep(key: String, copy: StoredCopy, body: ReadableStream, settings: &Settings) {
    let Some(body) = convert::whole(&body, settings.max_copy_bytes).await else { return };
    let lifetime_s = settings.max_copy_age_ms / 1000;
    let fields = copy.write(lifetime_s);
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // Whatever the origin's status was, the platform keeps nothing but a plain 200 reliably.
    let Ok(response) = convert::response(200, fields, Body::Opaque(body)) else { return };
    let cache = DEFAULT.with(|cache| cache.clone());
    if let Err(error) = cache.put(&key, &response).await {
        worker::console_error!("backsoon: a copy could not be kept: {:?}", error);
    }
}

/// Forgets what is stored under a key.
pub async fn forget(key: String) {
    let cache = DEFAULT.with(|cache| cache.clone());
    // Nothing there is as good as deleted, and a cache that fails has nothing to show.
    let _ = cache.delete(&key).await;
}
