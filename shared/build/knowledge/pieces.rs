//! Pieces of text: how they are written in the data, and the tables of which the index is built.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::normal;

/// Pieces by text, each with the number under which rows ask for it until [`Pieces::tables`] orders them.
#[derive(Default)]
pub struct Pieces {
    by_text: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Pieces {
    /// The number of a piece; `place` is what a complaint names.
    pub fn number(&mut self, written: &str, place: &str) -> Result<usize, String> {
        let text = piece_text(written).map_err(|why| format!("{place}: piece {written:?} {why}"))?;
        let next = self.texts.len();
        let number = *self.by_text.entry(text.clone()).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        Ok(number)
    }

    /// Writes the tables; the answer says for each number which one it has there.
    ///
    /// Pieces stand in the order of the alphabet: what is alike stands together, and packs well.
    pub fn tables(&self, text: &mut String) -> Vec<usize> {
        let mut frequency: BTreeMap<&[u8], usize> = BTreeMap::new();
        for gram in self.texts.iter().flat_map(|piece| piece.as_bytes().windows(4)) {
            *frequency.entry(gram).or_default() += 1;
        }
        // Rare among the pieces, and of letters rather than of markup, is rare in pages too.
        let cost = |gram: &[u8]| {
            let dull = gram.iter().filter(|byte| b"<>/ aeiotnrs".contains(byte)).count();
            frequency.get(gram).copied().unwrap_or(0) * 4 + dull * 3
        };
        let mut renumbered = vec![0; self.texts.len()];
        let (mut all, mut ends, mut offsets) = (String::new(), Vec::new(), Vec::new());
        for (rank, (piece, number)) in self.by_text.iter().enumerate() {
            renumbered[*number] = rank;
            all.push_str(piece);
            ends.push(all.len());
            let windows = piece.as_bytes().windows(4).enumerate();
            offsets.push(windows.min_by_key(|(_, gram)| cost(gram)).map_or(0, |(at, _)| at));
        }
        let _ = writeln!(text, "static PIECES: &str = {all:?};");
        let _ = writeln!(text, "static PIECE_ENDS: &[u16] = &{ends:?};");
        let _ = writeln!(text, "pub const PIECE_WORDS: usize = {};", ends.len().div_ceil(64));
        let _ = writeln!(text, "pub static OFFSETS: &[u8] = &{offsets:?};");
        renumbered
    }
}

/// `text` of a body, `@name: start` or `@name~ word` of a header, `#fact: start` of what was derived; a
/// closing `$` means the end of a header's value.
fn piece_text(written: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let (marked, rest) = match (written.strip_prefix('@'), written.strip_prefix('#')) {
        (Some(rest), _) => ("", Some(rest)),
        (_, Some(rest)) => (":", Some(rest)),
        _ => ("", None),
    };
    if let Some(rest) = rest {
        let (rest, end) = rest.strip_suffix('$').map_or((rest, ""), |rest| (rest, "\n"));
        out.extend_from_slice(b"\n");
        out.extend_from_slice(marked.as_bytes());
        // Without a colon it is the start of a field's name.
        let cut = rest.find([':', '~']).map_or(rest.len(), |at| at + 1);
        let (name, value) = rest.split_at(cut);
        out.extend_from_slice(name.to_ascii_lowercase().as_bytes());
        if !value.trim().is_empty() || !end.is_empty() {
            out.push(b' ');
            normal::append_normal(&mut out, value.trim_start().as_bytes());
        }
        out.extend_from_slice(end.as_bytes());
    } else {
        normal::append_normal(&mut out, written.as_bytes());
    }
    if out.len() < 4 {
        return Err("is shorter than four bytes".into());
    }
    String::from_utf8(out).map_err(|_| "is no UTF-8".into())
}
