//! The knowledge as const tables: the types, and what the build script wrote.
//!
//! Decides nothing. A row says what must have been seen for it to hold and what then follows.

use crate::verdict::{AtFault, Transient};

/// What has to be seen. Pieces by number; statuses as closed ranges, none meaning any.
pub struct Condition {
    pub has: &'static [u16],
    pub any: &'static [u16],
    pub not: &'static [u16],
    pub status: &'static [(u16, u16)],
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

/// One gateway, with the range of its rows in [`FAILURES`].
pub struct GatewayRow {
    pub id: &'static str,
    pub kind: Kind,
    /// Words after which it says its version.
    pub version: &'static [&'static str],
    pub failures: (u16, u16),
}

/// One sign of who made an answer (`maker`) or passed it on.
pub struct SignRow {
    pub gateway: u16,
    pub maker: bool,
    /// 1 to 99: 90 a page of its own, 70 a header of its own errors, 50 a shape, 30 a name anybody can write.
    pub weight: u8,
    /// No capture contradicts it.
    pub certain: bool,
    pub when: Condition,
}

/// What broke, where a condition holds.
pub struct FailureRow {
    pub when: Condition,
    pub layers: &'static [&'static str],
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

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));
