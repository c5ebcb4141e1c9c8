//! The one form in which foreign text is compared: lower case, single spaces, none beside a tag.
//!
//! Decides nothing. The build script reads this very file, so that the pieces in `data/` and what a server
//! sent are brought into the same form by the same code.

/// Appends `text` to `out` in the form in which pieces are compared.
///
/// Minified and pretty-printed pages become equal, UTF-16 reads like ASCII (its NUL bytes are dropped), and
/// bytes that are no ASCII stay as they are. Linear in `text`; `out` grows by no more than its length.
pub fn append_normal(out: &mut Vec<u8>, text: &[u8]) {
    let mut gap = false;
    let mut last = b'>';
    for &byte in text {
        match byte {
            0 => {}
            b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => gap = true,
            _ => {
                if gap && last != b'>' && byte != b'<' {
                    out.push(b' ');
                }
                gap = false;
                last = byte.to_ascii_lowercase();
                out.push(last);
            }
        }
    }
}

/// Sixteen bits that stand for four bytes in the tables; the top thirteen are their bit in the coarse filter.
pub fn mark(gram: u32) -> u16 {
    // Multiplication by an odd constant spreads the bytes; the top bits are the best mixed.
    (gram.wrapping_mul(0x9E37_79B1) >> 16) as u16
}
