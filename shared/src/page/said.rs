//! What the page says, form apart: heading, fault, when, what to do. Chooses texts by state and fault, and
//! promises nothing that the model does not carry.

use super::model::{PageModel, State};
use crate::text::{self, PAGE};
use crate::verdict::AtFault;

/// So long after the promised moment the page still admits the delay, in milliseconds.
const FORGOTTEN_MS: u64 = 24 * 3_600 * 1_000;

/// A text of the section `[page]` in the model's language.
pub(super) fn say(model: &PageModel, id: &'static str) -> &'static str {
    PAGE.say(model.lang, id)
}

/// The one heading.
pub(super) fn heading(model: &PageModel) -> &'static str {
    let id = match model.state {
        State::Down => "down",
        State::Overloaded => "busy",
        State::Maintenance { .. } => "maintenance",
        State::FormSending { opened: false } => "form_unsent",
        State::FormSending { opened: true } => "form_unknown",
        State::Between => "between",
        State::VisitorSide => "visitor",
    };
    say(model, id)
}

/// Whose fault it is.
pub(super) fn fault(model: &PageModel) -> &'static str {
    let id = match (model.state, model.at_fault) {
        (State::Maintenance { .. }, _) => "fault_planned",
        (_, AtFault::Site) => "fault_site",
        (State::Between, _) | (_, AtFault::Between) => "fault_between",
        (State::VisitorSide, _) | (_, AtFault::Visitor) => "fault_visitor",
        (_, AtFault::None | AtFault::Unknown) => "fault_unknown",
    };
    say(model, id)
}

/// When it will be back, or that nobody knows, and nothing where it is not the site that broke; and the moment itself where one is named, as UTC and as
/// milliseconds since 1970.
pub(super) fn when(model: &PageModel) -> (&'static str, Option<u64>, Option<String>) {
    let planned = match model.state {
        State::Maintenance { until_ms } => model.owner.eta_ms.or(until_ms),
        _ => model.owner.eta_ms,
    };
    // A moment long gone is one that the owner forgot, not a delay.
    let planned = planned.filter(|at| model.now_ms < at.saturating_add(FORGOTTEN_MS));
    match (planned, model.back_in_s) {
        (Some(at), _) if at > model.now_ms => (say(model, "back_at"), Some(at), None),
        (Some(at), _) => (say(model, "back_late"), Some(at), None),
        (None, Some(seconds)) => (say(model, "back_wait"), None, Some(text::rough_wait(model.lang, seconds))),
        (None, None) if model.state == State::VisitorSide => ("", None, None),
        (None, None) => (say(model, "back_unknown"), None, None),
    }
}

/// `when` as one sentence, the moment in UTC.
pub(super) fn when_plain(model: &PageModel) -> String {
    let (template, at, wait) = when(model);
    let at = at.map(|at| format!("{} UTC", text::utc(at))).unwrap_or_default();
    text::fill(template, &[("time", &at), ("when", &wait.unwrap_or_default())])
}

/// What the visitor can do, most useful first; never empty.
pub(super) fn steps(model: &PageModel) -> Vec<&'static str> {
    let ids: &[&str] = match (model.state, model.at_fault) {
        (State::FormSending { opened: true }, _) => &["form_look", "form_back"],
        (State::FormSending { opened: false }, _) => &["form_back", "do_wait"],
        (State::VisitorSide, _) | (_, AtFault::Visitor) => &["do_visitor", "do_network"],
        (State::Between, _) | (_, AtFault::Between) => &["do_wait", "do_network"],
        (State::Down | State::Overloaded, AtFault::Site) => &["do_wait", "do_not"],
        _ => &["do_wait"],
    };
    ids.iter().map(|id| say(model, id)).collect()
}

/// Status to the visitor, status of the origin and error type, for support.
pub(super) fn code(model: &PageModel) -> String {
    let mut code = model.status.to_string();
    if let Some(received) = model.received_status.filter(|received| *received != model.status) {
        code.push_str(&format!(" ({received})"));
    }
    if let Some(error) = model.error.or(model.cause) {
        code.push(' ');
        code.push_str(error);
    }
    code
}
