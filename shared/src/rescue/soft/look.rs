//! What a person would see of an HTML page at a glance: title, first heading, how much text, how many links.
//!
//! No parser: tags are skipped by their brackets, scripts and styles by their end tags. Good enough to tell an
//! error page from a page, and linear in the length of the body.

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
    let mut sight = Sight::default();
    let mut place = Place::Text;
    let mut rest = text.as_ref();
    while let Some((words, tail)) = rest.split_once('<') {
        read(&mut sight, &mut place, words);
        let Some((tag, after)) = split_tag(tail) else {
            rest = "";
            break;
        };
        rest = enter(&mut sight, &mut place, tag, after);
    }
    read(&mut sight, &mut place, rest);
    sight
}

/// In which element the text stands, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
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

fn enter<'a>(sight: &mut Sight, place: &mut Place, tag: &str, after: &'a str) -> &'a str {
    let name: String = tag
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
        .collect::<String>()
        .to_ascii_lowercase();
    match name.as_str() {
        "title" if sight.title.is_empty() => *place = Place::Title,
        "h1" | "h2" if sight.heading.is_empty() => *place = Place::Heading,
        "/title" | "/h1" | "/h2" => *place = Place::Text,
        "a" => sight.links = sight.links.saturating_add(1),
        "script" | "style" | "svg" | "template" if !tag.ends_with('/') => return past(after, &name),
        _ => {}
    }
    after
}

/// What comes after the end tag of this element; nothing where it never ends.
fn past<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once("</") {
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tail.split_once('>').map_or("", |(_, after)| after);
        }
        rest = tail;
    }
    ""
}

fn read(sight: &mut Sight, place: &mut Place, words: &str) {
    let squeezed = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if squeezed.is_empty() {
        return;
    }
    match place {
        Place::Title => append(&mut sight.title, &squeezed, MOST_NAME),
        Place::Heading => append(&mut sight.heading, &squeezed, MOST_NAME),
        Place::Text => {}
    }
    if *place != Place::Title {
        let length = u32::try_from(squeezed.len()).unwrap_or(u32::MAX);
        sight.text = sight.text.saturating_add(length).saturating_add(1);
        append(&mut sight.text_start, &squeezed, MOST_START);
    }
}

fn append(target: &mut String, words: &str, most: usize) {
    let gap = if target.is_empty() { "" } else { " " };
    let room = most.saturating_sub(target.chars().count());
    target.extend(gap.chars().chain(words.chars()).take(room));
}
