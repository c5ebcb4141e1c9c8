//! Structured field values (RFC 9651): lists, dictionaries and items with parameters, read and written.
//!
//! Only what the status fields and targeted cache fields need: no inner lists' contents and no binary
//! values are kept, but both are read over, so that a field that has them stays readable. A field that
//! breaks the grammar is `None` as a whole, as §4.2 demands. A crate for this exists; it brings ordered
//! maps and base64 into the wasm for what are here two hundred lines.

mod parser;

use parser::Parser;

/// A bare item.
#[derive(Clone, Debug, PartialEq)]
pub enum Bare {
    /// A whole number of at most 15 digits.
    Integer(i64),
    /// A decimal, in thousandths.
    Decimal(i64),
    /// Quoted text of printable ASCII.
    String(String),
    /// A word.
    Token(String),
    /// `?1` or `?0`.
    Boolean(bool),
    /// Seconds since 1970.
    Date(i64),
    /// Read over and not kept: bytes, an inner list.
    Opaque,
}

/// A bare item with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The value.
    pub value: Bare,
    /// The parameters, each key once, the last value kept (§4.2.3.2).
    pub params: Vec<(String, Bare)>,
}

impl Item {
    /// An item without parameters.
    pub fn new(value: Bare) -> Self {
        Self { value, params: vec![] }
    }

    /// The parameter `key`.
    pub fn param(&self, key: &str) -> Option<&Bare> {
        self.params.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The parameter `key` where it is a whole number.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.param(key)? {
            Bare::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The parameter `key` where it is a word or quoted text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.param(key)? {
            Bare::String(text) | Bare::Token(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the parameter `key` is a true boolean.
    pub fn flag(&self, key: &str) -> bool {
        self.param(key) == Some(&Bare::Boolean(true))
    }

    /// The item as text.
    pub fn write(&self) -> String {
        let mut out = start(&self.value);
        for (key, value) in &self.params {
            add(&mut out, key, value);
        }
        out
    }
}

/// An item as text that still has no parameters.
pub fn start(value: &Bare) -> String {
    let mut out = String::with_capacity(64);
    push_bare(&mut out, value);
    out
}

/// Adds a parameter to an item as text, after a blank as the RFCs' own examples have it.
pub fn add(out: &mut String, key: &str, value: &Bare) {
    out.push_str("; ");
    out.push_str(key);
    if *value != Bare::Boolean(true) {
        out.push('=');
        push_bare(out, value);
    }
}

/// Reads one item.
pub fn read_item(text: &str) -> Option<Item> {
    Parser::whole(text, Parser::item)
}

/// Reads a list.
pub fn read_list(text: &str) -> Option<Vec<Item>> {
    Parser::whole(text, Parser::list)
}

/// Reads a dictionary; of a key given twice the last value counts.
pub fn read_dictionary(text: &str) -> Option<Vec<(String, Item)>> {
    Parser::whole(text, Parser::dictionary)
}

/// A token where the text is one, else a string in which only printable ASCII is left.
pub fn token_or_string(text: &str) -> Bare {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '*');
    if starts && chars.all(is_token_char) { Bare::Token(text.to_owned()) } else { string(text) }
}

/// A string in which only printable ASCII is left.
pub fn string(text: &str) -> Bare {
    Bare::String(text.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect())
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c)
}

fn push_bare(out: &mut String, value: &Bare) {
    match value {
        Bare::Integer(number) => out.push_str(&number.to_string()),
        Bare::Decimal(thousandths) => {
            let (whole, part) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
            let sign = if *thousandths < 0 { "-" } else { "" };
            let part = format!("{part:03}");
            let kept = part.trim_end_matches('0');
            out.push_str(&format!("{sign}{whole}.{}", if kept.is_empty() { "0" } else { kept }));
        }
        Bare::String(text) => {
            out.extend(["\"", &text.replace('\\', "\\\\").replace('"', "\\\""), "\""]);
        }
        Bare::Token(word) => out.push_str(word),
        Bare::Boolean(yes) => out.push_str(if *yes { "?1" } else { "?0" }),
        Bare::Date(seconds) => out.push_str(&format!("@{seconds}")),
        Bare::Opaque => out.push_str("opaque"),
    }
}
