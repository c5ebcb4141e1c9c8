//! Whether a failed request is sent once more.
//!
//! Only what reads and has no body, once, soon after a quick failure, and only as long as retries are a
//! tenth of the requests: a budget that fills with requests and empties with retries (so that an outage is
//! not made worse by the very visitors who suffer from it).

use crate::rescue::failure::Failure;
use crate::rescue::negotiate::Wants;
use crate::rescue::request::RequestFacts;
use crate::status::ProxyError;

/// A retry costs as much as ten requests bring in.
const COST: u32 = 10;
/// The purse never holds more than ten retries.
const MOST: u32 = 100;
/// A failure that took longer is not repeated: the visitor has waited enough.
const QUICK_MS: u32 = 2000;

/// Why a request is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRetry {
    /// It may change something, or it has a body.
    Request,
    /// The origin answered, and the client is no person who waits for a page.
    Answered,
    /// It was the second try already.
    Again,
    /// The failure is of a kind that a second try does not mend.
    Failure,
    /// The origin asked for patience.
    RetryAfter,
    /// It took too long.
    Slow,
    /// The budget is spent.
    Budget,
}

impl NoRetry {
    /// A stable word for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answered => "answered",
            Self::Again => "again",
            Self::Failure => "failure",
            Self::RetryAfter => "retry-after",
            Self::Slow => "slow",
            Self::Budget => "budget",
        }
    }
}

/// The purse of one isolate.
#[derive(Clone, Debug)]
pub struct Budget {
    tenths: u32,
}

impl Default for Budget {
    fn default() -> Self {
        // One retry is in the purse from the start: a quiet site has short hiccups too.
        Self { tenths: COST }
    }
}

impl Budget {
    /// A first try was sent. Counted when it is sent, not when it is answered: an origin that hangs would
    /// otherwise look idle.
    pub fn sent(&mut self) {
        self.tenths = self.tenths.saturating_add(1).min(MOST);
    }

    /// Whether to send once more; pays for it. `tries`: how often it was sent.
    pub fn retry(
        &mut self,
        request: &RequestFacts,
        wants: Wants,
        failure: &Failure,
        tries: u32,
    ) -> Result<(), NoRetry> {
        // RFC 9110 §9.2.2: a proxy must not repeat what is not idempotent by itself.
        if !request.reads() || request.body {
            return Err(NoRetry::Request);
        }
        // A program is handed the origin's own error, and has its own mind about asking again.
        if failure.received_status.is_some() && wants != Wants::Navigation {
            return Err(NoRetry::Answered);
        }
        if tries > 1 {
            return Err(NoRetry::Again);
        }
        if failure.retry_after_s.is_some() {
            return Err(NoRetry::RetryAfter);
        }
        if !mends(failure) {
            return Err(NoRetry::Failure);
        }
        if failure.elapsed_ms > QUICK_MS {
            return Err(NoRetry::Slow);
        }
        if self.tenths < COST {
            return Err(NoRetry::Budget);
        }
        self.tenths = self.tenths.saturating_sub(COST);
        Ok(())
    }
}

/// A lost line or a gateway's momentary gap; not an application's own error, a wrong name or certificate.
fn mends(failure: &Failure) -> bool {
    match failure.received_status {
        Some(status) => matches!(status, 502 | 503 | 520 | 521),
        None => matches!(failure.error, ProxyError::ConnectionTerminated | ProxyError::ConnectionRefused),
    }
}
