//! Keeps beside a page what it needs to look as it should: its styles, scripts, fonts and images.
//!
//! `backsoon::rescue::closure` reads the addresses out of the page, and knows which of them visitors have asked for by
//! themselves. Only those are fetched again, with this visitor's address and browser, one after the other, while the
//! origin is well, and where they are not stored. What comes is kept if a visitor of another network got the same.

use crate::config;
use crate::convert;
use crate::handle::{Watched, has_copy};
use crate::isolate;
use crate::origin;
use crate::store;
use backsoon::breaker::{Admission, Asker};
use backsoon::rescue::closure::{Known, LOOK, MISS, Need, closure};
use backsoon::rescue::judge::judge_cached;
use backsoon::rescue::network::ADDRESS_FIELD;
use backsoon::rescue::tier::fingerprint;
use backsoon::rescue::{Judgement, Kind, Plan, RequestFacts, StoredCopy, Url, failure, plan};
use js_sys::Uint8Array;
use web_sys::Request;

/// A page with more source than this is not read, and a larger part is not fetched.
const MOST_READ: u32 = 512 * 1024;

/// The fields of this visitor with which a part is asked for.
const OF_VISITOR: [&str; 4] = ["accept-encoding", "accept-language", ADDRESS_FIELD, "user-agent"];

/// Remembers what a visitor asked for and was kept, where it is a part of pages; keeps the parts of a page. A visit
/// does not pay for all of them, the next one goes on.
pub async fn keep(on: &Watched, copy: &StoredCopy, bytes: &Uint8Array) {
    if bytes.byte_length() > MOST_READ || on.watch.is_identified() {
        return;
    }
    match on.watch.kind {
        Kind::Part => isolate::saw_part(&on.watch, &copy.head, fingerprint(&bytes.to_vec())),
        Kind::Page => keep_parts(on, bytes).await,
        _ => {}
    }
}

async fn keep_parts(on: &Watched, page: &Uint8Array) {
    let mut parts = closure(&on.watch.request.url, &page.to_vec());
    let mut known: Vec<(Watched, Known)> = vec![];
    parts.retain(|(need, address)| {
        let part = watched(on, *need, address);
        let found = part.and_then(|part| Some((isolate::known_part(&part.watch, *need)?, part)));
        let there = found.is_some();
        known.extend(found.map(|(print, part)| (part, print)));
        there
    });
    let Some(mut round) = isolate::parts_due(&on.watch.key, &parts) else { return };
    for (part, known) in known.iter().skip(round.next) {
        if !round.spend(LOOK) {
            break;
        }
        let stored = store::find(&part.watch).await;
        let there = has_copy(part, &stored);
        if let Some(entry) = &stored.entry {
            convert::discard(&entry.response);
        }
        let goes_on = there || (round.spend(MISS) && fetched(part, known, stored.at_key()).await);
        if !goes_on {
            break;
        }
        round.next = round.next.saturating_add(1);
    }
    isolate::parts_looked_after(&on.watch.key, &parts, round.next);
}

/// Whether the origin is well: it answered, or the one part that it has not is not worth another look.
async fn fetched(part: &Watched, known: &Known, at_key: Option<StoredCopy>) -> bool {
    let path = &part.watch.request.url.path;
    let asker = Asker { path, has_copy: true, safe: true, waited_ms: 0 };
    let (settings, host) = (&part.settings, part.host());
    if isolate::admit(settings, host, asker) != Admission::Ask || !isolate::refills(settings, host) {
        return false;
    }
    isolate::sent(settings, host, true);
    let asked =
        origin::ask(&part.visit, &part.request, &part.watch.outgoing, settings.timeout_ms, true).await;
    let timing = asked.timing;
    let answer = match asked.answer {
        Ok(answer) => answer,
        Err(thrown) => {
            isolate::failed(settings, &part.watch, &failure::from_thrown(&thrown), false, true);
            return false;
        }
    };
    let head = convert::head(&answer);
    let copy = match judge_cached(&part.watch, &head, at_key.as_ref(), timing, settings) {
        Judgement::Rescue(failed) => {
            convert::discard(&answer);
            isolate::failed(settings, &part.watch, &failed, false, true);
            return false;
        }
        Judgement::RelayAndStore(copy) if copy.good => copy,
        _ => {
            convert::discard(&answer);
            return true;
        }
    };
    let Some(stream) = answer.body() else { return true };
    let Some(bytes) = convert::whole(&stream, MOST_READ.into()).await else { return true };
    if known.is(&part.watch, &head, fingerprint(&bytes.to_vec())) {
        store::put(&part.watch, *copy, at_key, &bytes, settings).await;
    }
    true
}

/// A request for a part as this visitor's browser would send it, without anything that says who the visitor is.
fn watched(on: &Watched, need: Need, address: &str) -> Option<Watched> {
    let url = Url::parse(address)?;
    Need::of_path(&url.path).filter(|named| *named == need)?;
    let request = Request::new_with_str(address).ok()?;
    let mut facts = RequestFacts { method: "GET".to_owned(), url, ..RequestFacts::default() };
    let (dest, accept) = need.browser_fields();
    let mode = if need == Need::Font { "cors" } else { "no-cors" };
    let of_browser = [
        ("accept", accept),
        ("sec-fetch-dest", dest),
        ("sec-fetch-mode", mode),
        ("sec-fetch-site", "same-origin"),
    ];
    let of_visitor =
        OF_VISITOR.iter().filter_map(|name| Some((*name, on.watch.request.headers.value(name)?)));
    for (name, value) in of_visitor.chain(of_browser) {
        if request.headers().set(name, value).is_ok() {
            facts.headers.0.push((name.to_owned(), value.to_owned()));
        }
    }
    let settings = config::at(&on.settings, &facts.url.path);
    let Plan::Watch(watch) = plan(facts, &settings) else { return None };
    Some(Watched { request, watch: watch.into(), settings, ..on.clone() })
}
