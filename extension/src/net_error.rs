//! Reads the browsers' names for network failures.
//!
//! Knows Chromium's `net::ERR_*` and Firefox's `NS_ERROR_*`. A name that is not in the table stays unknown,
//! with its text kept for the report.

use backsoon::facts::{Fault, Phase, TransportError};

/// Names (without `net::ERR_` and `NS_ERROR_`), and what they say.
const NAMES: &[(&str, Phase, Fault)] = &[
    // Chromium, net/base/net_error_list.h
    ("NAME_NOT_RESOLVED", Phase::Dns, Fault::NameNotResolved),
    ("NAME_RESOLUTION_FAILED", Phase::Dns, Fault::NameNotResolved),
    ("DNS_TIMED_OUT", Phase::Dns, Fault::Timeout),
    ("CONNECTION_REFUSED", Phase::Connect, Fault::Refused),
    ("CONNECTION_TIMED_OUT", Phase::Connect, Fault::Timeout),
    ("CONNECTION_FAILED", Phase::Connect, Fault::Unknown),
    ("ADDRESS_UNREACHABLE", Phase::Connect, Fault::Unreachable),
    ("INTERNET_DISCONNECTED", Phase::Connect, Fault::Unreachable),
    ("CONNECTION_RESET", Phase::Unknown, Fault::Reset),
    ("CONNECTION_CLOSED", Phase::Unknown, Fault::Closed),
    ("EMPTY_RESPONSE", Phase::Headers, Fault::Closed),
    ("TIMED_OUT", Phase::Unknown, Fault::Timeout),
    ("INVALID_HTTP_RESPONSE", Phase::Headers, Fault::InvalidHttp),
    ("INVALID_RESPONSE", Phase::Headers, Fault::InvalidHttp),
    ("RESPONSE_HEADERS_TOO_BIG", Phase::Headers, Fault::InvalidHttp),
    ("HTTP2_PROTOCOL_ERROR", Phase::Headers, Fault::InvalidHttp),
    ("CONTENT_LENGTH_MISMATCH", Phase::Body, Fault::Closed),
    ("INCOMPLETE_CHUNKED_ENCODING", Phase::Body, Fault::Closed),
    ("SSL_PROTOCOL_ERROR", Phase::Tls, Fault::TlsProtocol),
    ("SSL_VERSION_OR_CIPHER_MISMATCH", Phase::Tls, Fault::TlsProtocol),
    // Firefox, xpcom/base/ErrorList.py
    ("UNKNOWN_HOST", Phase::Dns, Fault::NameNotResolved),
    ("UNKNOWN_PROXY_HOST", Phase::Dns, Fault::NameNotResolved),
    ("NET_TIMEOUT", Phase::Unknown, Fault::Timeout),
    ("NET_RESET", Phase::Unknown, Fault::Reset),
    ("NET_EMPTY_RESPONSE", Phase::Headers, Fault::Closed),
    ("NET_INTERRUPT", Phase::Unknown, Fault::Reset),
    ("NET_PARTIAL_TRANSFER", Phase::Body, Fault::Closed),
    ("OFFLINE", Phase::Connect, Fault::Unreachable),
    ("NET_INADEQUATE_SECURITY", Phase::Tls, Fault::TlsProtocol),
];

/// The failure that the browser names.
pub fn read(text: &str) -> TransportError {
    let name = text.trim_start_matches("net::").trim_start_matches("ERR_").trim_start_matches("NS_ERROR_");
    let known = NAMES.iter().find(|(known, ..)| *known == name).map(|(_, phase, fault)| (*phase, *fault));
    // All of Chromium's ERR_CERT_* say the same to a visitor; Firefox names them SEC_ERROR_* and SSL_ERROR_*.
    let family = || match name {
        n if n.starts_with("CERT_") || n.contains("SEC_ERROR") || n.contains("BAD_CERT") => {
            Some((Phase::Tls, Fault::Certificate))
        }
        n if n.contains("SSL") => Some((Phase::Tls, Fault::TlsProtocol)),
        _ => None,
    };
    let (phase, fault) = known.or_else(family).unwrap_or((Phase::Unknown, Fault::Unknown));
    TransportError { phase, fault, text: text.to_owned() }
}

/// Whether the browser ended the request itself: the visitor went elsewhere, a download began, an extension
/// stopped it. Nothing failed then.
pub fn is_own_doing(text: &str) -> bool {
    matches!(
        text,
        "net::ERR_ABORTED" | "NS_BINDING_ABORTED" | "NS_BINDING_RETARGETED" | "net::ERR_BLOCKED_BY_CLIENT"
    ) || text.contains("ABORTED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_browsers_say_the_same() {
        for (chromium, firefox) in [
            ("net::ERR_NAME_NOT_RESOLVED", "NS_ERROR_UNKNOWN_HOST"),
            ("net::ERR_CONNECTION_REFUSED", "NS_ERROR_CONNECTION_REFUSED"),
            ("net::ERR_CONNECTION_RESET", "NS_ERROR_NET_RESET"),
            ("net::ERR_CERT_DATE_INVALID", "SEC_ERROR_EXPIRED_CERTIFICATE"),
        ] {
            let (a, b) = (read(chromium), read(firefox));
            assert_eq!((a.phase, a.fault), (b.phase, b.fault), "{chromium} and {firefox}");
            assert_ne!(a.fault, Fault::Unknown, "{chromium}");
        }
    }

    #[test]
    fn an_unknown_name_keeps_its_text() {
        let error = read("net::ERR_SOMETHING_NEW");
        assert_eq!((error.fault, error.text.as_str()), (Fault::Unknown, "net::ERR_SOMETHING_NEW"));
    }

    #[test]
    fn going_elsewhere_is_no_failure() {
        assert!(is_own_doing("net::ERR_ABORTED"));
        assert!(is_own_doing("NS_BINDING_ABORTED"));
        assert!(!is_own_doing("net::ERR_CONNECTION_RESET"));
    }
}
