//! What the fallback page is told, from the choice, the failure and the diagnosis.

use crate::page::{Copy, Owner, PageModel, Processed, State};
use crate::rescue::choose::{PageChoice, Rescue};
use crate::rescue::plan::key_of;
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::settings::Settings;
use crate::text::Lang;
use crate::verdict::{AtFault, Verdict};

/// The page's model. `reference` is what a visitor can name to support.
pub fn page_model<'a>(
    choice: &PageChoice,
    rescue: &Rescue<'a>,
    verdict: &'a Verdict,
    owner: &'a Owner,
    settings: &Settings,
    lang: Lang,
    reference: &'a str,
) -> PageModel<'a> {
    let request = &rescue.watch.request;
    let cause = verdict.causes.first();
    PageModel {
        form: choice.form,
        lang,
        status: choice.status,
        received_status: rescue.failure.received_status,
        cause: cause.map(|c| c.id),
        error: Some(rescue.error.unwrap_or_else(|| rescue.failure.error.as_str())),
        layer: verdict.layers.first().map(|layer| layer.id),
        at_fault: verdict.fault,
        state: state(choice, rescue, verdict, settings),
        retry_after_s: Some(choice.retry_after_s),
        back_in_s: rescue.failure.retry_after_s,
        now_ms: rescue.now,
        reference,
        path: &request.url.path,
        safe_method: request.is_safe(),
        request_processed: if choice.not_sent { Processed::No } else { Processed::Unknown },
        owner,
        copies: &[],
    }
}

/// The pages that the owner wants linked, each with the key under which its copy would be stored; without the
/// one that was asked for. Whether there is a copy is for the shell to look up, and to put the found ones
/// into the model.
pub fn linked_pages<'a>(request: &RequestFacts, settings: &'a Settings) -> Vec<(String, &'a Copy)> {
    let others = settings.pages.iter().filter(|page| page.path != request.url.path);
    let key = |page: &Copy| key_of(&Url { path: page.path.clone(), query: None, ..request.url.clone() });
    others.map(|page| (key(page), page)).collect()
}

fn state(choice: &PageChoice, rescue: &Rescue<'_>, verdict: &Verdict, settings: &Settings) -> State {
    if !rescue.watch.request.is_safe() {
        return State::FormSending { opened: !choice.not_sent };
    }
    match verdict.causes.first().map(|cause| cause.id) {
        Some("overloaded" | "rate_limited") => return State::Overloaded,
        Some("maintenance") => return State::Maintenance { until_ms: settings.eta },
        _ => {}
    }
    match verdict.fault {
        AtFault::Between => State::Between,
        AtFault::Visitor => State::VisitorSide,
        AtFault::Site | AtFault::None | AtFault::Unknown => State::Down,
    }
}
