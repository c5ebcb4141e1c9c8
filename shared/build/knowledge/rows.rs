//! Rows of signs and failures, checked and written as one list of numbers.
//!
//! Numbers and no pointers: a third of the bytes in wasm. `diagnosis/tables.rs` reads what is written here.

use serde::Deserialize;

use super::pieces::Pieces;

/// The layers in the order in which rows number them; `tables.rs` has the same list written out for it.
pub const LAYERS: &[&str] = &[
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

/// A sign of who made or passed an answer, as the data writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    pub id: String,
    says: String,
    weight: u16,
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
    /// Ids of captures, or of cases in `tests/cases/diagnosis`, that show it and that do not; a test reads them.
    #[serde(default, rename = "yes")]
    _yes: Vec<String>,
    #[serde(default, rename = "no")]
    _no: Vec<String>,
}

/// What broke, as the data writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    #[serde(default)]
    pub id: String,
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

/// A row before its pieces have their last numbers.
pub struct Row {
    head: Vec<u16>,
    status: Vec<u16>,
    pieces: [Vec<usize>; 3],
    tail: Vec<u16>,
}

impl Row {
    fn new(
        pieces: &mut Pieces,
        lists: [&[String]; 3],
        status: &[toml::Value],
        place: &str,
    ) -> Result<Row, String> {
        let mut numbered: [Vec<usize>; 3] = Default::default();
        for (numbers, list) in numbered.iter_mut().zip(lists) {
            for written in list {
                numbers.push(pieces.number(written, place)?);
            }
        }
        let mut ranges = Vec::new();
        for value in status {
            let (from, to) = status_range(value).map_err(|why| format!("{place}: {why}"))?;
            ranges.extend([from, to]);
        }
        if numbered.iter().any(|list| list.len() > 60) || ranges.len() > 60 {
            return Err(format!("{place}: more than 60 pieces in one list"));
        }
        Ok(Row { head: vec![], status: ranges, pieces: numbered, tail: vec![] })
    }

    /// Appends the row; `order` gives each piece its last number.
    pub fn write(&self, code: &mut Vec<u16>, order: &[usize]) {
        let length = |list: usize| list as u16;
        let [has, any, not] = &self.pieces;
        code.extend(&self.head);
        code.push(length(self.status.len()) << 8 | length(has.len()));
        code.push(length(any.len()) << 8 | length(not.len()));
        code.extend(&self.status);
        code.extend(self.pieces.iter().flatten().map(|number| order[*number] as u16));
        code.extend(&self.tail);
    }
}

impl Sign {
    /// The checked row.
    pub fn row(&self, gateway: usize, pieces: &mut Pieces, place: &str) -> Result<Row, String> {
        if !matches!(self.says.as_str(), "maker" | "front") || self.weight == 0 || self.weight > 99 {
            return Err(format!("{place}: says \"maker\" or \"front\", with a weight of 1 to 99"));
        }
        if self.has.is_empty() && self.any.is_empty() {
            return Err(format!("{place}: has no piece to be found by"));
        }
        let mut row = Row::new(pieces, [&self.has, &self.any, &self.not], &self.status, place)?;
        let flags = u16::from(self.says == "maker") << 14 | u16::from(self.certain) << 15;
        row.head = vec![gateway as u16 | flags, self.weight];
        Ok(row)
    }
}

impl Failure {
    /// The checked row.
    pub fn row(&self, causes: &[String], pieces: &mut Pieces, place: &str) -> Result<Row, String> {
        let mut row = Row::new(pieces, [&self.has, &self.any, &self.not], &self.status, place)?;
        for layer in &self.layers {
            let at = LAYERS.iter().position(|known| known == layer);
            let at = at.ok_or_else(|| format!("{place}: layer {layer:?} is none of {LAYERS:?}"))?;
            row.tail.push(at as u16);
        }
        for cause in &self.causes {
            let at = causes.iter().position(|known| known == cause);
            let at = at.ok_or_else(|| format!("{place}: cause {cause:?} is not in causes.toml"))?;
            row.tail.push(at as u16);
        }
        if self.layers.is_empty() {
            return Err(format!("{place}: names no layer"));
        }
        let counts = (self.layers.len() as u16) << 8 | self.causes.len() as u16;
        row.head = vec![counts | u16::from(self.sure) << 15];
        Ok(row)
    }
}

/// `502`, `"5xx"` or `"520-526"` as a closed range.
fn status_range(value: &toml::Value) -> Result<(u16, u16), String> {
    let bad = || format!("status {value} is none of 502, \"5xx\", \"520-526\"");
    match value {
        toml::Value::Integer(code) => u16::try_from(*code).map(|code| (code, code)).map_err(|_| bad()),
        toml::Value::String(text) => {
            if let Some(class) = text.strip_suffix("xx") {
                let class: u16 = class.parse().ok().filter(|class| *class < 10).ok_or_else(bad)?;
                return Ok((class * 100, class * 100 + 99));
            }
            let (from, to) = text.split_once('-').ok_or_else(bad)?;
            Ok((from.parse().map_err(|_| bad())?, to.parse().map_err(|_| bad())?))
        }
        _ => Err(bad()),
    }
}
