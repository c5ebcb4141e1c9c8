//! The owner's settings, read from the worker's variables once per isolate.
//!
//! A wrong value never takes the site down: it keeps its default and is named in the log.

use backsoon::json;
use backsoon::rescue::settings::KEYS;
use backsoon::rescue::{Problem, Settings};
use std::cell::OnceCell;
use std::rc::Rc;
use worker::Env;

thread_local! {
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

/// The settings.
pub fn settings(env: &Env) -> Rc<Settings> {
    SETTINGS.with(|cell| cell.get_or_init(|| Rc::new(read(env))).clone())
}

/// The settings as they are for a path.
pub fn at(settings: &Rc<Settings>, path: &str) -> Rc<Settings> {
    settings.at(path).map_or_else(|| settings.clone(), Rc::new)
}

/// Only the known keys are looked at: the others may be secrets of the owner's.
fn read(env: &Env) -> Settings {
    let pairs: Vec<(&str, String)> =
        KEYS.iter().filter_map(|key| Some((key.name, text(env, key.name)?))).collect();
    let (settings, problems) = Settings::parse(pairs.iter().map(|(key, value)| (*key, value.as_str())));
    for problem in &problems {
        tell(problem);
    }
    settings
}

/// A variable as text; TOML's numbers and booleans arrive as such.
fn text(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &name.into()).ok()?;
    value
        .as_string()
        .or_else(|| value.as_f64().map(|number| (number as i64).to_string()))
        .or_else(|| value.as_bool().map(|is| is.to_string()))
}

fn tell(problem: &Problem) {
    worker::console_error!(
        "{{\"backsoon\":\"setting\",\"key\":{},\"value\":{},\"expected\":{}}}",
        json::string(&problem.key),
        json::string(&problem.value),
        json::string(&problem.expected),
    );
}
