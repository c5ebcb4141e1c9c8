//! What is kept in the Cache API of this location.
//!
//! The platform holds it under a long lifetime of ours and knows nothing of its true freshness: that is in
//! a field of the entry, and `backsoon` reads it.

use crate::convert::{self, Body};
use crate::isolate;
use backsoon::cache::serve::Send;
use backsoon::cache::variants;
use backsoon::rescue::copy::form::FIELD;
use backsoon::rescue::generations::older_key;
use backsoon::rescue::{AnswerHead, Settings, StoredCopy, Watch};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::Response;

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

/// One stored answer.
pub struct Entry {
    /// Its head.
    pub copy: StoredCopy,
    /// The stored response, for its body.
    pub response: Response,
}

/// What is stored for a request.
#[derive(Default)]
pub struct Stored {
    /// The entry that comes nearest: the request's own variant where there is one.
    pub entry: Option<Entry>,
    /// What the address' own key holds, where that is another variant.
    pub newest: Option<StoredCopy>,
    /// Whether it was not looked up at all: a moment ago nothing was there.
    pub skipped: bool,
}

impl Stored {
    /// The nearest entry's head.
    pub fn copy(&self) -> Option<&StoredCopy> {
        self.entry.as_ref().map(|entry| &entry.copy)
    }

    /// What the address' own key holds.
    pub fn at_key(&self) -> Option<StoredCopy> {
        self.newest.as_ref().or(self.copy()).cloned()
    }
}

/// Looks up what is stored for a request.
pub async fn find(watch: &Watch) -> Stored {
    let Some(mut newest) = look_up(&watch.key).await else { return Stored::default() };
    isolate::mark(&watch.address, &mut newest.copy);
    let variant = match variants::elsewhere(watch, &newest.copy) {
        Some(key) => look_up(&key).await.filter(|found| variants::counts(&newest.copy, &found.copy)),
        None => None,
    };
    match variant {
        Some(mut variant) => {
            isolate::mark(&watch.address, &mut variant.copy);
            variants::inherit(&newest.copy, &mut variant.copy);
            Stored { entry: Some(variant), newest: Some(newest.copy), skipped: false }
        }
        None => Stored { entry: Some(newest), newest: None, skipped: false },
    }
}

/// What stands under a key.
pub async fn look_up(key: &str) -> Option<Entry> {
    let cache = DEFAULT.with(DefaultCache::clone);
    let response: Response = cache.look_up(key).await.ok()?.dyn_into().ok()?;
    match convert::field(&response, FIELD).and_then(|field| StoredCopy::read(&field)) {
        Some(copy) => Some(Entry { copy, response }),
        None => {
            convert::discard(&response);
            None
        }
    }
}

/// Keeps an answer whose whole body is here, in place of what the address' own key holds. Gives its head as it stands
/// now, where it was kept.
pub async fn put(
    watch: &Watch,
    copy: StoredCopy,
    at_key: Option<StoredCopy>,
    bytes: &Uint8Array,
    settings: &Settings,
) -> Option<StoredCopy> {
    let copy = variants::succeed(watch, copy, at_key.as_ref());
    let whole = copy.clone().with_body_length(u64::from(bytes.byte_length()));
    isolate::stored(&watch.key);
    let kept = write(&variants::keys(watch, &copy, at_key.as_ref()), &whole, bytes, settings).await;
    // Somebody may have found nothing while it was being written.
    isolate::stored(&watch.key);
    kept.then_some(copy)
}

/// Puts a copy under these keys. Says whether it is there.
pub async fn write(keys: &[String], copy: &StoredCopy, bytes: &Uint8Array, settings: &Settings) -> bool {
    let fields = copy.fields(settings.max_copy_age_ms / 1000);
    let mut kept = false;
    for key in keys {
        let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
        // The platform keeps nothing but a 200 reliably; the true status is in the field.
        let Ok(response) = convert::response(200, fields, Body::Opaque(bytes.into())) else { return false };
        let cache = DEFAULT.with(DefaultCache::clone);
        kept = cache.put(key, &response).await.is_ok();
    }
    kept
}

/// Forgets what is stored under these keys, in both generations.
pub async fn forget(keys: Vec<String>) {
    let cache = DEFAULT.with(DefaultCache::clone);
    for key in keys {
        // Nothing there is as good as deleted, and a cache that fails has nothing to show.
        let _ = cache.delete(&key).await;
        if let Some(older) = older_key(&key) {
            let _ = cache.delete(&older).await;
        }
    }
}

/// The response that a stored answer makes.
pub async fn respond(entry: Option<Entry>, head: &AnswerHead, send: Send) -> Result<Response, JsValue> {
    let stream = entry.and_then(|entry| entry.response.body());
    let length = head.headers.value("content-length").and_then(|length| length.parse::<u64>().ok());
    let body = match (send, stream) {
        (Send::Nothing, _) | (_, None) => Body::Empty,
        // Some statuses have no body, and the platform refuses even an empty stream there.
        (Send::Whole, Some(_)) if length == Some(0) => Body::Empty,
        // The platform knows how long a stored body is, and tells the client.
        (Send::Whole, Some(stream)) => Body::Opaque(stream.into()),
        (Send::Part(_), Some(stream)) => {
            let bytes = convert::whole(&stream, u64::MAX).await.ok_or("a stored body broke")?;
            return respond_from(&bytes, head, send);
        }
    };
    made(head, body)
}

/// The same from bytes that are there.
pub fn respond_from(bytes: &Uint8Array, head: &AnswerHead, send: Send) -> Result<Response, JsValue> {
    let body = match send {
        Send::Nothing => Body::Empty,
        Send::Whole if bytes.byte_length() == 0 => Body::Empty,
        Send::Whole => Body::Opaque(bytes.into()),
        Send::Part(part) => {
            Body::Opaque(convert::part(bytes, part.first, part.last.saturating_add(1)).into())
        }
    };
    made(head, body)
}

fn made(head: &AnswerHead, body: Body) -> Result<Response, JsValue> {
    let fields = head.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    convert::response(head.status, fields, body)
}
