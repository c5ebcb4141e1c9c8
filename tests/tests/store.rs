//! What the stores are told (`docs/store/`) is what the extension is: every permission justified and none left
//! over, the package's own name and description, the stores' limits.
#![cfg(not(target_family = "wasm"))]

use backsoon::text::{self, Lang};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn manifest() -> Value {
    serde_json::from_str(&read("extension/manifest.json")).expect("the manifest is JSON")
}

/// All that the manifest may ask for, now or later.
fn permissions() -> BTreeSet<String> {
    let manifest = manifest();
    let keys = ["permissions", "optional_permissions", "host_permissions", "optional_host_permissions"];
    let named = keys.iter().filter_map(|key| manifest[key].as_array()).flatten();
    named.map(|name| name.as_str().expect("a permission is text").to_string()).collect()
}

/// The headings of one permission each, with what stands under them.
fn justified() -> Vec<(String, String)> {
    let page = read("docs/store/permissions.md");
    let parts = page.split("\n### `").skip(1);
    parts
        .map(|part| {
            let (name, rest) = part.split_once("`\n").expect("a heading is one permission");
            (name.to_string(), rest.split("\n## ").next().unwrap_or_default().trim().to_string())
        })
        .collect()
}

#[test]
fn every_permission_has_its_reason_and_none_is_left_over() {
    let asked = permissions();
    assert!(asked.len() > 5, "only {asked:?} were read");
    let found = justified();
    let names: BTreeSet<String> = found.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(asked, names, "manifest and docs/store/permissions.md");
    assert_eq!(names.len(), found.len(), "one heading each");
    for (name, why) in found {
        assert!(why.len() > 60, "{name}: {why:?} is no reason");
    }
}

#[test]
fn what_is_not_asked_for_is_not() {
    let page = read("docs/store/permissions.md");
    let absent = page.split("## Not asked for").nth(1).expect("the part about what is not asked for");
    let sentence = absent.split(';').next().unwrap_or_default();
    let named: Vec<&str> = sentence.split('`').skip(1).step_by(2).collect();
    assert!(named.contains(&"tabs") && named.contains(&"cookies"), "{named:?}");
    for name in named {
        assert!(!permissions().contains(name), "{name} is in the manifest");
    }
    assert!(manifest()["content_scripts"].is_null() && manifest()["host_permissions"].is_null());
}

#[test]
fn the_listing_says_what_the_package_says_within_the_stores_limits() {
    let listing = read("docs/store/listing.md");
    let below = |title: &str| {
        let after = listing.split(&format!("\n## {title}\n")).nth(1).expect(title);
        after.split("\n## ").next().unwrap_or_default().trim().to_string()
    };
    assert_eq!(Some(below("Name").as_str()), text::MANIFEST.exact(Lang::ENGLISH, "name"));
    assert_eq!(Some(below("Short description").as_str()), text::MANIFEST.exact(Lang::ENGLISH, "description"));
    // The narrowest of the stores: Edge's of the name (Mozilla 50, Chrome 75), Chrome's of the description.
    for lang in Lang::all() {
        for (id, most) in [("name", 45), ("description", 132)] {
            let count = text::MANIFEST.exact(lang, id).map_or(0, |text| text.chars().count());
            assert!(count <= most, "{} {id}: {count} characters of {most}", lang.tag());
        }
    }
    assert!(!below("Single purpose").contains('\n'), "one purpose, one sentence");
    assert!(below("Description").len() <= 16_000, "Chrome's limit");
}

#[test]
fn privacy_says_what_mozilla_is_told() {
    let gecko = &manifest()["browser_specific_settings"]["gecko"];
    assert_eq!(gecko["data_collection_permissions"]["required"], serde_json::json!(["none"]));
    assert!(read("docs/store/privacy.md").contains("`data_collection_permissions` is `none`"));
}

#[test]
fn reviewers_are_told_the_version_that_compiles_the_same_bytes() {
    let workspace: toml::Value = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml");
    let version = workspace["workspace"]["package"]["rust-version"].as_str().expect("rust-version");
    let notes = read("docs/store/reviewers.md");
    assert!(
        notes.contains(&format!("cargo +{version}.0 xtask package")),
        "{version} is what Cargo.toml asks for"
    );
    // The scripts that the reasons name are in the package.
    for file in read("docs/store/permissions.md").split('`').filter(|word| word.ends_with(".js")) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../extension/static").join(file);
        assert!(path.is_file(), "{file} is not in extension/static");
    }
}
