//! Where pieces and signs are found: built once from the tables, for it would double their bytes in wasm.
//!
//! Decides nothing. What is in it follows from the tables alone, so it is a constant that is made late.

use std::sync::LazyLock;

use crate::diagnosis::tables::{GATEWAYS, OFFSETS, SignRow, piece, signs};

/// The top ten bits of a mark tell its bucket.
const BUCKETS: usize = 1024;

/// From what stands in a text to pieces, and from pieces to signs.
pub struct Index {
    /// One bit for the top fifteen of each mark that leads to a piece.
    filter: [u64; 512],
    marks: Buckets<(u16, u16)>,
    signs: Buckets<u16>,
}

/// Values in order of a small key, with where each key's begin.
struct Buckets<T> {
    starts: Vec<u16>,
    values: Vec<T>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

/// The index of all tables.
pub fn index() -> &'static Index {
    &INDEX
}

/// Sixteen bits that stand for four bytes; the top fifteen are their bit in the coarse filter.
pub fn mark(gram: u32) -> u16 {
    // Multiplication by an odd constant spreads the bytes; the top bits are the best mixed.
    (gram.wrapping_mul(0x9E37_79B1) >> 16) as u16
}

impl Index {
    fn build() -> Self {
        let mut filter = [0u64; 512];
        let mut marked = Vec::with_capacity(OFFSETS.len());
        for (number, offset) in (0u16..).zip(OFFSETS) {
            let from = usize::from(*offset);
            let bytes = piece(number).as_bytes().get(from..from.saturating_add(4)).unwrap_or_default();
            let Ok(gram) = <[u8; 4]>::try_from(bytes) else { continue };
            let mark = mark(u32::from_le_bytes(gram));
            if let Some(word) = filter.get_mut(usize::from(mark >> 7)) {
                *word |= 1 << (mark >> 1 & 63);
            }
            marked.push((usize::from(mark >> 6), (mark, number)));
        }
        let mut leading = Vec::new();
        for (place, sign) in GATEWAYS.iter().flat_map(|row| signs(row.signs)) {
            leading.extend(leads(&sign).iter().map(|lead| (usize::from(*lead), place)));
        }
        Self { filter, marks: Buckets::of(BUCKETS, &marked), signs: Buckets::of(OFFSETS.len(), &leading) }
    }

    /// Whether a mark may lead to a piece; almost always not, and this is quick to say.
    pub fn may(&self, mark: u16) -> bool {
        self.filter.get(usize::from(mark >> 7)).is_some_and(|word| word >> (mark >> 1 & 63) & 1 == 1)
    }

    /// The pieces that are found by a mark.
    pub fn pieces(&self, mark: u16) -> impl Iterator<Item = u16> {
        let bucket = self.marks.at(usize::from(mark >> 6)).iter();
        bucket.filter(move |(known, _)| *known == mark).map(|(_, number)| *number)
    }

    /// The places of the signs to which a piece leads.
    pub fn signs(&self, piece: u16) -> &[u16] {
        self.signs.at(usize::from(piece))
    }
}

/// The pieces by which a sign is found: the longest that it must have, else any that it may have.
fn leads(sign: &SignRow) -> &'static [u16] {
    let longest = (0..).zip(sign.when.has).max_by_key(|(_, number)| piece(**number).len());
    match longest {
        Some((at, _)) => sign.when.has.get(at..=at).unwrap_or_default(),
        None => sign.when.any,
    }
}

impl<T: Copy> Buckets<T> {
    /// Sorts by counting; keys from `count` on are left out.
    fn of(count: usize, pairs: &[(usize, T)]) -> Self {
        let mut starts = Vec::with_capacity(count.saturating_add(1));
        let mut values = Vec::with_capacity(pairs.len());
        let mut sizes = vec![0u16; count];
        for (key, _) in pairs {
            if let Some(size) = sizes.get_mut(*key) {
                *size = size.saturating_add(1);
            }
        }
        let mut next = 0u16;
        for size in &mut sizes {
            starts.push(next);
            next = next.saturating_add(*size);
            *size = next.saturating_sub(*size);
        }
        starts.push(next);
        values.extend(pairs.iter().map(|(_, value)| *value).take(usize::from(next)));
        for (key, value) in pairs {
            let Some(place) = sizes.get_mut(*key) else { continue };
            if let Some(slot) = values.get_mut(usize::from(*place)) {
                *slot = *value;
            }
            *place = place.saturating_add(1);
        }
        Self { starts, values }
    }

    fn at(&self, key: usize) -> &[T] {
        let bound = |key: usize| self.starts.get(key).map_or(0, |start| usize::from(*start));
        self.values.get(bound(key)..bound(key.saturating_add(1))).unwrap_or_default()
    }
}
