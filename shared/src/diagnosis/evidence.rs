//! From facts to evidence: everything that was seen as one text of lines, and which known pieces are in it.
//!
//! Header fields become lines, facts derived from structure become lines that start with a colon, the body
//! follows on one line of its own. Knows no gateway: which pieces matter is data.

use crate::diagnosis::index::{index, mark};
use crate::diagnosis::normal::append_normal;
use crate::diagnosis::tables::{Condition, OFFSETS, PIECE_WORDS, piece};
use crate::facts::{Exchange, View};

/// Bytes of one header's value that are looked at: product names stand in front.
const VALUE_LIMIT: usize = 300;
/// Header fields that are looked at.
const FIELD_LIMIT: usize = 128;
/// Bytes of the body that are looked at; [`Exchange::body`] holds no more.
const BODY_LIMIT: usize = 64 * 1024;
/// Bytes of a page's first words that are looked at.
const SAYS_LIMIT: usize = 200;
/// Milliseconds from which an answer counts as slow: a timer ran, not a refusal.
const SLOW_MS: u32 = 900;
/// Fields that say nothing about who wrote an answer.
const NOISE: &[&str] =
    &["connection", "keep-alive", "transfer-encoding", "date", "content-length", "alt-svc"];
/// Fields whose values are lists of words in any order.
const WORDY: &[&str] =
    &["via", "x-cache", "server", "content-type", "x-powered-by", "proxy-status", "cache-status"];

/// What was seen, ready to be asked.
pub struct Evidence {
    /// 0 where there was none.
    pub status: u16,
    found: [u64; PIECE_WORDS],
}

/// What sort of body there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Not delivered (or not due: HEAD).
    None,
    Empty,
    Html,
    Json,
    Text,
    Binary,
}

impl Evidence {
    /// Reads an exchange. Linear in its size, whatever the number of rows.
    pub fn of(exchange: &Exchange) -> Self {
        let mut body = Vec::new();
        let seen = exchange.body.as_deref().unwrap_or_default();
        append_normal(&mut body, seen.get(..BODY_LIMIT).unwrap_or(seen));
        let mut text = Vec::with_capacity(body.len().saturating_add(1024));
        text.push(b'\n');
        append_fields(&mut text, exchange);
        append_derived(&mut text, exchange, &body);
        text.extend_from_slice(&body);
        let mut found = [0; PIECE_WORDS];
        scan(&text, &mut found);
        Self { status: exchange.status.unwrap_or(0), found }
    }

    /// Whether the piece of that number was seen.
    pub fn has(&self, piece: u16) -> bool {
        let word = self.found.get(usize::from(piece >> 6)).copied().unwrap_or(0);
        word >> (piece & 63) & 1 == 1
    }

    /// Whether a condition holds.
    pub fn meets(&self, when: &Condition) -> bool {
        let within = |range: &[u16]| matches!(range, [from, to] if (*from..=*to).contains(&self.status));
        let status = when.status.is_empty() || when.status.chunks_exact(2).any(within);
        status
            && when.has.iter().all(|piece| self.has(*piece))
            && (when.any.is_empty() || when.any.iter().any(|piece| self.has(*piece)))
            && !when.not.iter().any(|piece| self.has(*piece))
    }

    /// The numbers of all pieces seen, ascending.
    pub fn seen(&self) -> impl Iterator<Item = u16> + '_ {
        self.found.iter().zip(0u16..).flat_map(|(word, at)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = u16::try_from(rest.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
                rest &= rest.wrapping_sub(1);
                Some((at << 6) | bit)
            })
        })
    }

    /// The pieces of a condition that were seen, in words for a reader.
    pub fn words(&self, when: &Condition) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        if self.status != 0 && !when.status.is_empty() {
            words.push(format!("status {}", self.status));
        }
        let seen = when.has.iter().chain(when.any).filter(|number| self.has(**number));
        words.extend(seen.map(|number| in_words(piece(*number))));
        words
    }
}

/// `\nserver: ngi` is a field, `\n:time: slow` was derived, the rest stood in the body.
fn in_words(piece: &str) -> String {
    match (piece.strip_prefix("\n:"), piece.strip_prefix('\n')) {
        (Some(fact), _) => fact.trim_end().to_owned(),
        (_, Some(field)) => ["header ", field.trim_end()].concat(),
        _ => ["body has \"", piece, "\""].concat(),
    }
}

fn line(text: &mut Vec<u8>, name: &str, mark: &str, value: &[u8]) {
    text.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    text.extend_from_slice(mark.as_bytes());
    append_normal(text, value.get(..VALUE_LIMIT).unwrap_or(value));
    text.push(b'\n');
}

fn append_fields(text: &mut Vec<u8>, exchange: &Exchange) {
    for (name, value) in exchange.headers.0.iter().take(FIELD_LIMIT) {
        // A newline inside a field's name or value cannot come from HTTP, and must not forge a line.
        if name.len() > 64 || name.contains(['\n', ':']) {
            continue;
        }
        line(text, name, ": ", value.as_bytes());
        if WORDY.iter().any(|wordy| name.eq_ignore_ascii_case(wordy)) {
            let value = value.get(..VALUE_LIMIT).unwrap_or(value);
            for word in value.split([' ', ',', ';', '/']).filter(|word| !word.is_empty()) {
                line(text, name, "~ ", word.as_bytes());
            }
        }
    }
}

fn append_derived(text: &mut Vec<u8>, exchange: &Exchange, body: &[u8]) {
    let mut fact = |name: &str, value: &str| {
        text.push(b':');
        line(text, name, ": ", value.as_bytes());
    };
    if let Some(reason) = &exchange.reason {
        fact("reason", reason);
    }
    let shape = shape(exchange, body);
    fact(
        "body",
        match shape {
            Shape::None => "none",
            Shape::Empty => "empty",
            Shape::Html => "html",
            Shape::Json => "json",
            Shape::Text => "text",
            Shape::Binary => "binary",
        },
    );
    if body.len() < 4096 && shape != Shape::None {
        fact("size", "small");
    }
    if body.len() <= 100 && matches!(shape, Shape::Text | Shape::Json) {
        fact("text", &String::from_utf8_lossy(body));
    }
    if exchange.status.is_some_and(|status| status < 400) && body.len() < 4096 && shape != Shape::None {
        fact("says", &String::from_utf8_lossy(&visible(body)));
    }
    fact(
        "view",
        match exchange.view {
            View::Wire => "wire",
            View::Edge => "edge",
            View::Browser => "browser",
        },
    );
    if tells_status(exchange.status.unwrap_or(0), body) {
        fact("page", "generic");
    }
    if let Some(elapsed) = exchange.elapsed_ms {
        fact("time", if elapsed >= SLOW_MS { "slow" } else { "fast" });
        if elapsed >= 5000 {
            fact("wait", "long");
        }
    }
    if let Some(protocol) = &exchange.protocol {
        fact("http", protocol);
    }
    if !exchange.method.is_empty() {
        fact("method", &exchange.method);
    }
    let names: Vec<String> =
        exchange.headers.0.iter().take(FIELD_LIMIT).map(|(n, _)| n.to_ascii_lowercase()).collect();
    if exchange.view == View::Wire && exchange.status.is_some() {
        fact("order", &names.join(","));
        if exchange.protocol.as_deref().is_some_and(|p| p.starts_with("HTTP/1")) {
            fact("case", case(exchange));
        }
    }
    if exchange.status.is_some() {
        let mut set: Vec<&str> = Vec::new();
        for name in names.iter().map(String::as_str).filter(|name| !NOISE.contains(name)) {
            // Inserting keeps a general sort, thrice the code of this whole function, out of wasm.
            if let Err(at) = set.binary_search(&name) {
                set.insert(at, name);
            }
        }
        fact("names", &format!("-{}", set.join(",")));
    }
    if let Some(error) = &exchange.transport_error {
        fact("te", &format!("{} {}", error.phase.as_str(), error.fault.as_str()));
        fact("te-fault", error.fault.as_str());
        fact("said", &error.text);
    }
}

/// `lower`, `raw` (all lower but a `Date` that the last server added: names were copied as they came), `mixed`.
fn case(exchange: &Exchange) -> &'static str {
    let upper = |name: &&str| name.contains(|c: char| c.is_ascii_uppercase());
    let mut raised = exchange.headers.0.iter().map(|(name, _)| name.as_str()).filter(upper);
    match (raised.next(), raised.next()) {
        (None, _) => "lower",
        (Some("Date"), None) => "raw",
        _ => "mixed",
    }
}

fn shape(exchange: &Exchange, body: &[u8]) -> Shape {
    // A body that nobody could read is known where its length was told.
    if exchange.body.is_none() && exchange.headers.value("content-length") == Some("0") {
        return Shape::Empty;
    }
    if exchange.body.is_none() || exchange.method.eq_ignore_ascii_case("HEAD") {
        return Shape::None;
    }
    match body {
        [] => Shape::Empty,
        [b'<', ..] => Shape::Html,
        [b'{' | b'[', ..] => Shape::Json,
        _ if body.iter().take(512).any(|byte| *byte < b' ') => Shape::Binary,
        _ if body.windows(2).take(2048).any(|pair| pair == b"</" || pair == b"<!") => Shape::Html,
        _ => Shape::Text,
    }
}

/// The first words that a page shows, markup left out: an error under a status of success says so at once,
/// while a page that is about errors begins with something else or goes on after it.
fn visible(body: &[u8]) -> Vec<u8> {
    let inside = body.windows(5).position(|part| part == b"<body").unwrap_or(0);
    let mut shown: Vec<u8> = Vec::new();
    let mut markup = false;
    for byte in body.get(inside..).unwrap_or_default() {
        match byte {
            b'<' => markup = true,
            b'>' => markup = false,
            _ if markup => continue,
            _ => {
                shown.push(*byte);
                continue;
            }
        }
        if shown.last().is_some_and(|last| *last != b' ') {
            shown.push(b' ');
        }
        if shown.len() > SAYS_LIMIT {
            break;
        }
    }
    shown.truncate(SAYS_LIMIT);
    shown
}

/// Whether a body says its own status in the words of the standard, as servers' built-in pages do.
fn tells_status(status: u16, body: &[u8]) -> bool {
    // RFC 9110 §15, and what older servers still write.
    let phrase = match status {
        400 => "bad request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not found",
        405 => "not allowed",
        408 => "time",
        413 | 414 => "too l",
        429 => "too many",
        431 => "header",
        500 => "server error",
        501 => "not implemented",
        502 => "gateway",
        503 => "unavailable",
        504 => "time",
        505 => "version",
        _ => return false,
    };
    let head = body.get(..2048).unwrap_or(body);
    has(head, phrase.as_bytes()) || has(head, status.to_string().as_bytes())
}

/// Whether `part` stands in `text`. Its first byte sifts: comparing everywhere would cost as much as the scan.
fn has(text: &[u8], part: &[u8]) -> bool {
    let first = part.first().copied();
    let starts = text.iter().enumerate().filter(|(_, byte)| Some(**byte) == first);
    starts.map(|(at, _)| text.get(at..).unwrap_or_default()).any(|rest| rest.starts_with(part))
}

/// One pass: four bytes at a time through a coarse filter, and a look at the piece only where it may be.
fn scan(text: &[u8], found: &mut [u64; PIECE_WORDS]) {
    let index = index();
    let mut gram: u32 = 0;
    for (at, byte) in text.iter().enumerate() {
        gram = (gram >> 8) | (u32::from(*byte) << 24);
        let mark = mark(gram);
        if !index.may(mark) || at < 3 {
            continue;
        }
        for number in index.pieces(mark) {
            let offset = OFFSETS.get(usize::from(number)).copied().unwrap_or(0);
            let start = at.saturating_sub(3).checked_sub(usize::from(offset));
            let rest = start.and_then(|start| text.get(start..)).unwrap_or_default();
            let sought = piece(number).as_bytes();
            let word = found.get_mut(usize::from(number >> 6));
            if let Some(word) = word.filter(|_| !sought.is_empty() && rest.starts_with(sought)) {
                *word |= 1 << (number & 63);
            }
        }
    }
}
