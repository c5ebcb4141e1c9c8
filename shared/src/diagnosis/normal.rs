//! The one form in which foreign text is compared: lower case, single spaces, none beside a tag.
//!
//! Decides nothing. The build script reads this very file, so that the pieces in `data/` and what a server
//! sent are brought into the same form by the same code.

/// Appends `text` to `out` in the form in which pieces are compared.
///
/// Minified and pretty-printed pages become equal, UTF-16 reads like ASCII (its NUL bytes are dropped), and
/// bytes that are no ASCII stay as they are. Linear in `text`; `out` grows by no more than its length.
pub fn append_normal(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len());
    let mut gap = false;
    let mut last = b'>';
    for &byte in text {
        // White space is 9 to 13 and 32; everything else but NUL is above 13 or below 9.
        if byte <= b' ' && matches!(byte, b'\t'..=b'\r' | b' ') {
            gap = true;
            continue;
        }
        if byte == 0 {
            continue;
        }
        if gap {
            gap = false;
            if last != b'>' && byte != b'<' {
                out.push(b' ');
            }
        }
        last = byte.to_ascii_lowercase();
        out.push(last);
    }
}
