//! `data/page/page.css` and `page.js` into constants of `page.rs`: squeezed, each with the hash by which
//! the page's Content-Security-Policy allows it; and the table of sRGB luminance for contrast.

use std::fs;
use std::path::Path;

#[path = "../src/page/sha256.rs"]
mod sha256;

/// Writes `OUT_DIR/page.rs`; `Err` is one line naming the file.
pub fn build(data: &Path, out: &Path) -> Result<(), String> {
    let style = squeeze(&read(&data.join("page/page.css"))?, "");
    let script = squeeze(&read(&data.join("page/page.js"))?, "\n");
    for (file, text) in [("page.css", &style), ("page.js", &script)] {
        // Either would end its element early.
        if text.contains("</") || text.contains("<!--") {
            return Err(format!("data/page/{file}: `</` and `<!--` cannot stand inside the page"));
        }
    }
    let hash = |text: &str| sha256::source_expression(text.as_bytes());
    let code = format!(
        "pub const STYLE: &str = {style:?};\npub const SCRIPT: &str = {script:?};\n\
         pub const STYLE_HASH: &str = {:?};\npub const SCRIPT_HASH: &str = {:?};\n\
         pub const LUMINANCE: [u16; 256] = {:?};\n",
        hash(&style),
        hash(&script),
        luminance()
    );
    fs::write(out.join("page.rs"), code).map_err(|e| format!("page.rs: {e}"))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Without indentation, empty lines and comments; a comment has its lines to itself.
fn squeeze(text: &str, between: &str) -> String {
    let mut lines = Vec::new();
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lines.push(line);
        }
        in_comment &= !line.ends_with("*/");
    }
    lines.join(between)
}

/// WCAG 2 relative luminance of one channel's value, in 1/65535.
fn luminance() -> Vec<u16> {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    (0..=255_u8).map(|c| (linear(f64::from(c) / 255.0) * 65_535.0).round() as u16).collect()
}
