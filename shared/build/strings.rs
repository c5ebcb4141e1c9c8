//! `data/strings/<lang>.toml` into `text.rs`: per section the sorted ids and per language one string that
//! holds all texts, a NUL after each.
//!
//! One string per section and language costs wasm no table of pointers. English says which ids there are:
//! another language may lack one (a test lists those), but may not have one more, nor other placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[path = "../src/text/plural.rs"]
mod plural;

/// Sections that their users name themselves: the edge's, and what browsers read from the extension's manifest,
/// which the extension's wasm shall not carry.
const NAMED: &[&str] = &["manifest", "note", "page", "time"];

/// Relatives stand together, since the wasm's compression looks back 32 KB only; the others follow.
const FAMILIES: &[&str] = &[
    "en", "nl", "de", "nb", "da", "sv", "fi", "hu", "tr", "id", "vi", "es", "pt-BR", "it", "ro", "fr", "cs",
    "pl", "uk", "ru", "el", "ar", "fa", "ur", "he", "hi", "bn", "th", "ko", "ja", "zh-Hans", "zh-Hant",
];

/// The texts of one language: `section.name` or `section.name.category` to text.
type Texts = BTreeMap<(String, String), String>;

/// Reads all languages and writes `OUT_DIR/text.rs`; `Err` is one line naming file and id.
pub fn build(data: &Path, out: &Path) -> Result<(), String> {
    let folder = data.join("strings");
    let mut languages: BTreeMap<(usize, String), (bool, Texts)> = BTreeMap::new();
    // The extension names the languages that it has room for; whoever names none gets all.
    println!("cargo::rerun-if-env-changed=BACKSOON_LANGUAGES");
    let wanted = std::env::var_os("BACKSOON_LANGUAGES").and_then(|list| list.into_string().ok());
    for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let tag = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        if tag != "en" && wanted.as_ref().is_some_and(|wanted| !wanted.split(' ').any(|w| w == tag)) {
            continue;
        }
        let file = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))?;
        let place = FAMILIES.iter().position(|known| *known == tag).unwrap_or(FAMILIES.len());
        languages.insert((place, tag.clone()), read(&file, &tag, &text)?);
    }
    let english = languages
        .get(&(0, "en".to_owned()))
        .map(|(_, t)| t.clone())
        .ok_or("data/strings/en.toml: missing")?;
    for ((_, tag), (_, texts)) in &languages {
        check(tag, texts, &english)?;
    }
    fs::write(out.join("text.rs"), tables(&languages)?).map_err(|e| format!("text.rs: {e}"))
}

/// One file: `direction`, then sections of `name = "text"` or `name = { one = "...", other = "..." }`.
fn read(file: &str, tag: &str, text: &str) -> Result<(bool, Texts), String> {
    let table: toml::Table = text.parse().map_err(|e| format!("{file}: {e}"))?;
    let mut right_to_left = false;
    let mut texts = Texts::new();
    for (section, rows) in &table {
        match rows {
            toml::Value::String(value) if section == "direction" => right_to_left = value == "rtl",
            toml::Value::Table(rows) => {
                for (name, value) in rows {
                    let at = format!("{file}: {section}.{name}");
                    row(&at, tag, (section, name), value, &mut texts)?;
                }
            }
            _ => return Err(format!("{file}: {section}: expected a section or direction")),
        }
    }
    Ok((right_to_left, texts))
}

fn row(
    at: &str,
    tag: &str,
    (section, name): (&String, &String),
    value: &toml::Value,
    texts: &mut Texts,
) -> Result<(), String> {
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("{at}: an id has letters, digits and _ only"));
    }
    let mut put = |id: String, value: &toml::Value| match value.as_str() {
        Some(text) if !text.trim().is_empty() && !text.contains(['\0', '\n']) => {
            texts.insert((section.clone(), id), text.to_owned());
            Ok(())
        }
        _ => Err(format!("{at}: expected one line of text")),
    };
    let Some(forms) = value.as_table() else { return put(name.clone(), value) };
    // A language names exactly the forms that its own plural rule can ask for.
    let needed: BTreeSet<&str> = (0..=200).map(|n| plural::category(tag, n)).collect();
    let given: BTreeSet<&str> = forms.keys().map(String::as_str).collect();
    if needed != given {
        return Err(format!("{at}: {tag} needs the plural forms {needed:?}, found {given:?}"));
    }
    forms.iter().try_for_each(|(form, value)| put(format!("{name}.{form}"), value))
}

fn check(tag: &str, texts: &Texts, english: &Texts) -> Result<(), String> {
    for ((section, id), text) in texts {
        // Each plural form stands against English's most general one.
        let model = match id.split_once('.') {
            Some((base, _)) => english.get(&(section.clone(), format!("{base}.other"))),
            None => english.get(&(section.clone(), id.clone())),
        };
        let at = format!("data/strings/{tag}.toml: {section}.{id}");
        let model = model.ok_or_else(|| format!("{at}: en.toml has no such id"))?;
        // "one" and "two" may leave the number out ("in a minute").
        let may_omit = id.contains('.');
        let (found, wanted) = (placeholders(text), placeholders(model));
        if !found.is_subset(&wanted) || (!may_omit && found != wanted) {
            return Err(format!("{at}: expected the placeholders {wanted:?}, found {found:?}"));
        }
    }
    Ok(())
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn tables(languages: &BTreeMap<(usize, String), (bool, Texts)>) -> Result<String, String> {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (section, id) in languages.values().flat_map(|(_, texts)| texts.keys()) {
        ids.entry(section).or_default().insert(id);
    }
    let mut code = String::new();
    let tags: Vec<&String> = languages.keys().map(|(_, tag)| tag).collect();
    let rtl: Vec<bool> = languages.values().map(|(rtl, _)| *rtl).collect();
    let english = tags.iter().position(|t| *t == "en").unwrap_or(0);
    let put =
        |code: &mut String, line: std::fmt::Arguments| writeln!(code, "{line}").map_err(|e| e.to_string());
    put(&mut code, format_args!("const TAGS: &[&str] = &{tags:?};"))?;
    put(&mut code, format_args!("const RIGHT_TO_LEFT: &[bool] = &{rtl:?};"))?;
    put(&mut code, format_args!("const ENGLISH: u8 = {english};"))?;
    for (section, ids) in &ids {
        let name = section.to_uppercase();
        let ids: Vec<&&str> = ids.iter().collect();
        put(&mut code, format_args!("/// The texts of `[{section}]`."))?;
        put(&mut code, format_args!("pub static {name}: Section = Section {{ ids: &{ids:?}, texts: &["))?;
        for (_, texts) in languages.values() {
            let mut all = String::new();
            for id in &ids {
                all.push_str(texts.get(&((*section).to_owned(), id.to_string())).map_or("", String::as_str));
                all.push('\0');
            }
            put(&mut code, format_args!("    {all:?},"))?;
        }
        put(&mut code, format_args!("] }};"))?;
    }
    for (table, kept) in [("SAID", false), ("SECTIONS", true)] {
        put(&mut code, format_args!("static {table}: &[(&str, &Section)] = &["))?;
        for section in ids.keys().filter(|section| kept || !NAMED.contains(section)) {
            put(&mut code, format_args!("    ({section:?}, &{}),", section.to_uppercase()))?;
        }
        put(&mut code, format_args!("];"))?;
    }
    Ok(code)
}
