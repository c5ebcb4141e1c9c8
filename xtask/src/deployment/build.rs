//! What is deployed: the built worker and nothing before it, on a platform of the age it is tested with, with
//! the store it asks for by name.

use toml::Value;

use super::{Deployment, binding};

/// The `compatibility_date` of the project's own wrangler.toml, with which all its tests run.
const TESTED: &str = "2026-11-01";
/// Below this a limit of one's own could cut off what a page or a copy needs; the free plan has no less than
/// 10 ms and 50 requests.
const LEAST: [(&str, i64); 2] = [("cpu_ms", 10), ("subrequests", 50)];

pub fn warnings(on: &Deployment) -> Vec<String> {
    [program(on), date(on), before_us(on), limits(on), store(on)].concat()
}

fn program(on: &Deployment) -> Vec<String> {
    let mut lines = vec![];
    match on.text("main") {
        Some(main) if main.ends_with("target/worker/entry.mjs") => {}
        Some(main) => lines.push(format!(
            "main = {main:?} is not what the build makes, so that something else would be deployed; write \
             main = \"target/worker/entry.mjs\""
        )),
        None => lines.push(
            "there is no main, so that no worker would be deployed; write main = \"target/worker/entry.mjs\""
                .into(),
        ),
    }
    let command = on.value("build").and_then(|build| build.get("command")).and_then(Value::as_str);
    if !command.is_some_and(|command| command.contains("build-worker")) {
        lines.push(
            "[build] does not run the build, so that an old worker or none would be deployed; write \
             command = \"cargo xtask build-worker\" there"
                .into(),
        );
    }
    lines
}

fn date(on: &Deployment) -> Vec<String> {
    let remedy = format!("write compatibility_date = \"{TESTED}\"");
    let line = match on.value("compatibility_date") {
        None => {
            format!("there is no compatibility_date, and this worker is tested with {TESTED} alone; {remedy}")
        }
        Some(Value::String(date)) if !is_date(date) => {
            format!("compatibility_date = {date:?} is no date; {remedy}")
        }
        Some(Value::String(date)) if date.as_str() < TESTED => format!(
            "compatibility_date = {date:?} is older than {TESTED}, with which this worker is tested: the platform \
             may behave differently there; {remedy}"
        ),
        Some(Value::String(_)) => return vec![],
        Some(other) => {
            format!("compatibility_date = {other} is not in quotes, which wrangler wants; {remedy}")
        }
    };
    vec![line]
}

fn is_date(text: &str) -> bool {
    let shape =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

fn before_us(on: &Deployment) -> Vec<String> {
    let mut lines = vec![];
    if let Some(assets) = on.value("assets") {
        let first = assets.get("run_worker_first").and_then(Value::as_bool) == Some(true);
        let why = if first {
            "this worker never serves them"
        } else {
            "they answer in its place, in front of your site"
        };
        lines.push(format!("[assets] uploads files with the worker, and {why}; take it out"));
    }
    if on.value("site").is_some() {
        lines.push("[site] uploads files with the worker, which never serves them; take it out".into());
    }
    if on.value("pages_build_output_dir").is_some() {
        lines.push(
            "pages_build_output_dir makes this a Pages project, which `wrangler deploy` refuses; take it out"
                .into(),
        );
    }
    lines
}

fn limits(on: &Deployment) -> Vec<String> {
    let set = |key: &str| on.value("limits")?.get(key)?.as_integer();
    let low = LEAST.iter().filter_map(|(key, least)| Some((key, least, set(key)?)));
    low.filter(|(_, least, set)| set < least)
        .map(|(key, least, set)| {
            format!(
                "[limits] {key} = {set} is below the free plan's own {least}: a request that needs more ends in an \
                 error of Cloudflare's, also in an outage; take it out"
            )
        })
        .collect()
}

fn store(on: &Deployment) -> Vec<String> {
    let mut lines = vec![];
    if on.value("kv_namespaces").is_some_and(|value| !value.is_array()) {
        lines.push(
            "[kv_namespaces] is one table where wrangler wants a list; write [[kv_namespaces]] with two brackets"
                .into(),
        );
    }
    let names: Vec<&str> = on.namespaces().iter().filter_map(binding).collect();
    if !names.is_empty() && !on.has_kv() {
        lines.push(format!(
            "the KV namespace is bound as {}, a name that this worker does not look for, so that copies are not \
             everywhere; write binding = \"COPIES_KV\"",
            names.join(" and ")
        ));
    }
    let ours = on.namespaces().iter().find(|one| binding(one) == Some("COPIES_KV"));
    if let Some(id) = ours.and_then(|one| one.get("id")).and_then(Value::as_str)
        && !(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        lines.push(format!(
            "COPIES_KV has id = {id:?}, which is no namespace's: 32 hexadecimal digits are; `npx wrangler kv \
             namespace create backsoon-copies` prints one"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tested_date_is_that_of_our_own_file() {
        let own = std::fs::read_to_string(crate::tools::root().join("wrangler.toml")).expect("wrangler.toml");
        assert!(
            own.contains(&format!("\ncompatibility_date = \"{}\"\n", super::TESTED)),
            "{}",
            super::TESTED
        );
    }
}
