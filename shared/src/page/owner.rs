//! What of the owner's settings may stand on the page: text without control characters, links that lead
//! where they say, a readable colour, a small picture. What does not fit is left out, never repaired into
//! something else.

use super::model::Owner;

/// `text` on one line, without control characters (they steer terminals) and without characters that turn
/// the direction of what follows.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| shown(*c)).collect()
}

/// Whether a character may be shown at all: no controls but tab and line feed, no bidirectional overrides.
pub(super) fn shown(c: char) -> bool {
    matches!(c, '\t' | '\n')
        || !(c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
}

/// The style that carries the owner's colour.
pub(super) fn style(_owner: &Owner) -> Option<String> {
    None
}

/// Where a link to `path` stays on this site: it begins with one slash, and holds nothing that browsers drop
/// or read as a slash.
pub(super) fn own_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let odd = |c: char| c <= ' ' || c == '\\' || c == '\u{7f}';
    (!rest.starts_with('/') && !path.contains(odd)).then_some(path)
}

/// An `https:` or `http:` address.
pub(super) fn web_address(text: &str) -> Option<&str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    (!host.is_empty() && !host.starts_with('/') && !text.contains(|c: char| c <= ' ' || c == '\\'))
        .then_some(text)
}

/// What a contact links to: a web address, `tel:`, `mailto:`, or a bare e-mail address; `None` for words.
pub(super) fn contact_link(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    if let Some(address) = web_address(text) {
        return Some(address.to_owned());
    }
    let (scheme, address) = text.split_once(':').unwrap_or(("mailto", text));
    let fits = match scheme {
        "mailto" => {
            address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        }
        "tel" => !address.is_empty(),
        _ => false,
    };
    (fits && address.chars().all(plain)).then(|| format!("{scheme}:{address}"))
}
