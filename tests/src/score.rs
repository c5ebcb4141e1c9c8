//! Scores verdicts against captures by the rules of `captures/FORMAT.md`, as `score.py` does.
//!
//! Knows nothing of how a verdict comes about: it is handed a function from a capture to a verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use backsoon::verdict::{AtFault, Certainty, Verdict};

use crate::capture::{Capture, parse};

/// Names of frameworks, each of which counts as `app`.
const FRAMEWORKS: &[&str] = &[
    "app",
    "django",
    "flask",
    "fastapi",
    "express",
    "fastify",
    "node",
    "gunicorn",
    "uvicorn",
    "waitress",
    "hypercorn",
    "php",
    "php-fpm",
    "php_fpm",
    "wordpress",
    "uwsgi",
    "tomcat",
    "rails",
    "nextjs",
    "spring_boot",
    "discourse",
    "starlette",
    "werkzeug",
];

/// The figures, and each miss as one line.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Exchanges in which something failed.
    pub failures: usize,
    /// Exchanges in which nothing visible failed.
    pub controls: usize,
    /// Controls for which somebody was blamed.
    pub blamed: usize,
    /// Makers named rightly, honestly unknown, wrong; `certain` and wrong.
    pub right: usize,
    /// See `right`.
    pub unknown: usize,
    /// See `right`.
    pub wrong: usize,
    /// See `right`.
    pub lies: usize,
    /// Failures whose maker no other capture's evidence puts in doubt, and how many of them were named.
    pub knowable: usize,
    /// See `knowable`.
    pub knowable_right: usize,
    /// First-ranked layer right.
    pub layer_right: usize,
    /// Failures with a known cause, and how many had it in the set.
    pub with_cause: usize,
    /// See `with_cause`.
    pub cause_in_set: usize,
    /// Set sizes less the causes of the evidence group, sorted.
    pub excess: Vec<i64>,
    /// `gateway|layer|cause id: ...`.
    pub misses: Vec<String>,
}

/// All captures below a folder, sorted by path; reference tables left out.
///
/// # Errors
/// One line naming the file.
pub fn captures(folder: &Path) -> Result<Vec<Capture>, String> {
    let mut paths = Vec::new();
    below(folder, &mut paths)?;
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
        parse(&text).map_err(|why| format!("{}: {why}", path.display()))
    };
    paths.iter().filter_map(|path| read(path).transpose()).collect()
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let listing = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    Ok(())
}

fn same_maker(said: &str, truth: &str) -> bool {
    if truth == "none" {
        return matches!(said, "none" | "app" | "unknown");
    }
    said == truth || (FRAMEWORKS.contains(&said) && FRAMEWORKS.contains(&truth))
}

/// Scores what `verdict_of` says of each capture.
pub fn score(captures: &[Capture], verdict_of: impl Fn(&Capture) -> Verdict) -> Score {
    let mut groups: BTreeMap<String, Vec<&Capture>> = BTreeMap::new();
    for capture in captures {
        groups.entry(capture.evidence()).or_default().push(capture);
    }
    let mut score = Score::default();
    for capture in captures {
        let verdict = verdict_of(capture);
        let Some(layer) = capture.truth.layer.as_deref().filter(|_| capture.visible_failure != Some(false))
        else {
            score.controls += 1;
            let blames = !matches!(verdict.fault, AtFault::None | AtFault::Unknown);
            if blames && capture.visible_failure == Some(false) && capture.truth.layer.is_none() {
                score.blamed += 1;
                score.misses.push(format!("blamed {}", capture.id));
            }
            continue;
        };
        let mates = groups.get(&capture.evidence()).map(Vec::as_slice).unwrap_or_default();
        score.failures += 1;
        gateway(&mut score, capture, mates, &verdict);
        let layers: BTreeSet<_> = mates.iter().filter_map(|mate| mate.truth.layer.as_deref()).collect();
        let first = verdict.layers.first().map_or("none", |layer| layer.id);
        if layers.contains(first) {
            score.layer_right += 1;
        } else {
            score.misses.push(format!("layer {}: said {first}, truth {layer}", capture.id));
        }
        causes(&mut score, capture, mates, &verdict);
    }
    score.excess.sort_unstable();
    score
}

/// Layers and causes that were said to be certain and are not true of any capture with the same evidence.
#[must_use]
pub fn false_certainties(captures: &[Capture], verdict_of: impl Fn(&Capture) -> Verdict) -> Vec<String> {
    let mut groups: BTreeMap<String, Vec<&Capture>> = BTreeMap::new();
    for capture in captures {
        groups.entry(capture.evidence()).or_default().push(capture);
    }
    let mut wrong = Vec::new();
    for capture in captures.iter().filter(|capture| capture.visible_failure != Some(false)) {
        let mates = groups.get(&capture.evidence()).map(Vec::as_slice).unwrap_or_default();
        let verdict = verdict_of(capture);
        for layer in verdict.layers.iter().filter(|layer| layer.certainty == Certainty::Certain) {
            if !mates.iter().any(|mate| mate.truth.layer.as_deref() == Some(layer.id)) {
                wrong.push(format!("{}: layer {}", capture.id, layer.id));
            }
        }
        for cause in verdict.causes.iter().filter(|cause| cause.certainty == Certainty::Certain) {
            if !mates.iter().any(|mate| mate.truth.causes.iter().any(|known| known == cause.id)) {
                wrong.push(format!("{}: cause {}", capture.id, cause.id));
            }
        }
    }
    wrong
}

fn gateway(score: &mut Score, capture: &Capture, mates: &[&Capture], verdict: &Verdict) {
    let makers: BTreeSet<&str> =
        mates.iter().map(|mate| mate.truth.gateway.as_deref().unwrap_or("unknown")).collect();
    let said = verdict.gateway.id.as_str();
    let knowable = makers.len() == 1;
    score.knowable += usize::from(knowable);
    let truth = capture.truth.gateway.as_deref().unwrap_or("unknown");
    if makers.iter().any(|maker| same_maker(said, maker)) {
        score.right += 1;
        score.knowable_right += usize::from(knowable);
    } else if said == "unknown" {
        score.unknown += 1;
        if knowable {
            score.misses.push(format!("gateway {}: said unknown, truth {truth}", capture.id));
        }
    } else {
        score.wrong += 1;
        let lie = verdict.gateway.certainty == Certainty::Certain;
        score.lies += usize::from(lie);
        let how = if lie { " and was certain" } else { "" };
        score.misses.push(format!("gateway {}: said {said}{how}, truth {truth}", capture.id));
    }
}

fn causes(score: &mut Score, capture: &Capture, mates: &[&Capture], verdict: &Verdict) {
    if capture.truth.causes.is_empty() {
        return;
    }
    score.with_cause += 1;
    let said: BTreeSet<&str> = verdict.causes.iter().map(|cause| cause.id).collect();
    let group: BTreeSet<&str> =
        mates.iter().flat_map(|mate| &mate.truth.causes).map(String::as_str).collect();
    score.excess.push(said.len() as i64 - group.len() as i64);
    if capture.truth.causes.iter().any(|cause| said.contains(cause.as_str())) {
        score.cause_in_set += 1;
    } else {
        score.misses.push(format!("cause {}: said {said:?}, truth {:?}", capture.id, capture.truth.causes));
    }
}

impl Score {
    /// `part` of `all` in percent; 100 of nothing.
    #[must_use]
    pub fn percent(part: usize, all: usize) -> f64 {
        if all == 0 { 100.0 } else { 100.0 * part as f64 / all as f64 }
    }

    /// The excess of the cause set at the median and at the 90th percentile.
    #[must_use]
    pub fn excess(&self) -> (i64, i64) {
        let at = |share: f64| {
            let index = (self.excess.len() as f64 * share) as usize;
            self.excess.get(index).copied().unwrap_or(0)
        };
        (at(0.5), at(0.9))
    }

    /// The figures on one line.
    #[must_use]
    pub fn line(&self) -> String {
        let (median, ninetieth) = self.excess();
        format!(
            "failures {}, controls {} (blamed {}); gateway right {:.1}%, unknown {}, wrong {}, lies {}; knowable \
             right {:.1}% of {}; first layer {:.1}%; cause in set {:.1}%; set over group: median {median}, 90th \
             {ninetieth}",
            self.failures,
            self.controls,
            self.blamed,
            Self::percent(self.right, self.failures),
            self.unknown,
            self.wrong,
            self.lies,
            Self::percent(self.knowable_right, self.knowable),
            self.knowable,
            Self::percent(self.layer_right, self.failures),
            Self::percent(self.cause_in_set, self.with_cause),
        )
    }
}
