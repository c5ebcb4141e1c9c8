//! Whether a CDN's edge has an address of its own, by which it answers without the site behind it.
//!
//! Knows where to ask and how an answer of the edge looks; whoever asks is elsewhere. An address counts only where
//! the answer itself bears the CDN's mark: a name in a page proves no edge.

use crate::facts::Headers;

/// The path at which the edge that passed this answer on speaks for itself; `None` where it has none.
///
/// Cloudflare alone answers on every site's own host (`/cdn-cgi/trace`); it marks what it passes on by `CF-RAY`.
pub fn own_path(headers: &Headers) -> Option<&'static str> {
    headers.has("cf-ray").then_some("/cdn-cgi/trace")
}

/// Whether `text` is what the edge says of itself, about this host (without its port): lines of `name=value`
/// that name the host asked for, the machine and the place. A site that answers every path says something else.
pub fn is_own_answer(text: &str, host: &str) -> bool {
    let value = |name: &str| text.lines().filter_map(|l| l.split_once('=')).find(|(n, _)| *n == name);
    let names_host = value("h").is_some_and(|(_, v)| v.split(':').next() == Some(host));
    let filled = |name: &str| value(name).is_some_and(|(_, v)| !v.trim().is_empty());
    names_host && filled("fl") && filled("colo")
}

#[cfg(test)]
mod tests {
    use super::{is_own_answer, own_path};
    use crate::facts::Headers;

    const TRACE: &str =
        "fl=123f45\nh=shop.test\nip=192.0.2.7\nts=1795367045.123\nvisit_scheme=https\ncolo=FRA\n";

    #[test]
    fn only_a_marked_answer_has_an_address_to_ask() {
        let marked: Headers = [("CF-RAY", "8c1d2e3f4a5b6c7d-FRA")].into_iter().collect();
        assert_eq!(own_path(&marked), Some("/cdn-cgi/trace"));
        let named: Headers = [("Server", "cloudflare")].into_iter().collect();
        assert_eq!(own_path(&named), None);
    }

    #[test]
    fn only_the_edge_itself_says_so() {
        assert!(is_own_answer(TRACE, "shop.test"));
        assert!(!is_own_answer(TRACE, "other.test"));
        assert!(!is_own_answer("<!doctype html><title>Shop</title>", "shop.test"));
        assert!(!is_own_answer("h=shop.test\nfl=1\ncolo=\n", "shop.test"));
        assert!(!is_own_answer("", "shop.test"));
    }
}
