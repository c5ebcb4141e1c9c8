//! The good copy before the newest one, beside it in the store of this place: put aside, brought back, shown.
//!
//! When, `backsoon::rescue::generations` and `soft::CatchAll` decide; here is only the order of things.

use crate::convert;
use crate::everywhere;
use crate::handle::Watched;
use crate::isolate;
use crate::store::{self, Entry, Stored};
use backsoon::cache::vary;
use backsoon::rescue::StoredCopy;
use backsoon::rescue::generations::{MOST_BYTES, counts, follow, older_key, print, shifts, stands_in};
use backsoon::rescue::soft::{self, Held, Spread};
use js_sys::Uint8Array;
use web_sys::Response;

/// Looks at where a page spreads, and puts aside what it replaces; `None` where it must not replace it.
/// `fit`: the answer's head was good enough for an outage.
pub async fn before_keeping(
    on: &Watched,
    mut copy: StoredCopy,
    fit: bool,
    bytes: &Uint8Array,
    stored: &Stored,
) -> Option<StoredCopy> {
    let length = u64::from(bytes.byte_length());
    if fit && length <= MOST_BYTES {
        copy.print = print(copy.head.headers.value("content-type"), &bytes.to_vec());
    }
    let own = stored.entry.as_ref().filter(|entry| fits(on, &entry.copy));
    if let Some(print) = copy.print.filter(|_| copy.good && soft::may_spread(&copy.head, length))
        && let Spread::Error(keys) = isolate::sighted(&on.watch.key, print, own.and_then(|e| held(&e.copy)))
    {
        for key in keys {
            roll_back(on, &key, print).await;
        }
        if stored.copy().is_some_and(|stored| stored.good) {
            return None;
        }
        copy.good = false;
    }
    let now = convert::now();
    let shifted = match own.filter(|entry| shifts(&entry.copy, &copy, now)) {
        Some(entry) => put_aside(on, entry).await.then_some(now),
        None => None,
    };
    follow(&mut copy, stored.copy(), shifted);
    Some(copy)
}

/// What is stored, or the generation before it where the newest has proved bad.
pub async fn or_older(on: &Watched, near: Stored) -> Stored {
    let Some(newest) = near.copy() else { return near };
    if !on.watch.lookup || !stands_in(newest, doubted(newest)) {
        return near;
    }
    let newest = StoredCopy { good: false, ..newest.clone() };
    if let Some(mut older) = older(&on.watch.key, &newest).await {
        older.copy.outdated = older.copy.outdated.or(newest.outdated);
        if older.copy.usable(&on.watch, &on.settings, convert::now()).is_ok() {
            if let Some(entry) = &near.entry {
                convert::discard(&entry.response);
            }
            return Stored { entry: Some(older), newest: near.newest.or(Some(newest)), skipped: false };
        }
        convert::discard(&older.response);
    }
    // Proved bad, it is shown to nobody in an outage.
    Stored { entry: near.entry.map(|entry| Entry { copy: newest, ..entry }), ..near }
}

/// Whether this isolate takes what a copy shows for an error's page.
pub fn doubted(copy: &StoredCopy) -> bool {
    held(copy).is_some_and(isolate::doubts)
}

fn fits(on: &Watched, copy: &StoredCopy) -> bool {
    vary::fits(&copy.selecting, &copy.head.headers, on.watch.sent_headers())
}

fn held(copy: &StoredCopy) -> Option<Held> {
    copy.print.filter(|_| copy.good).map(|print| Held { print, changed: copy.changed })
}

async fn older(key: &str, newest: &StoredCopy) -> Option<Entry> {
    let found = store::look_up(&older_key(key)?).await?;
    if counts(newest, &found.copy) {
        return Some(found);
    }
    convert::discard(&found.response);
    None
}

/// Whether what is held now stands under the older key afterwards.
async fn put_aside(on: &Watched, entry: &Entry) -> bool {
    let Some(key) = older_key(&on.watch.key) else { return false };
    let mut copy = entry.copy.clone();
    copy.generation = 1;
    copied(on, key, copy, &entry.response).await
}

async fn copied(on: &Watched, key: String, copy: StoredCopy, from: &Response) -> bool {
    let Some(body) = from.body() else { return false };
    let Some(bytes) = convert::whole(&body, MOST_BYTES).await else { return false };
    store::write(&[key], &copy, &bytes, &on.settings).await
}

/// Where this content is the newest under the key, the older one takes its place again; without one, nothing
/// does. (Where it stands under a variant's key too, it stays there, and in an outage it is not shown.)
async fn roll_back(on: &Watched, key: &str, print: u64) {
    let Some(newest) = store::look_up(key).await else { return };
    convert::discard(&newest.response);
    let newest = newest.copy;
    if newest.print != Some(print) {
        return;
    }
    everywhere::take_back(on, key, &newest).await;
    match older(key, &newest).await {
        Some(mut found) => {
            found.copy.generation = 0;
            // It may be followed, but not be put aside once more.
            found.copy.shifted = newest.shifted;
            copied(on, key.to_owned(), found.copy, &found.response).await;
        }
        None => store::forget(vec![key.to_owned()]).await,
    }
}
