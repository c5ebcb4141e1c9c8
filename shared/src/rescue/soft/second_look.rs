//! A second look: a neutral request for another address, when an answer is suspicious and nothing else is known.
//!
//! Remembers a few addresses that answered well lately, allows one look at a time, and remembers what it met for
//! some seconds. Knows no platform: the worker sends the request and tells what came.

use super::{Evidence, MOST_BYTES, Trust, trust};
use crate::facts::Headers;
use crate::memory::Memory;
use crate::rescue::copy::StoredCopy;
use crate::rescue::failure::{is_failure, is_no_status};
use crate::rescue::generations::print;
use crate::rescue::judge::AnswerHead;
use crate::rescue::kind::Kind;
use crate::rescue::network::{Networks, may_be_one, network_of};
use crate::rescue::plan::Watch;
use crate::rescue::request::{RequestFacts, Url};
use crate::time::Millis;

/// So many good addresses are remembered.
const ROOM: usize = 8;
/// More sightings do not make an address better known.
const MOST_SIGHTINGS: u8 = 3;
/// One look in so many milliseconds.
const EVERY_MS: u64 = 2000;
/// A look that has not ended after so long is lost.
const LOST_MS: u64 = 6000;
/// What a look met is believed for so long.
const TELLS_MS: u64 = 5000;
/// So long nobody waits any more for a body that was shown to be no sign of trouble.
const CLEARED_MS: u64 = 60_000;
/// So many such bodies are remembered.
const MOST_CLEARED: usize = 64;
/// Error-looking answers at so many addresses, to clients of two networks, within this time are a sign of trouble by
/// themselves.
const SPREAD: usize = 2;
const SPREAD_MS: u64 = 10_000;
/// So many of them are remembered.
const MOST_SPREAD: usize = 8;

/// The fields that a second look repeats. None of them says who asks; they decide which kind of client it is.
const REPEATED: [&str; 5] = ["user-agent", "accept", "accept-language", "sec-fetch-mode", "sec-fetch-dest"];

/// The limits of a look, in milliseconds: for its head, for its body, and for a visitor who waits for it.
pub const HEAD_MS: u32 = 3000;
/// See `HEAD_MS`.
pub const BODY_MS: u32 = 1000;
/// See `HEAD_MS`.
pub const WAIT_MS: u32 = 1000;

/// An address that answered an anonymous request well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodAddress {
    url: Url,
    fields: Vec<(String, String)>,
    /// What it answered, as far as looks are compared: no body, and of the head the type only.
    copy: StoredCopy,
    networks: Networks,
    sightings: u8,
    at: Millis,
}

/// What a look met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// Trouble, a good answer, or `None`: nothing that tells either (the address is gone, forbidden or another page now).
    pub trouble: Option<bool>,
    /// Tells the body from another.
    pub print: Option<u64>,
}

/// A suspicious answer.
#[derive(Clone, Copy, Debug)]
pub struct Suspect<'a> {
    /// The request.
    pub watch: &'a Watch,
    /// Tells its body from another.
    pub print: Option<u64>,
    /// It looks like an error where a good copy is stored.
    pub in_place_of_good: bool,
}

/// What an isolate knows of one origin for second looks.
#[derive(Clone, Debug)]
pub struct SecondLooks {
    good: Vec<GoodAddress>,
    asked: Option<Millis>,
    under_way: bool,
    met: Option<(Met, Millis)>,
    cleared: Memory<(Option<u64>, Millis)>,
    /// Error-looking answers to anonymous requests in place of good copies.
    spread: Vec<Sighting>,
}

/// An error-looking answer in place of a good copy.
#[derive(Clone, Debug)]
struct Sighting {
    key: String,
    print: Option<u64>,
    /// Of the client; `None` where nobody tells.
    network: Option<String>,
    at: Millis,
}

impl Default for SecondLooks {
    fn default() -> Self {
        Self {
            good: vec![],
            asked: None,
            under_way: false,
            met: None,
            cleared: Memory::new(MOST_CLEARED),
            spread: vec![],
        }
    }
}

impl GoodAddress {
    /// The address of a good answer, where it can be asked for again by anybody: without a query, since a query may
    /// do something (`?token=`), and by a request that says nothing of its sender.
    pub fn of(watch: &Watch, copy: &StoredCopy) -> Option<Self> {
        let fit = matches!(watch.kind, Kind::Page | Kind::Json | Kind::Fetch | Kind::Program)
            && watch.request.method == "GET"
            && watch.request.url.query.is_none()
            && watch.store.is_ok()
            && !watch.is_identified();
        if !fit || !copy.good || copy.head.status != 200 || copy.body_length() == Some(0) {
            return None;
        }
        let fields = &watch.request.headers;
        let repeated = |name: &&str| fields.value(name).map(|value| ((*name).to_owned(), value.to_owned()));
        let kind = copy.head.headers.value("content-type").unwrap_or_default();
        let head =
            AnswerHead { status: 200, headers: [("content-type", kind.to_owned())].into_iter().collect() };
        let copy = StoredCopy {
            head,
            good: true,
            title: copy.title.clone(),
            text: copy.text,
            print: copy.print,
            ..StoredCopy::default()
        };
        let fields = REPEATED.iter().filter_map(repeated).collect();
        let networks = Networks::of(network_of(&watch.request.headers).as_deref());
        Some(Self { url: watch.request.url.clone(), fields, copy, networks, sightings: 1, at: 0 })
    }

    /// The neutral request.
    pub fn request(&self) -> RequestFacts {
        RequestFacts {
            method: "GET".to_owned(),
            url: self.url.clone(),
            headers: Headers(self.fields.clone()),
            body: false,
        }
    }

    /// What its answer means; `None`: no whole answer came. `watch`: the neutral request; `suspect`: the print of the
    /// answer that the look is for.
    pub fn judge(&self, watch: &Watch, answer: Option<(&AnswerHead, &[u8])>, suspect: Option<u64>) -> Met {
        let Some((head, body)) = answer else { return Met { trouble: Some(true), print: None } };
        if is_failure(head.status) || is_no_status(head.status) {
            return Met { trouble: Some(true), print: None };
        }
        if head.status != 200 {
            return Met { trouble: None, print: None };
        }
        let print = print(head.headers.value("content-type"), body);
        // An address that always had this body says nothing against it.
        let alike = print.is_some() && print == suspect && print != self.copy.print;
        let trouble = match trust(watch, head, body, Some(&self.copy)) {
            _ if alike => Some(true),
            Trust::Bad(_) => Some(true),
            // It became another page: what is known of it is out of date.
            Trust::Doubtful(_) => None,
            Trust::Good => Some(false),
        };
        Met { trouble, print }
    }

    /// What visitors of one network alone made known comes last.
    fn rank(&self) -> (bool, u8, Millis) {
        (self.networks.several, self.sightings, self.at)
    }
}

impl SecondLooks {
    /// An address answered well. Those that did so more often stay longer.
    pub fn answered_well(&mut self, good: GoodAddress, now: Millis) {
        let same = |known: &GoodAddress| known.url == good.url;
        let seen = self.good.iter().position(same).map(|index| self.good.remove(index));
        if self.good.len() >= ROOM
            && let Some((index, _)) = self.good.iter().enumerate().min_by_key(|(_, known)| known.rank())
        {
            self.good.remove(index);
        }
        let before = seen.as_ref().map_or(0, |seen| seen.sightings);
        let sightings = before.saturating_add(1).min(MOST_SIGHTINGS);
        let (networks, fields) = match seen {
            // Who came first decides how it is asked for again.
            Some(seen) => (seen.networks.and(&good.networks), seen.fields),
            None => (good.networks.clone(), good.fields.clone()),
        };
        self.good.push(GoodAddress { networks, fields, sightings, at: now, ..good });
    }

    /// What is known beside a suspicious answer, and the address that is to be looked at now, if any.
    pub fn consult(&mut self, suspect: Suspect<'_>, now: Millis) -> (Evidence, Option<GoodAddress>) {
        let key = &suspect.watch.key;
        let lately = |at: Millis, within: u64| now.saturating_sub(at) <= within;
        self.spread.retain(|sighting| lately(sighting.at, SPREAD_MS));
        // Only anonymous requests confirm trouble.
        let is_sign = suspect.in_place_of_good && !suspect.watch.is_identified();
        if is_sign {
            let network = network_of(&suspect.watch.request.headers);
            // Each network has one word for an address, and none pushes out what another has met.
            self.spread.retain(|known| known.key != *key || known.network != network);
            if self.spread.len() >= MOST_SPREAD {
                let own = self.spread.iter().position(|known| known.network == network);
                self.spread.remove(own.unwrap_or(0));
            }
            self.spread.push(Sighting { key: key.clone(), print: suspect.print, network, at: now });
        }
        let met = self.met.filter(|(_, at)| lately(*at, TELLS_MS));
        let look = met.and_then(|(met, _)| met.trouble);
        if look == Some(false) {
            self.cleared.put(key, (suspect.print, now), now);
        }
        let cleared = self.cleared.get(key);
        let cleared = cleared.is_some_and(|(print, at)| *print == suspect.print && lately(*at, CLEARED_MS));
        self.under_way &= self.asked.is_some_and(|at| lately(at, LOST_MS));
        let rested = self.asked.is_none_or(|at| !lately(at, EVERY_MS));
        // Trouble is looked after before it is forgotten, so that it does not seem over each time.
        let open = look == Some(true) || (met.is_none() && !cleared);
        let mut next = None;
        if open && rested && !self.under_way {
            let path = &suspect.watch.request.url;
            let others =
                self.good.iter().filter(|good| good.url.path != path.path && good.url.host == path.host);
            next = others.max_by_key(|good| good.rank()).cloned();
        }
        if next.is_some() {
            (self.asked, self.under_way) = (Some(now), true);
        }
        let met_it = met.is_some_and(|(met, _)| met.print == suspect.print);
        let others_met_it = self.spread.iter().any(|sighting| sighting.print == suspect.print);
        let same = suspect.print.is_some() && (met_it || others_met_it);
        let evidence = Evidence {
            failures: false,
            spread: is_sign && self.is_spread(),
            look: look.or(cleared.then_some(false)),
            same,
            // While there is trouble others may be about to meet the same.
            pending: if look == Some(true) { !same } else { look.is_none() && !cleared && self.under_way },
        };
        (evidence, next)
    }

    /// Whether several clients met error-looking answers, at several addresses.
    fn is_spread(&self) -> bool {
        self.spread.iter().any(|one| {
            let other = |other: &&Sighting| {
                other.key != one.key && !may_be_one(other.network.as_deref(), one.network.as_deref())
            };
            self.spread.iter().filter(other).count() >= SPREAD.saturating_sub(1)
        })
    }

    /// A look has ended.
    pub fn looked(&mut self, good: &GoodAddress, met: Met, now: Millis) {
        self.under_way = false;
        self.met = met.trouble.map(|_| (met, now));
        if met.trouble.is_none() {
            self.good.retain(|known| known.url != good.url);
        }
    }
}

/// So much of the body is read by a look.
pub const LOOK_BYTES: u64 = MOST_BYTES;
