//! Bad input to the commands ends with exit status 2, one line that says what was expected, and nothing built
//! or left running.

use std::net::TcpListener;
use std::process::{Command, Output};

use backsoon_tests::replay::{BadOrigin, Options};

fn xtask(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("xtask runs")
}

/// What it said, in its one line.
fn refused(words: &[&str]) -> String {
    let output = xtask(words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{words:?} must say it in one line: {said}");
    assert!(output.stdout.is_empty(), "{words:?} has no result to print");
    said
}

#[track_caller]
fn says(words: &[&str], expected: &[&str]) {
    let said = refused(words);
    for part in expected {
        assert!(said.contains(part), "{words:?}: no {part:?} in {said}");
    }
}

#[test]
fn unknown_commands_and_arguments_are_named() {
    says(&["nonsense"], &["nonsense", "demo, test, serve"]);
    says(&["serve", "--nonsense"], &["--nonsense", "--origin URL"]);
    says(&["demo", "--nonsense"], &["--nonsense", "--check"]);
    says(&["test", "nonsense"], &["nonsense", "--no-browsers", "native"]);
    says(&["demo", "--port", "70000"], &["70000", "0 to 65535"]);
    says(&["demo", "--port"], &["--port"]);
}

#[test]
fn an_origin_must_be_there() {
    let origin = BadOrigin::start(Options::default()).expect("free ports");
    says(&["serve"], &["--origin is missing"]);
    says(&["serve", "--port", "0", "--origin", "shop.example"], &["ORIGIN", "shop.example", "expected"]);
    says(&["serve", "--port", "0", "--origin", "ftp://shop.example"], &["ORIGIN", "expected"]);
    says(&["serve", "--port", "0", "--origin", "http://"], &["ORIGIN", "expected"]);
    says(
        &["serve", "--port", "0", "--origin", &origin.refused_url()],
        &["cannot be reached", "start the web server first"],
    );
    says(&["serve", "--port", "0", "--origin", "http://nowhere.invalid"], &["cannot be resolved"]);
}

#[test]
fn a_setting_must_be_known_and_right() {
    let origin = BadOrigin::start(Options::default()).expect("free ports");
    let with = |set: &str| refused(&["serve", "--port", "0", "--origin", &origin.url(), "--set", set]);
    let unknown = with("FLAVOUR=blue");
    assert!(unknown.contains("FLAVOUR") && unknown.contains("expected"), "{unknown}");
    let wrong = with("timeout_ms=soon");
    assert!(wrong.contains("TIMEOUT_MS") && wrong.contains("soon") && wrong.contains("from 100"), "{wrong}");
    assert!(with("timeout_ms").contains("key=value"));
}

#[test]
fn a_port_in_use_is_said_before_anything_is_built() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let origin = BadOrigin::start(Options::default()).expect("free ports");
    says(&["serve", "--origin", &origin.url(), "--port", &port], &["cannot be had", "--port N"]);
    says(&["demo", "--port", &port], &["cannot be had", "--port N"]);
    says(&["demo", "--port", "0", "--control-port", &port], &["cannot be had", "--control-port N"]);
}

#[test]
fn check_config_names_key_value_and_what_was_expected() {
    let folder = std::env::temp_dir().join(format!("backsoon-check-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("wrangler.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        let output = xtask(&["check-config", &file.to_string_lossy()]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let worker = "main = \"target/worker/entry.mjs\"\ncompatibility_date = \"2026-11-01\"\n\
                  routes = [{ pattern = \"shop.example\", custom_domain = true }]\n\
                  build.command = \"cargo xtask build-worker\"\n";
    let good = format!("{worker}[vars]\nORIGIN = \"https://origin.shop.example\"\nTIMEOUT_MS = 2000\n");
    assert_eq!(check(&good), (Some(0), String::new()));
    let (status, said) =
        check(&format!("{good}COPIES = \"maybe\"\n[env.test.vars]\nFLAVOUR = \"blue\"\nORIGIN = \"\"\n"));
    assert!(status == Some(2) && said.lines().count() >= 2, "{said}");
    assert!(said.contains("[vars]: COPIES = \"maybe\": expected"), "{said}");
    assert!(said.contains("[env.test.vars]: FLAVOUR = \"blue\": expected"), "{said}");
    let (status, said) = check("[vars\n");
    assert!(status == Some(2) && said.contains("line 1"), "{said}");
    std::fs::remove_dir_all(&folder).expect("the folder removed");
    says(&["check-config", &file.to_string_lossy()], &["cannot be read"]);
}
