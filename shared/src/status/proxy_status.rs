//! `Proxy-Status` (RFC 9209): which proxy met which error on the way to the origin.

use crate::facts::Headers;
use crate::status::structured::{Bare, Item, add, read_list, start, string, token_or_string};

macro_rules! proxy_errors {
    ($($name:ident $text:literal $status:literal $doc:literal,)*) => {
        /// The error types of RFC 9209 §2.3.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ProxyError {
            $(#[doc = $doc] $name,)*
        }

        impl ProxyError {
            /// All of them, in the order of the registry.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The registered name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The status that the registry recommends for an answer made because of it.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

proxy_errors! {
    DnsTimeout "dns_timeout" 504 "The name server did not answer in time.",
    DnsError "dns_error" 502 "The name server answered with an error.",
    DestinationNotFound "destination_not_found" 500 "No next hop is configured for this request.",
    DestinationUnavailable "destination_unavailable" 503 "The next hop is known to be down.",
    DestinationIpProhibited "destination_ip_prohibited" 502 "The address is not allowed.",
    DestinationIpUnroutable "destination_ip_unroutable" 502 "There is no route to the address.",
    ConnectionRefused "connection_refused" 502 "The next hop refused the connection.",
    ConnectionTerminated "connection_terminated" 502 "Closed before the answer was complete.",
    ConnectionTimeout "connection_timeout" 504 "Opening the connection took too long.",
    ConnectionReadTimeout "connection_read_timeout" 504 "Nothing was received for too long.",
    ConnectionWriteTimeout "connection_write_timeout" 504 "Nothing could be sent for too long.",
    ConnectionLimitReached "connection_limit_reached" 503 "Too many connections to the next hop.",
    TlsProtocolError "tls_protocol_error" 502 "The TLS handshake failed.",
    TlsCertificateError "tls_certificate_error" 502 "The certificate was not accepted.",
    TlsAlertReceived "tls_alert_received" 502 "The next hop sent a TLS alert.",
    HttpRequestError "http_request_error" 400 "The request itself is at fault.",
    HttpRequestDenied "http_request_denied" 403 "Refused by a policy.",
    HttpResponseIncomplete "http_response_incomplete" 502 "The answer ended before its end.",
    HttpResponseHeaderSectionSize "http_response_header_section_size" 502 "The header section is too large.",
    HttpResponseHeaderSize "http_response_header_size" 502 "One header field is too large.",
    HttpResponseBodySize "http_response_body_size" 502 "The body is too large.",
    HttpResponseTrailerSectionSize "http_response_trailer_section_size" 502 "The trailer section is too large.",
    HttpResponseTrailerSize "http_response_trailer_size" 502 "One trailer field is too large.",
    HttpResponseTransferCoding "http_response_transfer_coding" 502 "The transfer coding could not be decoded.",
    HttpResponseContentCoding "http_response_content_coding" 502 "The content coding could not be decoded.",
    HttpResponseTimeout "http_response_timeout" 504 "The whole answer took too long.",
    HttpUpgradeFailed "http_upgrade_failed" 502 "The change of protocol failed.",
    HttpProtocolError "http_protocol_error" 502 "The answer is not proper HTTP.",
    ProxyInternalResponse "proxy_internal_response" 502 "The proxy answered by itself.",
    ProxyInternalError "proxy_internal_error" 500 "The proxy itself failed.",
    ProxyConfigurationError "proxy_configuration_error" 500 "The proxy is configured wrongly.",
    ProxyLoopDetected "proxy_loop_detected" 502 "The request came round in a circle.",
}

impl ProxyError {
    /// The type of this registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|error| error.as_str() == name)
    }
}

/// One member: what one proxy says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyStatus {
    /// The proxy's name for itself; foreign text where read.
    pub proxy: String,
    /// Its error type, also one that is not registered (yet).
    pub error: Option<String>,
    /// The status that it received from the next hop.
    pub received_status: Option<u16>,
    /// Whom it asked.
    pub next_hop: Option<String>,
    /// The protocol it spoke there (ALPN).
    pub next_protocol: Option<String>,
    /// Its own words.
    pub details: Option<String>,
}

impl ProxyStatus {
    /// The member as text.
    pub fn write(&self) -> String {
        let mut out = start(&token_or_string(&self.proxy));
        if let Some(error) = &self.error {
            add(&mut out, "error", &token_or_string(error));
        }
        if let Some(status) = self.received_status {
            add(&mut out, "received-status", &Bare::Integer(i64::from(status)));
        }
        for (key, value) in [("next-hop", &self.next_hop), ("next-protocol", &self.next_protocol)] {
            if let Some(text) = value {
                add(&mut out, key, &token_or_string(text));
            }
        }
        if let Some(details) = &self.details {
            add(&mut out, "details", &string(details));
        }
        out
    }

    /// All members of all `Proxy-Status` fields, the one nearest to the origin first. A field that breaks
    /// the grammar counts as absent (RFC 9651 §4.2), the others are still read.
    pub fn read(headers: &Headers) -> Vec<Self> {
        headers.values("proxy-status").filter_map(read_list).flatten().filter_map(|i| Self::of(&i)).collect()
    }

    fn of(item: &Item) -> Option<Self> {
        let (Bare::Token(proxy) | Bare::String(proxy)) = &item.value else { return None };
        let owned = |key: &str| item.text(key).map(str::to_owned);
        Some(Self {
            proxy: proxy.clone(),
            error: owned("error"),
            received_status: item.integer("received-status").and_then(|n| u16::try_from(n).ok()),
            next_hop: owned("next-hop"),
            next_protocol: owned("next-protocol"),
            details: owned("details"),
        })
    }
}
