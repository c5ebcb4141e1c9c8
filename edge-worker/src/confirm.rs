//! Confirms with a neutral GET what a visitor was told of an address, and does with the stored entries what it finds.
//!
//! What is confirmed, when, and what a finding means, `backsoon::rescue::{ending, confirmations}` decide. No visitor's
//! own request ends an entry.

use crate::asking;
use crate::config;
use crate::convert;
use crate::everywhere;
use crate::firewall;
use crate::handle::Watched;
use crate::isolate;
use crate::origin;
use crate::store::{self, Stored};
use backsoon::cache::freshness::Timing;
use backsoon::cache::invalidate::invalidated;
use backsoon::rescue::confirmations::Turn;
use backsoon::rescue::copy::Change;
use backsoon::rescue::ending::{self, Finding};
use backsoon::rescue::judge::{judge, judge_cached};
use backsoon::rescue::network::network_of;
use backsoon::rescue::plan::key_of;
use backsoon::rescue::{AnswerHead, Judgement, Kind, Plan, StoredCopy, Url, neutral, plan};
use backsoon::time::Millis;
use web_sys::{Request, RequestInit, RequestRedirect, Response};

/// So long after a change nobody but visitors asks for the address.
const SETTLES_MS: u32 = 1000;

/// Addresses that one unsafe request has asked for anew: its own and one that its answer names.
const MOST_ASKED: usize = 2;

/// A proper answer came: what it claims of the address, or what it changed, is seen to after the visitor has it. From
/// now on nothing older is fresh.
pub fn settled(on: &Watched, head: &AnswerHead, stored: &Stored) {
    if !on.settings.cache && !on.settings.copies {
        return;
    }
    if let Some(change) = ending::change(&on.watch, head) {
        let (own, at) = (on.clone(), convert::now());
        let urls = invalidated(&on.watch, head, &on.settings);
        urls.iter().for_each(|url| isolate::changed(url, Change::Changed, at));
        on.visit.background(async move {
            for (index, url) in urls.iter().enumerate() {
                // Only its own address was asked to be deleted.
                let change = if *url == own.watch.address { change } else { Change::Changed };
                changed(&own, url, change, at, index < MOST_ASKED).await;
            }
        });
    } else if ending::claim(&on.watch, head, &on.settings).is_some() {
        let held = stored.entry.is_some();
        let near = stored.at_key();
        if held || (on.kv.is_some() && isolate::looks_everywhere(&on.watch.key)) {
            let own = on.clone();
            on.visit.background(async move { claimed(&own, near).await });
        }
    }
}

/// A claim of a visitor from another network is confirmed in the context of this visitor.
pub fn due(on: &Watched) {
    let Some(waiting) = isolate::claim_due(&on.watch.request) else { return };
    let own = on.clone();
    on.visit.background(async move {
        if let Some(mut entry) = entry(&own, &key_of(&waiting.url, waiting.kind)).await {
            isolate::mark(&waiting.url, &mut entry);
            // What a change left behind is replaced by what is there now.
            let by = entry.outdated.map(|_| By { network: None });
            confirm(&own, &waiting.url, waiting.kind, &entry, by).await;
        }
    });
}

async fn claimed(on: &Watched, near: Option<StoredCopy>) {
    let near = match near {
        Some(near) => Some(near),
        None => entry(on, &on.watch.key).await,
    };
    let Some(near) = near else { return };
    let (url, kind) = (on.watch.address.clone(), on.watch.kind);
    if isolate::claimed(&url, kind, &on.watch.request) == Turn::Now {
        confirm(on, &url, kind, &near, None).await;
    }
}

/// What this place or KV has under a key.
async fn entry(on: &Watched, key: &str) -> Option<StoredCopy> {
    match store::look_up(key).await {
        Some(entry) => {
            convert::discard(&entry.response);
            Some(entry.copy)
        }
        None => everywhere::head(on.kv.as_ref()?, key).await,
    }
}

/// An unsafe request changed this address at that time: one kind of its entries is asked for anew, the others are
/// marked.
async fn changed(on: &Watched, url: &Url, change: Change, at: Millis, may_ask: bool) {
    let mut kinds = vec![];
    for kind in Kind::ALL {
        if let Some(entry) = store::look_up(&key_of(url, kind)).await {
            convert::discard(&entry.response);
            if entry.copy.timing.requested_at < at {
                kinds.push((kind, entry.copy));
            }
        }
    }
    if kinds.is_empty()
        && let Some(kv) = on.kv.as_ref()
        && isolate::looks_everywhere(&key_of(url, Kind::Page))
    {
        let far = everywhere::head(kv, &key_of(url, Kind::Page)).await;
        kinds.extend(far.filter(|far| far.timing.requested_at < at).map(|far| (Kind::Page, far)));
    }
    let Some((first, near)) = kinds.first() else { return };
    let network = network_of(&on.watch.request.headers);
    let asks = may_ask && isolate::spends_a_confirmation(url, network.as_deref());
    // What nobody could ask for is only marked: else one visitor could take many copies away.
    let change = if asks { change } else { Change::Changed };
    isolate::changed(url, change, at);
    // The visitor who changed it mostly looks at it next, and that answer tells as much.
    convert::sleep(SETTLES_MS).await;
    let again = store::look_up(&key_of(url, *first)).await;
    let shown = again.as_ref().is_some_and(|entry| entry.copy.timing.requested_at >= at);
    if let Some(entry) = again {
        convert::discard(&entry.response);
    }
    let found = match (shown, asks) {
        (true, _) => Some(Finding::Good),
        (false, true) => confirm(on, url, *first, near, Some(By { network })).await,
        // What nobody could ask for now, a later visitor does.
        (false, false) => {
            isolate::confirm_later(url, *first, network.as_deref());
            None
        }
    };
    let change = found.map_or(change, |found| found.leaves(change));
    isolate::changed(url, change, at);
    for (kind, _) in kinds {
        rewrite(on, &key_of(url, kind), at, |copy| copy.outdate(change, at)).await;
    }
}

/// Who changed an address by an unsafe request.
struct By {
    network: Option<String>,
}

/// Asks, and does what was found. `near`: the entry; `by`: the request runs in the context of a visitor who has just
/// changed the address. Then a good answer takes the entry's place, and what would end it waits for another network.
async fn confirm(on: &Watched, url: &Url, kind: Kind, near: &StoredCopy, by: Option<By>) -> Option<Finding> {
    let own = neutral_request(on, url.clone(), kind, Some(near))?;
    let (answer, head, timing) = ask(&own).await?;
    let found = ending::finding(&own.watch, &head, &own.settings);
    let is_change = by.is_some();
    if found.needs_start_page() {
        let body = firewall::body(&answer, &head).await;
        let (start, start_head) = start_page(on, kind).await?;
        if firewall::body(&start, &start_head).await == body {
            return None;
        }
    }
    // What one kind of client is told says nothing of what others are.
    let (key, now) = (&own.watch.key, timing.responded_at);
    match found {
        Finding::Good if by.is_some() => {
            take(&own, answer, &head, timing).await;
            return Some(found);
        }
        _ if found.withholds()
            && let Some(By { network: Some(network) }) = by =>
        {
            isolate::confirm_later(url, kind, Some(&network));
        }
        Finding::Gone | Finding::Withdrawn => {
            store::forget(vec![key.clone()]).await;
            everywhere::forget(&own, key).await;
        }
        Finding::Refused(status) => {
            rewrite(&own, key, now, |copy| copy.suspend(status, now)).await;
            // It is written anew when the origin shows it again, and a deletion costs less than a write.
            everywhere::forget(&own, key).await;
        }
        // The origin works and does not show the page: nobody is shown what it was before the change.
        Finding::Other if near.outdated.is_some() || is_change => {
            isolate::changed(url, Change::Deleted, now);
            rewrite(&own, key, now, |copy| copy.outdate(Change::Deleted, now)).await;
        }
        Finding::Good | Finding::Other | Finding::Failed => {}
    }
    convert::discard(&answer);
    Some(found)
}

/// Keeps what the neutral request was answered.
async fn take(own: &Watched, answer: Response, head: &AnswerHead, timing: Timing) -> bool {
    let stored = store::find(&own.watch).await;
    let judgement = match own.settings.cache {
        true => judge_cached(&own.watch, head, stored.at_key().as_ref(), timing, &own.settings),
        false => judge(&own.watch, head, timing, &own.settings),
    };
    match judgement {
        Judgement::RelayAndStore(copy) => {
            // The next visitor's own answer is fresh again: this one is what a client without preferences got.
            let copy = StoredCopy { outage_only: true, ..*copy };
            asking::take(own, answer, head, copy, &stored).await
        }
        _ => {
            convert::discard(&answer);
            false
        }
    }
}

/// The start page as a neutral request of this kind gets it.
pub async fn start_page(on: &Watched, kind: Kind) -> Option<(Response, AnswerHead)> {
    let url = Url { path: "/".to_owned(), query: None, ..on.watch.request.url.clone() };
    let own = neutral_request(on, url, kind, None)?;
    let (answer, head, _) = ask(&own).await?;
    Some((answer, head))
}

/// `None` where the origin did not answer, or is not asked because it fails.
async fn ask(own: &Watched) -> Option<(Response, AnswerHead, Timing)> {
    let url = &own.watch.request.url;
    if isolate::holds(&own.settings, url) || isolate::is_slow(&own.settings, own.host()) {
        return None;
    }
    let limit_ms = own.settings.timeout_ms;
    let asked = origin::ask(&own.visit, &own.request, &own.watch.outgoing, limit_ms, true).await;
    let answer = asked.answer.ok()?;
    let head = convert::head(&answer);
    Some((answer, head, asked.timing))
}

fn neutral_request(on: &Watched, url: Url, kind: Kind, near: Option<&StoredCopy>) -> Option<Watched> {
    let address = url.text();
    let facts = neutral::request(url, kind, near, &on.watch.request.headers);
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    let request = Request::new_with_str_and_init(&address, &init).ok()?;
    for (name, value) in &facts.headers.0 {
        request.headers().set(name, value).ok()?;
    }
    let settings = config::at(&on.settings, &facts.url.path);
    let Plan::Watch(mut watch) = plan(facts, &settings) else { return None };
    // Whatever the request looks like, it is for the entry.
    watch.kind = kind;
    watch.key = key_of(&watch.address, kind);
    Some(Watched { request, watch: watch.into(), settings, ..on.clone() })
}

/// Changes the head of what stands under a key, where it is older than that.
async fn rewrite(on: &Watched, key: &str, before: Millis, change: impl FnOnce(&mut StoredCopy)) {
    let Some(mut entry) = store::look_up(key).await else { return };
    if entry.copy.timing.requested_at >= before {
        return convert::discard(&entry.response);
    }
    change(&mut entry.copy);
    let Some(body) = entry.response.body() else { return };
    if let Some(bytes) = convert::whole(&body, on.settings.max_copy_bytes).await {
        store::write(&[key.to_owned()], &entry.copy, &bytes, &on.settings).await;
    }
}
