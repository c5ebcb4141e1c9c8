//! The routes that fail: each is held back for itself, and nothing else because of it.
//!
//! While a route is held, visitors who have a copy of one of its pages get it at once, and one of their requests at a
//! time looks whether it answers again. Nothing is remembered while nothing fails.

use super::evidence::{FULL, MEMORY_MS};
use crate::rescue::network::Networks;
use crate::time::Millis;

/// So many are remembered.
const ROOM: usize = 32;
/// A held route without news is dropped after so long.
const HELD_MS: u64 = 60_000;

/// What a visitor with a copy does on a route that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Is shown the copy.
    Stay,
    /// The same, and the request is sent as a probe.
    Probe,
}

#[derive(Clone, Debug)]
struct Route {
    name: String,
    networks: Networks,
    /// What the failures weigh since its last proper answer.
    row: u32,
    /// The same, and the number of proper answers, since `since`.
    failed: u32,
    good: u32,
    since: Millis,
    last: Millis,
    held: bool,
    next_probe_at: Millis,
    probing_since: Option<Millis>,
}

/// The failing routes of one origin.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Whether none fails.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them are forgotten: the whole site is back.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the route has failed lately, and nothing proper has come from it since.
    pub fn fails(&self, name: &str) -> bool {
        self.0.iter().any(|route| route.name == name && route.row > 0)
    }

    /// Whether the route has failed lately for clients of several networks, whatever came in between.
    pub fn fails_for_several(&self, name: &str, now: Millis) -> bool {
        let fails = |route: &Route| route.name == name && route.failed > 0 && route.networks.several;
        self.0.iter().any(|route| fails(route) && now.saturating_sub(route.last) <= MEMORY_MS)
    }

    /// Whether so much (`full`) of the route has failed lately since its last proper answer, as far as that tells a client
    /// of this network something.
    pub fn fails_in_a_row(&self, name: &str, full: u32, network: Option<&str>, now: Millis) -> bool {
        let lately = |route: &Route| now.saturating_sub(route.last) <= MEMORY_MS;
        let tells = |route: &Route| route.name == name && route.row >= full && route.networks.tell(network);
        full > 0 && self.0.iter().any(|route| tells(route) && lately(route))
    }

    /// Whether the route is held.
    pub fn holds(&self, name: &str) -> bool {
        self.0.iter().any(|route| route.name == name && route.held)
    }

    /// A request of the route failed. So much (`full`) in a row holds it, or twice as much among as many answers.
    pub fn failed(
        &mut self,
        name: &str,
        network: Option<&str>,
        weight: u32,
        full: u32,
        next: Millis,
        now: Millis,
    ) {
        let ago = |route: &Route| now.saturating_sub(route.last);
        self.0.retain(|route| ago(route) <= if route.held { HELD_MS } else { MEMORY_MS });
        let Some(route) = self.0.iter_mut().find(|route| route.name == name) else {
            self.add(Route {
                name: name.to_owned(),
                networks: Networks::of(network),
                row: weight,
                failed: weight,
                good: 0,
                since: now,
                last: now,
                held: false,
                next_probe_at: next,
                probing_since: None,
            });
            // Where one failure is enough.
            self.0.iter_mut().filter(|route| route.name == name).for_each(|route| route.judge(full, next));
            return;
        };
        if route.restart(now) && route.row == 0 {
            route.networks = Networks::of(network);
        }
        route.networks.add(network);
        route.row = route.row.saturating_add(weight);
        route.failed = route.failed.saturating_add(weight);
        route.last = now;
        route.judge(full, next);
    }

    /// A proper answer came from the route, in time.
    pub fn answered(&mut self, name: &str, now: Millis) {
        let Some(route) = self.0.iter_mut().find(|route| route.name == name) else { return };
        route.restart(now);
        route.row = 0;
        route.good = route.good.saturating_add(1);
        route.held = false;
        route.probing_since = None;
        if route.failed == 0 {
            self.0.retain(|route| route.name != name);
        }
    }

    /// A probe that was sent then is over, and the route is not back: not before then the next.
    pub fn put_off(&mut self, name: &str, sent: Millis, next: Millis, now: Millis) {
        let Some(route) = self.0.iter_mut().find(|route| route.name == name) else { return };
        if route.probing_since.is_some_and(|since| since <= sent) {
            route.probing_since = None;
            route.next_probe_at = next;
            route.last = now;
        }
    }

    /// What a visitor with a copy does; `None`: asks. After `lost_ms` nobody waits for a probe any more.
    pub fn ask(&mut self, name: &str, safe: bool, lost_ms: u64, now: Millis) -> Option<Held> {
        let route = self.0.iter_mut().find(|route| route.name == name && route.held)?;
        if now.saturating_sub(route.last) > HELD_MS {
            return None;
        }
        let probing = route.probing_since.is_some_and(|since| now.saturating_sub(since) <= lost_ms);
        if !safe || probing || now < route.next_probe_at {
            return Some(Held::Stay);
        }
        route.probing_since = Some(now);
        Some(Held::Probe)
    }

    /// Where there is no room, what proves least goes: made-up routes of one network do not push out what two have met.
    fn add(&mut self, new: Route) {
        if self.0.len() >= ROOM {
            let rank = |route: &Route| (route.held, route.networks.several, route.last);
            let least = self.0.iter().enumerate().min_by_key(|(_, route)| rank(route));
            match least.map(|(index, route)| (index, route.held || route.networks.several)) {
                Some((_, true)) if !new.networks.several => return,
                Some((index, _)) => drop(self.0.swap_remove(index)),
                None => {}
            }
        }
        self.0.push(new);
    }
}

impl Route {
    /// Counts anew after a while.
    fn restart(&mut self, now: Millis) -> bool {
        let over = now.saturating_sub(self.since) > MEMORY_MS;
        if over {
            (self.failed, self.good, self.since) = (0, 0, now);
        }
        over
    }

    fn judge(&mut self, full: u32, next: Millis) {
        let flaps = self.failed >= full.saturating_mul(2) && self.failed >= self.good.saturating_mul(FULL);
        if !self.held && full > 0 && self.networks.several && (self.row >= full || flaps) {
            self.held = true;
            (self.next_probe_at, self.probing_since) = (next, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_routes_of_one_network_push_nothing_out() {
        let mut routes = Routes::default();
        for network in ["1.1.1", "2.2.2", "1.1.1"] {
            routes.failed("bad", Some(network), FULL, 6, 2000, 1000);
        }
        for n in 0..10_000_u64 {
            routes.failed(&format!("{n}"), Some("1.1.1"), FULL, 6, 3000, 1001 + n / 10);
        }
        assert!(routes.holds("bad") && routes.0.len() <= ROOM);
    }

    #[test]
    fn one_network_holds_nothing() {
        let mut routes = Routes::default();
        for n in 0..100 {
            routes.failed("bad", Some("1.1.1"), FULL, 6, 2000, n);
        }
        assert!(routes.fails("bad") && !routes.holds("bad"));
        routes.failed("bad", Some("2.2.2"), FULL, 6, 2000, 101);
        assert!(routes.holds("bad"));
    }
}
