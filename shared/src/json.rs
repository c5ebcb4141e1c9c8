//! Text as a JSON string. Our few documents are written by hand: no serializer is in the wasm.

/// The text in quotes, escaped by RFC 8259 §7; `<`, `>` and `&` too, so that it is safe inside HTML.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escape(&mut out, c),
            c if c.is_control() => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text as `string` has it, or `null`.
pub fn string_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), string)
}

fn escape(out: &mut String, c: char) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}
