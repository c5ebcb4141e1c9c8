//! The client network that a request comes from, as far as the platform vouches for it.
//!
//! One person can send from many addresses of one network, so what needs two witnesses needs two networks.

use crate::facts::Headers;

/// The field in which the platform gives the visitor's address. It overwrites what a visitor sends there.
pub const ADDRESS_FIELD: &str = "cf-connecting-ip";

/// The network of a request: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address. `None` where the
/// platform does not give one.
pub fn network_of(headers: &Headers) -> Option<String> {
    let address = headers.value(ADDRESS_FIELD)?.trim().to_ascii_lowercase();
    // No visitor of a site comes from there: it is somebody who tries the worker out on a machine of their own.
    if address.starts_with("127.") || address == "::1" {
        return None;
    }
    if !address.contains(':') {
        let (network, host) = address.rsplit_once('.')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let whole = network.split('.').count() == 3 && network.split('.').all(digits) && digits(host);
        return whole.then(|| network.to_owned());
    }
    // `::` stands for groups of zeros; of the first three only those before it are written.
    let (before, _) = address.split_once("::").unwrap_or((&address, ""));
    let mut groups: Vec<&str> = before.split(':').filter(|group| !group.is_empty()).take(3).collect();
    groups.resize(3, "0");
    let hex = |group: &&str| group.len() <= 4 && group.bytes().all(|b| b.is_ascii_hexdigit());
    groups
        .iter()
        .all(hex)
        .then(|| groups.iter().map(|g| g.trim_start_matches('0')).collect::<Vec<_>>().join(":"))
}

/// Whether two witnesses may be one: both come from the same network. Where the platform gives no address (in front of
/// nobody but ourselves) every request counts as a witness of its own.
pub fn may_be_one(a: Option<&str>, b: Option<&str>) -> bool {
    a.is_some() && a == b
}

/// The networks of several requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    first: Option<String>,
    /// They are more than one. Where no networks are known, each request counts as one of its own.
    pub several: bool,
}

impl Networks {
    /// The network of one request.
    pub fn of(network: Option<&str>) -> Self {
        Self { first: network.map(str::to_owned), several: network.is_none() }
    }

    /// Whether what they met tells a client of this network something: it is one of them, or they are several.
    pub fn tell(&self, network: Option<&str>) -> bool {
        self.several || may_be_one(self.first.as_deref(), network)
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.several |= others.several;
        self.add(others.first.as_deref());
        self
    }

    /// One more request came from there.
    pub fn add(&mut self, network: Option<&str>) {
        self.several |= !may_be_one(self.first.as_deref(), network);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_the_start_of_an_address() {
        let of = |address: &str| network_of(&Headers(vec![(ADDRESS_FIELD.to_owned(), address.to_owned())]));
        assert_eq!(of("203.0.113.7"), of("203.0.113.9"));
        assert_ne!(of("203.0.113.7"), of("203.0.114.7"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:0db8:1::9"));
        assert_ne!(of("2001:db8:1::3"), of("2001:db8:2::3"));
        assert_eq!(of("2001:db8::1").as_deref(), Some("2001:db8:"));
        for odd in ["", "127.0.0.1", "::1", "1.2.3", "1.2.3.x", "example", "xyz::1"] {
            assert_eq!(of(odd), None, "{odd}");
        }
        assert_eq!(network_of(&Headers::default()), None);
    }

    #[test]
    fn without_an_address_each_is_a_witness() {
        assert!(may_be_one(Some("1.2.3"), Some("1.2.3")));
        assert!(!may_be_one(Some("1.2.3"), Some("1.2.4")) && !may_be_one(None, None));
    }
}
