//! The probe of an address that answered well: it confirms that the site fails, and sees that it is back.
//!
//! When it is due, and for which address, `backsoon::breaker` decides. It carries nothing of whoever happens to be here.

use crate::asking::{Outcome, ask};
use crate::config;
use crate::convert;
use crate::everywhere::Kv;
use crate::handle::Watched;
use crate::isolate;
use crate::store;
use crate::visit::Visit;
use backsoon::breaker::Target;
use backsoon::cache::reuse::Ask;
use backsoon::rescue::{Plan, RequestFacts, Settings, Url, plan};
use std::rc::Rc;
use web_sys::Request;

/// Sends it behind this visitor's answer, if it is due.
pub fn look(on: &Watched) {
    if let Some(target) = isolate::probe(&on.settings, &on.watch.request.url, false) {
        send(target, &on.settings, on.kv.clone(), on.visit.clone());
    }
}

/// The same for somebody who polls `status` on this site.
pub fn polled(url: &Url, settings: Rc<Settings>, kv: Option<Kv>, visit: Visit) {
    if let Some(target) = isolate::probe(&settings, url, true) {
        send(target, &settings, kv, visit);
    }
}

fn send(target: Target, settings: &Rc<Settings>, kv: Option<Kv>, visit: Visit) {
    let Target { url, fields } = target;
    let Ok(request) = Request::new_with_str(&url.text()) else { return };
    for (name, value) in &fields.0 {
        if request.headers().set(name, value).is_err() {
            return;
        }
    }
    let settings = config::at(settings, &url.path);
    let facts = RequestFacts { method: "GET".to_owned(), url, headers: fields, body: false };
    let Plan::Watch(watch) = plan(facts, &settings) else { return };
    let on = Watched { visit: visit.clone(), request, watch: watch.into(), settings, kv };
    visit.background(async move {
        let stored = store::find(&on.watch).await;
        match ask(&on, Ask::past_the_store(&on.watch), stored, true, true).await {
            Ok(Outcome::Answer(answer)) => convert::discard(&answer),
            Ok(Outcome::Failed(failed, _)) => {
                isolate::probe_failed(&on.settings, on.host(), &failed.failure);
                failed.discard();
            }
            // The platform threw where it should not: the breaker gives the probe up for lost.
            Err(_) => {}
        }
    });
}
