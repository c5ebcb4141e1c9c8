//! Whether a stored variant helps another client in an outage, although it is not exactly that client's.
//!
//! Only for fields by which servers choose a representation, never for fields that identify. The kind of the client is
//! part of the key, so a page for browsers is compared with the request of a browser.

use crate::cache::vary::{self, Selecting};
use crate::facts::Headers;
use crate::rescue::negotiate::media_type;

/// Whether a stored answer may stand in for this request when the origin fails.
pub fn fits_in_outage(selecting: &Selecting, stored: &Headers, request: &Headers) -> bool {
    if vary::fits(selecting, stored, request) {
        return true;
    }
    let near = |name: &str, value: Option<&str>| match name {
        "accept" => is_accepted(stored, request),
        "accept-language" => both(value.and_then(language), request.value(name).and_then(language)),
        "user-agent" => both(value.map(form_factor), request.value(name).map(form_factor)),
        "sec-ch-ua" | "sec-ch-ua-platform" | "sec-ch-ua-full-version-list" | "dnt" | "sec-gpc" => true,
        _ => false,
    };
    // Every field fits as it is, or is of a kind by which a near variant helps.
    let alone = |name: &String, value: &Option<String>| {
        let only = vec![(name.clone(), value.clone())];
        vary::fits(&only, stored, request) || near(name, value.as_deref())
    };
    vary::is_for_site(stored, request) && selecting.iter().all(|(name, value)| alone(name, value))
}

/// Whether the request accepts the stored media type by name. A wildcard is no proof that an image format is known.
fn is_accepted(stored: &Headers, request: &Headers) -> bool {
    let kind = media_type(stored.value("content-type").unwrap_or_default());
    let universal =
        ["text/html", "text/css", "text/javascript", "application/javascript", "application/json"];
    let known = universal.contains(&kind.as_str())
        || matches!(kind.as_str(), "image/png" | "image/jpeg" | "image/gif");
    let accepts = vary::weighted(request, "accept");
    let named = accepts.iter().any(|(range, weight)| *weight > 0 && range.eq_ignore_ascii_case(&kind));
    let any = accepts.iter().any(|(range, weight)| *weight > 0 && range == "*/*");
    !kind.is_empty() && (named || (known && any))
}

/// Both are known and equal.
fn both<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_some() && a == b
}

/// The one language that is liked best, without its region; `None` where several are.
fn language(value: &str) -> Option<String> {
    let named = Headers(vec![("accept-language".to_owned(), value.to_owned())]);
    let weights = vary::weighted(&named, "accept-language");
    let most = weights.iter().map(|(_, weight)| *weight).max().filter(|most| *most > 0)?;
    let mut best = weights.iter().filter(|(_, weight)| *weight == most);
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let first = primary(&best.next()?.0);
    let alone = first != "*" && best.all(|(other, _)| primary(other) == first);
    alone.then_some(first)
}

/// Servers that look at the browser's name mostly tell phones from other devices.
fn form_factor(agent: &str) -> (bool, bool) {
    let agent = agent.to_ascii_lowercase();
    let tablet = agent.contains("tablet") || agent.contains("ipad");
    (agent.contains("mobi") || agent.contains("android"), tablet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fields: &[(&str, &str)]) -> Headers {
        Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn helps(vary: &str, stored: &[(&str, &str)], then: &[(&str, &str)], now: &[(&str, &str)]) -> bool {
        let head = fields(&[&[("vary", vary)], stored].concat());
        fits_in_outage(&vary::selecting(&head, &fields(then)), &head, &fields(now))
    }

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
    const PHONE: &str =
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36";

    #[test]
    fn a_copy_made_by_one_browser_helps_another() {
        let html = [("content-type", "text/html")];
        let agent = |name| [("user-agent", name)];
        assert!(helps("User-Agent", &html, &agent(CHROME), &agent(FIREFOX)));
        assert!(!helps("User-Agent", &html, &agent(CHROME), &agent(PHONE)), "a phone gets other pages");
        assert!(!helps("User-Agent", &html, &agent(CHROME), &[]));
        let accept = |value| [("accept", value)];
        assert!(helps(
            "Accept",
            &html,
            &accept("text/html,image/avif,*/*;q=0.8"),
            &accept("text/html,*/*;q=0.8")
        ));
        let avif = [("content-type", "image/avif")];
        assert!(!helps("Accept", &avif, &accept("image/avif,*/*"), &accept("image/webp,*/*")));
        let language = |value| [("accept-language", value)];
        assert!(helps("Accept-Language", &html, &language("en-US,en;q=0.9"), &language("en-GB,en;q=0.7")));
        assert!(!helps("Accept-Language", &html, &language("en-US,de"), &language("de-DE,en")));
    }

    #[test]
    fn what_identifies_is_never_near() {
        let html = [("content-type", "text/html")];
        for name in ["cookie", "x-tenant", "authorization", "origin", "sec-ch-ua-mobile"] {
            assert!(!helps(name, &html, &[(name, "a")], &[(name, "b")]), "{name}");
            assert!(!helps(name, &html, &[(name, "a")], &[]), "{name} against none");
        }
        let both = |agent, tenant| [("user-agent", agent), ("x-tenant", tenant)];
        assert!(!helps("User-Agent, X-Tenant", &html, &both(CHROME, "a"), &both(FIREFOX, "b")));
        assert!(helps("User-Agent, X-Tenant", &html, &both(CHROME, "a"), &both(FIREFOX, "a")));
    }
}
