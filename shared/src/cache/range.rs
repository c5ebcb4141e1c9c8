//! Which part of a stored whole a `Range` asks for (RFC 9110 §14).
//!
//! One range of bytes is answered in part; several, other units and nonsense are answered with the whole,
//! which a server may always do.

/// What to send for a `Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranged {
    /// The whole.
    Whole,
    /// These bytes, both ends included.
    Part(Part),
    /// None of it exists: 416.
    Unsatisfiable,
}

/// A part of a body: positions of the first and last byte, and the length of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// First byte, from 0.
    pub first: u64,
    /// Last byte, included.
    pub last: u64,
    /// Length of the whole.
    pub whole: u64,
}

impl Part {
    /// How many bytes it has.
    pub fn len(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Never: a part has at least one byte.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// Reads a `Range` field against a body of this length.
pub fn ranged(field: &str, whole: u64) -> Ranged {
    let Some((unit, set)) = field.split_once('=') else { return Ranged::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Ranged::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Ranged::Whole };
    match (number(first), number(last)) {
        (Some(first), _) if first >= whole && (last.is_empty() || number(last).is_some()) => {
            Ranged::Unsatisfiable
        }
        (Some(first), None) if last.is_empty() => part(first, whole.saturating_sub(1), whole),
        (Some(first), Some(last)) if first <= last => part(first, last.min(whole.saturating_sub(1)), whole),
        (None, Some(suffix)) if first.is_empty() => match suffix {
            0 => Ranged::Unsatisfiable,
            _ if whole == 0 => Ranged::Unsatisfiable,
            _ => part(whole.saturating_sub(suffix), whole.saturating_sub(1), whole),
        },
        _ => Ranged::Whole,
    }
}

fn part(first: u64, last: u64, whole: u64) -> Ranged {
    Ranged::Part(Part { first, last, whole })
}

fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}
