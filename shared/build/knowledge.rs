//! Reads gateways, defaults, causes, stories and remedies, checks every row, writes `knowledge.rs`.
//!
//! Knows the form of the data, nothing of how it is used. Every complaint names file and row.

#[path = "knowledge/advice.rs"]
mod advice;
#[path = "knowledge/limits.rs"]
mod limits;
#[path = "knowledge/pieces.rs"]
mod pieces;
#[path = "knowledge/rows.rs"]
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use pieces::Pieces;
use rows::{Failure, LAYERS, Row, Sign};

const KINDS: &[&str] = &["server", "cdn", "platform", "proxy", "firewall", "framework", "app", "none"];

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

/// One gateway, read and checked.
struct Gateway {
    id: String,
    app: bool,
    /// Its row but for the places of its signs and failures.
    text: String,
    signs: Vec<Row>,
    failures: Vec<Row>,
}

/// Writes `knowledge.rs` into `out`.
pub fn write(out: &Path) -> Result<(), String> {
    let mut text = String::new();
    let causes = advice::tables(&mut text)?;
    let mut pieces = Pieces::default();
    let mut gateways = Vec::new();
    // An experiment: how does the diagnosis fare on, and what does it cost without, these gateways?
    println!("cargo::rerun-if-env-changed=BACKSOON_LEAVE_OUT");
    let left_out = std::env::var_os("BACKSOON_LEAVE_OUT").unwrap_or_default().to_string_lossy().into_owned();
    let left_out: Vec<&str> = left_out.split(',').collect();
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let kept = files("data/gateways")?.into_iter().filter(|path| !left_out.contains(&stem(path).as_str()));
    for (number, path) in kept.enumerate() {
        gateways.push(gateway(number, &path, &causes, &mut pieces)?);
    }
    let mut defaults = Vec::new();
    for name in ["standard", "hints", "transport", "gateway", "app", "unknown", "soft"] {
        let file: DefaultFile = read(&PathBuf::from(format!("data/defaults/{name}.toml")))?;
        defaults
            .push((name, failures(&file.failure, &format!("defaults/{name}.toml"), &causes, &mut pieces)?));
    }
    let order = pieces.tables(&mut text);
    let mut code = Vec::new();
    let _ = writeln!(text, "pub static GATEWAYS: &[GatewayRow] = &[");
    for gateway in &gateways {
        let signs = write_list(&gateway.signs, &mut code, &order);
        let failures = write_list(&gateway.failures, &mut code, &order);
        let _ =
            writeln!(text, "GatewayRow {{ {}, signs: {signs:?}, failures: {failures:?} }},", gateway.text);
    }
    text.push_str("];\n");
    for (name, list) in &defaults {
        let (at, count) = write_list(list, &mut code, &order);
        let _ = writeln!(text, "pub const DEFAULT_{}: (u16, u16) = ({at}, {count});", name.to_uppercase());
    }
    let (at, count) = limits::write(&gateways, &left_out, &causes, &mut code, &mut text)?;
    let _ = writeln!(text, "pub const LIMITS: (u16, u16) = ({at}, {count});");
    if code.len() > usize::from(u16::MAX) {
        return Err(format!("data: {} numbers of rows, more than 16 bits can tell apart", code.len()));
    }
    let app = LAYERS.iter().position(|id| *id == "app").unwrap_or_default();
    let _ = writeln!(text, "pub const APP_LAYER: u16 = {app};");
    let _ = writeln!(text, "pub static LAYERS: &[&str] = &{LAYERS:?};");
    let _ = writeln!(text, "static CODE: &[u16] = &{code:?};");
    std::fs::write(out.join("knowledge.rs"), text).map_err(|why| format!("knowledge.rs: {why}"))
}

fn write_list(rows: &[Row], code: &mut Vec<u16>, order: &[usize]) -> (usize, usize) {
    let at = code.len();
    for row in rows {
        row.write(code, order);
    }
    (at, rows.len())
}

fn gateway(number: usize, path: &Path, causes: &[String], pieces: &mut Pieces) -> Result<Gateway, String> {
    let file: GatewayFile = read(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let place = format!("gateways/{name}.toml");
    let told = !file.source.is_empty() && !file.name.is_empty();
    if file.id != name || !told || !KINDS.contains(&file.kind.as_str()) {
        return Err(format!("{place}: wants id {name:?}, a name, a source and a kind out of {KINDS:?}"));
    }
    let mut seen = BTreeSet::new();
    let mut signs = Vec::new();
    for sign in &file.sign {
        let place = format!("{place}: sign {:?}", sign.id);
        if !seen.insert(&sign.id) {
            return Err(format!("{place}: this id is there twice"));
        }
        signs.push(sign.row(number, pieces, &place)?);
    }
    let kind = camel(&file.kind);
    let text = format!("id: {:?}, kind: Kind::{kind}, version: &{:?}", file.id, file.version);
    let app = matches!(file.kind.as_str(), "app" | "framework");
    Ok(Gateway {
        id: file.id.clone(),
        app,
        text,
        signs,
        failures: failures(&file.failure, &place, causes, pieces)?,
    })
}

fn failures(
    list: &[Failure],
    place: &str,
    causes: &[String],
    pieces: &mut Pieces,
) -> Result<Vec<Row>, String> {
    let row = |(at, row): (usize, &Failure)| {
        row.row(causes, pieces, &format!("{place}: failure {} {:?}", at + 1, row.id))
    };
    list.iter().enumerate().map(row).collect()
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).map_err(|why| format!("data: {shown}: {why}"))?;
    toml::from_str(&text).map_err(|why| format!("data: {shown}: {}", why.to_string().replace('\n', " ")))
}

fn files(folder: &str) -> Result<Vec<PathBuf>, String> {
    let listing = std::fs::read_dir(folder).map_err(|why| format!("{folder}: {why}"))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    Ok(paths)
}

fn camel(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
