//! The model as problem details (RFC 9457), for programs: the same facts, and whether to try again.

use super::model::{PageModel, Processed, State};
use super::said;
use crate::json;
use crate::verdict::AtFault;

/// The document. `type` is a tag URI (RFC 4151): a name, not a place.
pub(super) fn render(model: &PageModel) -> String {
    let kind = match model.state {
        State::Down => "down",
        State::Overloaded => "overloaded",
        State::Maintenance { .. } => "maintenance",
        State::FormSending { .. } => "not-delivered",
        State::Between => "network",
        State::VisitorSide => "request",
    };
    let at_fault = match model.at_fault {
        AtFault::Site => "site",
        AtFault::Visitor => "visitor",
        AtFault::Between => "between",
        AtFault::None | AtFault::Unknown => "unknown",
    };
    // A program may repeat by itself only what is safe, or what certainly was not acted on.
    let retryable = (model.safe_method || model.request_processed == Processed::No)
        && !matches!(model.state, State::VisitorSide);
    let number = |n: Option<u32>| n.map_or_else(|| "null".to_owned(), |n| n.to_string());
    let members = [
        ("type", json::string(&["tag:backsoon,2026:", kind].concat())),
        ("title", json::string(said::heading(model))),
        ("status", model.status.to_string()),
        ("detail", json::string([said::fault(model), " ", &said::when_plain(model)].concat().trim_end())),
        ("instance", json::string(model.path)),
        ("cause", json::string_or_null(model.cause)),
        ("error", json::string_or_null(model.error)),
        ("received_status", number(model.received_status.map(u32::from))),
        ("layer", json::string_or_null(model.layer)),
        ("at_fault", json::string(at_fault)),
        ("retryable", retryable.to_string()),
        ("retry_after", number(model.retry_after_s)),
        ("request_processed", json::string(model.request_processed.as_str())),
        ("reference", json::string(model.reference)),
    ];
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}
