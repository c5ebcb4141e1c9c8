//! `cargo xtask bench [PART ...]`: measurements side by side, one table. A figure stands beside what it is to
//! be compared with, and belongs to the machine that it was measured on.

mod brain;
mod curve;
mod extension;
mod latency;
mod outage;
mod overhead;
mod page;
mod size;
mod stream;

/// One line of the table.
pub struct Row {
    pub what: String,
    pub backsoon: String,
    /// What it is compared with, or what it may be at most.
    pub beside: String,
}

type Part = (&'static str, fn() -> Result<Vec<Row>, String>);

/// The parts. A new one is a module with such a function.
const PARTS: &[Part] = &[
    ("size", size::rows),
    ("brain", brain::rows),
    ("curve", curve::rows),
    ("extension", extension::rows),
    ("page", page::rows),
    ("latency", latency::rows),
    ("overhead", overhead::rows),
    ("stream", stream::rows),
    ("outage", outage::rows),
];

/// 0 where every part could be measured, 1 where one could not.
pub fn run(words: &[String]) -> Result<u8, String> {
    let known: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
    if let Some(word) = words.iter().find(|word| !known.contains(&word.as_str())) {
        return Err(format!("unknown argument {word:?}: expected parts of {}", known.join(", ")));
    }
    let (mut table, mut status) = (Vec::new(), 0);
    for (name, measure) in PARTS {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        match crate::progress::timed(&format!("measuring: {name}"), measure) {
            Ok(rows) => table.extend(rows),
            Err(why) => {
                eprintln!("    {name} could not be measured: {why}");
                status = 1;
            }
        }
    }
    println!("| what | Backsoon | beside |\n| --- | --- | --- |");
    for row in table {
        println!("| {} | {} | {} |", row.what, row.backsoon, row.beside);
    }
    Ok(status)
}

impl Row {
    fn new(what: &str, backsoon: impl Into<String>, beside: impl Into<String>) -> Self {
        Self { what: what.to_string(), backsoon: backsoon.into(), beside: beside.into() }
    }
}
