//! What a stored page needs beside itself: the same site's styles, scripts, fonts and images, so that a copy
//! does not render broken.
//!
//! Reads tags and nothing else; what only a script would load is not seen. Never leaves the page's own
//! origin, and never names an address of ours.

mod address;
mod asked;
mod ending;
mod rounds;
#[cfg(test)]
mod steps;
mod tags;

use crate::rescue::OWN_PATH;
use crate::rescue::request::Url;
use crate::steps::took;
use tags::{Tag, tags};

pub use address::resolve;
pub use asked::{Asked, Known};
pub use rounds::{LOOK, MISS, Round, Rounds};

/// More than these are not kept for one page.
pub const MOST: usize = 20;
/// More tags of one page are not looked at.
const MOST_TAGS: usize = 10_000;
/// More addresses of one need are not looked at.
const MOST_LOOKED: usize = 200;
/// Longer addresses are not looked at: each is put together with its base.
const MOST_ADDRESS: usize = 1024;
/// More relations of one link are not looked at.
const MOST_RELATIONS: usize = 16;

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
    let mut found = [Need::Style, Need::Script, Need::Font, Need::Image].map(Found::of);
    if too_long(url) {
        return vec![];
    }
    for tag in tags(&text).take(MOST_TAGS) {
        if tag.name == "base" && !based {
            // The first base counts, and it too may lead to another site.
            based = true;
            match tag.value("href").and_then(|href| resolve(href, url)) {
                Some(other) if !too_long(&other) => base = other,
                None if tag.value("href").is_none() => {}
                _ => break,
            }
            continue;
        }
        let Some((need, address)) = needed(&tag) else { continue };
        let room = found.iter_mut().find(|found| found.need == need).is_some_and(Found::looks);
        if !room || address.len() > MOST_ADDRESS {
            continue;
        }
        let Some(target) = resolve(address, &base) else { continue };
        let same =
            target.host == url.host && target.scheme == url.scheme && !target.path.starts_with(OWN_PATH);
        let text = target.text();
        if let Some(found) = found.iter_mut().find(|found| found.need == need)
            && same
            && target != *url
        {
            took(found.addresses.len());
            if !found.addresses.contains(&text) {
                found.addresses.push(text);
            }
        }
    }
    let mut needed: Vec<(Need, String)> = vec![];
    for (need, address) in found.into_iter().flat_map(Found::all) {
        // What is named as several things is the most needed of them, wherever it stands.
        if needed.len() < MOST && !needed.iter().any(|(_, known)| *known == address) {
            needed.push((need, address));
        }
    }
    needed
}

/// What was found of one need. No more is looked at than could be kept, and no page is read for ever.
struct Found {
    need: Need,
    addresses: Vec<String>,
    looked: usize,
}

impl Found {
    fn of(need: Need) -> Self {
        Self { need, addresses: vec![], looked: 0 }
    }

    fn all(self) -> impl Iterator<Item = (Need, String)> {
        let need = self.need;
        self.addresses.into_iter().map(move |address| (need, address))
    }

    /// Whether one more address is looked at.
    fn looks(&mut self) -> bool {
        self.looked = self.looked.saturating_add(1);
        self.addresses.len() < MOST && self.looked <= MOST_LOOKED
    }
}

fn too_long(url: &Url) -> bool {
    url.path.len().saturating_add(url.query_parts().1.len()) > MOST_ADDRESS
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
            let rel: Vec<&str> = rel.split_ascii_whitespace().take(MOST_RELATIONS).collect();
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
