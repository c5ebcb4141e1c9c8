//! The kind of part that an address and an answer name: by the path's ending, and by the media type.
//!
//! An address without a known ending may do something (`/logout`, `/unsubscribe`), so it is no part. The ending is
//! read strictly: what an origin could read in another way has none.

use crate::rescue::OWN_PATH;
use crate::rescue::closure::Need;
use crate::rescue::negotiate::media_type;

/// Endings, and what they name.
const ENDINGS: [(&str, Need); 18] = [
    ("css", Need::Style),
    ("js", Need::Script),
    ("mjs", Need::Script),
    ("woff2", Need::Font),
    ("woff", Need::Font),
    ("ttf", Need::Font),
    ("otf", Need::Font),
    ("eot", Need::Font),
    ("png", Need::Image),
    ("jpg", Need::Image),
    ("jpeg", Need::Image),
    ("gif", Need::Image),
    ("webp", Need::Image),
    ("avif", Need::Image),
    ("svg", Need::Image),
    ("ico", Need::Image),
    ("bmp", Need::Image),
    ("apng", Need::Image),
];

impl Need {
    /// What a path names by its ending; `None` where it names no part of a page, or is ours.
    pub fn of_path(path: &str) -> Option<Self> {
        let decoded = decoded(path)?;
        let own = OWN_PATH.trim_end_matches('/');
        if decoded.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own.as_bytes())) {
            return None;
        }
        let (_, file) = path.rsplit_once('/')?;
        let (name, ending) = file.rsplit_once('.').filter(|(name, _)| !name.is_empty())?;
        // Of a name of dots alone nobody knows what an origin makes of it.
        if name.ends_with('.') {
            return None;
        }
        ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending)).map(|(_, need)| *need)
    }

    /// Whether an answer with this `Content-Type` is such a part.
    pub fn is_media(self, content_type: Option<&str>) -> bool {
        let media = media_type(content_type.unwrap_or_default());
        match self {
            Self::Style => media == "text/css",
            Self::Script => media.ends_with("/javascript") || media.ends_with("/x-javascript"),
            Self::Font => {
                media.starts_with("font/")
                    || media.starts_with("application/font-")
                    || media.starts_with("application/x-font-")
                    || media == "application/vnd.ms-fontobject"
            }
            Self::Image => media.starts_with("image/"),
        }
    }

    /// `Sec-Fetch-Dest` and `Accept`, as a browser sends them for such a part.
    pub fn browser_fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Style => ("style", "text/css,*/*;q=0.1"),
            Self::Script => ("script", "*/*"),
            Self::Font => ("font", "*/*"),
            Self::Image => ("image", "image/avif,image/webp,image/*,*/*;q=0.8"),
        }
    }
}

/// The path's bytes without percent-encoding; `None` where another reader could find other segments, another ending or
/// a parameter in it.
fn decoded(path: &str) -> Option<Vec<u8>> {
    let odd = |byte: u8| byte.is_ascii_control() || matches!(byte, b';' | b'\\' | b'?' | b'#' | b'%');
    let mut found = vec![];
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let plain = if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|d| u8::try_from(d).ok());
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            Some(high.wrapping_shl(4) | low).filter(|byte| !matches!(byte, b'/' | b'.'))?
        } else {
            byte
        };
        if odd(plain) || (plain == b'/' && found.last() == Some(&b'/')) {
            return None;
        }
        found.push(plain);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_read_strictly() {
        for (path, need) in [
            ("/a.css", Some(Need::Style)),
            ("/a/b.min.JS", Some(Need::Script)),
            ("/f.woff2", Some(Need::Font)),
            ("/a%20b.png", Some(Need::Image)),
            ("/%C3%A9t%C3%A9.jpg", Some(Need::Image)),
            ("/b%61cksoon/x.css", Some(Need::Style)),
        ] {
            assert_eq!(Need::of_path(path), need, "{path}");
        }
        for path in [
            "/logout",
            "/",
            "/internal/report",
            "/report.html",
            "/api.json",
            "/.css",
            "/a..css",
            "/a.css.",
            "/a.css/",
            "/a%2ecss",
            "/logout%2Fa.css",
            "/logout%252Fa.css",
            "/logout%3Ba.css",
            "/logout;a.css",
            "/logout;/a.css",
            "/logout%00.css",
            "/logout%0a.css",
            "/logout%3F.css",
            "/logout%5Ca.css",
            "/logout//a.css",
            "/a%2.css",
            "/a%zz.css",
            "/.well-known/backsoon/a.css",
            "/.well-known/backsoon/copy-page/a.css",
            "/.WELL-known/b%61cksoon/a.css",
            "/%2ewell-known/backsoon/a.css",
        ] {
            assert_eq!(Need::of_path(path), None, "{path}");
        }
    }
}
