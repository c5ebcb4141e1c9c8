//! What a stored page needs beside itself: the same site's styles, scripts, fonts and images, so that a copy
//! does not render broken.
//!
//! Reads tags and nothing else; what only a script would load is not seen. Never leaves the page's own
//! origin, and never names an address of ours.

mod rounds;
mod tags;

use crate::rescue::OWN_PATH;
use crate::rescue::request::Url;
use tags::{Tag, tags};

pub use rounds::{LOOK, MISS, Round, Rounds};

/// More than these are not kept for one page.
pub const MOST: usize = 20;

/// How much a page needs a part: without styles it is unreadable, without an image it has a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A style sheet.
    Style,
    /// A script.
    Script,
    /// A font.
    Font,
    /// An image.
    Image,
}

/// The addresses that the page at `url` needs, most needed first, each once, at most `MOST`.
pub fn closure(url: &Url, html: &[u8]) -> Vec<(Need, String)> {
    let text = String::from_utf8_lossy(html);
    let mut base = url.clone();
    let mut based = false;
    let mut found: Vec<(Need, String)> = vec![];
    for tag in tags(&text) {
        if tag.name == "base" && !based {
            // The first base counts, and it too may lead to another site.
            based = true;
            match tag.value("href").and_then(|href| resolve(href, url)) {
                Some(other) => base = other,
                None if tag.value("href").is_some() => return found,
                None => {}
            }
            continue;
        }
        let Some((need, address)) = needed(&tag) else { continue };
        let Some(target) = resolve(address, &base) else { continue };
        let same =
            target.host == url.host && target.scheme == url.scheme && !target.path.starts_with(OWN_PATH);
        let text = target.text();
        if same && target != *url && !found.iter().any(|(_, known)| *known == text) {
            found.push((need, text));
        }
    }
    let of = |wanted: Need| found.iter().filter(move |(need, _)| *need == wanted).cloned();
    [Need::Style, Need::Script, Need::Font, Need::Image].into_iter().flat_map(of).take(MOST).collect()
}

fn needed<'a>(tag: &Tag<'a>) -> Option<(Need, &'a str)> {
    match tag.name.as_str() {
        "script" => Some((Need::Script, tag.value("src")?)),
        // What comes into view later may be missing in an emergency.
        "img" if tag.value("loading").is_none_or(|l| !l.eq_ignore_ascii_case("lazy")) => {
            Some((Need::Image, tag.value("src")?))
        }
        "link" => {
            let rel = tag.value("rel")?.to_ascii_lowercase();
            let rel: Vec<&str> = rel.split_ascii_whitespace().collect();
            let kind = tag.value("as").unwrap_or_default().to_ascii_lowercase();
            let need = if rel.contains(&"alternate") {
                return None;
            } else if rel.contains(&"stylesheet") {
                Need::Style
            } else if rel.contains(&"modulepreload") {
                Need::Script
            } else if rel.contains(&"icon") {
                Need::Image
            } else if rel.contains(&"preload") {
                match kind.as_str() {
                    "style" => Need::Style,
                    "script" => Need::Script,
                    "font" => Need::Font,
                    "image" => Need::Image,
                    _ => return None,
                }
            } else {
                return None;
            };
            Some((need, tag.value("href")?))
        }
        _ => None,
    }
}

/// An address as the page means it (RFC 3986 §5.2); `None` for other schemes and nonsense.
pub fn resolve(address: &str, base: &Url) -> Option<Url> {
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
