//! What this isolate remembers of claims that an entry should end, of changes by unsafe requests, and of a firewall
//! that refuses everybody.

use super::{origin, with};
use crate::convert::now;
use backsoon::rescue::confirmations::{Turn as ClaimTurn, Waiting};
use backsoon::rescue::copy::Change;
use backsoon::rescue::network::network_of;
use backsoon::rescue::{AnswerHead, Kind, RequestFacts, Settings, StoredCopy, Url, Watch};

/// What becomes of a claim: this visitor was told something that would end the entry of this address and kind.
pub fn claimed(url: &Url, kind: Kind, request: &RequestFacts) -> ClaimTurn {
    let network = network_of(&request.headers);
    with(ClaimTurn::Never, |isolate| isolate.confirmations.claimed(url, kind, network.as_deref(), now()))
}

/// What this visitor's request brought about is confirmed in the context of a visitor from another network.
pub fn confirm_later(url: &Url, kind: Kind, network: Option<&str>) {
    with((), |isolate| isolate.confirmations.wait(url, kind, network, now()));
}

/// A claim that can be confirmed in the context of this visitor.
pub fn claim_due(request: &RequestFacts) -> Option<Waiting> {
    with(None, |isolate| {
        if !isolate.confirmations.is_waiting() {
            return None;
        }
        let network = network_of(&request.headers);
        isolate.confirmations.due(&request.url.host, network.as_deref(), now())
    })
}

/// Whether one more neutral request for this address is within all bounds.
pub fn spends_a_confirmation(url: &Url, network: Option<&str>) -> bool {
    with(false, |isolate| isolate.confirmations.spends(url, network, now()))
}

/// An unsafe request changed this address at that time.
pub fn changed(url: &Url, change: Change, at: u64) {
    with((), |isolate| isolate.confirmations.changed(url, change, at));
}

/// Marks an entry that is older than a change of its address.
pub fn mark(url: &Url, entry: &mut StoredCopy) {
    with((), |isolate| {
        if isolate.confirmations.knows_changes() {
            isolate.confirmations.mark(url, entry);
        }
    });
}

/// Whether the store that is everywhere is looked into for a key of which a visitor was told that it is gone.
pub fn looks_everywhere(key: &str) -> bool {
    with(false, |isolate| isolate.tier.looks(key, false, now()))
}

/// A visitor was refused with this body. Says whether the start page is to be looked at.
pub fn refused(settings: &Settings, request: &RequestFacts, body: (u16, u64)) -> bool {
    let network = network_of(&request.headers);
    origin(settings, &request.url.host, false, |origin| {
        origin.firewall.refused(body, network.as_deref(), &request.url.text(), now())
    })
}

/// What a neutral request for the start page got.
pub fn start_page(settings: &Settings, host: &str, body: (u16, u64)) {
    origin(settings, host, (), |origin| origin.firewall.start_page(body, now()));
}

/// The origin answered a visitor otherwise than by a refusal.
pub fn not_refused(settings: &Settings, watch: &Watch, answer: &AnswerHead) {
    let host = &watch.request.url.host;
    origin(settings, host, (), |origin| origin.firewall.not_refused(watch, answer));
}

/// Whether this refusal is a failure of the site.
pub fn refuses_everybody(settings: &Settings, host: &str, body: (u16, u64)) -> bool {
    let most_s = settings.refusal_outage_s;
    origin(settings, host, false, |origin| origin.firewall.is_failure(body, most_s, now()))
}

/// Since when the origin has refused everybody.
pub fn refuses_since(settings: &Settings, host: &str) -> Option<u64> {
    origin(settings, host, None, |origin| origin.firewall.since(settings.refusal_outage_s, now()))
}
