//! Whether a page may be kept for outages although it gives a cookie to each new visitor.
//!
//! Many frameworks start a session on the first visit and say so with `Set-Cookie`, although the page is the same for
//! everybody. Two visitors prove that: they come from different networks and countries, at least a minute apart,
//! without a cookie and without any field that identifies, and get the same bytes. No value of a left-out cookie may
//! stand in those bytes. Nothing is masked: a page with a token or a clock in it never passes.

use crate::facts::Headers;
use crate::memory::Memory;
use crate::page::digest;
use crate::rescue::network::network_of;
use crate::time::Millis;

/// So many addresses are remembered in one isolate.
const ROOM: usize = 256;
/// Larger pages are not compared, in bytes.
pub const MOST_BYTES: u64 = 262_144;
/// Two visits are at least so far apart, in milliseconds.
const APART_MS: u64 = 60_000;
/// An earlier visit is no witness any more.
const FORGET_MS: u64 = 86_400_000;
/// So long an address with too many different contents is left alone.
const CLOSED_MS: u64 = 3_600_000;
/// More of one address are not remembered.
const MOST_SIGHTS: usize = 8;
/// Different contents that are compared; where there are more, the address is left alone for a while.
const MOST_CONTENTS: usize = 3;

/// A cookie's value that is longer, in bytes, or has more parts counts as one that stands in the page.
const MOST_VALUE: usize = 4096;
const MOST_PARTS: usize = 8;
/// The same of an answer with more cookies.
const MOST_COOKIES: usize = 8;

/// A visitor who may testify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    network: String,
    country: String,
}

impl Witness {
    /// The witness behind a request that sends no cookie and identifies nobody; `None` where the platform does not say
    /// where it comes from.
    pub fn of(headers: &Headers) -> Option<Self> {
        let country = headers.value("cf-ipcountry")?.trim().to_ascii_uppercase();
        // XX: unknown. T1: the Tor network, where every visitor can choose the country.
        let known = country.len() == 2 && country != "XX" && country != "T1";
        known.then(|| Some(Self { network: network_of(headers)?, country })).flatten()
    }
}

/// A body, and who got it when. Each network has one of an address: nobody alone can make an address look as if it were
/// different each time.
#[derive(Clone, Debug)]
struct Sight {
    /// `None`: the visitor's own cookie stands in it, so it is like no other.
    content: Option<Vec<u8>>,
    who: Witness,
    at: Millis,
}

/// The visits that one isolate remembers, by variant of an address.
#[derive(Clone, Debug)]
pub struct FirstCookies(Memory<Vec<Sight>>);

impl Default for FirstCookies {
    fn default() -> Self {
        Self(Memory::new(ROOM))
    }
}

impl FirstCookies {
    /// Whether it is worth reading another answer of this variant.
    pub fn is_open(&self, variant: &str, now: Millis) -> bool {
        let lately = |sight: &&Sight| now.saturating_sub(sight.at) < CLOSED_MS;
        self.0.get(variant).is_none_or(|sights| sights.iter().filter(lately).count() <= MOST_CONTENTS)
    }

    /// Notes that a visitor got this body with these `Set-Cookie` fields. `true` where the body is proved to be
    /// everybody's.
    pub fn proves(
        &mut self,
        variant: &str,
        body: &[u8],
        cookies: &[String],
        who: &Witness,
        now: Millis,
    ) -> bool {
        if !self.is_open(variant, now) {
            return false;
        }
        let content = digest(body);
        let leaks = cookies.len() > MOST_COOKIES || cookies.iter().any(|cookie| stands_in(cookie, body));
        let mut sights = self.0.get(variant).cloned().unwrap_or_default();
        sights.retain(|sight| now.saturating_sub(sight.at) < FORGET_MS);
        let same = |sight: &Sight| !leaks && sight.content.as_ref() == Some(&content);
        let proof = |sight: &Sight| {
            let other = sight.who.network != who.network && sight.who.country != who.country;
            same(sight) && other && now.saturating_sub(sight.at) >= APART_MS
        };
        let proved = sights.iter().any(proof);
        if !sights.iter().any(same) {
            sights.retain(|sight| sight.who.network != who.network);
            if sights.len() >= MOST_SIGHTS {
                sights.remove(0);
            }
            sights.push(Sight { content: (!leaks).then_some(content), who: who.clone(), at: now });
        }
        self.0.put_for(Some(&who.network), variant, sights, now);
        proved
    }
}

/// Whether the value of a `Set-Cookie` field, as it is or decoded, occurs in the body.
fn stands_in(cookie: &str, body: &[u8]) -> bool {
    let pair = cookie.split(';').next().unwrap_or_default();
    let value = pair.split_once('=').map_or(pair, |(_, value)| value).trim().trim_matches('"');
    let parts = value.split(['.', '|', ':', '%', '~', '+', '/']).filter(|part| part.len() >= 8);
    let parts: Vec<&str> = parts.take(MOST_PARTS.saturating_add(1)).collect();
    // Each is looked for in the whole body.
    if value.len() > MOST_VALUE || parts.len() > MOST_PARTS {
        return true;
    }
    std::iter::once(value).chain(parts).chain([decoded(value).as_str()]).any(|text| contains(body, text))
}

fn contains(body: &[u8], text: &str) -> bool {
    !text.is_empty() && body.windows(text.len()).any(|window| window == text.as_bytes())
}

/// With percent signs decoded, where they are ASCII.
fn decoded(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii);
        match (code, after.get(2..)) {
            (Some(code), Some(tail)) => {
                out.push(char::from(code));
                rest = tail;
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(address: &str, country: &str) -> Witness {
        let fields = [("cf-connecting-ip", address), ("cf-ipcountry", country)];
        Witness::of(&fields.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
            .expect("a witness")
    }

    const PAGE: &[u8] = b"<h1>Shop</h1>";

    fn proves(visits: &[(&str, &str, &[u8], &str, u64)]) -> bool {
        let mut first = FirstCookies::default();
        let mut last = false;
        for (address, country, body, cookie, at) in visits {
            last = first.proves("/", body, &[(*cookie).to_owned()], &who(address, country), *at);
        }
        last
    }

    #[test]
    fn two_visitors_from_two_places_who_got_the_same_bytes_prove_it() {
        let ann = ("203.0.113.7", "DE", PAGE, "sid=aaaabbbb; Path=/", 0);
        let bob = ("198.51.100.7", "FR", PAGE, "sid=ccccdddd; Path=/", 60_000);
        assert!(proves(&[ann, bob]));
        assert!(!proves(&[ann]));
        assert!(!proves(&[ann, ("203.0.113.9", "FR", PAGE, "sid=x1", 60_000)]), "one network");
        assert!(!proves(&[ann, ("198.51.100.7", "DE", PAGE, "sid=x1", 60_000)]), "one country");
        assert!(!proves(&[ann, ("198.51.100.7", "FR", PAGE, "sid=x1", 59_999)]), "too soon");
        assert!(!proves(&[ann, ("198.51.100.7", "FR", PAGE, "sid=x1", FORGET_MS)]), "too long ago");
        assert!(
            !proves(&[ann, ("198.51.100.7", "FR", b"<h1>Bonjour</h1>", "sid=x1", 60_000)]),
            "other bytes"
        );
        // An origin that decides by address gave the first visitor something else than the next two.
        let odd = ("203.0.113.7", "DE", &b"<h1>Intern</h1>"[..], "sid=aaaabbbb", 0);
        assert!(!proves(&[odd, bob]));
        assert!(proves(&[odd, bob, ("192.0.2.1", "IT", PAGE, "sid=eeeeffff", 120_000)]));
    }

    #[test]
    fn a_value_that_stands_in_the_page_is_its_visitors() {
        let leak = |cookie, body| ("203.0.113.7", "DE", body, cookie, 0);
        let bob = |body| ("198.51.100.7", "FR", body, "sid=ccccdddd", 60_000);
        for (cookie, body) in [
            ("csrf=secret12", &b"<input value=secret12>"[..]),
            ("csrf=a%20b", &b"<input value='a b'>"[..]),
            ("t=abcdefgh.12345678", &b"<meta content=abcdefgh>"[..]),
            ("n=1", &b"<p>1</p>"[..]),
        ] {
            assert!(!proves(&[leak(cookie, body), bob(body)]), "{cookie}");
        }
    }

    #[test]
    fn a_page_that_is_different_each_time_is_left_alone() {
        let mut first = FirstCookies::default();
        let mut visit = |network: u64, n: u64| {
            let body = format!("<p>{n}</p>");
            let who = who(&format!("203.0.{network}.7"), "DE");
            first.proves("/", body.as_bytes(), &["sid=aaaabbbb".to_owned()], &who, n);
            first.clone()
        };
        for n in 0..20 {
            assert!(visit(1, n).is_open("/", n), "one network alone");
        }
        assert!(visit(2, 20).is_open("/", 20) && visit(3, 21).is_open("/", 21));
        let closed = visit(4, 22);
        assert!(!closed.is_open("/", 23) && closed.is_open("/other", 23));
        assert!(closed.is_open("/", 20 + CLOSED_MS));
    }

    #[test]
    fn only_the_platform_says_where_a_visitor_is() {
        let of = |fields: &[(&str, &str)]| {
            Witness::of(&fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
        };
        assert_eq!(of(&[("cf-ipcountry", "DE")]), None);
        assert_eq!(of(&[("cf-connecting-ip", "203.0.113.7")]), None);
        for odd in ["T1", "XX", "", "DEU"] {
            assert_eq!(of(&[("cf-connecting-ip", "203.0.113.7"), ("cf-ipcountry", odd)]), None, "{odd}");
        }
    }
}
