//! What the origin allowed to preflights, remembered in the Cache API of this place.
//!
//! What may be remembered and answered, `backsoon::rescue::preflight` decides.

use crate::convert;
use crate::handle::Watched;
use crate::isolate;
use crate::store;
use backsoon::rescue::passage::on_site;
use backsoon::rescue::preflight::{Lesson, Preflights, holds, keys};
use backsoon::rescue::{AnswerHead, StoredCopy};

/// Learns from a proper answer of the origin.
pub fn learn(on: &Watched, head: &AnswerHead) {
    if keys(&on.watch, &on.settings).is_none() {
        return;
    }
    let head = on_site(&on.watch.request, head, &on.settings);
    let learn = |known: &mut Preflights| known.learn(&on.watch, &head, &on.settings, convert::now());
    let lesson = isolate::preflights(Lesson::Nothing, learn);
    let settings = on.settings.clone();
    match lesson {
        Lesson::Allowed { key, copy, tell: true } => on.visit.background(async move {
            store::write(&[key], &copy, &convert::nothing(), &settings).await;
        }),
        Lesson::Refused(keys) => on.visit.background(async move { store::forget(keys.into()).await }),
        Lesson::Allowed { .. } | Lesson::Nothing => {}
    }
}

/// What is remembered for this preflight and holds now.
pub async fn known(on: &Watched) -> Option<StoredCopy> {
    let keys = keys(&on.watch, &on.settings)?;
    let holds = |copy: &StoredCopy| holds(&on.watch, copy, &on.settings, convert::now());
    for key in &keys {
        let Some(entry) = store::look_up(key).await else { continue };
        convert::discard(&entry.response);
        if holds(&entry.copy) {
            return Some(entry.copy);
        }
    }
    None
}
