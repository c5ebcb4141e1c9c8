//! Reads gateways, defaults, causes, stories and remedies, checks every row, writes `knowledge.rs`.
//!
//! Knows the form of the data, nothing of how it is used. Every complaint names file and row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::normal;

const KINDS: &[&str] = &["server", "cdn", "platform", "proxy", "firewall", "framework", "app", "none"];
const LAYERS: &[&str] = &[
    "visitor_network",
    "visitor_to_edge",
    "dns",
    "tls",
    "cdn_edge",
    "firewall",
    "gateway",
    "gateway_to_app",
    "app",
    "database",
    "third_party",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayFile {
    id: String,
    /// Its name in prose, for readers of the data.
    name: String,
    kind: String,
    source: String,
    #[serde(default)]
    version: Vec<String>,
    #[serde(default)]
    sign: Vec<Sign>,
    #[serde(default)]
    failure: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultFile {
    #[serde(default)]
    failure: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    id: String,
    says: String,
    weight: u8,
    #[serde(default)]
    certain: bool,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    status: Vec<toml::Value>,
    /// Ids of captures, or of examples in the row's own words, that must and must not show it (a test reads them).
    #[serde(default)]
    #[allow(dead_code)]
    yes: Vec<String>,
    #[serde(default)]
    #[allow(dead_code)]
    no: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    #[serde(default)]
    id: String,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    status: Vec<toml::Value>,
    layers: Vec<String>,
    causes: Vec<String>,
    #[serde(default)]
    sure: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseFile {
    cause: Vec<CauseRow>,
    story: Vec<StoryRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseRow {
    id: String,
    error: Option<String>,
    story: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryRow {
    id: String,
    sentence: String,
    transient: String,
    fault: String,
    helps: Vec<Advice>,
    not_helpful: Vec<Advice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    remedy: String,
    after_s: Option<u32>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyFile {
    remedy: Vec<RemedyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyRow {
    id: String,
    /// What following it costs the visitor: "nothing", "a moment", "signs you out", ...
    cost: String,
    source: String,
}

/// Pieces by text, each with its number.
#[derive(Default)]
struct Pieces {
    by_text: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Pieces {
    fn number(&mut self, written: &str, place: &str) -> Result<usize, String> {
        let text = piece_text(written).map_err(|why| format!("{place}: piece {written:?} {why}"))?;
        let next = self.texts.len();
        let number = *self.by_text.entry(text.clone()).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        Ok(number)
    }
}

/// `text` of a body, `@name: start` or `@name~ word` of a header, `#fact: start` of what was derived; a
/// closing `$` means the end of a header's value.
fn piece_text(written: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let (marked, rest) = match (written.strip_prefix('@'), written.strip_prefix('#')) {
        (Some(rest), _) => ("", Some(rest)),
        (_, Some(rest)) => (":", Some(rest)),
        _ => ("", None),
    };
    if let Some(rest) = rest {
        let (rest, end) = rest.strip_suffix('$').map_or((rest, ""), |rest| (rest, "\n"));
        out.extend_from_slice(b"\n");
        out.extend_from_slice(marked.as_bytes());
        // Without a colon it is the start of a field's name.
        let cut = rest.find([':', '~']).map_or(rest.len(), |at| at + 1);
        let (name, value) = rest.split_at(cut);
        out.extend_from_slice(name.to_ascii_lowercase().as_bytes());
        if !value.trim().is_empty() || !end.is_empty() {
            out.push(b' ');
            normal::append_normal(&mut out, value.trim_start().as_bytes());
        }
        out.extend_from_slice(end.as_bytes());
    } else {
        normal::append_normal(&mut out, written.as_bytes());
    }
    if out.len() < 4 {
        return Err("is shorter than four bytes".into());
    }
    String::from_utf8(out).map_err(|_| "is no UTF-8".into())
}

/// `502`, `"5xx"` or `"520-526"` as a closed range.
fn status_range(value: &toml::Value) -> Result<(i64, i64), String> {
    let bad = || format!("status {value} is none of 502, \"5xx\", \"520-526\"");
    match value {
        toml::Value::Integer(code) => Ok((*code, *code)),
        toml::Value::String(text) => {
            if let Some(class) = text.strip_suffix("xx") {
                let class: i64 = class.parse().map_err(|_| bad())?;
                return Ok((class * 100, class * 100 + 99));
            }
            let (from, to) = text.split_once('-').ok_or_else(bad)?;
            Ok((from.parse().map_err(|_| bad())?, to.parse().map_err(|_| bad())?))
        }
        _ => Err(bad()),
    }
}

fn numbers(pieces: &mut Pieces, list: &[String], place: &str) -> Result<Vec<usize>, String> {
    list.iter().map(|written| pieces.number(written, place)).collect()
}

struct Rows<'a> {
    pieces: Pieces,
    causes: Vec<&'a str>,
}

impl Rows<'_> {
    fn condition(
        &mut self,
        (has, any, not): (&[String], &[String], &[String]),
        status: &[toml::Value],
        place: &str,
    ) -> Result<String, String> {
        let has = numbers(&mut self.pieces, has, place)?;
        let any = numbers(&mut self.pieces, any, place)?;
        let not = numbers(&mut self.pieces, not, place)?;
        let status: Result<Vec<_>, String> = status.iter().map(status_range).collect();
        let status = status.map_err(|why| format!("{place}: {why}"))?;
        Ok(format!("Condition {{ has: &{has:?}, any: &{any:?}, not: &{not:?}, status: &{status:?} }}"))
    }

    fn failure(&mut self, row: &Failure, place: &str) -> Result<String, String> {
        let condition = self.condition((&row.has, &row.any, &row.not), &row.status, place)?;
        for layer in &row.layers {
            if !LAYERS.contains(&layer.as_str()) {
                return Err(format!("{place}: layer {layer:?} is none of {LAYERS:?}"));
            }
        }
        let mut causes = Vec::new();
        for cause in &row.causes {
            let at = self.causes.iter().position(|known| known == cause);
            causes.push(at.ok_or_else(|| format!("{place}: cause {cause:?} is not in causes.toml"))?);
        }
        if row.layers.is_empty() {
            return Err(format!("{place}: names no layer"));
        }
        Ok(format!(
            "FailureRow {{ when: {condition}, layers: &{:?}, causes: &{causes:?}, sure: {} }},\n",
            row.layers, row.sure
        ))
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    println!("cargo::rerun-if-changed={}", path.display());
    let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).map_err(|why| format!("data: {shown}: {why}"))?;
    toml::from_str(&text).map_err(|why| format!("data: {shown}: {}", why.to_string().replace('\n', " ")))
}

fn files(folder: &str) -> Result<Vec<PathBuf>, String> {
    println!("cargo::rerun-if-changed={folder}");
    let listing = std::fs::read_dir(folder).map_err(|why| format!("{folder}: {why}"))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    Ok(paths)
}

/// Writes `knowledge.rs` into `out`.
pub fn write(out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-changed=build");
    let cause_file: CauseFile = read(Path::new("data/causes.toml"))?;
    let remedy_file: RemedyFile = read(Path::new("data/remedies.toml"))?;
    let mut rows = Rows {
        pieces: Pieces::default(),
        causes: cause_file.cause.iter().map(|row| row.id.as_str()).collect(),
    };
    let mut text = String::new();
    advice_tables(&mut text, &cause_file, &remedy_file)?;
    gateway_tables(&mut text, &mut rows)?;
    for name in ["transport", "gateway", "app", "unknown", "soft"] {
        let file: DefaultFile = read(&PathBuf::from(format!("data/defaults/{name}.toml")))?;
        let upper = name.to_uppercase();
        let _ = writeln!(text, "pub static DEFAULT_{upper}: &[FailureRow] = &[");
        for (at, row) in file.failure.iter().enumerate() {
            let place = format!("defaults/{name}.toml: failure {} {:?}", at + 1, row.id);
            text.push_str(&rows.failure(row, &place)?);
        }
        text.push_str("];\n");
    }
    piece_tables(&mut text, &rows.pieces.texts);
    std::fs::write(out.join("knowledge.rs"), text).map_err(|why| format!("knowledge.rs: {why}"))
}

fn gateway_tables(text: &mut String, rows: &mut Rows) -> Result<(), String> {
    let mut gateways = String::new();
    let mut failures = String::new();
    let mut signs: Vec<(usize, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for (number, path) in files("data/gateways")?.iter().enumerate() {
        let file: GatewayFile = read(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let place = format!("gateways/{name}.toml");
        if file.id != name
            || !KINDS.contains(&file.kind.as_str())
            || file.source.is_empty()
            || file.name.is_empty()
        {
            return Err(format!("{place}: wants id {name:?}, a name, a source and a kind out of {KINDS:?}"));
        }
        for sign in &file.sign {
            let place = format!("{place}: sign {:?}", sign.id);
            if !seen.insert(format!("{}.{}", file.id, sign.id)) {
                return Err(format!("{place}: this id is there twice"));
            }
            if !matches!(sign.says.as_str(), "maker" | "front") || sign.weight == 0 || sign.weight > 99 {
                return Err(format!("{place}: says \"maker\" or \"front\", with a weight of 1 to 99"));
            }
            let condition = rows.condition((&sign.has, &sign.any, &sign.not), &sign.status, &place)?;
            // The key is the longest piece: the one least likely to be found where the row does not hold.
            let keys = if sign.has.is_empty() { &sign.any } else { &sign.has };
            let keys = if sign.has.is_empty() {
                keys.clone()
            } else {
                vec![keys.iter().max_by_key(|written| written.len()).cloned().unwrap_or_default()]
            };
            if keys.is_empty() {
                return Err(format!("{place}: has no piece to be found by"));
            }
            for key in keys {
                let key = rows.pieces.number(&key, &place)?;
                signs.push((key, format!(
                    "SignRow {{ gateway: {number}, maker: {}, weight: {}, certain: {}, when: {condition} }},\n",
                    sign.says == "maker", sign.weight, sign.certain
                )));
            }
        }
        let from = count;
        for (at, row) in file.failure.iter().enumerate() {
            failures.push_str(&rows.failure(row, &format!("{place}: failure {} {:?}", at + 1, row.id))?);
            count += 1;
        }
        let _ = writeln!(
            gateways,
            "GatewayRow {{ id: {:?}, kind: Kind::{}, version: &{:?}, failures: ({from}, {count}) }},",
            file.id,
            camel(&file.kind),
            file.version
        );
    }
    signs.sort();
    let _ = writeln!(text, "pub static GATEWAYS: &[GatewayRow] = &[\n{gateways}];");
    let _ = writeln!(text, "pub static FAILURES: &[FailureRow] = &[\n{failures}];");
    let _ = writeln!(text, "pub static SIGNS: &[SignRow] = &[");
    for (_, row) in &signs {
        text.push_str(row);
    }
    text.push_str("];\n");
    let keys: Vec<usize> = signs.iter().map(|(key, _)| *key).collect();
    let _ = writeln!(text, "pub static SIGN_KEYS: &[u16] = &{keys:?};");
    Ok(())
}

fn camel(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The pieces, and for each the four bytes by which the scan finds it.
fn piece_tables(text: &mut String, pieces: &[String]) {
    let mut frequency: BTreeMap<[u8; 4], usize> = BTreeMap::new();
    for piece in pieces {
        for gram in piece.as_bytes().windows(4) {
            *frequency.entry(gram.try_into().unwrap_or_default()).or_default() += 1;
        }
    }
    let mut anchors: Vec<(u32, usize, usize)> = Vec::new();
    let mut filter = vec![0u64; 128];
    for (number, piece) in pieces.iter().enumerate() {
        // Rare among the pieces, and of letters rather than of markup, is rare in pages too.
        let cost = |gram: &[u8]| {
            let key: [u8; 4] = gram.try_into().unwrap_or_default();
            let dull = gram.iter().filter(|byte| b"<>/ aeiotnrs".contains(byte)).count();
            frequency.get(&key).copied().unwrap_or(0) * 4 + dull * 3
        };
        let windows = piece.as_bytes().windows(4).enumerate();
        let Some((at, gram)) = windows.min_by_key(|(_, gram)| cost(gram)) else { continue };
        let gram = u32::from_le_bytes(gram.try_into().unwrap_or_default());
        anchors.push((gram, number, at));
        let bit = normal::filter_bit(gram);
        filter[bit / 64] |= 1 << (bit % 64);
    }
    anchors.sort_unstable();
    let _ = writeln!(text, "pub static PIECES: &[&str] = &{pieces:?};");
    let _ = writeln!(text, "pub const PIECE_WORDS: usize = {};", pieces.len().div_ceil(64));
    let _ = writeln!(text, "pub static ANCHORS: &[(u32, u16, u8)] = &{anchors:?};");
    let _ = writeln!(text, "pub static FILTER: &[u64; 128] = &{filter:?};");
}

fn advice_tables(text: &mut String, file: &CauseFile, remedies: &RemedyFile) -> Result<(), String> {
    let strings: toml::Table = read(Path::new("data/strings/en.toml"))?;
    let texts =
        |section: &str| strings.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let (whys, sentences) = (texts("remedy"), texts("verdict"));
    let known: Vec<&str> = remedies.remedy.iter().map(|row| row.id.as_str()).collect();
    for row in &remedies.remedy {
        if row.cost.is_empty() || row.source.is_empty() {
            return Err(format!("remedies.toml: {:?} wants a cost and a source", row.id));
        }
    }
    let _ = writeln!(text, "pub static STORIES: &[StoryRow] = &[");
    for story in &file.story {
        let place = format!("causes.toml: story {:?}", story.id);
        let list = |advice: &[Advice]| -> Result<String, String> {
            let mut out = String::from("&[");
            for row in advice {
                if !known.contains(&row.remedy.as_str()) {
                    return Err(format!("{place}: remedy {:?} is not in remedies.toml", row.remedy));
                }
                if !whys.contains_key(&row.why) {
                    return Err(format!("{place}: en.toml has no text remedy.{}", row.why));
                }
                let _ = write!(
                    out,
                    "AdviceRow {{ remedy: {:?}, after_s: {:?}, why: \"remedy.{}\" }}, ",
                    row.remedy, row.after_s, row.why
                );
            }
            Ok(out + "]")
        };
        if !sentences.contains_key(&story.sentence) {
            return Err(format!("{place}: en.toml has no text verdict.{}", story.sentence));
        }
        if !matches!(story.transient.as_str(), "likely" | "unlikely" | "unknown")
            || !matches!(story.fault.as_str(), "site" | "visitor" | "between" | "none" | "unknown")
        {
            return Err(format!("{place}: transient or fault is none of PRODUCT.md's words"));
        }
        let _ = writeln!(
            text,
            "StoryRow {{ id: {:?}, sentence: \"verdict.{}\", transient: Transient::{}, fault: AtFault::{}, \
             helps: {}, not_helpful: {} }},",
            story.id,
            story.sentence,
            camel(&story.transient),
            camel(&story.fault),
            list(&story.helps)?,
            list(&story.not_helpful)?
        );
    }
    text.push_str("];\n");
    let _ = writeln!(text, "pub static WHYS: &[(&str, &str)] = &[");
    for (id, why) in &whys {
        let _ = writeln!(text, "(\"remedy.{id}\", {:?}),", why.as_str().unwrap_or_default());
    }
    text.push_str("];\n");
    let _ = writeln!(text, "pub static CAUSES: &[CauseRow] = &[");
    for cause in &file.cause {
        let story = file.story.iter().position(|story| story.id == cause.story);
        let story =
            story.ok_or_else(|| format!("causes.toml: cause {:?}: no story {:?}", cause.id, cause.story))?;
        let _ =
            writeln!(text, "CauseRow {{ id: {:?}, error: {:?}, story: {story} }},", cause.id, cause.error);
    }
    text.push_str("];\n");
    Ok(())
}
