//! The runbooks of all captures: for nearly every real failure one step confirms and one mends its true cause.

use backsoon::diagnosis::diagnose;
use backsoon::facts::View;
use backsoon::runbook::{OwnerFacts, Stage, chosen};
use backsoon::verdict::AtFault;
use backsoon_tests::capture;

use crate::rows::{listed, repository};

/// Of a hundred failures, so many have a step of the stage that is for a true cause. The rest are those that
/// look like a dozen others from outside, where three steps cannot cover all.
const AT_LEAST: usize = 93;

#[test]
fn real_failures_get_steps_for_their_true_causes() {
    let folders = std::fs::read_dir(repository().join("tests/captures")).unwrap();
    let mut files: Vec<_> =
        folders.map(|f| f.unwrap().path()).filter(|p| p.is_dir()).flat_map(|p| listed(&p, "json")).collect();
    files.sort();
    let (mut failures, mut confirmed, mut mended) = (0, 0, 0);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(capture) = capture::parse(&text).unwrap() else { continue };
        let verdict = diagnose(&capture.exchange(View::Wire));
        let steps = chosen(&verdict, &OwnerFacts::default());
        if verdict.fault == AtFault::None || capture.truth.causes.is_empty() {
            continue;
        }
        let ids: Vec<&str> = steps.iter().map(|step| step.id).collect();
        // A visitor's own fault leaves an owner little to do.
        let least = if verdict.fault == AtFault::Visitor { 2 } else { 4 };
        assert!((least..=8).contains(&steps.len()), "{}: {ids:?}", capture.id);
        let is_true = |stage: Stage| {
            steps.iter().any(|s| s.stage == stage && capture.truth.causes.iter().any(|c| s.is_for(c)))
        };
        failures += 1;
        confirmed += usize::from(is_true(Stage::Confirm));
        mended += usize::from(is_true(Stage::Fix));
    }
    println!("{failures} failures: a step confirms the true cause in {confirmed}, one mends it in {mended}");
    assert!(failures > 500, "only {failures} failures");
    assert!(confirmed * 100 >= failures * AT_LEAST, "{confirmed} of {failures} confirmed");
    assert!(mended * 100 >= failures * AT_LEAST, "{mended} of {failures} mended");
}
