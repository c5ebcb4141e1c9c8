//! What the fallback page is told, from the choice, the failure and the diagnosis.

use crate::facts::Headers;
use crate::page::{Copy, Frame, Owner, PageModel, Processed, State};
use crate::rescue::choose::{PageChoice, Rescue};
use crate::rescue::negotiate;
use crate::rescue::plan::{Plan, Watch, plan};
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
    let cause = verdict.leading_cause();
    PageModel {
        form: choice.form,
        frame: frame(rescue),
        lang,
        status: choice.status,
        received_status: rescue.failure.received_status,
        cause: cause.map(|c| c.id),
        error: Some(rescue.error.unwrap_or_else(|| rescue.failure.error.as_str())),
        layer: verdict
            .layers
            .first()
            .map(|layer| if behind_us(layer.id) { layer.id } else { "gateway_to_app" }),
        at_fault: at_fault(rescue, verdict),
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

/// The pages that the owner wants linked, without the one that was asked for, each with the request that this
/// visitor would make for it. Whether there is a copy that may be shown is for the shell to look up; those
/// it puts into the model.
pub fn linked_pages<'a>(request: &RequestFacts, settings: &'a Settings) -> Vec<(Watch, &'a Copy)> {
    let others = settings.pages.iter().filter(|page| page.path != request.url.path);
    let asked = |page: &Copy| {
        let url = Url { path: page.path.clone(), query: None, ..request.url.clone() };
        let there = settings.at(&page.path);
        let there = there.as_ref().unwrap_or(settings);
        match plan(RequestFacts { method: "GET".to_owned(), url, ..request.clone() }, there) {
            Plan::Watch(watch) if watch.lookup => Some(*watch),
            _ => None,
        }
    };
    others.filter_map(|page| Some((asked(page)?, page))).collect()
}

/// Where the page will be shown. A frame of another site shows it unless the last known response of this address
/// says who may frame it: an unreadable frame tells the visitor nothing, and the page has nothing to abuse.
fn frame(rescue: &Rescue<'_>) -> Frame {
    if !negotiate::is_framed(&rescue.watch.request) {
        return Frame::Top;
    }
    let says_who = |headers: &Headers| {
        let policy = headers.values("content-security-policy").any(|policy| {
            policy.split([';', ',']).any(|directive| {
                let name = directive.split_ascii_whitespace().next().unwrap_or_default();
                name.eq_ignore_ascii_case("frame-ancestors")
            })
        });
        policy || headers.has("x-frame-options")
    };
    let copy = rescue.copy.is_some_and(|copy| says_who(&copy.head.headers));
    let answer = rescue.origin.is_some_and(|(answer, _)| says_who(&answer.headers));
    if copy || answer { Frame::OwnSite } else { Frame::Anywhere }
}

/// Whose fault it is for a visitor who reads our page. The diagnosis speaks of whoever asked, and where no answer
/// came, that was the edge: its way to the origin is no part of the visitor's, who has come through.
fn at_fault(rescue: &Rescue<'_>, verdict: &Verdict) -> AtFault {
    match rescue.failure.received_status {
        None => AtFault::Site,
        Some(_) => verdict.fault,
    }
}

/// Whether a layer lies on the site's side of the edge; the others are between the edge and whom it asks, as
/// the diagnosis sees it.
fn behind_us(layer: &str) -> bool {
    !matches!(layer, "visitor_network" | "visitor_to_edge" | "dns" | "tls")
}

fn state(choice: &PageChoice, rescue: &Rescue<'_>, verdict: &Verdict, settings: &Settings) -> State {
    if !rescue.watch.request.is_safe() {
        return State::FormSending { opened: !choice.not_sent };
    }
    match verdict.leading_cause().map(|cause| cause.id) {
        Some("overloaded" | "rate_limited") => return State::Overloaded,
        Some("maintenance") => return State::Maintenance { until_ms: settings.eta },
        _ => {}
    }
    match at_fault(rescue, verdict) {
        AtFault::Between => State::Between,
        AtFault::Visitor => State::VisitorSide,
        AtFault::Site | AtFault::None | AtFault::Unknown => State::Down,
    }
}
