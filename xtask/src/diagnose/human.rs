//! A verdict for people: the verdict first, then what it stands on, then what to do.

use std::fmt::Write as _;

use backsoon::text::{Lang, say};
use backsoon::verdict::{Certainty, Verdict};

use super::Named;

/// Width of running text, so that it fits a terminal of 100 columns with its margin.
const COLUMNS: usize = 92;

/// The verdict in words, with colour where asked for.
pub fn words(named: &Named, verdict: &Verdict, colour: bool) -> String {
    let paint = |code: &str, text: &str| {
        if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    let status = named.exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
    let sentence = say(Lang::ENGLISH, verdict.sentence_id);
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!("{}  {}", paint("1", &format!("{} ({status})", shown(&named.id))), paint("33", sentence)));
    let version = verdict.gateway.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    line(format!(
        "  made by    {}{version}, {}{}",
        paint("36", &verdict.gateway.id),
        sure(verdict.gateway.certainty),
        seen(&verdict.gateway.evidence)
    ));
    if let Some(front) = &verdict.front {
        line(format!("  passed by  {}, {}", paint("36", &front.id), sure(front.certainty)));
    }
    for (at, layer) in verdict.layers.iter().enumerate() {
        let label = if at == 0 { "broke at  " } else { "or at     " };
        line(format!("  {label} {}, {}", paint("36", layer.id), sure(layer.certainty)));
    }
    for (at, cause) in verdict.causes.iter().enumerate() {
        let label = if at == 0 { "because   " } else { "or        " };
        let error = cause.error.map(|error| format!(" [{error}]")).unwrap_or_default();
        line(format!("  {label} {}{error}, {}", paint("36", cause.id), sure(cause.certainty)));
    }
    let mut stands: Vec<String> = Vec::new();
    for word in verdict.causes.iter().flat_map(|cause| &cause.evidence) {
        if !stands.contains(word) {
            stands.push(word.clone());
        }
    }
    if !verdict.causes.is_empty() {
        line(format!("  stands on {}", seen(&stands)));
    }
    for step in &verdict.visitor {
        let after = step.after_s.map(|seconds| format!(" after {seconds} s")).unwrap_or_default();
        line(format!("  visitor    {}{after}: {}", paint("32", step.remedy), step.why));
    }
    for row in &verdict.not_helpful {
        line(format!("  no use     {}: {}", paint("31", row.remedy), row.why));
    }
    if !verdict.owner.is_empty() {
        line("  owner      what to do, best first; nothing is run for you".to_owned());
    }
    for (number, step) in (1..).zip(&verdict.owner) {
        for (at, text) in wrapped(&shown(&step.step)).enumerate() {
            let lead = if at == 0 { format!("  {number:>2}. ") } else { "      ".to_owned() };
            line(format!("{lead}{}", paint("32", &text)));
        }
        for (at, text) in wrapped(&shown(&step.why)).enumerate() {
            line(format!("      {}{text}", if at == 0 { "Why: " } else { "     " }));
        }
        for command in &step.commands {
            // A remark or a setting is no command to type.
            let prompt = if command.starts_with('#') { "" } else { "$ " };
            line(format!("      {prompt}{command}"));
        }
    }
    out.push('\n');
    out
}

/// Lines of at most [`COLUMNS`], broken between words.
fn wrapped(text: &str) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + word.chars().count() < COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter()
}

fn sure(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Possible => "possible",
        Certainty::Likely => "likely",
        Certainty::Certain => "certain",
    }
}

fn seen(evidence: &[String]) -> String {
    if evidence.is_empty() { String::new() } else { format!(" ({})", evidence.join("; ")) }
}

/// Control characters of foreign text must not steer a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}
