//! The start tags of an HTML text with their attributes: as much of the grammar as addresses need.

use crate::steps::took;

/// More attributes of one tag are skipped.
const MOST_ATTRIBUTES: usize = 64;

/// A start tag.
#[derive(Debug)]
pub struct Tag<'a> {
    /// Its name, lower-case.
    pub name: String,
    attributes: Vec<(String, &'a str)>,
}

impl<'a> Tag<'a> {
    /// The value of an attribute; empty ones count as absent.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| *value).filter(|v| !v.is_empty())
    }
}

/// All start tags outside comments, scripts, styles and templates, in order.
pub fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (before, tail) = rest.split_once('<')?;
            took(before.len().saturating_add(1));
            if let Some(comment) = tail.strip_prefix("!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            if !tail.starts_with(|c: char| c.is_ascii_alphabetic()) {
                rest = tail;
                continue;
            }
            let (tag, after) = start_tag(tail)?;
            let raw = matches!(
                tag.name.as_str(),
                "script" | "style" | "template" | "noscript" | "textarea" | "title"
            );
            rest = if raw { past(after, &tag.name) } else { after };
            return Some(tag);
        }
    })
}

/// Reads a start tag after its `<`; `None` where the text ends within it.
fn start_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')?;
    let (name, mut rest) = text.split_at_checked(end)?;
    let mut attributes = vec![];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some((Tag { name: name.to_ascii_lowercase(), attributes }, after));
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c))?;
        // A lone sign where a name should be: past it, or this would never end.
        if end == 0 {
            rest = rest.get(1..)?;
            continue;
        }
        let (key, after) = rest.split_at_checked(end)?;
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => value_of(value.trim_start())?,
            None => ("", after),
        };
        took(key.len().saturating_add(value.len()));
        if attributes.len() < MOST_ATTRIBUTES {
            attributes.push((key.to_ascii_lowercase(), value));
        }
        rest = after;
    }
}

fn value_of(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote);
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
    text.split_at_checked(end)
}

/// What comes after the end tag of this element.
fn past<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once("</") {
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tail;
        }
        rest = tail;
    }
    ""
}
