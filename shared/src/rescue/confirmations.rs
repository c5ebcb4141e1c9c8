//! When a claim is confirmed: once for each address and minute, within a share of each client network and of the
//! isolate, and where the platform names the claimant's network only in the context of a visitor from another one.
//!
//! Remembers beside that which addresses an unsafe request has changed, so that no older entry is fresh any more.

use crate::memory::Memory;
use crate::rescue::copy::{Change, StoredCopy};
use crate::rescue::kind::Kind;
use crate::rescue::network::may_be_one;
use crate::rescue::request::Url;
use crate::time::Millis;

/// An address is confirmed once in this time, and the shares below are for this time.
const EVERY_MS: u64 = 60_000;
/// Neutral requests of one isolate.
const MOST: u32 = 60;
/// Neutral requests that the visitors of one network can bring about: nobody can use up what others need.
const MOST_OF_NETWORK: u32 = 15;
/// Addresses and networks that are remembered.
const ROOM: usize = 256;
/// Claims that wait for a visitor from another network, and for how long.
const ROOM_TO_WAIT: usize = 64;
const WAITS_MS: u64 = 3_600_000;

/// What becomes of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The neutral request runs now.
    Now,
    /// It waits for a visitor from another network.
    Later,
    /// There has been one lately, or too many.
    Never,
}

/// A claim that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The address.
    pub url: Url,
    /// The kind of the entry.
    pub kind: Kind,
    /// The claimant's network.
    network: Option<String>,
    since: Millis,
}

impl Waiting {
    fn is_of(&self, url: &Url, kind: Kind) -> bool {
        self.url == *url && self.kind == kind
    }
}

/// What one isolate remembers.
#[derive(Clone, Debug)]
pub struct Confirmations {
    addresses: Memory<Millis>,
    networks: Memory<u32>,
    minute: u64,
    spent: u32,
    waiting: Vec<Waiting>,
    changes: Memory<(Change, Millis)>,
}

impl Default for Confirmations {
    fn default() -> Self {
        Self {
            addresses: Memory::new(ROOM),
            networks: Memory::new(ROOM),
            minute: 0,
            spent: 0,
            waiting: vec![],
            changes: Memory::new(ROOM),
        }
    }
}

impl Confirmations {
    /// A visitor of this network was told something that would end the entry of this address and kind.
    pub fn claimed(&mut self, url: &Url, kind: Kind, network: Option<&str>, now: Millis) -> Turn {
        let waits =
            |waiting: &Waiting| waiting.is_of(url, kind) && now.saturating_sub(waiting.since) < WAITS_MS;
        if self.waiting.iter().any(waits) || !self.spends(url, network, now) {
            return Turn::Never;
        }
        if network.is_none() {
            return Turn::Now;
        }
        self.wait(url, kind, network, now);
        Turn::Later
    }

    /// What a visitor of this network brought about is confirmed in the context of another one. A network whose claims
    /// take a quarter of the room makes room among its own.
    pub fn wait(&mut self, url: &Url, kind: Kind, network: Option<&str>, now: Millis) {
        self.waiting
            .retain(|waiting| !waiting.is_of(url, kind) && now.saturating_sub(waiting.since) < WAITS_MS);
        let own = |waiting: &Waiting| waiting.network.as_deref() == network;
        let crowded = self.waiting.iter().filter(|waiting| own(waiting)).count() >= ROOM_TO_WAIT / 4;
        if crowded || self.waiting.len() >= ROOM_TO_WAIT {
            let oldest = self.waiting.iter().position(|waiting| !crowded || own(waiting));
            self.waiting.remove(oldest.unwrap_or(0));
        }
        let network = network.map(str::to_owned);
        self.waiting.push(Waiting { url: url.clone(), kind, network, since: now });
    }

    /// Whether any claim waits.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A claim of this host that a visitor of this network can confirm now.
    pub fn due(&mut self, host: &str, network: Option<&str>, now: Millis) -> Option<Waiting> {
        let fits = |waiting: &Waiting| {
            waiting.url.host == host
                && now.saturating_sub(waiting.since) < WAITS_MS
                && !may_be_one(waiting.network.as_deref(), network)
        };
        let at = self.waiting.iter().position(fits)?;
        Some(self.waiting.remove(at))
    }

    /// Whether a neutral request for this address is within all bounds; counts it if so.
    pub fn spends(&mut self, url: &Url, network: Option<&str>, now: Millis) -> bool {
        if now / EVERY_MS != self.minute {
            self.minute = now / EVERY_MS;
            self.spent = 0;
            self.networks = Memory::new(ROOM);
        }
        let address = url.text();
        let lately = self.addresses.get(&address).is_some_and(|at| now.saturating_sub(*at) < EVERY_MS);
        let of_network = network.and_then(|network| self.networks.get(network)).copied().unwrap_or(0);
        if lately || self.spent >= MOST || of_network >= MOST_OF_NETWORK {
            return false;
        }
        self.addresses.put(&address, now, now);
        self.spent = self.spent.saturating_add(1);
        if let Some(network) = network {
            self.networks.put(network, of_network.saturating_add(1), now);
        }
        true
    }

    /// An unsafe request has changed this address: entries that were asked for before are outdated.
    pub fn changed(&mut self, url: &Url, change: Change, now: Millis) {
        self.changes.put(&url.text(), (change, now), now);
    }

    /// Whether anything is known to be changed: most isolates never see an unsafe request.
    pub fn knows_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Marks an entry of this address that is older than a change.
    pub fn mark(&self, url: &Url, entry: &mut StoredCopy) {
        if let Some((change, at)) = self.changes.get(&url.text())
            && entry.timing.requested_at < *at
            && entry.outdated.is_none_or(|(_, known)| known < *at)
        {
            // A deletion stands until the origin has shown the address again.
            let deleted = matches!(entry.outdated, Some((Change::Deleted, _)));
            entry.outdated = Some((if deleted { Change::Deleted } else { *change }, *at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::freshness::Timing;

    fn url(path: &str) -> Url {
        Url { scheme: "https".to_owned(), host: "shop.test".to_owned(), path: path.to_owned(), query: None }
    }

    #[test]
    fn one_address_is_confirmed_once_a_minute() {
        let mut all = Confirmations::default();
        assert_eq!(all.claimed(&url("/a"), Kind::Page, None, 60_000), Turn::Now);
        assert_eq!(all.claimed(&url("/a"), Kind::Page, None, 119_999), Turn::Never);
        assert_eq!(all.claimed(&url("/a"), Kind::Page, None, 120_000), Turn::Now);
    }

    #[test]
    fn a_claim_waits_for_another_network() {
        let mut all = Confirmations::default();
        assert_eq!(all.claimed(&url("/a"), Kind::Json, Some("1.2.3"), 0), Turn::Later);
        assert_eq!(
            all.claimed(&url("/a"), Kind::Json, Some("1.2.3"), 90_000),
            Turn::Never,
            "it waits already"
        );
        assert_eq!(all.due("shop.test", Some("1.2.3"), 1), None);
        assert_eq!(all.due("other.test", Some("1.2.4"), 1), None);
        let due = all.due("shop.test", Some("1.2.4"), 1).expect("another network");
        assert_eq!((due.url, due.kind), (url("/a"), Kind::Json));
        assert_eq!(all.due("shop.test", Some("1.2.4"), 1), None);
        all.claimed(&url("/b"), Kind::Page, Some("1.2.3"), 0);
        assert_eq!(all.due("shop.test", Some("1.2.4"), WAITS_MS), None, "it is too old");
    }

    #[test]
    fn one_network_pushes_out_no_claim_of_another() {
        let mut all = Confirmations::default();
        all.wait(&url("/first"), Kind::Page, Some("1.2.3"), 0);
        for n in 0..200 {
            all.wait(&url(&format!("/{n}")), Kind::Page, Some("6.6.6"), 1);
        }
        let due = all.due("shop.test", Some("6.6.6"), 2).expect("it still waits");
        assert_eq!(due.url, url("/first"));
        assert_eq!(all.waiting.len(), ROOM_TO_WAIT / 4);
    }

    #[test]
    fn nobody_uses_up_the_share_of_others() {
        let mut all = Confirmations::default();
        let spent = |all: &mut Confirmations, network: Option<&str>, start: u32| {
            (0..100).filter(|n| all.spends(&url(&format!("/{}", start + n)), network, 5)).count()
        };
        assert_eq!(spent(&mut all, Some("1.2.3"), 0), 15);
        assert_eq!(spent(&mut all, Some("1.2.4"), 200), 15);
        assert_eq!(spent(&mut all, None, 400), 30);
        assert!(!all.spends(&url("/z"), None, 5), "an isolate has a share too");
        assert!(all.spends(&url("/z"), Some("1.2.3"), 60_000), "a minute later");
    }

    #[test]
    fn an_entry_from_before_a_change_is_outdated() {
        let mut all = Confirmations::default();
        let entry = |at| StoredCopy {
            timing: Timing { requested_at: at, responded_at: at },
            ..StoredCopy::default()
        };
        let marked = |all: &Confirmations, mut entry: StoredCopy, path: &str| {
            all.mark(&url(path), &mut entry);
            entry.outdated
        };
        assert!(!all.knows_changes());
        all.changed(&url("/a"), Change::Changed, 100);
        assert_eq!(marked(&all, entry(99), "/a"), Some((Change::Changed, 100)));
        assert_eq!(marked(&all, entry(100), "/a"), None);
        assert_eq!(marked(&all, entry(99), "/b"), None);
        let deleted = StoredCopy { outdated: Some((Change::Deleted, 50)), ..entry(10) };
        assert_eq!(marked(&all, deleted, "/a"), Some((Change::Deleted, 100)));
    }
}
