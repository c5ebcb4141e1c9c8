//! Styles and scripts of `data/page/` into constants of `page.rs`: squeezed, each with the hash by which the
//! page's Content-Security-Policy allows it; and the table of sRGB luminance for contrast.

use std::fs;
use std::path::Path;

#[path = "../src/page/sha256.rs"]
mod sha256;

/// Writes `OUT_DIR/page.rs`; `Err` is one line naming the file.
pub fn build(data: &Path, out: &Path) -> Result<(), String> {
    let mut code = format!("pub const LUMINANCE: [u16; 256] = {:?};\n", luminance());
    for (file, name, hashed) in [
        ("page.css", "STYLE", true),
        ("owner.css", "OWNER_STYLE", false),
        ("page.js", "SCRIPT", true),
        ("time.js", "TIME_SCRIPT", true),
    ] {
        let text = read(&data.join("page").join(file))?;
        let text = if file.ends_with(".js") { shorten(&squeeze(&text, "\n"))? } else { squeeze(&text, "") };
        // Either would end its element early.
        if text.contains("</") || text.contains("<!--") {
            return Err(format!("data/page/{file}: `</` and `<!--` cannot stand inside the page"));
        }
        code.push_str(&format!("pub const {name}: &str = {text:?};\n"));
        if hashed {
            let hash = sha256::source_expression(text.as_bytes());
            code.push_str(&format!("pub const {name}_HASH: &str = {hash:?};\n"));
        }
    }
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

/// `$name` to one letter, in the order of first use.
fn shorten(script: &str) -> Result<String, String> {
    let mut names: Vec<&str> = Vec::new();
    let mut parts = script.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        // A `$` of another kind, as at the end of a regular expression.
        if name.is_empty() {
            out.push('$');
            out.push_str(rest);
            continue;
        }
        let index = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len().saturating_sub(1)
        });
        let letter = (b'a'..=b'z').chain(b'A'..=b'Z').nth(index);
        out.push(char::from(letter.ok_or("data/page/page.js: more than 52 names with $")?));
        out.push_str(rest);
    }
    Ok(out)
}

/// WCAG 2 relative luminance of one channel's value, in 1/65535.
fn luminance() -> Vec<u16> {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    (0..=255_u8).map(|c| (linear(f64::from(c) / 255.0) * 65_535.0).round() as u16).collect()
}
