//! What an answer of the origin looks like on the site: our own fields stay here, and where the origin speaks
//! of its own host it means the site's.
//!
//! Fields that name an address name the site's; `addresses` knows where in a field the address stands. Addresses
//! inside bodies stay as they are: the origin is told the site's host (`X-Forwarded-Host`).
//! `Access-Control-Allow-Origin` stays as it is too: it names who may read, and a translation would let somebody else
//! read. So do policies such as `Content-Security-Policy`.

mod addresses;

use crate::rescue::fields::is_ours;
use crate::rescue::judge::AnswerHead;
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::respond::Edits;
use crate::rescue::settings::Settings;

/// What every answer of the origin needs, also one that is relayed bare.
pub fn passage(request: &RequestFacts, answer: &AnswerHead, settings: &Settings) -> Edits {
    let ours = answer.headers.0.iter().map(|(name, _)| name).filter(|name| is_ours(name));
    let mut edits =
        Edits { remove: ours.map(|name| name.to_ascii_lowercase()).collect(), ..Edits::default() };
    let Some(origin) = &settings.origin else { return edits };
    for name in addresses::named(&answer.headers) {
        let value = answer.headers.values(name).collect::<Vec<_>>().join(", ");
        let rewritten = addresses::moved(name, &value, |found| address(found, request, origin));
        edits.set.extend(rewritten.map(|value| (name.to_owned(), value)));
    }
    let cookies: Vec<&str> = answer.headers.values("set-cookie").collect();
    if cookies.iter().any(|cookie| for_site(cookie, request, origin).is_some()) {
        edits.remove.push("set-cookie".to_owned());
        for cookie in cookies {
            let own = for_site(cookie, request, origin).unwrap_or_else(|| cookie.to_owned());
            edits.append.push(("set-cookie".to_owned(), own));
        }
    }
    edits
}

/// The head as the site's visitors get it: what is stored, and what invalidates, is of the site.
pub fn on_site(request: &RequestFacts, answer: &AnswerHead, settings: &Settings) -> AnswerHead {
    AnswerHead { status: answer.status, headers: passage(request, answer, settings).apply(&answer.headers) }
}

/// An address of the origin as one of the site; `None` where it is as it should be.
fn address(location: &str, request: &RequestFacts, origin: &Url) -> Option<String> {
    let target = match location.strip_prefix("//") {
        // RFC 3986 §4.2: the scheme is the one of the request that it answers.
        Some(rest) => Url::parse(&format!("{}://{rest}", origin.scheme))?,
        None => Url::parse(location)?,
    };
    if target.host != origin.host || target.host == request.url.host {
        return None;
    }
    // Where the owner wrote `http` and the origin wants `https`, we would send the visitor round for ever.
    let other_scheme = target.scheme != origin.scheme;
    if other_scheme && target.path == request.url.path && target.query == request.url.query {
        return None;
    }
    let fragment = location.split_once('#').map(|(_, f)| format!("#{f}")).unwrap_or_default();
    let url = Url { scheme: request.url.scheme.clone(), host: request.url.host.clone(), ..target };
    Some(format!("{}{fragment}", url.text()))
}

/// A cookie for the origin's host as one for the site's, which the visitor's browser would refuse otherwise
/// (RFC 6265 §5.3); `None` where it is as it should be.
fn for_site(cookie: &str, request: &RequestFacts, origin: &Url) -> Option<String> {
    let site = name_of(&request.url.host);
    let mut changed = false;
    let mut parts = cookie.split(';');
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
        let moves = name.trim().eq_ignore_ascii_case("domain")
            && covers(&domain, name_of(&origin.host))
            && !covers(&domain, site);
        changed |= moves;
        match moves {
            true => written.extend(["; Domain=", site]),
            false => written.extend([";", part]),
        }
    }
    if changed { Some(written) } else { None }
}

/// The host without its port: cookies know none.
fn name_of(host: &str) -> &str {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
}

/// RFC 6265 §5.1.3.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !domain.is_empty()
}
