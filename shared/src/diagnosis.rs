//! From facts to a verdict.

use crate::facts::Exchange;
use crate::verdict::{AtFault, Certainty, Gateway, Transient, Verdict};

/// Diagnoses one exchange. Total: what the evidence does not carry is `unknown`.
pub fn diagnose(exchange: &Exchange) -> Verdict {
    let healthy = exchange.transport_error.is_none() && exchange.status.is_some_and(|s| s < 400);
    Verdict {
        gateway: Gateway {
            id: "unknown".into(),
            version: None,
            certainty: Certainty::Possible,
            evidence: vec![],
        },
        front: None,
        layers: vec![],
        causes: vec![],
        transient: Transient::Unknown,
        fault: if healthy { AtFault::None } else { AtFault::Unknown },
        visitor: vec![],
        not_helpful: vec![],
        owner: vec![],
        sentence_id: "verdict.unknown",
    }
}
