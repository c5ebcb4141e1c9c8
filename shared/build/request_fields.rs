//! `data/request-fields.toml` into the sorted tables of `request_fields.rs`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fields: Vec<Group>,
    outgoing: Outgoing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    rule: String,
    #[serde(default)]
    values: Vec<String>,
    why: String,
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outgoing {
    forwarding: Vec<String>,
    addresses: Vec<String>,
}

const RULES: &[(&str, &str)] = &[
    ("address-6", "Rule::Address6"),
    ("any", "Rule::Any"),
    ("apart", "Rule::Apart"),
    ("app", "Rule::App"),
    ("cdn-loop", "Rule::CdnLoop"),
    ("digits", "Rule::Digits"),
    ("origin", "Rule::Origin"),
    ("own-address", "Rule::OwnAddress"),
    ("own-host", "Rule::OwnHost"),
    ("own-scheme", "Rule::OwnScheme"),
    ("own-zone", "Rule::OwnZone"),
    ("platform", "Rule::Platform"),
    ("pseudo-4", "Rule::Pseudo4"),
    ("token", "Rule::Token"),
];

/// Writes `OUT_DIR/request_fields.rs`; `Err` is one line naming the field.
pub fn build(data: &Path, out: &Path) -> Result<(), String> {
    let place = "data/request-fields.toml";
    let text = fs::read_to_string(data.join("request-fields.toml")).map_err(|e| format!("{place}: {e}"))?;
    let file: File = toml::from_str(&text).map_err(|e| format!("{place}: {e}"))?;
    let mut rows = BTreeMap::new();
    for group in &file.fields {
        let rule = match RULES.iter().find(|(word, _)| *word == group.rule) {
            Some((_, rule)) if group.values.is_empty() => (*rule).to_owned(),
            None if group.rule == "values" && !group.values.is_empty() => {
                format!("Rule::Values(&{:?})", group.values)
            }
            _ => return Err(format!("{place}: {:?}: no such rule, or values that it has not", group.rule)),
        };
        if group.why.is_empty() {
            return Err(format!("{place}: {:?}: says no why", group.names));
        }
        for name in &group.names {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if name.is_empty() || !name.bytes().all(plain) || rows.insert(name, rule.clone()).is_some() {
                return Err(format!("{place}: {name:?}: wants one lower-case name, once"));
            }
        }
    }
    let mut code = String::from("static FIELDS: &[(&str, Rule)] = &[\n");
    for (name, rule) in rows {
        let _ = writeln!(code, "({name:?}, {rule}),");
    }
    code.push_str("];\n");
    for (name, what, list) in [
        (
            "FORWARDING",
            "Fields that the worker sets itself in front of any origin.",
            &file.outgoing.forwarding,
        ),
        ("ADDRESSES", "Fields by which some origins learn the visitor's address.", &file.outgoing.addresses),
    ] {
        let _ = writeln!(code, "/// {what}\npub const {name}: [&str; {}] = {list:?};", list.len());
    }
    fs::write(out.join("request_fields.rs"), code).map_err(|e| format!("request_fields.rs: {e}"))
}
