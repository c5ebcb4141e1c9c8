//! The model as problem details (RFC 9457), for programs: the same facts, and whether to try again.

use serde_json::{Map, Value, json};

use super::model::{PageModel, Processed, State};
use super::said;
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
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("type", json!(format!("tag:backsoon,2026:{kind}")));
    put("title", json!(said::heading(model)));
    put("status", json!(model.status));
    put("detail", json!([said::fault(model), &said::when_plain(model)].join(" ")));
    put("instance", json!(model.path));
    put("cause", json!(model.cause));
    put("error", json!(model.error));
    put("received_status", json!(model.received_status));
    put("layer", json!(model.layer));
    put("at_fault", json!(at_fault));
    put("retryable", json!(retryable));
    put("retry_after", json!(model.retry_after_s));
    put("request_processed", json!(model.request_processed.as_str()));
    put("reference", json!(model.reference));
    Value::Object(document).to_string() + "\n"
}
