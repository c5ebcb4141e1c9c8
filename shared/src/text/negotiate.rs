//! `Accept-Language` into the language that a visitor gets. Total: whoever asks for nothing that we have
//! gets English.

use super::Lang;
use crate::steps::took;

/// More of the field is not read.
const MOST_BYTES: usize = 1024;

/// Tags that browsers send for a language that we list under another: old codes, and the nearest sister.
const ALIASES: &[(&str, &str)] = &[
    ("fil", "tl"),
    ("in", "id"),
    ("iw", "he"),
    ("ji", "yi"),
    ("mo", "ro"),
    ("nn", "nb"),
    ("no", "nb"),
    ("pt", "pt-BR"),
    ("tl", "fil"),
    ("zh", "zh-Hans"),
    ("zh-hk", "zh-Hant"),
    ("zh-mo", "zh-Hant"),
    ("zh-tw", "zh-Hant"),
];

/// The first language among those with the highest weight that we have texts in.
///
/// RFC 9110 §12.5.4 (weights) and RFC 4647 §3.4 (lookup: a range is shortened from its end until it fits).
/// `*` and everything that is not a language range ask for nothing. At most 32 ranges and 1 KB are read.
pub fn negotiate(accept_language: &str) -> Lang {
    let mut best: Option<(u16, Lang)> = None;
    for range in start(accept_language).split(',').take(32) {
        took(range.len());
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1000), thousandths);
        let (Some(weight), Some(lang)) = (weight, lookup(tag)) else { continue };
        if weight > 0 && best.is_none_or(|(highest, _)| weight > highest) {
            best = Some((weight, lang));
        }
    }
    best.map_or(Lang::ENGLISH, |(_, lang)| lang)
}

/// As much of the field as is read.
fn start(field: &str) -> &str {
    let end = (0..=MOST_BYTES.min(field.len())).rev().find(|at| field.is_char_boundary(*at));
    end.and_then(|end| field.get(..end)).unwrap_or_default()
}

fn lookup(tag: &str) -> Option<Lang> {
    let mut range = tag;
    loop {
        took(ALIASES.len());
        let alias = ALIASES.iter().find(|(from, _)| from.eq_ignore_ascii_case(range));
        if let Some(lang) = Lang::from_tag(range).or_else(|| alias.and_then(|(_, to)| Lang::from_tag(to))) {
            return Some(lang);
        }
        range = range.rsplit_once('-')?.0;
    }
}

/// A weight as thousandths: `0.8` is 800. `None` for what RFC 9110 §12.4.2 does not allow.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" if fraction.bytes().all(|b| b == b'0') => Some(1000),
        "0" => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}
