//! One line of JSON for each rescued request and each refused write: for the owner's `wrangler tail`, nothing of the visitor's.
//!
//! Neither address, cookie nor query is in it, and of the path nothing: it may hold a visitor's secrets.

use backsoon::json;
use backsoon::rescue::{Choice, Rescue};
use backsoon::verdict::Verdict;

/// Says how a request was rescued, and from what.
pub fn rescued(rescue: &Rescue<'_>, choice: &Choice, verdict: &Verdict, reference: &str) {
    let (answer, reason) = match choice {
        Choice::Copy(_) if rescue.copy.is_some_and(|copy| copy.generation > 0) => ("older-copy", None),
        Choice::Copy(_) => ("copy", None),
        Choice::Page(page) => ("page", Some(page.reason.as_str())),
        Choice::OriginAnswer { no_copy, .. } => ("relayed", Some(no_copy.as_str())),
    };
    let received = rescue.failure.received_status;
    let line = format!(
        "{{\"backsoon\":\"rescue\",\"answer\":{},\"no_copy\":{},\"method\":{},\"host\":{},\"error\":{},\
         \"received_status\":{},\"elapsed_ms\":{},\"gateway\":{},\"causes\":[{}],\"reference\":{}}}",
        json::string(answer),
        json::string_or_null(reason),
        json::string(&rescue.watch.request.method),
        json::string(&rescue.watch.request.url.host),
        json::string(rescue.error.unwrap_or_else(|| rescue.failure.error.as_str())),
        received.map_or_else(|| "null".to_owned(), |status| status.to_string()),
        rescue.failure.elapsed_ms,
        json::string(&verdict.gateway.id),
        verdict.causes.iter().map(|cause| json::string(cause.id)).collect::<Vec<_>>().join(","),
        json::string(reference),
    );
    worker::console_log!("{line}");
}

/// Says that a write into the store that is everywhere was refused; `count`: by this isolate so far.
pub fn write_refused(count: u64) {
    worker::console_error!("{{\"backsoon\":\"kv\",\"refused\":{count}}}");
}
