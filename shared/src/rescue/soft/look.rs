//! What a person would see of an HTML page at a glance: title, first heading, how much text, how many links.
//!
//! No parser: tags are skipped by their brackets, scripts and styles by their end tags. Good enough to tell an
//! error page from a page, and linear in the length of the body.

use crate::steps::took;

/// A glance at a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The title, blanks squeezed, at most 120 characters.
    pub title: String,
    /// The first heading, likewise.
    pub heading: String,
    /// The first 300 characters of the text.
    pub text_start: String,
    /// Bytes of text outside tags, scripts and styles, blanks squeezed.
    pub text: u32,
    /// Links.
    pub links: u32,
}

const MOST_NAME: usize = 120;
const MOST_START: usize = 300;

/// Takes the glance.
pub fn look(body: &[u8]) -> Sight {
    let text = String::from_utf8_lossy(body);
    let mut eye = Eye::default();
    let mut rest = text.as_ref();
    while let Some((words, tail)) = rest.split_once('<') {
        took(words.len().saturating_add(1));
        eye.read(words);
        let Some((tag, after)) = split_tag(tail) else {
            rest = "";
            break;
        };
        rest = eye.enter(tag, after);
    }
    eye.read(rest);
    let Eye { title, heading, text_start, text, links, .. } = eye;
    Sight { title: title.text, heading: heading.text, text_start: text_start.text, text, links }
}

/// In which element the text stands, as far as it matters.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Title,
    Heading,
}

/// The tag without its brackets, and what comes after it. A comment ends where it says.
fn split_tag(tail: &str) -> Option<(&str, &str)> {
    if tail.starts_with("!--") {
        return tail.split_once("-->").map(|(_, after)| ("!", after));
    }
    tail.split_once('>')
}

/// What was seen so far. Goes over every page that is read before it is believed, so it copies only what it keeps.
#[derive(Default)]
struct Eye {
    place: Place,
    title: Start,
    heading: Start,
    text_start: Start,
    text: u32,
    links: u32,
}

impl Eye {
    fn enter<'a>(&mut self, tag: &str, after: &'a str) -> &'a str {
        let name = tag.split(|c: char| !(c.is_ascii_alphanumeric() || c == '/')).next().unwrap_or_default();
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        // Sorted by the first letter: most tags are none of these.
        match name.bytes().next().unwrap_or_default() {
            b'a' | b'A' if name.len() == 1 => self.links = self.links.saturating_add(1),
            b't' | b'T' if is("title") && self.title.text.is_empty() => self.place = Place::Title,
            b'h' | b'H' if (is("h1") || is("h2")) && self.heading.text.is_empty() => {
                self.place = Place::Heading;
            }
            b'/' if is("/title") || is("/h1") || is("/h2") => self.place = Place::Text,
            b's' | b'S' | b't' | b'T'
                if (is("script") || is("style") || is("svg") || is("template")) && !tag.ends_with('/') =>
            {
                return past(after, name);
            }
            _ => {}
        }
        after
    }

    fn read(&mut self, words: &str) {
        // Most text is ASCII, or most of it; its blanks are found several times as fast.
        if words.is_ascii() {
            let blank = |c: char| c.is_ascii_whitespace() || c == '\x0b';
            words.split(blank).filter(|word| !word.is_empty()).for_each(|word| self.word(word));
        } else {
            words.split_whitespace().for_each(|word| self.word(word));
        }
    }

    fn word(&mut self, word: &str) {
        match self.place {
            Place::Title => return self.title.add(word, MOST_NAME),
            Place::Heading => self.heading.add(word, MOST_NAME),
            Place::Text => {}
        }
        let length = u32::try_from(word.len()).unwrap_or(u32::MAX);
        self.text = self.text.saturating_add(length).saturating_add(1);
        self.text_start.add(word, MOST_START);
    }
}

/// The beginning of a text.
#[derive(Default)]
struct Start {
    text: String,
    chars: usize,
}

impl Start {
    /// One more word, as far as there is room for so many characters.
    fn add(&mut self, word: &str, most: usize) {
        let room = most.saturating_sub(self.chars);
        let gap = if self.text.is_empty() { "" } else { " " };
        if word.len() < room {
            self.text.push_str(gap);
            self.text.push_str(word);
            let count = if word.is_ascii() { word.len() } else { word.chars().count() };
            self.chars = self.chars.saturating_add(gap.len()).saturating_add(count);
        } else if room > 0 {
            self.text.extend(gap.chars().chain(word.chars()).take(room));
            self.chars = self.text.chars().count();
        }
    }
}

/// What comes after the end tag of this element; nothing where it never ends.
fn past<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("</") {
        took(before.len().saturating_add(1));
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tail.split_once('>').map_or("", |(_, after)| after);
        }
        rest = tail;
    }
    ""
}
