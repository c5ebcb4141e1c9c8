//! An origin that takes longer than visitors with a copy wait: they get their copies at once, and one request at
//! a time looks whether it is quick again.
//!
//! Slow is not down: whoever has no copy still asks and waits. One route or one client network alone makes no site
//! slow. Knows moments, not what was asked.

use crate::rescue::network::Networks;
use crate::time::Millis;

/// Since when, and who looks.
#[derive(Clone, Debug)]
pub struct Slow {
    /// When the first request was sent that took too long.
    pub since: Millis,
    route: String,
    networks: Networks,
    /// Several routes and networks have met it.
    pub proved: bool,
    next_look_at: Millis,
    looking_since: Option<Millis>,
    /// Whether something has come at last, so that it lives.
    pub lives: bool,
}

impl Slow {
    /// Since then, on this route and for this network.
    pub fn suspected(since: Millis, route: String, network: Option<&str>) -> Self {
        let networks = Networks::of(network);
        Self { since, route, networks, proved: false, next_look_at: 0, looking_since: None, lives: false }
    }

    /// Since then; the next who comes may look.
    pub fn proved(since: Millis) -> Self {
        Self { proved: true, ..Self::suspected(since, String::new(), None) }
    }

    /// Another request took too long.
    pub fn met(&mut self, route: &str, network: Option<&str>) {
        self.networks.add(network);
        self.proved |= self.route != route && self.networks.several;
    }

    /// Whether this request looks. After `lost_ms` nobody waits for an earlier look any more: its connection may
    /// hang for ever, although the origin has long been back.
    pub fn looks(&mut self, lost_ms: u64, now: Millis) -> bool {
        let looking = self.looking_since.is_some_and(|since| now.saturating_sub(since) <= lost_ms);
        if looking || now < self.next_look_at {
            return false;
        }
        self.looking_since = Some(now);
        true
    }

    /// A look that began at `sent` is over, and the origin is not quick: not before then the next.
    pub fn put_off(&mut self, sent: Millis, next: Millis) {
        if self.looking_since.is_some_and(|since| since <= sent) {
            self.looking_since = None;
            self.next_look_at = next;
        }
    }
}
