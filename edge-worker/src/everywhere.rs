//! The store that is everywhere: KV, where the owner has bound one under the name `COPIES_KV`.
//!
//! It survives deploys, purges and evictions, and carries alone where the Cache API is inert. What is worth
//! one of its few writes a day, and whether what it says counts, `backsoon::rescue::tier` decides.

use crate::convert::{self, Body};
use crate::generations;
use crate::handle::{Watched, has_copy};
use crate::isolate;
use crate::log;
use crate::store::{self, Entry, Stored};
use backsoon::cache::variants;
use backsoon::rescue::StoredCopy;
use backsoon::rescue::copy::form::FORM;
use backsoon::rescue::network::network_of;
use backsoon::rescue::plan::key_of;
use backsoon::rescue::tier::{Sighting, fingerprint, is_reserved, may_know_better};
use js_sys::{Reflect, Uint8Array};
use std::cell::OnceCell;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

/// Of what is larger only the validator is looked at; what has none is not written.
const MOST_READ: u32 = 512 * 1024;

#[wasm_bindgen(module = "/src/kv.js")]
extern "C" {
    /// A KV namespace.
    #[derive(Clone)]
    pub type Kv;

    #[wasm_bindgen(method, catch)]
    async fn delete(this: &Kv, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = kvRead)]
    async fn read(kv: &Kv, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = kvPrint)]
    async fn print(kv: &Kv, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = kvWrite)]
    async fn write(
        kv: &Kv,
        key: &str,
        head: &str,
        body: &Uint8Array,
        print: &str,
        seconds: f64,
    ) -> Result<JsValue, JsValue>;
}

thread_local! {
    static BOUND: OnceCell<Option<Kv>> = const { OnceCell::new() };
}

/// The namespace, where one is bound: looked up once per isolate, as the settings are.
pub fn bound(env: &JsValue) -> Option<Kv> {
    let look = || {
        let bound = Reflect::get(env, &"COPIES_KV".into()).ok()?;
        if bound.is_object() { Some(bound.unchecked_into()) } else { None }
    };
    BOUND.with(|cell| cell.get_or_init(look).clone())
}

/// What is stored for a request, from there where what is near does not do, or what may stand in for it.
pub async fn or_from_there(on: &Watched, near: Stored) -> Stored {
    let found = of_its_kind(on, near).await;
    let Some(kind) = on.watch.kind.stand_in().filter(|_| on.watch.lookup && !has_copy(on, &found)) else {
        return found;
    };
    let Some(mut entry) = store::look_up(&key_of(&on.watch.address, kind)).await else { return found };
    isolate::mark(&on.watch.address, &mut entry.copy);
    if entry.copy.usable(&on.watch, &on.settings, convert::now()).is_err()
        || generations::doubted(&entry.copy)
    {
        convert::discard(&entry.response);
        return found;
    }
    if let Some(entry) = &found.entry {
        convert::discard(&entry.response);
    }
    Stored { entry: Some(entry), newest: found.newest, skipped: false }
}

/// The same of the request's own kind. What comes from there goes into this place's store too.
async fn of_its_kind(on: &Watched, near: Stored) -> Stored {
    let near = generations::or_older(on, near).await;
    if on.kv.is_none() || !may_know_better(near.copy(), &on.watch, &on.settings, convert::now()) {
        return near;
    }
    match find(on, near.entry.is_none()).await {
        Some(far) => {
            if let Some(entry) = &near.entry {
                convert::discard(&entry.response);
            }
            far
        }
        None => near,
    }
}

async fn find(on: &Watched, nothing_near: bool) -> Option<Stored> {
    let (kv, key) = (on.kv.as_ref()?, &on.watch.key);
    let (newest, bytes) = under(kv, key).await?;
    let own = match variants::elsewhere(&on.watch, &newest) {
        Some(key) => under(kv, &key).await.filter(|(own, _)| variants::counts_far(&newest, own)),
        None => None,
    };
    let (mut copy, body) = own.unwrap_or((newest, bytes));
    isolate::mark(&on.watch.address, &mut copy);
    let usable = copy.usable(&on.watch, &on.settings, convert::now()).is_ok();
    if !usable || !isolate::counts_from_everywhere(key, &copy) || generations::doubted(&copy) {
        return None;
    }
    if nothing_near {
        let (near, own, bytes) = (copy.clone(), on.clone(), body.clone());
        on.visit.background(async move {
            store::put(&own.watch, near, None, &bytes, &own.settings).await;
        });
    }
    let response = convert::response(200, [], Body::Opaque(body.into())).ok()?;
    Some(Stored { entry: Some(Entry { copy, response }), newest: None, skipped: false })
}

/// What is kept under a key.
async fn under(kv: &Kv, key: &str) -> Option<(StoredCopy, Uint8Array)> {
    if !isolate::asks_everywhere(key) {
        return None;
    }
    let found = read(kv, key).await.ok()?;
    let part = |name: &str| Reflect::get(&found, &name.into()).ok();
    // What is missing, or of another release.
    let head = if found.is_null() { None } else { part("head").and_then(|head| head.as_string()) };
    let Some(copy) = head.and_then(|head| StoredCopy::read(&head)) else {
        isolate::missing_everywhere(key);
        return None;
    };
    Some((copy, part("body")?.dyn_into().ok()?))
}

/// Keeps a good answer everywhere, where that is worth a write. `again`: this place held one before.
pub async fn keep(on: &Watched, copy: &StoredCopy, bytes: &Uint8Array, again: bool) {
    let Some(kv) = on.kv.as_ref() else { return };
    let key = &on.watch.key;
    let tag = copy.head.headers.value("etag").or_else(|| copy.head.headers.value("last-modified"));
    let content = match tag {
        Some(tag) => fingerprint(tag.as_bytes()),
        None if bytes.byte_length() <= MOST_READ => fingerprint(&bytes.to_vec()),
        None => return,
    };
    let network = network_of(&on.watch.request.headers);
    let variant = variants::name(&on.watch, &copy.head.headers);
    let sighting = Sighting {
        key: &variant,
        fingerprint: content,
        bytes: u64::from(bytes.byte_length()),
        again,
        network: network.as_deref(),
        reserved: is_reserved(&on.watch, &on.settings),
    };
    if !isolate::spends_a_write(sighting) {
        return;
    }
    // Renewed daily: within a day the same content in the same form needs no second write by another isolate.
    let name = variants::short_name(&on.watch, copy);
    let content = format!("{FORM}-{content:x}-{}-{name}", convert::now() / 86_400_000);
    let printed = async |key: &str| print(kv, key).await.ok().and_then(|there| there.as_string());
    let there = printed(key).await;
    let other = there.as_deref().map(|there| there.rsplit('-').next().unwrap_or_default());
    let target = variants::only_key(&on.watch, copy, other);
    let there = if target == *key { there } else { printed(&target).await };
    if there.as_deref() == Some(content.as_str()) {
        return isolate::spares_a_write();
    }
    let seconds = on.settings.max_copy_age_ms / 1000;
    // A write that fails leaves the older copy, and the nearer store has this one.
    if write(kv, &target, &copy.write(), bytes, &content, seconds as f64).await.is_err() {
        log::write_refused(isolate::refuse_a_write(&variant));
    }
}

/// The head of what is kept under a key.
pub async fn head(kv: &Kv, key: &str) -> Option<StoredCopy> {
    let found = read(kv, key).await.ok().filter(|found| !found.is_null());
    let Some(found) = found else {
        isolate::missing_everywhere(key);
        return None;
    };
    StoredCopy::read(&Reflect::get(&found, &"head".into()).ok()?.as_string()?)
}

/// Forgets what is kept under a key of which an entry is known.
pub async fn forget(on: &Watched, key: &str) {
    let Some(kv) = on.kv.as_ref() else { return };
    if !isolate::gone_everywhere(key) {
        return;
    }
    // A day has few deletions too: only what is there is deleted.
    match print(kv, key).await {
        Ok(there) if there.is_null() => isolate::missing_everywhere(key),
        _ => {
            // If it fails, what is there still ends by its age; here it does not count any more.
            let _ = kv.delete(key).await;
        }
    }
}

/// Takes back what has proved bad, where this isolate has written it (it seldom has: what changed is written at
/// its second sight). A deletion is cheaper than a write, and the good one is written when it is next seen.
pub async fn take_back(on: &Watched, key: &str, bad: &StoredCopy) {
    let Some(kv) = on.kv.as_ref() else { return };
    if isolate::wrote_everywhere(key, bad.changed) {
        // If it fails, what is there still ends by its age.
        let _ = kv.delete(key).await;
    }
}
