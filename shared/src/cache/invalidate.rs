//! Which stored answers a successful unsafe request makes invalid (RFC 9111 §4.4).

use crate::rescue::closure::resolve;
use crate::rescue::judge::AnswerHead;
use crate::rescue::passage::on_site;
use crate::rescue::plan::Watch;
use crate::rescue::request::Url;
use crate::rescue::settings::Settings;

/// The addresses whose entries are outdated: the address itself first, then those that the answer names in `Location`
/// and `Content-Location` where they are on the same host.
pub fn invalidated(watch: &Watch, answer: &AnswerHead, settings: &Settings) -> Vec<Url> {
    if watch.request.is_safe() || !(200..400).contains(&answer.status) {
        return vec![];
    }
    let answer = on_site(&watch.request, answer, settings);
    let mut urls = vec![watch.address.clone()];
    for name in ["location", "content-location"] {
        let named = answer.headers.value(name).and_then(|target| resolve(target, &watch.request.url));
        // RFC 9111 §4.4: only the same origin may, or any site could empty another's store.
        let same =
            named.filter(|url| url.host == watch.request.url.host && url.scheme == watch.request.url.scheme);
        urls.extend(same.filter(|url| !urls.contains(url)));
    }
    urls
}
