//! Lines that stand where nobody reads them. In TOML a line belongs to the last [section] above it, so that
//! one put at the end of the file is rarely where its writer wanted it.

use backsoon::rescue::settings::KEYS;
use toml::{Table, Value};

/// What stands at the top of the file, or directly under `[env.name]`.
pub const AT_THE_TOP: [&str; 8] = [
    "routes",
    "route",
    "workers_dev",
    "preview_urls",
    "main",
    "compatibility_date",
    "compatibility_flags",
    "kv_namespaces",
];

/// Looks through the sections of a table; `[vars]` has its own judge, `[env]` its own turn.
pub fn warnings(table: &Table) -> Vec<String> {
    let mut lines = settings_in(table, "at the top of the file");
    for (name, value) in table.iter().filter(|(name, _)| !matches!(name.as_str(), "vars" | "env" | "define"))
    {
        let (sections, title) = match value {
            Value::Table(section) => (vec![section], format!("[{name}]")),
            Value::Array(list) => (list.iter().filter_map(Value::as_table).collect(), format!("[[{name}]]")),
            _ => continue,
        };
        for section in sections {
            lines.extend(settings_in(section, &format!("under {title}")));
            lines.extend(AT_THE_TOP.iter().filter(|key| section.contains_key(**key)).map(|key| {
                format!("{key} stands under {title}, so that wrangler does not read it; move it above the first [section]")
            }));
            if section.get("binding").and_then(Value::as_str) == Some("COPIES_KV") && name != "kv_namespaces"
            {
                lines.push(format!(
                    "COPIES_KV is bound under {title}, which is no KV namespace: without one copies are not \
                     everywhere; write [[kv_namespaces]]"
                ));
            }
        }
    }
    lines
}

fn settings_in(table: &Table, title: &str) -> Vec<String> {
    let known = table.keys().filter(|key| KEYS.iter().any(|setting| setting.name == key.as_str()));
    known
        .map(|key| {
            format!("{key} stands {title}, where it is not read: settings stand under [vars]; move it there")
        })
        .collect()
}
