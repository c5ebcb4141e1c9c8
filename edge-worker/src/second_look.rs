//! Weighs a suspicious answer, and looks at another address of the origin where that must tell.
//!
//! What counts, and when a look is due, `backsoon::rescue::soft` decides. The visitor does not carry the look: it goes
//! on beside the answer.

use crate::convert;
use crate::handle::Watched;
use crate::isolate;
use crate::origin;
use backsoon::rescue::soft::second_look::{BODY_MS, GoodAddress, HEAD_MS, LOOK_BYTES, Met, Suspect, WAIT_MS};
use backsoon::rescue::soft::{Suspicion, Weighed};
use backsoon::rescue::{Plan, plan};
use web_sys::Request;

/// How often those who wait for a look ask whether it has ended.
const STEP_MS: u32 = 20;

/// Whether the answer counts as a failure. `aside`: nobody waits for it, so it does not wait either.
pub async fn weighed(
    on: &Watched,
    suspicion: &Suspicion,
    suspect: Suspect<'_>,
    of_gateway: bool,
    aside: bool,
) -> bool {
    let mut waited_ms: u32 = 0;
    loop {
        let (evidence, next) = isolate::evidence(&on.settings, suspect);
        if let Some(good) = next {
            let (own, print) = (on.clone(), suspect.print);
            on.visit.background(async move {
                let met = look(&own, &good, print).await;
                isolate::looked(&own.settings, own.host(), &good, met);
            });
        }
        match suspicion.weigh(evidence, of_gateway, aside) {
            Weighed::Wait if waited_ms < WAIT_MS => {}
            weighed => return weighed == Weighed::Failed,
        }
        convert::sleep(STEP_MS).await;
        waited_ms = waited_ms.saturating_add(STEP_MS);
    }
}

/// Asks for the address as somebody of whom nothing is known.
async fn look(on: &Watched, good: &GoodAddress, suspect: Option<u64>) -> Met {
    let nothing = Met { trouble: None, print: None };
    let facts = good.request();
    let Ok(request) = Request::new_with_str(&facts.url.text()) else { return nothing };
    for (name, value) in &facts.headers.0 {
        // What the platform does not let be set is not sent.
        let _ = request.headers().set(name, value);
    }
    let Plan::Watch(watch) = plan(facts, &on.settings) else { return nothing };
    let limit_ms = HEAD_MS.min(on.settings.timeout_ms);
    let asked = origin::ask(&on.visit, &request, &watch.outgoing, limit_ms, true).await;
    let Ok(answer) = asked.answer else { return good.judge(&watch, None, suspect) };
    let head = convert::head(&answer);
    let most = u32::try_from(LOOK_BYTES).unwrap_or(u32::MAX);
    let Some(stream) = answer.body() else { return good.judge(&watch, Some((&head, &[])), suspect) };
    match convert::prefix(&stream, most, BODY_MS).await {
        Some(read) if read.ended != Some(false) => {
            good.judge(&watch, Some((&head, &read.bytes.to_vec())), suspect)
        }
        _ => good.judge(&watch, None, suspect),
    }
}
