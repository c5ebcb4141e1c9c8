//! What the failures since the last proper answer prove: of how many routes they are, and from how many networks.
//!
//! One visitor can make one address fail as often as he likes. So many failures are not enough: two routes and two
//! client networks have to fail. Only a failure of the connection is independent of what was asked.

use crate::rescue::failure::{Failure, is_no_status};
use crate::rescue::network::Networks;
use crate::rescue::plan::Watch;
use crate::rescue::soft::SoftReason;
use crate::status::ProxyError;
use crate::time::Millis;

/// What a failure weighs that says: the origin is not there.
pub const FULL: u32 = 2;
/// A failure tells of the present for so long.
pub const MEMORY_MS: u64 = 10_000;

/// A request, as far as its outcome is evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Witness<'a> {
    /// The path that was asked for.
    pub path: &'a str,
    /// The client's network; `None` where the platform does not tell it.
    pub network: Option<&'a str>,
    /// A GET or HEAD without a body that does not say who asks, and that no other site made a browser send.
    pub anonymous: bool,
    /// It was admitted as a probe.
    pub probe: bool,
}

impl<'a> Witness<'a> {
    /// The request, which came from this network.
    pub fn of(watch: &'a Watch, network: Option<&'a str>, probe: bool) -> Self {
        let request = &watch.request;
        // Without any field it is our own: a part of a page.
        let ours = request.headers.0.is_empty();
        let anonymous =
            request.reads() && !request.body && !ours && !watch.is_identified() && !watch.is_drafted();
        Self { path: &request.url.path, network, anonymous, probe }
    }
}

/// The route of a path: its first segment, in one spelling.
pub fn route(path: &str) -> String {
    let decoded = decoded(path);
    let segment = decoded.trim_start_matches('/').split(['/', ';']).next().unwrap_or_default();
    segment.to_ascii_lowercase()
}

fn decoded(path: &str) -> String {
    let mut bytes = path.bytes();
    let mut out = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let mut digit = || ahead.next().and_then(|b| char::from(b).to_digit(16));
        match (byte == b'%').then(|| Some((digit()?, digit()?))).flatten() {
            Some((high, low)) => {
                out.push(u8::try_from(high.saturating_mul(16).saturating_add(low)).unwrap_or(b'%'));
                bytes = ahead;
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A 500 is mostly one page's own error, as are a redirect in a circle, a number that is no status, and JSON that
/// tells of an error: it takes twice as many to believe that the whole origin fails. An answer that was only
/// doubted is none.
pub fn weight(failure: &Failure) -> u32 {
    match (failure.soft, failure.received_status) {
        (Some(SoftReason::Doubted), _) => 0,
        (Some(SoftReason::ErrorJson), _) => 1,
        (None, Some(status)) if status == 500 || status < 400 || is_no_status(status) => 1,
        _ => FULL,
    }
}

/// Whether no request's content can be the cause: the connection was not made. An answer with Cloudflare's 521 to
/// 530 is not enough, since any application can send that number.
pub fn is_of_connection(failure: &Failure) -> bool {
    let error = matches!(
        failure.error,
        ProxyError::ConnectionRefused
            | ProxyError::DnsError
            | ProxyError::DnsTimeout
            | ProxyError::TlsProtocolError
            | ProxyError::TlsCertificateError
            | ProxyError::TlsAlertReceived
    );
    error && failure.received_status.is_none()
}

/// The failures since the last proper answer of any route.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What they weigh together.
    pub weight: u32,
    /// What those of the connection weigh.
    pub connection: u32,
    last: Millis,
    /// The route of the first.
    pub route: String,
    /// Others failed too.
    pub routes: bool,
    networks: Networks,
}

impl Evidence {
    /// One more failure. `kept`: nobody asks, so older ones do not become less true.
    pub fn add(&mut self, route: &str, network: Option<&str>, failure: &Failure, kept: bool, now: Millis) {
        if !kept && now.saturating_sub(self.last) > MEMORY_MS {
            self.weight = 0;
        }
        let weight = weight(failure);
        let connection = if is_of_connection(failure) { weight } else { 0 };
        if self.weight == 0 {
            let networks = Networks::of(network);
            *self = Self { weight, connection, last: now, route: route.to_owned(), routes: false, networks };
            return;
        }
        self.weight = self.weight.saturating_add(weight);
        self.connection = self.connection.saturating_add(connection);
        self.last = now;
        self.routes |= self.route != route;
        self.networks.add(network);
    }

    /// A proper answer came.
    pub fn clear(&mut self) {
        self.weight = 0;
    }

    /// Whether so much, from several networks, is worth a probe.
    pub fn is_suspicious(&self, full: u32, now: Millis) -> bool {
        self.weight >= full && self.networks.several && now.saturating_sub(self.last) <= MEMORY_MS
    }

    /// Whether several routes fail, for several networks: the whole site, if a probe fails too.
    pub fn is_wide(&self) -> bool {
        self.weight > 0 && self.routes && self.networks.several
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_the_first_segment_in_one_spelling() {
        for path in ["/bad", "/bad/", "//bad", "/BAD/1", "/%62ad/1", "/bad;v=2/x", "/%2Fbad%2f1"] {
            assert_eq!(route(path), "bad", "{path}");
        }
        assert_eq!(route("/"), "");
        assert_eq!(route("/%zz%6"), "%zz%6");
    }
}
