//! Which stored answers a successful unsafe request makes invalid (RFC 9111 §4.4).

use crate::rescue::closure::resolve;
use crate::rescue::judge::AnswerHead;
use crate::rescue::passage::on_site;
use crate::rescue::plan::{Watch, key_of};
use crate::rescue::settings::Settings;

/// The keys that must not be used any more: the address itself, and the addresses that the answer names in
/// `Location` and `Content-Location` where they are on the same host.
pub fn invalidated(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> Vec<String> {
    if watch.request.is_safe() || !(200..400).contains(&answer.status) {
        return vec![];
    }
    let answer = on_site(&watch.request, answer, settings);
    let mut keys = vec![watch.key.clone()];
    for name in ["location", "content-location"] {
        let named = answer.headers.value(name).and_then(|target| resolve(target, &watch.request.url));
        // RFC 9111 §4.4: only the same origin may, or any site could empty another's store.
        let same =
            named.filter(|url| url.host == watch.request.url.host && url.scheme == watch.request.url.scheme);
        keys.extend(same.map(|url| key_of(&url)));
    }
    keys.dedup();
    keys
}
