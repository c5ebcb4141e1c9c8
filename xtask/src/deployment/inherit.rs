//! What wrangler's environments do not inherit: variables and bindings, each of which has to be said again.

use toml::{Table, Value};

use super::binding;

/// What the top of the file has and this environment silently goes without.
pub fn warnings(name: &str, own: &Table, top: &Table) -> Vec<String> {
    let mut lines = vec![];
    let keys = |table: &Table| -> Vec<String> {
        let vars = table.get("vars").and_then(Value::as_table);
        vars.into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    let has = keys(own);
    let lost: Vec<String> = keys(top).into_iter().filter(|key| !has.contains(key)).collect();
    if !lost.is_empty() {
        lines.push(format!(
            "[vars] is not inherited by an environment, so that {} at the default here; repeat what counts under \
             [env.{name}.vars], or set it to \"\" there to say that the default is meant",
            match lost.as_slice() {
                [one] => format!("{one} is"),
                many => format!("{} are", many.join(", ")),
            }
        ));
    }
    let bound = |table: &Table| {
        let list = table.get("kv_namespaces").and_then(Value::as_array);
        list.into_iter().flatten().any(|one| binding(one) == Some("COPIES_KV"))
    };
    if bound(top) && !own.contains_key("kv_namespaces") {
        lines.push(format!(
            "[[kv_namespaces]] is not inherited by an environment, so that there is no COPIES_KV here; repeat it as \
             [[env.{name}.kv_namespaces]]"
        ));
    }
    lines
}
