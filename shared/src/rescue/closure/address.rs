//! Resolves an address that stands in a page (RFC 3986 §5.2). Linear in the lengths of the address and its base.

use crate::rescue::request::Url;
use crate::steps::took;

/// An address as the page means it; `None` for other schemes and nonsense.
pub fn resolve(address: &str, base: &Url) -> Option<Url> {
    took(address.len().saturating_add(base.path.len()));
    let address = address.trim().split('#').next().unwrap_or_default();
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c);
    if address.contains(bad) {
        return None;
    }
    let scheme = address.split(['/', '?']).next().unwrap_or_default();
    if address.starts_with("//") {
        return Url::parse(&format!("{}:{address}", base.scheme)).map(tidy);
    }
    if scheme.contains(':') {
        return Url::parse(address).map(tidy);
    }
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (address, None),
    };
    let path = if path.is_empty() {
        let query = query.or_else(|| base.query.clone());
        return Some(Url { query, ..base.clone() });
    } else if path.starts_with('/') {
        path.to_owned()
    } else {
        let folder = base.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{path}")
    };
    Some(tidy(Url { path, query, ..base.clone() }))
}

/// Without `.` and `..` (RFC 3986 §5.2.4).
fn tidy(url: Url) -> Url {
    let mut kept: Vec<&str> = vec![];
    let mut parts = url.path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        took(part.len().saturating_add(1));
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if parts.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(part),
        }
    }
    let path = format!("/{}", kept.join("/"));
    Url { path, ..url }
}
