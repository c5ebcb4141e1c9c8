//! The addresses that answered well, and which of them a probe asks for.
//!
//! A probe decides whether visitors without a copy are refused, so nobody may choose its address alone: one that
//! clients of two networks have seen well goes first, and one whose route fails comes last.

use super::evidence::route;
use super::routes::Routes;
use crate::facts::Headers;
use crate::rescue::network::Networks;
use crate::rescue::plan::Watch;
use crate::rescue::request::Url;
use crate::time::Millis;
use std::cmp::Reverse;

/// So many are remembered of which one network alone has seen that they are well, and as many others.
const ROOM: usize = 4;
/// The fields of a visitor that say nothing of a person, and without which many a firewall refuses.
const HARMLESS: [&str; 3] = ["user-agent", "accept", "accept-language"];
/// A field of a usual browser's length; a longer one is left out.
const MOST_BYTES: usize = 512;

/// An address and the fields with which it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address.
    pub url: Url,
    /// The harmless fields of the visitor who got it.
    pub fields: Headers,
}

#[derive(Clone, Debug)]
struct Good {
    target: Target,
    networks: Networks,
    at: Millis,
    tried_at: Option<Millis>,
}

/// The good addresses of one origin.
#[derive(Clone, Debug, Default)]
pub struct Known {
    good: Vec<Good>,
    front_tried_at: Option<Millis>,
}

/// Whether a visitor's request may be repeated without the visitor: it only reads, says nothing of anybody, and got a
/// good answer. An address with a query is left out: queries carry tokens and orders.
pub fn may_be_repeated(watch: &Watch, status: u16) -> bool {
    let request = &watch.request;
    request.method == "GET"
        && !request.body
        && request.url.query.is_none()
        && (200..=399).contains(&status)
        && !watch.is_identified()
}

impl Known {
    /// This address answered well, and whole.
    pub fn remember(&mut self, url: &Url, headers: &Headers, network: Option<&str>, now: Millis) {
        if let Some(good) = self.good.iter_mut().find(|good| good.target.url == *url) {
            good.at = now;
            let before = good.networks.several;
            good.networks.add(network);
            let confirmed = good.networks.several && !before;
            if confirmed {
                self.make_room(true, ROOM);
            }
            return;
        }
        let networks = Networks::of(network);
        self.make_room(networks.several, ROOM.saturating_sub(1));
        let field = |name: &str| {
            let value = headers.value(name).filter(|value| value.len() <= MOST_BYTES)?;
            Some((name.to_owned(), value.to_owned()))
        };
        let fields = Headers(HARMLESS.into_iter().filter_map(field).collect());
        self.good.push(Good {
            target: Target { url: url.clone(), fields },
            networks,
            at: now,
            tried_at: None,
        });
    }

    /// Whether another route has answered well since then.
    pub fn another_since(&self, name: &str, then: Millis) -> bool {
        self.good.iter().any(|good| good.at >= then && route(&good.target.url.path) != name)
    }

    /// The address that is asked for now, on this site: one that was not tried since the last proper answer, else the
    /// one tried longest ago; the front page where nothing better is known.
    pub fn choose(&mut self, site: &Url, routes: &Routes, proper_at: Millis, now: Millis) -> Target {
        let tried = |at: Option<Millis>| at.filter(|at| *at >= proper_at).unwrap_or(0);
        let rank =
            |path: &str, rank: u32| rank.saturating_add(if routes.fails(&route(path)) { 3 } else { 0 });
        let key = |good: &Good| {
            let own = rank(&good.target.url.path, if good.networks.several { 0 } else { 1 });
            (tried(good.tried_at), own, Reverse(good.at))
        };
        let best = self.good.iter_mut().min_by_key(|good| key(good));
        let front = (tried(self.front_tried_at), rank("/", 2), Reverse(0));
        match best {
            Some(good) if key(good) <= front => {
                good.tried_at = Some(now);
                good.target.clone()
            }
            _ => {
                self.front_tried_at = Some(now);
                let url = Url { path: "/".to_owned(), query: None, ..site.clone() };
                let fields =
                    [("accept", "text/html,*/*;q=0.8"), ("user-agent", "Mozilla/5.0 (compatible; Backsoon)")];
                let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                Target { url, fields: Headers(fields.into_iter().map(own).collect()) }
            }
        }
    }

    /// Leaves at most so many that several networks know, or that one alone knows; the oldest go.
    fn make_room(&mut self, several: bool, most: usize) {
        while self.good.iter().filter(|good| good.networks.several == several).count() > most {
            let alike = self.good.iter().enumerate().filter(|(_, good)| good.networks.several == several);
            let Some((oldest, _)) = alike.min_by_key(|(_, good)| good.at) else { return };
            self.good.swap_remove(oldest);
        }
    }
}
