//! What visitors read, by id and language, and which language a visitor gets.
//!
//! The texts are in `data/strings/<lang>.toml`; the build makes tables of them. A text that a language lacks
//! is said in English, an id that nobody knows is said as itself: a visitor always gets something. Nothing
//! here knows which page or popup the text is for, nor escapes it.

mod host;
mod negotiate;
mod plural;
mod time;

pub use host::readable_host;
pub use negotiate::negotiate;
pub use time::{rough_wait, utc};

include!(concat!(env!("OUT_DIR"), "/text.rs"));

/// A language that we have texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lang(u8);

impl Lang {
    /// English: the language of the tables, and of everybody who asks for none that we have.
    pub const ENGLISH: Lang = Lang(ENGLISH);

    /// All languages, relatives side by side.
    pub fn all() -> impl Iterator<Item = Lang> {
        (0_u8..).zip(TAGS).map(|(index, _)| Lang(index))
    }

    /// The language with exactly this tag (without regard to case), as `pt-BR`.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        Lang::all().find(|lang| lang.tag().eq_ignore_ascii_case(tag))
    }

    /// The BCP 47 tag, for `lang=` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        TAGS.get(usize::from(self.0)).copied().unwrap_or("en")
    }

    /// `rtl` or `ltr`, for `dir=`.
    pub fn direction(self) -> &'static str {
        if RIGHT_TO_LEFT.get(usize::from(self.0)) == Some(&true) { "rtl" } else { "ltr" }
    }
}

/// The texts of one section in all languages. Shells that need one section only (the page) name it, so that
/// the others are left out of their wasm.
#[derive(Debug)]
pub struct Section {
    ids: &'static [&'static str],
    texts: &'static [&'static str],
}

impl Section {
    /// The text with this id (without the section's name), or English, or the id itself.
    pub fn say(&self, lang: Lang, id: &'static str) -> &'static str {
        self.find(lang, id).unwrap_or(id)
    }

    /// The text in the plural form that `n` takes, with `{n}` filled in.
    pub fn count(&self, lang: Lang, id: &'static str, n: u32) -> String {
        let form = |lang: Lang, form: &str| self.exact(lang, &[id, ".", form].concat());
        let text = form(lang, plural::category(lang.tag(), n))
            .or_else(|| form(lang, "other"))
            .or_else(|| form(Lang::ENGLISH, plural::category("en", n)));
        fill(text.unwrap_or(id), &[("n", &n.to_string())])
    }

    /// All ids of the section.
    pub fn ids(&self) -> &'static [&'static str] {
        self.ids
    }

    /// The text in exactly this language, `None` where the language lacks it.
    pub fn exact(&self, lang: Lang, id: &str) -> Option<&'static str> {
        let row = self.ids.binary_search(&id).ok()?;
        let text = self.texts.get(usize::from(lang.0))?.split('\0').nth(row)?;
        (!text.is_empty()).then_some(text)
    }

    fn find(&self, lang: Lang, id: &str) -> Option<&'static str> {
        self.exact(lang, id).or_else(|| self.exact(Lang::ENGLISH, id))
    }
}

/// The section of this name; none for `MANIFEST`, `NOTE`, `PAGE` and `TIME`, which are named as they are.
pub fn section(name: &str) -> Option<&'static Section> {
    let row = SAID.binary_search_by_key(&name, |(section, _)| section).ok()?;
    SAID.get(row).map(|(_, section)| *section)
}

/// All sections with their names: for tests, since it brings every text into the wasm.
pub fn sections() -> &'static [(&'static str, &'static Section)] {
    SECTIONS
}

/// The text with the id `section.name`, in English where the language lacks it, else the id itself. The
/// section is one that [`section`] knows.
pub fn say(lang: Lang, id: &'static str) -> &'static str {
    id.split_once('.').and_then(|(name, rest)| section(name)?.find(lang, rest)).unwrap_or(id)
}

/// What stands before and after the one placeholder of `template`, for markup to go in between.
pub fn around(template: &str) -> (&str, &str) {
    match template.split_once('{') {
        Some((before, rest)) => (before, rest.split_once('}').map_or("", |(_, after)| after)),
        None => (template, ""),
    }
}

/// `template` with each `{name}` replaced by its value; a name without a value stays as it is, and what was
/// filled in is not looked at again.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, tail))
        });
        rest = match known {
            Some((value, tail)) => {
                filled.push_str(value);
                tail
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}
