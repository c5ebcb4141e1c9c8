//! A bad row stops the build with one line that names file, id and reason: one case a file.

#[allow(dead_code, reason = "the build script's own code, of which only the part without files is run here")]
#[path = "../../../shared/build/runbook.rs"]
mod build;

use crate::rows::{files, listed, name, repository};

#[test]
fn bad_rows_stop_the_build() {
    let words = files().into_iter().find(|(name, _)| name == "words.toml").unwrap();
    let cases = listed(&repository().join("tests/cases/runbook/bad"), "toml");
    assert!(cases.len() >= 12, "only {} cases", cases.len());
    for path in cases {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected =
            text.lines().next().unwrap().strip_prefix("# expect: ").expect("a first line `# expect: `");
        let refused = build::compile(&[words.clone(), (name(&path), text.clone())]).unwrap_err();
        assert!(refused.contains(expected), "{}: expected {expected:?}, found {refused:?}", name(&path));
        assert!(refused.contains(&name(&path)) && !refused.contains('\n'), "{refused:?}");
    }
}

#[test]
fn the_rows_build() {
    build::compile(&files()).unwrap();
}
