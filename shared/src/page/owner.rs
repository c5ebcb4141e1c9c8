//! What of the owner's settings may stand on the page: text without control characters, links that lead
//! where they say, a readable colour, a small picture. What does not fit is left out, never repaired into
//! something else; `check` says which of them do not fit, and why.

use super::OWNER_STYLE;
use super::colour::{self, Rgb};
use super::model::Owner;

/// The longest `data:` address of a logo, in bytes.
pub const LOGO_LIMIT: usize = 8_192;

/// Why a setting is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The colour is not `#rgb` or `#rrggbb`.
    Colour,
    /// The logo is not `data:image/png;base64,` (or `gif`, `jpeg`, `svg+xml`, `webp`) with base64 after it.
    LogoForm,
    /// The logo's content is not the kind of picture that it says.
    LogoKind,
    /// The logo is longer than [`LOGO_LIMIT`].
    LogoSize,
    /// The status page is not an `https:` or `http:` address.
    StatusPage,
}

impl Unfit {
    /// What was expected, for the owner.
    pub fn as_str(self) -> &'static str {
        match self {
            Unfit::Colour => "expected a colour as #rgb or #rrggbb",
            Unfit::LogoForm => "expected data:image/png;base64,... (or gif, jpeg, svg+xml, webp)",
            Unfit::LogoKind => "expected a picture of the kind that its address names",
            Unfit::LogoSize => "expected a logo of at most 8192 bytes as a data: address",
            Unfit::StatusPage => "expected an address that begins with https:// or http://",
        }
    }
}

/// The settings that would be left out, by name; empty where all fit.
pub fn check(owner: &Owner) -> Vec<(&'static str, Unfit)> {
    let colour =
        owner.colour.as_deref().filter(|c| Rgb::parse(c).is_none()).map(|_| ("colour", Unfit::Colour));
    let logo = owner.logo.as_deref().and_then(|logo| picture(logo).err()).map(|unfit| ("logo", unfit));
    let page = owner.status_page.as_deref().filter(|p| web_address(p).is_none());
    [colour, logo, page.map(|_| ("status_page", Unfit::StatusPage))].into_iter().flatten().collect()
}

/// `text` on one line, without control characters (they steer terminals) and without characters that turn
/// the direction of what follows.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| shown(*c)).collect()
}

/// Whether a character may be shown at all: no controls but tab and line feed, none that turns direction.
pub(super) fn shown(c: char) -> bool {
    match c {
        '\t' | '\n' => true,
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control() && c != '\u{feff}',
    }
}

/// A style of ours that holds nothing foreign but hexadecimal digits.
pub(super) struct Style(String);

impl Style {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the owner's name, logo, message and colour need; the colour in place of ours, as readable in light as
/// in dark.
pub(super) fn style(owner: &Owner) -> Option<Style> {
    let colour = owner.colour.as_deref().and_then(Rgb::parse).map(|colour| {
        let accent = |card: Rgb| {
            let accent = colour.readable_on(card);
            format!(":root{{--a:{accent};--b:{}}}", accent.ink())
        };
        let (light, dark) = (accent(colour::CARD_LIGHT), accent(colour::CARD_DARK));
        format!("{light}@media screen and (prefers-color-scheme:dark){{{dark}}}")
    });
    let shown = owner.name.is_some() || owner.logo.is_some() || owner.message.is_some();
    let base = if shown { OWNER_STYLE } else { "" };
    (shown || colour.is_some()).then(|| Style([base, &colour.unwrap_or_default()].concat()))
}

/// The logo's address, if it may stand there.
pub(super) fn logo(address: &str) -> Option<&str> {
    picture(address).is_ok().then_some(address)
}

/// Kinds of pictures, and how the base64 of their first bytes begins.
const PICTURES: &[(&str, &[&str])] = &[
    ("png", &["iVBORw0KGgo"]),
    ("gif", &["R0lGOD"]),
    ("jpeg", &["/9j/"]),
    ("webp", &["UklGR"]),
    // "<svg", "<?xml": inside an img element an SVG runs no script and loads nothing.
    ("svg+xml", &["PHN2Z", "PD94b"]),
];

fn picture(address: &str) -> Result<(), Unfit> {
    if address.len() > LOGO_LIMIT {
        return Err(Unfit::LogoSize);
    }
    let (kind, content) =
        address.strip_prefix("data:image/").and_then(|r| r.split_once(";base64,")).ok_or(Unfit::LogoForm)?;
    let (_, starts) = PICTURES.iter().find(|(name, _)| *name == kind).ok_or(Unfit::LogoForm)?;
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    if !content.chars().all(base64) {
        return Err(Unfit::LogoForm);
    }
    if starts.iter().any(|start| content.starts_with(start)) { Ok(()) } else { Err(Unfit::LogoKind) }
}

/// The path, where a link to it stays on this site: it begins with one slash, and holds nothing that
/// browsers drop or read as a slash.
pub fn own_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    (!rest.starts_with('/') && !path.contains(odd)).then_some(path)
}

/// An `https:` or `http:` address.
pub(super) fn web_address(text: &str) -> Option<&str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    (host.starts_with(|c: char| c.is_alphanumeric()) && !text.contains(odd)).then_some(text)
}

fn odd(c: char) -> bool {
    c <= ' ' || c == '\\' || !shown(c)
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
