//! Pieces of text: how they are written in the data, and the tables by which one pass finds them all.

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
    /// A piece's number is the rank of the mark of the four bytes by which it is found: then what the scan finds needs no
    /// table from bytes to piece.
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
        let mut anchors: Vec<(u16, usize, usize)> = Vec::new();
        let mut filter = vec![0u64; 512];
        for (number, piece) in self.texts.iter().enumerate() {
            let windows = piece.as_bytes().windows(4).enumerate();
            let Some((at, gram)) = windows.min_by_key(|(_, gram)| cost(gram)) else { continue };
            let mark = normal::mark(u32::from_le_bytes(gram.try_into().unwrap_or_default()));
            anchors.push((mark, number, at));
            let bit = usize::from(mark >> 1);
            filter[bit / 64] |= 1 << (bit % 64);
        }
        anchors.sort_unstable();
        let mut renumbered = vec![0; anchors.len()];
        let (mut all, mut ends) = (String::new(), Vec::new());
        for (rank, (_, number, _)) in anchors.iter().enumerate() {
            renumbered[*number] = rank;
            all.push_str(&self.texts[*number]);
            ends.push(all.len());
        }
        let marks: Vec<u16> = anchors.iter().map(|(mark, _, _)| *mark).collect();
        let offsets: Vec<usize> = anchors.iter().map(|(_, _, at)| *at).collect();
        let _ = writeln!(text, "static PIECES: &str = {all:?};");
        let _ = writeln!(text, "static PIECE_ENDS: &[u16] = &{ends:?};");
        let _ = writeln!(text, "pub const PIECE_WORDS: usize = {};", ends.len().div_ceil(64));
        // Where the marks of each value of the top ten bits begin: no search for them.
        let starts: Vec<usize> =
            (0..=1024).map(|top| marks.partition_point(|mark| usize::from(mark >> 6) < top)).collect();
        let _ = writeln!(text, "pub static STARTS: &[u16; 1025] = &{starts:?};");
        let _ = writeln!(text, "pub static MARKS: &[u16] = &{marks:?};");
        let _ = writeln!(text, "pub static OFFSETS: &[u8] = &{offsets:?};");
        let _ = writeln!(text, "pub static FILTER: &[u64; 512] = &{filter:?};");
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
