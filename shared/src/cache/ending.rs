//! Detects web cache deception: an address ends like a file of another type than the answer has.
//!
//! Somebody is led to `/account/a.css`, the origin answers with the account, and a cache keeps it
//! as the style that the ending names. What an ending names is asked of the address as an origin may read it.

use crate::facts::Headers;
use crate::rescue::negotiate::media_type;

/// What the ending of an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Html,
    Json,
    Css,
    Script,
    Xml,
    Text,
    Image,
    Font,
    /// Sound and film.
    Media,
    /// Any other file.
    File,
}

const ENDINGS: [(Named, &[&str]); 10] = [
    (Named::Html, &["htm", "html", "xhtml"]),
    (Named::Json, &["geojson", "json", "jsonld", "map", "webmanifest"]),
    (Named::Css, &["css"]),
    (Named::Script, &["cjs", "ejs", "js", "mjs"]),
    (Named::Xml, &["atom", "rss", "xml", "xsl"]),
    (Named::Text, &["csv", "md", "txt", "vtt"]),
    (
        Named::Image,
        &[
            "avif", "bmp", "gif", "ico", "jfif", "jpeg", "jpg", "jxl", "pict", "png", "svg", "svgz", "tif",
            "tiff", "webp",
        ],
    ),
    (Named::Font, &["eot", "otf", "ttf", "woff", "woff2"]),
    (
        Named::Media,
        &[
            "aac", "avi", "flac", "m3u8", "m4a", "m4v", "mid", "midi", "mkv", "mov", "mp3", "mp4", "mpd",
            "ogg", "opus", "ts", "wav", "webm",
        ],
    ),
    (
        Named::File,
        &[
            "7z", "apk", "bin", "bz2", "class", "dmg", "doc", "docx", "eps", "exe", "gz", "iso", "jar",
            "pdf", "pls", "ppt", "pptx", "ps", "rar", "swf", "tar", "wasm", "xls", "xlsx", "zip", "zst",
        ],
    ),
];

/// Whether an answer to somebody who is known must not be kept, whatever it says: the address has a `;parameter` or
/// another delimiter in disguise, or the answer is not of the type that the ending names.
pub fn deceives(path: &str, answer: &Headers) -> bool {
    let path = decoded(path);
    let disguised = |c: char| matches!(c, ';' | '?' | '#' | '\\') || c.is_control();
    path.contains(disguised) || ending(&path).is_some_and(|named| !is_of(named, &type_of(answer)))
}

/// Whether the answer is a page where the address ends like a part of one: nobody takes it as fresh.
pub fn is_page_for_a_part(path: &str, answer: &Headers) -> bool {
    let media = type_of(answer);
    let part = [Named::Css, Named::Script, Named::Image, Named::Font];
    is_of(Named::Html, &media)
        && path.contains(['.', '%'])
        && ending(&decoded(path)).is_some_and(|named| part.contains(&named))
}

fn type_of(answer: &Headers) -> String {
    media_type(answer.value("content-type").unwrap_or_default())
}

/// The path with its escapes undone twice: some origins do it again after their front.
fn decoded(path: &str) -> String {
    let once = unescaped(path);
    if once.contains('%') { unescaped(&once) } else { once }
}

fn unescaped(path: &str) -> String {
    let mut parts = path.split('%');
    let mut out: Vec<u8> = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend(part.bytes().skip(2));
            }
            None => {
                out.push(b'%');
                out.extend(part.bytes());
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What the last name in a decoded path ends with, also before slashes, dots and blanks that some origins drop, and
/// before a parameter.
fn ending(path: &str) -> Option<Named> {
    let of = |text: &str| {
        let text = text.trim_end_matches(|c: char| matches!(c, '/' | '.' | ' ' | '\\') || c.is_control());
        let (_, end) = text.rsplit_once(['/', '\\']).unwrap_or(("", text)).1.rsplit_once('.')?;
        let is = |known: &&str| known.eq_ignore_ascii_case(end);
        ENDINGS.iter().find(|(_, ends)| ends.iter().any(is)).map(|(named, _)| *named)
    };
    of(path).or_else(|| of(path.split(';').next().unwrap_or_default()))
}

fn is_of(named: Named, media: &str) -> bool {
    let of = |tree: &str| media.starts_with(tree);
    let html = media == "text/html" || media == "application/xhtml+xml";
    match named {
        Named::Html => html,
        Named::Json => media.ends_with("json"),
        Named::Css => media == "text/css",
        Named::Script => media.ends_with("javascript") || media.ends_with("ecmascript"),
        Named::Xml => !html && (media.ends_with("/xml") || media.ends_with("+xml")),
        Named::Text => of("text/") && !html,
        Named::Image => of("image/"),
        Named::Font => {
            of("font/") || of("application/font") || of("application/x-font") || of("application/vnd.ms-font")
        }
        Named::Media => {
            of("audio/") || of("video/") || media.ends_with("mpegurl") || media == "application/dash+xml"
        }
        // Whatever it is, it is no page, no data and no text.
        Named::File => of("application/") && !html && !media.ends_with("json") && !media.ends_with("xml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(path: &str, media: &str) -> bool {
        !deceives(path, &[("content-type", media)].into_iter().collect())
    }

    #[test]
    fn an_ending_in_any_disguise_names_its_type() {
        for path in [
            "/account/a.css",
            "/account/a.CSS",
            "/account%2Fa.css",
            "/account%2fa%2Ecss",
            "/account%252Fa.css",
            "/account/a%2Ecss",
            "/account/a.css/",
            "/account/a.css.",
            "/account/a.css%20",
            "/account/a.css%2E%2e",
            "/account;a.css",
            "/account%3Ba.css",
            "/account%253ba.css",
            "/account/a.css;v=1",
            "/account%3Fa.css",
            "/account%23a.css",
            "/account%0Aa.css",
            "/account%00.css",
            "/account%5Ca.css",
            "/account;",
            "/a/;/b",
            "/x.png",
            "/x.woff2",
            "/x.json",
            "/x.js",
            "/x.pdf",
            "/x.mp4",
            "/x.xml",
            "/x.txt",
            "/x.csv",
        ] {
            assert!(!kept(path, "text/html; charset=utf-8"), "{path}");
            assert!(!kept(path, ""), "{path}");
        }
    }

    #[test]
    fn what_is_of_its_own_kind_is_no_deception() {
        for (path, media) in [
            ("/", "text/html"),
            ("/account", "text/html"),
            ("/a.html", "Text/HTML"),
            ("/a.htm", "text/html"),
            ("/a.json", "application/json"),
            ("/a.json", "application/ld+json"),
            ("/a.js", "text/javascript"),
            ("/a.mjs", "application/javascript"),
            ("/a.css", "text/css; charset=utf-8"),
            ("/a.PNG", "image/webp"),
            ("/a.svg", "image/svg+xml"),
            ("/a.woff2", "font/woff2"),
            ("/v1.2/list", "application/json"),
            ("/user.name", "text/html"),
            ("/index.php", "text/html"),
            ("/%E2%82%AC", "text/html"),
            ("/100%", "text/html"),
            ("/a.pdf", "application/pdf"),
            ("/feed.xml", "application/rss+xml"),
            ("/a.mp4", "video/mp4"),
        ] {
            assert!(kept(path, media), "{path} {media}");
        }
        assert!(!kept("/a.html", "application/json"));
        assert!(!kept("/a.json", "text/html"));
        assert!(!kept("/a.pdf", "application/json"));
    }

    #[test]
    fn a_page_under_a_part() {
        let page: Headers = [("content-type", "text/html")].into_iter().collect();
        for path in ["/a.js", "/a%2Ecss", "/wiki/File:a.jpg", "/a.woff2/", "/a.js;v=1"] {
            assert!(is_page_for_a_part(path, &page), "{path}");
        }
        for path in ["/a.html", "/a", "/a.pdf", "/js", "/a.js/b"] {
            assert!(!is_page_for_a_part(path, &page), "{path}");
        }
        let style: Headers = [("content-type", "text/css")].into_iter().collect();
        assert!(!is_page_for_a_part("/a.css", &style));
    }
}
