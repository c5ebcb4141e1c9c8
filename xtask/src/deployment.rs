//! What a wrangler.toml says that is right for wrangler and yet not what an owner of this worker wants: each
//! finding is one line, with what was found, why it matters and what to do.
//!
//! Whether a setting's value is right, `backsoon::rescue::settings` says. What only the dashboard knows (fail
//! open, Access) cannot be seen here, and is asked for rather than claimed.

mod build;
mod inherit;
mod misplaced;
mod place;

use std::path::Path;

pub use misplaced::AT_THE_TOP;

use toml::{Table, Value};

/// A finding and where it is: the file itself, or one of its environments as `env.name`.
pub type Warning = (Option<String>, String);

/// One deployment that the file describes: its own table, and the top of the file where it inherits from that.
pub struct Deployment<'a> {
    own: &'a Table,
    top: &'a Table,
}

impl<'a> Deployment<'a> {
    /// What wrangler lets an environment inherit: where it stands, what is built.
    fn value(&self, key: &str) -> Option<&'a Value> {
        self.own.get(key).or_else(|| self.top.get(key))
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.value(key).and_then(Value::as_str)
    }

    /// A setting. What is not inherited is reported once, and then taken as if it were.
    fn setting(&self, key: &str) -> Option<&'a str> {
        let of = |table: &'a Table| table.get("vars")?.get(key)?.as_str();
        of(self.own).or_else(|| of(self.top)).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The KV namespaces, with the same licence.
    fn namespaces(&self) -> &'a [Value] {
        self.value("kv_namespaces").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn has_kv(&self) -> bool {
        self.namespaces().iter().any(|one| binding(one) == Some("COPIES_KV"))
    }
}

fn binding(namespace: &Value) -> Option<&str> {
    namespace.get("binding").and_then(Value::as_str)
}

/// Everything there is to say about a file, of the whole and of each environment what is its own.
pub fn warnings(text: &str, whole: &Table) -> Vec<Warning> {
    let of_top = of(text, &Deployment { own: whole, top: whole });
    let mut all: Vec<Warning> = of_top.iter().map(|line| (None, line.clone())).collect();
    for (name, env) in whole.get("env").and_then(Value::as_table).into_iter().flatten() {
        let Some(own) = env.as_table() else { continue };
        let place = Some(format!("env.{name}"));
        let mut lines = inherit::warnings(name, own, whole);
        lines.extend(of(text, &Deployment { own, top: whole }));
        all.extend(lines.into_iter().filter(|line| !of_top.contains(line)).map(|line| (place.clone(), line)));
    }
    all
}

fn of(text: &str, on: &Deployment) -> Vec<String> {
    let mut lines = misplaced::warnings(on.own);
    lines.extend(build::warnings(on));
    lines.extend(place::warnings(on, text));
    lines
}

/// wrangler looks for its JSON forms first and then leaves wrangler.toml unread.
pub fn shadowed(file: &Path) -> Option<String> {
    let json =
        ["wrangler.json", "wrangler.jsonc"].into_iter().find(|name| file.with_file_name(name).exists())?;
    Some(format!(
        "{json} lies beside it: wrangler reads that one and not this file, and check-config reads TOML only; \
         keep one of the two"
    ))
}
