//! Asks the origin as long as this visitor waits; what is not here by then goes on without the visitor.
//!
//! How long that is, `backsoon::rescue::patience` and the breaker decide. It is one and the same request that goes
//! on: nothing is sent again.

use crate::asking::{Asking, Outcome, ask};
use crate::convert;
use crate::everywhere;
use crate::handle::{Watched, has_copy};
use crate::isolate;
use crate::probe;
use crate::rescue::Failed;
use crate::store::{self, Stored};
use backsoon::cache::reuse::Ask;
use backsoon::rescue::failure;
use std::future::{Future, poll_fn};
use std::task::Poll;
use wasm_bindgen::prelude::JsValue;

/// So often those who wait look whether others have found the origin slow.
const STEP_MS: u32 = 250;

/// The outcome, or after `left_ms` a failure of which the end is still open, where there is a copy to show. Who is
/// the breaker's probe is shown what there is, be it a page.
pub async fn ask_within(
    on: &Watched,
    how: Ask,
    stored: Stored,
    probe: bool,
    left_ms: u32,
) -> Result<Outcome, JsValue> {
    let (began, own) = (convert::now(), on.clone());
    let mut asking: Asking<'static> = Box::pin(async move { ask(&own, how, stored, probe, false).await });
    let waited = || u32::try_from(convert::now().saturating_sub(began)).unwrap_or(u32::MAX);
    while waited() < left_ms {
        let step = STEP_MS.min(left_ms.saturating_sub(waited()));
        if let Some(outcome) = within(&mut asking, step).await {
            return outcome;
        }
        if isolate::is_slow(&on.settings, on.host()) {
            break;
        }
    }
    let stored = everywhere::or_from_there(on, store::find(&on.watch).await).await;
    if !probe && !has_copy(on, &stored) {
        return asking.await;
    }
    isolate::late_for(&on.watch, began);
    let failed = Failed::without_answer(failure::from_late(waited()));
    let own = on.clone();
    on.visit.background(async move { ended(&own, asking.await, probe) });
    Ok(Outcome::Failed(Box::new(failed), Box::new(stored)))
}

/// What came while nobody waited for it any more.
pub fn ended(on: &Watched, outcome: Result<Outcome, JsValue>, probe: bool) {
    match outcome {
        Ok(Outcome::Answer(answer)) => convert::discard(&answer),
        Ok(Outcome::Failed(failed, _)) => {
            isolate::failed(&on.settings, &on.watch, &failed.failure, probe, true);
            probe::look(on);
            failed.discard();
        }
        // The platform threw where it should not; a lost probe is given up by the breaker itself.
        Err(_) => {}
    }
}

/// `None` where it takes longer.
async fn within(asking: &mut Asking<'static>, ms: u32) -> Option<Result<Outcome, JsValue>> {
    let mut timer = Box::pin(convert::sleep(ms));
    poll_fn(|context| match asking.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}
