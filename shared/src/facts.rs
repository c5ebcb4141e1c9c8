//! What was seen of one HTTP exchange, and of what came before or beside it.
//!
//! A fact that was not delivered is `None` or empty, never a guess: the wire shows everything, the edge
//! loses header order, case and the reason phrase, a browser perhaps the body too.

/// Who delivered the facts, and with it which facts can be trusted to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Raw bytes: header order and case, reason phrase, framing.
    #[default]
    Wire,
    /// `fetch` in a Worker: header names lower-cased and sorted, no reason phrase.
    Edge,
    /// A browser extension: as the edge, and the body only where a script could read it.
    Browser,
}

/// Header fields in the order in which they were delivered; names keep their case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of the field `name` (compared without case), or `None`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All values of the field `name`, in order.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Whether the field is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect())
    }
}

/// How far the exchange got before the transport failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Resolving the name.
    Dns,
    /// Opening the connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for, or reading, the status line and header fields.
    Headers,
    /// Reading the body.
    Body,
    /// The platform does not say (a Worker's "Network connection lost.").
    Unknown,
}

/// What ended the exchange before a whole HTTP answer had arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The time limit ran out.
    Timeout,
    /// Closed without an error (FIN) before the end.
    Closed,
    /// Reset (RST).
    Reset,
    /// Nothing listens there.
    Refused,
    /// No route to the address.
    Unreachable,
    /// The name did not resolve.
    NameNotResolved,
    /// What came back is not HTTP.
    InvalidHttp,
    /// The certificate was not accepted.
    Certificate,
    /// The TLS handshake failed otherwise.
    TlsProtocol,
    /// The platform does not say.
    Unknown,
}

impl Phase {
    /// The stable word of evidence and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Unknown => "unknown",
        }
    }
}

impl Fault {
    /// The stable word of evidence and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NameNotResolved => "name_not_resolved",
            Self::InvalidHttp => "invalid_http",
            Self::Certificate => "certificate",
            Self::TlsProtocol => "tls_protocol",
            Self::Unknown => "unknown",
        }
    }
}

/// A transport error as far as the platform told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// How far the exchange got.
    pub phase: Phase,
    /// What ended it.
    pub fault: Fault,
    /// The platform's own words, kept for the report; foreign text.
    pub text: String,
}

/// One HTTP exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Who delivered these facts.
    pub view: View,
    /// Request method; empty where unknown.
    pub method: String,
    /// Request URL; empty where unknown.
    pub url: String,
    /// Response status; `None` where no answer arrived or a source does not tell it.
    pub status: Option<u16>,
    /// Reason phrase (wire only).
    pub reason: Option<String>,
    /// Protocol as "HTTP/1.1", "HTTP/2".
    pub protocol: Option<String>,
    /// Response header fields.
    pub headers: Headers,
    /// At most 64 KB of the response body, as received; `None` where it could not be read.
    pub body: Option<Vec<u8>>,
    /// Whether the body ended as its framing promised; `None` where unknown.
    pub body_complete: Option<bool>,
    /// Milliseconds from sending the request to the end of the exchange.
    pub elapsed_ms: Option<u32>,
    /// Milliseconds to the first byte of the answer.
    pub ttfb_ms: Option<u32>,
    /// What broke the transport, if it broke.
    pub transport_error: Option<TransportError>,
    /// What was learnt before or beside this exchange.
    pub beside: Beside,
}

/// What was learnt before or beside the exchange: each only where somebody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Status of the same URL fetched without cookies and past the cache.
    pub without_cookies: Option<u16>,
    /// The answer came out of the browser's cache.
    pub from_cache: Option<bool>,
    /// A service worker of the site made or passed the answer.
    pub from_service_worker: Option<bool>,
    /// The CDN's own edge answered on a path that never reaches the site.
    pub edge_reachable: Option<bool>,
    /// The visitor's device says that it is online.
    pub online: Option<bool>,
    /// The visitor's network shows a log-in page of its own.
    pub captive_portal: Option<bool>,
    /// The visitor goes through a proxy or VPN.
    pub proxied: Option<bool>,
    /// Statuses of earlier tries of the same request, oldest first; 0 for one without an answer.
    pub earlier: Vec<u16>,
}
