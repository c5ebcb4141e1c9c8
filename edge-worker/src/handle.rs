//! What happens to a request, in order: plan, look into the store, be let through, ask, settle.
//!
//! Every decision is `backsoon`'s. This file only knows in which order things happen.

use crate::asking::{Outcome, ask};
use crate::config;
use crate::confirm;
use crate::convert;
use crate::everywhere::{self, Kv};
use crate::isolate;
use crate::patience::{self, ask_within};
use crate::probe;
use crate::rescue::{Failed, rescue};
use crate::store::{self, Stored};
use crate::visit::Visit;
use crate::{origin, own};
use backsoon::breaker::{Admission, Asker};
use backsoon::cache::reuse::{Ask, Reuse, reuse};
use backsoon::cache::serve::only_if_cached;
use backsoon::collapse::Turn;
use backsoon::rescue::failure::from_slow;
use backsoon::rescue::passage::passage;
use backsoon::rescue::patience::left_ms;
use backsoon::rescue::{OWN_PATH, Plan, RequestFacts, Settings, Watch, choose, failure, plan};
use std::rc::Rc;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Request, Response};

/// A request that is watched, and what belongs to it.
#[derive(Clone)]
pub struct Watched {
    /// The entry module's side of it.
    pub visit: Visit,
    /// The platform's object.
    pub request: Request,
    /// What was planned.
    pub watch: Rc<Watch>,
    /// The owner's settings.
    pub settings: Rc<Settings>,
    /// The store that is everywhere, where there is one.
    pub kv: Option<Kv>,
}

impl Watched {
    /// The host that the visitor asked.
    pub fn host(&self) -> &str {
        &self.watch.request.url.host
    }
}

/// Answers a request. `Err` is what the platform threw where it should not; the entry module answers then.
pub async fn handle(
    request: Request,
    settings: Rc<Settings>,
    kv: Option<Kv>,
    visit: Visit,
) -> Result<Response, JsValue> {
    let facts = convert::request_facts(&request).ok_or("an address that is not http")?;
    let settings = config::at(&settings, &facts.url.path);
    // Of what is ours the plan keeps nothing; of all else it takes the facts as they are, without a copy.
    let polled = if facts.url.path.starts_with(OWN_PATH) { facts.clone() } else { RequestFacts::default() };
    match plan(facts, &settings) {
        Plan::Own(endpoint) => {
            let answer = own::answer(endpoint, &settings, &polled.url.host);
            // A page that waits alone lets the site be seen to be back although nobody else asks.
            probe::polled(&polled.url, settings, kv, visit);
            answer
        }
        Plan::Bare { outgoing, request: facts, .. } => {
            let asked = origin::ask(&visit, &request, &outgoing, settings.timeout_ms, false).await;
            match asked.answer {
                Ok(answer) => {
                    let edits = passage(&facts, &convert::head(&answer), &settings);
                    convert::edited(answer, &edits)
                }
                Err(thrown) => {
                    let head = choose::bare(&failure::from_thrown(&thrown), &settings, convert::dice());
                    store::respond(None, &head, backsoon::cache::serve::Send::Nothing).await
                }
            }
        }
        Plan::Refuse(watch, failure) => {
            let on = Watched { visit, request, watch: watch.into(), settings, kv };
            rescue(&on, Stored::default(), Failed::without_answer(failure)).await
        }
        Plan::Watch(watch) => watched(Watched { visit, request, watch: watch.into(), settings, kv }).await,
    }
}

/// From the store where that will do, else from the origin, as far as the breaker lets it through.
async fn watched(on: Watched) -> Result<Response, JsValue> {
    let watch = &on.watch;
    confirm::due(&on);
    let mut waited_ms: u32 = 0;
    loop {
        let looks = watch.request.reads() && (on.settings.cache || on.settings.copies);
        let skipped =
            looks && !isolate::holds(&on.settings, &watch.request.url) && isolate::nothing_stored(&watch.key);
        let stored = match looks && !skipped {
            true => store::find(watch).await,
            false => Stored { skipped, ..Stored::default() },
        };
        let possible = if on.settings.cache {
            reuse(watch, stored.copy(), convert::now())
        } else {
            Reuse::Ask(Ask::past_the_store(watch))
        };
        let how = match possible {
            Reuse::Serve(served) => return store::respond(stored.entry, &served.head, served.send).await,
            Reuse::ServeAndRefresh(served, how) => {
                refresh(&on, how);
                return store::respond(stored.entry, &served.head, served.send).await;
            }
            Reuse::OnlyIfCached => {
                let head = only_if_cached();
                return store::respond(None, &head, backsoon::cache::serve::Send::Nothing).await;
            }
            Reuse::Ask(how) => how,
        };
        // While the breaker is open, or the origin slow, a copy is shown at once, also one from elsewhere.
        let open = isolate::holds(&on.settings, &watch.request.url);
        let stored = if open || isolate::is_slow(&on.settings, on.host()) {
            everywhere::or_from_there(&on, stored).await
        } else {
            stored
        };
        let has_copy = has_copy(&on, &stored);
        let probe = match isolate::admit(
            &on.settings,
            on.host(),
            Asker { path: &watch.request.url.path, has_copy, safe: watch.request.is_safe(), waited_ms },
        ) {
            Admission::Ask => false,
            Admission::Probe if has_copy => {
                aside(&on, how, true);
                return unasked(&on, stored).await;
            }
            Admission::Probe => true,
            Admission::Stay => {
                if has_copy && isolate::lives_slowly(&on.settings, on.host()) {
                    refresh_slowly(&on, how);
                }
                return unasked(&on, stored).await;
            }
            Admission::Wait(ms) => {
                probe::look(&on);
                convert::sleep(ms).await;
                waited_ms = waited_ms.saturating_add(ms);
                continue;
            }
        };
        if !probe && on.settings.cache && watch.coalesces() {
            match isolate::turn(watch, waited_ms) {
                Turn::Late if has_copy => {
                    return rescue(&on, stored, Failed::without_answer(from_slow())).await;
                }
                Turn::Wait(ms) => {
                    convert::sleep(ms).await;
                    waited_ms = waited_ms.saturating_add(ms);
                    continue;
                }
                Turn::Ask | Turn::Late => {}
            }
        }
        let asked = match patience(&on, has_copy, probe, waited_ms) {
            Some(left_ms) => ask_within(&on, how, stored, probe, left_ms).await?,
            None => ask(&on, how, stored, probe, false).await?,
        };
        return match asked {
            Outcome::Answer(answer) => Ok(answer),
            Outcome::Failed(failed, stored) => {
                let stored = if stored.skipped { store::find(watch).await } else { *stored };
                rescue(&on, stored, *failed).await
            }
        };
    }
}

/// How long this visitor waits; `None`: to the end. Who has no copy near may have one everywhere.
fn patience(on: &Watched, has_copy: bool, probe: bool, waited_ms: u32) -> Option<u32> {
    let may_have = has_copy || (on.kv.is_some() && on.settings.copies);
    if on.watch.lookup && may_have {
        return left_ms(&on.settings, waited_ms);
    }
    // Others without a copy wait no longer for the probe's outcome.
    let reads = probe && on.watch.request.reads();
    reads.then(|| on.settings.breaker.patience_ms.saturating_sub(waited_ms))
}

/// Whether there is a copy that could be shown.
pub fn has_copy(on: &Watched, stored: &Stored) -> bool {
    let usable =
        |copy: &backsoon::rescue::StoredCopy| copy.usable(&on.watch, &on.settings, convert::now()).is_ok();
    on.watch.lookup && stored.copy().is_some_and(usable)
}

/// The breaker is open, or the origin or this page is slow: the copy at once, or the page.
async fn unasked(on: &Watched, stored: Stored) -> Result<Response, JsValue> {
    rescue(on, stored, Failed::without_answer(isolate::why_unasked(&on.settings, &on.watch.request.url)))
        .await
}

/// Brings a stored answer up to date after the visitor has it, one at a time.
fn refresh(on: &Watched, how: Ask) {
    if !on.watch.coalesces() || isolate::turn(&on.watch, 0) != Turn::Ask {
        return;
    }
    let path = &on.watch.request.url.path;
    match isolate::admit(&on.settings, on.host(), Asker { path, has_copy: true, safe: true, waited_ms: 0 }) {
        Admission::Ask if isolate::refills(&on.settings, on.host()) => aside(on, how, false),
        Admission::Probe => aside(on, how, true),
        // The next visitor's turn, or the one after.
        Admission::Ask | Admission::Stay | Admission::Wait(_) => isolate::give_back(&on.watch.key),
    }
}

/// The same of an origin that is slow: visitors do not bring their copies up to date any more.
fn refresh_slowly(on: &Watched, how: Ask) {
    if !on.watch.coalesces() || isolate::turn(&on.watch, 0) != Turn::Ask {
        return;
    }
    match isolate::refills(&on.settings, on.host()) {
        true => aside(on, how, false),
        false => isolate::give_back(&on.watch.key),
    }
}

/// Asks the origin while nobody waits for it.
fn aside(on: &Watched, how: Ask, probe: bool) {
    let own = on.clone();
    on.visit.background(async move {
        let stored = store::find(&own.watch).await;
        let outcome = ask(&own, how, stored, probe, true).await;
        patience::ended(&own, outcome, probe);
    });
}
