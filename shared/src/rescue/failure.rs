//! What counts as a failure of the origin, and what is known of it.
//!
//! An answer is a failure by its status alone here; what its body betrays is the diagnosis' business. A
//! thrown text is read as far as workerd and browsers are known to write it, and no further.

use crate::facts::{Exchange, Fault, Headers, Phase, TransportError, View};
use crate::rescue::judge::AnswerHead;
use crate::rescue::request::RequestFacts;
use crate::rescue::soft::SoftReason;
use crate::status::ProxyError;
use crate::time::{Millis, parse_http_date};

/// A `fetch` that ended without an answer, in the platform's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// The error's name, as `TimeoutError`, `TypeError`.
    pub name: String,
    /// Its message.
    pub message: String,
    /// Milliseconds from sending the request to the throw.
    pub elapsed_ms: u32,
    /// Whether the worker's own time limit ended it.
    pub own_timeout: bool,
}

/// How the origin failed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether the origin was asked at all; not while the breaker is open.
    pub asked: bool,
    /// Whether its answer may still come: only this visitor's wait is over.
    pub pending: bool,
    /// The RFC 9209 §2.3 error type that the evidence carries.
    pub error: ProxyError,
    /// The status that came, where an answer came.
    pub received_status: Option<u16>,
    /// What the transport said, where no answer came.
    pub transport: Option<TransportError>,
    /// What betrayed it, where the status said that all is well.
    pub soft: Option<SoftReason>,
    /// Seconds from the answer's `Retry-After`, where it can be read.
    pub retry_after_s: Option<u32>,
    /// Milliseconds until the failure was known.
    pub elapsed_ms: u32,
}

/// Whether a status is a failure of the origin or of the way to it.
///
/// RFC 5861 §4 names 500, 502, 503 and 504; 520 to 527 and 530 are how Cloudflare answers for an origin
/// that it could not talk to. 404, 410, 401, 403 and 451 are the truth and never count.
pub fn is_failure(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504 | 520..=527 | 530)
}

/// An answer at `now` that is a failure by its status.
pub fn from_answer(answer: &AnswerHead, elapsed_ms: u32, now: Millis) -> Option<Failure> {
    if !is_failure(answer.status) && !is_no_status(answer.status) {
        return None;
    }
    Some(Failure {
        asked: true,
        pending: false,
        error: error_of_status(answer.status),
        received_status: Some(answer.status),
        transport: None,
        soft: None,
        retry_after_s: retry_after(&answer.headers, now),
        elapsed_ms,
    })
}

/// Seconds from the answer's `Retry-After` (RFC 9110 §10.2.3), a number or a date; `None` for a date that has passed
/// and for anything else. A date counts from the answer's own `Date`, so that a wrong clock does no harm.
pub fn retry_after(headers: &Headers, now: Millis) -> Option<u32> {
    let value = headers.value("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok();
    }
    let until = parse_http_date(value)?;
    let from = headers.value("date").and_then(parse_http_date).unwrap_or(now);
    let seconds = until.checked_sub(from)?.div_ceil(1000);
    u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}

/// RFC 9110 §15: what is beyond 599 is no status, and counts as a server's error.
pub fn is_no_status(status: u16) -> bool {
    status > 599
}

/// A redirect to the very address that was asked for: whoever follows it comes to the same answer again.
pub fn from_redirect_loop(status: u16, elapsed_ms: u32) -> Failure {
    Failure {
        asked: true,
        pending: false,
        error: ProxyError::ProxyLoopDetected,
        received_status: Some(status),
        transport: None,
        soft: None,
        retry_after_s: None,
        elapsed_ms,
    }
}

/// A fetch that threw.
pub fn from_thrown(thrown: &Thrown) -> Failure {
    let (phase, fault, error) = read_thrown(thrown);
    Failure {
        asked: true,
        pending: false,
        error,
        received_status: None,
        transport: Some(TransportError { phase, fault, text: thrown.message.clone() }),
        soft: None,
        retry_after_s: None,
        elapsed_ms: thrown.elapsed_ms,
    }
}

/// A 200 that is none: the looks of its body are an error's.
pub fn from_soft(reason: SoftReason, elapsed_ms: u32) -> Failure {
    Failure {
        asked: true,
        pending: false,
        error: ProxyError::DestinationUnavailable,
        received_status: Some(200),
        transport: None,
        soft: Some(reason),
        retry_after_s: None,
        elapsed_ms,
    }
}

/// A 200 that looks doubtful, where a good copy can be shown until the new is believed.
pub fn from_doubt(elapsed_ms: u32) -> Failure {
    from_soft(SoftReason::Doubted, elapsed_ms)
}

/// An answer whose body broke off before its promised end, and of which nothing was sent on yet.
pub fn from_truncated(elapsed_ms: u32) -> Failure {
    Failure {
        asked: true,
        pending: false,
        error: ProxyError::HttpResponseIncomplete,
        received_status: None,
        transport: Some(TransportError {
            phase: Phase::Body,
            fault: Fault::Closed,
            text: "the body broke off".to_owned(),
        }),
        soft: None,
        retry_after_s: None,
        elapsed_ms,
    }
}

/// An answer whose short body does not come to its end in time, and of which nothing was sent on yet.
pub fn from_stalled(elapsed_ms: u32) -> Failure {
    timed_out(Phase::Body, elapsed_ms)
}

/// The visitor has waited long enough for somebody to whom a copy can be shown (or for the breaker's probe), and
/// there is no whole answer yet.
pub fn from_late(waited_ms: u32) -> Failure {
    Failure { pending: true, ..timed_out(Phase::Headers, waited_ms) }
}

/// Nobody who has a copy waits for the origin now, since others have waited in vain: nothing was sent.
pub fn from_slow() -> Failure {
    unasked(ProxyError::HttpResponseTimeout)
}

fn timed_out(phase: Phase, elapsed_ms: u32) -> Failure {
    Failure {
        asked: true,
        pending: false,
        // RFC 9209 §2.3: a time limit was reached while waiting for the complete answer.
        error: ProxyError::HttpResponseTimeout,
        received_status: None,
        transport: Some(TransportError {
            phase,
            fault: Fault::Timeout,
            text: "no whole answer in time".to_owned(),
        }),
        soft: None,
        retry_after_s: None,
        elapsed_ms,
    }
}

/// Our own worker met itself again: nothing was sent on.
pub fn from_loop() -> Failure {
    unasked(ProxyError::ProxyLoopDetected)
}

/// The breaker is open: nothing was sent.
pub fn from_open_breaker() -> Failure {
    unasked(ProxyError::DestinationUnavailable)
}

fn unasked(error: ProxyError) -> Failure {
    Failure {
        asked: false,
        pending: false,
        error,
        received_status: None,
        transport: None,
        soft: None,
        retry_after_s: None,
        elapsed_ms: 0,
    }
}

impl Failure {
    /// The facts for a diagnosis; `body` is the prefix that was read, if any.
    pub fn exchange(
        &self,
        request: &RequestFacts,
        answer: Option<&AnswerHead>,
        body: Option<Vec<u8>>,
        body_complete: Option<bool>,
    ) -> Exchange {
        Exchange {
            view: View::Edge,
            method: request.method.clone(),
            url: request.url.text(),
            status: self.received_status,
            headers: answer.map_or_else(Headers::default, |a| a.headers.clone()),
            body,
            body_complete,
            elapsed_ms: Some(self.elapsed_ms),
            transport_error: self.transport.clone(),
            ..Exchange::default()
        }
    }
}

/// What a status alone says (RFC 9209 §2.3 by their recommended statuses; 52x by Cloudflare's meaning).
fn error_of_status(status: u16) -> ProxyError {
    match status {
        521 => ProxyError::ConnectionRefused,
        522 => ProxyError::ConnectionTimeout,
        523 => ProxyError::DestinationIpUnroutable,
        524 => ProxyError::HttpResponseTimeout,
        525 => ProxyError::TlsProtocolError,
        526 => ProxyError::TlsCertificateError,
        530 => ProxyError::DnsError,
        no_status if is_no_status(no_status) => ProxyError::HttpProtocolError,
        // The line works and HTTP is spoken: all that the number says is that the service behind is not
        // there. The diagnosis may read more out of the rest of the answer.
        _ => ProxyError::DestinationUnavailable,
    }
}

/// The texts were seen on workerd 1.2026; production throws them too, beside its 52x answers.
fn read_thrown(thrown: &Thrown) -> (Phase, Fault, ProxyError) {
    let text = thrown.message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if thrown.own_timeout || thrown.name == "TimeoutError" {
        // The limit ends with the head of the answer, so it ran out before or in it.
        return (Phase::Headers, Fault::Timeout, ProxyError::HttpResponseTimeout);
    }
    if says(&["dns", "name not resolved", "getaddrinfo", "enotfound"]) {
        return (Phase::Dns, Fault::NameNotResolved, ProxyError::DnsError);
    }
    if says(&["certificate", "cert_"]) {
        return (Phase::Tls, Fault::Certificate, ProxyError::TlsCertificateError);
    }
    if says(&["tls", "ssl", "handshake"]) {
        return (Phase::Tls, Fault::TlsProtocol, ProxyError::TlsProtocolError);
    }
    if says(&["refused"]) {
        return (Phase::Connect, Fault::Refused, ProxyError::ConnectionRefused);
    }
    if says(&["too many redirects", "redirect loop"]) {
        return (Phase::Headers, Fault::Unknown, ProxyError::ProxyLoopDetected);
    }
    if says(&["timed out", "timeout"]) {
        return (Phase::Unknown, Fault::Timeout, ProxyError::ConnectionTimeout);
    }
    // Refused, reset, and closed without an answer all read the same here: the line was lost.
    if says(&["network connection lost", "connection reset", "disconnected"]) {
        return (Phase::Unknown, Fault::Unknown, ProxyError::ConnectionTerminated);
    }
    (Phase::Unknown, Fault::Unknown, ProxyError::HttpProtocolError)
}
