//! `cargo xtask test [--no-browsers] [PART ...]`: every part runs, whatever becomes of the others; the last
//! line says how many tests passed, failed and were skipped.

mod count;
mod parts;

use std::time::Instant;

use crate::progress::say;
use count::Outcome;
use parts::{PARTS, Part};

/// 0 where nothing failed, 1 where something did.
pub fn run(words: &[String]) -> Result<u8, String> {
    let (parts, browsers) = chosen(words)?;
    let mut all = Outcome::default();
    for part in parts {
        if part.browsers && !browsers {
            say(&format!("{}: left out (--no-browsers)", part.name));
            continue;
        }
        say(&format!("{}: {}", part.name, part.what));
        let start = Instant::now();
        let outcome = (part.run)().unwrap_or_else(|why| {
            eprintln!("    {why}");
            Outcome::failure(&format!("{}: {why}", part.name))
        });
        say(&format!("{}: {} in {:.0} s", part.name, outcome.text(), start.elapsed().as_secs_f32()));
        all.add(outcome);
    }
    for line in &all.named {
        eprintln!("failed: {line}");
    }
    for line in &all.left_out {
        eprintln!("skipped: {line}");
    }
    println!("{}", all.text());
    Ok(u8::from(all.failed > 0))
}

/// The parts to run: all, or those named.
fn chosen(words: &[String]) -> Result<(Vec<&'static Part>, bool), String> {
    let (mut named, mut browsers) = (Vec::new(), true);
    for word in words {
        match (word.as_str(), PARTS.iter().find(|part| part.name == word)) {
            ("--no-browsers", _) => browsers = false,
            (_, Some(part)) => named.push(part),
            _ => {
                let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
                return Err(format!(
                    "unknown argument {word:?}: expected --no-browsers or parts of {}",
                    names.join(", ")
                ));
            }
        }
    }
    Ok((if named.is_empty() { PARTS.iter().collect() } else { named }, browsers))
}
