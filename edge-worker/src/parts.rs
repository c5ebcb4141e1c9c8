//! Keeps beside a page what it needs to look as it should: its styles, scripts, fonts and images.
//!
//! Which these are, `backsoon::rescue::closure` reads out of the page. They are fetched as by a visitor of whom
//! nothing is known, one after the other, only while the origin is well, and only those that are not there.

use crate::asking::{Outcome, ask};
use crate::config;
use crate::convert;
use crate::handle::{Watched, has_copy};
use crate::isolate;
use crate::store;
use backsoon::breaker::{Admission, Asker};
use backsoon::cache::reuse::Ask;
use backsoon::rescue::closure::{LOOK, MISS, closure};
use backsoon::rescue::{Plan, RequestFacts, Url, Wants, plan};
use js_sys::Uint8Array;
use web_sys::Request;

/// A page with more source than this is not read.
const MOST_READ: u32 = 512 * 1024;

/// Keeps the parts of a page that was just kept; a visit does not pay for all of them, the next one goes on.
pub async fn keep(on: &Watched, page: &Uint8Array) {
    if on.watch.wants != Wants::Navigation || page.byte_length() > MOST_READ {
        return;
    }
    let parts = closure(&on.watch.request.url, &page.to_vec());
    let Some(mut round) = isolate::parts_due(&on.watch.key, &parts) else { return };
    for (_, address) in parts.iter().skip(round.next) {
        if !round.spend(LOOK) {
            break;
        }
        let Some(part) = watched(on, address) else {
            round.next = round.next.saturating_add(1);
            continue;
        };
        let stored = store::find(&part.watch).await;
        let there = has_copy(&part, &stored);
        if let Some(entry) = &stored.entry {
            convert::discard(&entry.response);
        }
        let kept = there || (round.spend(MISS) && fetched(&part).await);
        if !kept {
            break;
        }
        round.next = round.next.saturating_add(1);
    }
    isolate::parts_looked_after(&on.watch.key, &parts, round.next);
}

/// Whether the origin is well: it answered, or the one part that it has not is not worth another look.
async fn fetched(part: &Watched) -> bool {
    let asker = Asker { has_copy: true, safe: true, waited_ms: 0 };
    if isolate::admit(&part.settings, part.host(), asker) != Admission::Ask
        || !isolate::refills(&part.settings, part.host())
    {
        return false;
    }
    let how = Ask::past_the_store(&part.watch);
    match ask(part, how, store::Stored::default(), false, true).await {
        Ok(Outcome::Answer(answer)) => {
            convert::discard(&answer);
            true
        }
        Ok(Outcome::Failed(failed, _)) => {
            isolate::failed(&part.settings, part.host(), &failed.failure, false, true);
            failed.discard();
            false
        }
        Err(_) => false,
    }
}

fn watched(on: &Watched, address: &str) -> Option<Watched> {
    let url = Url::parse(address)?;
    let request = Request::new_with_str(address).ok()?;
    let facts = RequestFacts { method: "GET".to_owned(), url, ..RequestFacts::default() };
    let settings = config::at(&on.settings, &facts.url.path);
    let Plan::Watch(watch) = plan(facts, &settings) else { return None };
    Some(Watched { request, watch: watch.into(), settings, ..on.clone() })
}
