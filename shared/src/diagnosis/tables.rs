//! The knowledge as const tables: the types, how a row is read, and what the build script wrote.
//!
//! Decides nothing. A row says what must have been seen for it to hold and what then follows. Rows are
//! numbers in one list (see `build/knowledge/rows.rs`): pointers would cost thrice the bytes in wasm.

use crate::verdict::{AtFault, Transient};

/// What has to be seen: pieces by number, statuses as pairs of from and to, none meaning any.
#[derive(Clone, Copy)]
pub struct Condition {
    pub has: &'static [u16],
    pub any: &'static [u16],
    pub not: &'static [u16],
    pub status: &'static [u16],
}

/// What sort of thing a gateway is; decides which defaults hold for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Server,
    Cdn,
    Platform,
    Proxy,
    Firewall,
    Framework,
    App,
    None,
}

/// One gateway; of its signs and of its failures the place of the first and how many.
pub struct GatewayRow {
    pub id: &'static str,
    pub kind: Kind,
    /// Words after which it says its version.
    pub version: &'static [&'static str],
    pub signs: (u16, u16),
    pub failures: (u16, u16),
}

/// One sign of who made an answer (`maker`) or passed it on.
#[derive(Clone, Copy)]
pub struct SignRow {
    pub gateway: u16,
    pub maker: bool,
    /// 1 to 99: 90 a page of its own, 70 a header of its own errors, 50 a shape, 30 a name anybody can write.
    pub weight: u16,
    /// No capture contradicts it.
    pub certain: bool,
    pub when: Condition,
}

/// What broke, where a condition holds.
#[derive(Clone, Copy)]
pub struct FailureRow {
    pub when: Condition,
    /// Numbers into [`LAYERS`].
    pub layers: &'static [u16],
    /// Numbers into [`CAUSES`].
    pub causes: &'static [u16],
    /// The answer itself says so.
    pub sure: bool,
}

/// One cause.
pub struct CauseRow {
    pub id: &'static str,
    pub error: Option<&'static str>,
    /// Number into [`STORIES`].
    pub story: u16,
    /// It shows the moment it happens, and explains no long wait.
    pub instant: bool,
}

/// Whose time limit a row is.
#[derive(Clone, Copy)]
pub enum Whose {
    /// Of the gateway of that number, where it made the answer.
    Maker(u16),
    /// Of the application server of that number, where a gateway answers for it.
    Behind(u16),
    /// Of the system that a gateway runs on.
    System,
    /// Of many gateways.
    Many,
}

/// A time limit as its product comes, or as most set it.
#[derive(Clone, Copy)]
pub struct LimitRow {
    pub whose: Whose,
    /// Tenths of a second, tries included.
    pub tenths: u16,
    /// No default: what most set.
    pub usual: bool,
    /// The wait for a connection, not for an answer.
    pub connect: bool,
    /// What the answer is where it was met; 0 where the connection is closed without one.
    pub status: &'static [u16],
    /// Numbers into [`CAUSES`].
    pub causes: &'static [u16],
}

/// What a visitor is told about a group of causes.
pub struct StoryRow {
    pub id: &'static str,
    pub sentence: &'static str,
    pub transient: Transient,
    pub fault: AtFault,
    pub helps: &'static [AdviceRow],
    pub not_helpful: &'static [AdviceRow],
}

/// One remedy with its reason.
#[derive(Clone, Copy)]
pub struct AdviceRow {
    pub remedy: &'static str,
    pub after_s: Option<u32>,
    pub why: &'static str,
}

/// Takes numbers off the front of what is left of the list.
struct Reader(&'static [u16]);

impl Reader {
    fn at(place: u16) -> Self {
        Self(CODE.get(usize::from(place)..).unwrap_or_default())
    }

    fn take(&mut self, count: u16) -> &'static [u16] {
        let (taken, rest) = self.0.split_at_checked(usize::from(count)).unwrap_or((&[], &[]));
        self.0 = rest;
        taken
    }

    fn one(&mut self) -> u16 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn sign(&mut self) -> SignRow {
        let (head, weight) = (self.one(), self.one());
        SignRow {
            gateway: head & 0x3fff,
            maker: head >> 14 & 1 == 1,
            weight,
            certain: head >> 15 == 1,
            when: self.condition(),
        }
    }

    fn condition(&mut self) -> Condition {
        let (first, second) = (self.one(), self.one());
        let status = self.take(first >> 8);
        let has = self.take(first & 0xff);
        let any = self.take(second >> 8);
        Condition { has, any, not: self.take(second & 0xff), status }
    }
}

/// The sign at that place of the list.
pub fn sign(place: u16) -> SignRow {
    Reader::at(place).sign()
}

/// The signs from that place of the list on, as many as are said, each with its place.
pub fn signs((place, count): (u16, u16)) -> impl Iterator<Item = (u16, SignRow)> {
    let mut reader = Reader::at(place);
    let whole = reader.0.len();
    (0..count).map(move |_| {
        let at = whole.saturating_sub(reader.0.len()).saturating_add(usize::from(place));
        (u16::try_from(at).unwrap_or(u16::MAX), reader.sign())
    })
}

/// The failures from that place of the list on, as many as are said.
pub fn failures((place, count): (u16, u16)) -> impl Iterator<Item = FailureRow> {
    let mut reader = Reader::at(place);
    (0..count).map(move |_| {
        let head = reader.one();
        let when = reader.condition();
        let layers = reader.take(head >> 8 & 0x7f);
        FailureRow { when, layers, causes: reader.take(head & 0xff), sure: head >> 15 == 1 }
    })
}

/// The limits from that place of the list on, as many as are said.
pub fn limits((place, count): (u16, u16)) -> impl Iterator<Item = LimitRow> {
    let mut reader = Reader::at(place);
    (0..count).map(move |_| {
        let (of, tenths, head) = (reader.one(), reader.one(), reader.one());
        let whose = match of >> 14 {
            0 => Whose::Maker(of),
            1 => Whose::Behind(of & 0x3fff),
            2 => Whose::System,
            _ => Whose::Many,
        };
        let status = reader.take(head >> 8 & 0xf);
        let causes = reader.take(head & 0xff);
        LimitRow { whose, tenths, usual: head >> 15 == 1, connect: head >> 14 & 1 == 1, status, causes }
    })
}

/// Whose limit the one of that number is, in words; empty where there is none.
pub fn limit_words(number: usize) -> &'static str {
    LIMIT_WORDS.split('\n').nth(number).unwrap_or_default()
}

/// The text of a piece; empty where there is none of that number.
pub fn piece(number: u16) -> &'static str {
    let number = usize::from(number);
    let end = PIECE_ENDS.get(number).copied().unwrap_or(0);
    let start = number.checked_sub(1).and_then(|before| PIECE_ENDS.get(before)).copied().unwrap_or(0);
    PIECES.get(usize::from(start)..usize::from(end)).unwrap_or_default()
}

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));
