//! A firewall that begins to refuse everybody: when 403 or 429 is a failure of the site and not the truth.
//!
//! One identical body, met within a minute by clients of three networks while nobody gets a good answer, raises the
//! suspicion. A neutral GET of the start page that gets the same body makes it certain. One good answer to a person who
//! is not known ends it; a file such as `/robots.txt`, which firewalls let everybody have, does not.

use crate::rescue::failure::Failure;
use crate::rescue::judge::AnswerHead;
use crate::rescue::kind::Kind;
use crate::rescue::negotiate::media_type;
use crate::rescue::network::may_be_one;
use crate::rescue::plan::Watch;
use crate::status::ProxyError;
use crate::time::Millis;

/// The witnesses must have met the refusal within this time. The start page is looked at once in it.
const WITHIN_MS: u64 = 60_000;
/// Clients of so many networks.
const WITNESSES: usize = 3;
/// More refusals than this say nothing new.
const ROOM: usize = 24;
/// Larger bodies are not compared, in bytes.
pub const MOST_BYTES: u32 = 64 * 1024;

/// Whether a status can be a firewall's refusal. 401 and 451 never are: they are the truth.
pub fn may_refuse(status: u16) -> bool {
    matches!(status, 403 | 429)
}

/// Whether the answer shows that people who are not known get pages.
fn is_good(watch: &Watch, answer: &AnswerHead) -> bool {
    let page = matches!(watch.kind, Kind::Page | Kind::WebView)
        && media_type(answer.headers.value("content-type").unwrap_or_default()) == "text/html";
    answer.status == 200 && page && watch.request.method == "GET" && !watch.is_identified()
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sight {
    at: Millis,
    body: (u16, u64),
    network: Option<String>,
    address: String,
}

/// What one isolate knows of an origin's refusals.
#[derive(Clone, Debug, Default)]
pub struct Firewall {
    sights: Vec<Sight>,
    looked_at: Option<Millis>,
    /// The body that everybody gets, and since when.
    refuses: Option<((u16, u64), Millis)>,
}

impl Firewall {
    /// A visitor was refused with this status and body. Says whether the start page is to be looked at now.
    pub fn refused(&mut self, body: (u16, u64), network: Option<&str>, address: &str, now: Millis) -> bool {
        if self.refuses.is_some_and(|(known, _)| known == body) {
            return false;
        }
        let (network, address) = (network.map(str::to_owned), address.to_owned());
        // One network has one sight of a body, and pushes out nobody else's.
        self.sights.retain(|sight| {
            let again = sight.body == body && sight.network == network && sight.network.is_some();
            now.saturating_sub(sight.at) < WITHIN_MS && !again
        });
        if self.sights.len() >= ROOM {
            let own = self.sights.iter().position(|sight| sight.network == network);
            self.sights.remove(own.unwrap_or(0));
        }
        self.sights.push(Sight { at: now, body, network, address });
        let lately = self.looked_at.is_some_and(|at| now.saturating_sub(at) < WITHIN_MS);
        let suspicious = !lately && self.is_suspicious(body);
        if suspicious {
            self.looked_at = Some(now);
        }
        suspicious
    }

    fn is_suspicious(&self, body: (u16, u64)) -> bool {
        let same = || self.sights.iter().filter(|sight| sight.body == body);
        let mut witnesses: Vec<&Sight> = vec![];
        for sight in same() {
            let known = |other: &&Sight| may_be_one(other.network.as_deref(), sight.network.as_deref());
            if !witnesses.iter().any(known) {
                witnesses.push(sight);
            }
        }
        let mut addresses: Vec<&str> = vec![];
        for sight in same() {
            if !addresses.contains(&sight.address.as_str()) {
                addresses.push(&sight.address);
            }
        }
        let all_known = witnesses.iter().filter(|sight| sight.network.is_some()).count() >= WITNESSES;
        all_known || (witnesses.len() >= WITNESSES && addresses.len() >= WITNESSES)
    }

    /// The start page answered a neutral GET like this. The same refusal there makes it a failure of the site.
    pub fn start_page(&mut self, body: (u16, u64), now: Millis) {
        if (200..400).contains(&body.0) {
            self.answered();
        }
        // A good answer in the meantime has cleared the sights.
        if may_refuse(body.0) && self.refuses.is_none() && self.sights.iter().any(|sight| sight.body == body)
        {
            self.refuses = Some((body, now));
        }
    }

    /// The origin answered a visitor otherwise than by a refusal.
    pub fn not_refused(&mut self, watch: &Watch, answer: &AnswerHead) {
        // As a rule nobody was refused lately, and there is nothing to end.
        if self.sights.is_empty() && self.refuses.is_none() {
            return;
        }
        if is_good(watch, answer) {
            self.answered();
        } else if (200..300).contains(&answer.status)
            && watch.request.method == "GET"
            && !watch.is_identified()
        {
            self.shown(&watch.request.url.text());
        }
    }

    /// The address with this text gave somebody who is not known what was asked for.
    pub fn shown(&mut self, address: &str) {
        if self.sights.iter().any(|sight| sight.address == address) {
            self.answered();
        }
    }

    /// The origin gave a person a page.
    pub fn answered(&mut self) {
        if !self.sights.is_empty() || self.refuses.is_some() {
            *self = Self { looked_at: self.looked_at, ..Self::default() };
        }
    }

    /// Since when everybody is refused, where that still counts as a failure: for `most_s` seconds at most.
    pub fn since(&self, most_s: u32, now: Millis) -> Option<Millis> {
        let most_ms = u64::from(most_s).saturating_mul(1000);
        self.refuses.map(|(_, since)| since).filter(|since| now.saturating_sub(*since) < most_ms)
    }

    /// Whether this very refusal is the site's failure.
    pub fn is_failure(&self, body: (u16, u64), most_s: u32, now: Millis) -> bool {
        self.refuses.is_some_and(|(known, _)| known == body) && self.since(most_s, now).is_some()
    }
}

/// A refusal that everybody gets.
pub fn failure(status: u16, elapsed_ms: u32) -> Failure {
    Failure {
        asked: true,
        pending: false,
        error: ProxyError::HttpRequestDenied,
        received_status: Some(status),
        transport: None,
        soft: None,
        retry_after_s: None,
        elapsed_ms,
    }
}

/// Whether the failure is such a refusal. The breaker does not count it, and whoever has no copy gets the origin's own
/// answer.
pub fn is_refusal(failure: &Failure) -> bool {
    failure.error == ProxyError::HttpRequestDenied
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: (u16, u64) = (403, 7);

    /// Refusals as `network address second`.
    fn after(refusals: &[(Option<&str>, &str, u64)]) -> (Firewall, Vec<bool>) {
        let mut firewall = Firewall::default();
        let looks = refusals
            .iter()
            .map(|(n, a, at)| firewall.refused(BODY, *n, a, at.saturating_mul(1000)))
            .collect();
        (firewall, looks)
    }

    #[test]
    fn three_networks_within_a_minute_raise_the_suspicion() {
        let (_, looks) = after(&[(Some("1"), "/a", 0), (Some("2"), "/a", 1), (Some("3"), "/a", 2)]);
        assert_eq!(looks, [false, false, true]);
        let (_, looks) = after(&[(Some("1"), "/a", 0), (Some("1"), "/b", 1), (Some("1"), "/c", 2)]);
        assert_eq!(looks, [false; 3], "one network is one witness");
        let (_, looks) = after(&[(Some("1"), "/a", 0), (Some("2"), "/a", 1), (Some("3"), "/a", 60)]);
        assert_eq!(looks, [false; 3], "not within a minute");
        let (_, looks) =
            after(&[(None, "/a", 0), (None, "/a", 1), (None, "/a", 2), (None, "/b", 3), (None, "/c", 4)]);
        assert_eq!(looks, [false, false, false, false, true], "unknown networks: three addresses");
    }

    #[test]
    fn only_the_start_page_makes_it_a_failure_and_a_good_answer_ends_it() {
        let three = [(Some("1"), "/a", 0), (Some("2"), "/a", 1), (Some("3"), "/a", 2)];
        let (mut firewall, _) = after(&three);
        assert!(!firewall.is_failure(BODY, 1800, 2000));
        firewall.start_page((403, 8), 2000);
        assert!(!firewall.is_failure(BODY, 1800, 2000), "another body");
        firewall.start_page(BODY, 2000);
        assert!(firewall.is_failure(BODY, 1800, 2000) && !firewall.is_failure((403, 8), 1800, 2000));
        assert!(!firewall.is_failure((429, 7), 1800, 2000));
        assert!(!firewall.is_failure(BODY, 1800, 1_802_000), "for half an hour at most");
        assert!(!firewall.is_failure(BODY, 0, 2000), "switched off");
        firewall.answered();
        assert!(!firewall.is_failure(BODY, 1800, 2001));
        let (mut firewall, _) = after(&three);
        firewall.answered();
        firewall.start_page(BODY, 2000);
        assert!(!firewall.is_failure(BODY, 1800, 2000), "a good answer came meanwhile");
        firewall.start_page((451, 7), 2000);
        assert_eq!(firewall.since(1800, 2000), None);
    }
}
