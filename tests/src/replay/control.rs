//! The origin's own paths: `/__control` says and switches what the site does, `/__seen` says what it was asked.

use serde::Serialize;
use serde_json::{Value, json};

use super::failure::FAILURES;
use super::mode::Mode;
use super::request::Request;
use super::script::Script;
use super::server::Inner;

/// One request that the site received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body_bytes: usize,
}

impl Seen {
    pub(super) fn of(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            path: request.target.clone(),
            headers: request.headers.clone(),
            body_bytes: request.body.len(),
        }
    }
}

/// Answers a request to one of these paths.
pub(super) fn answer(origin: &Inner, request: &Request) -> Script {
    match (request.method.as_str(), request.path()) {
        ("GET" | "HEAD", "/__control") => json_answer(200, &told(origin)),
        ("POST", "/__control") => match switch(origin, &request.body) {
            Ok(()) => json_answer(200, &told(origin)),
            Err(why) => refusal(400, &why),
        },
        ("GET", "/__seen") => json_answer(200, &json!(origin.state().seen)),
        ("DELETE", "/__seen") => {
            origin.state().seen.clear();
            json_answer(200, &json!([]))
        }
        // The demo's control page stands on another port.
        ("OPTIONS", _) => Script::answer(204, OPEN, b"", false),
        _ => refusal(404, "expected GET or POST /__control, GET or DELETE /__seen"),
    }
}

/// A refusal of the origin's own, in one line of JSON: not one of the failures that it plays.
pub(super) fn refusal(status: u16, why: &str) -> Script {
    json_answer(status, &json!({ "error": why }))
}

fn told(origin: &Inner) -> Value {
    let failures: Vec<_> =
        FAILURES.iter().map(|(kind, does)| json!({ "kind": kind, "does": does })).collect();
    json!({
        "mode": origin.state().mode.text(),
        "site": origin.url(),
        "control": origin.control_url(),
        "refused": origin.refused_url(),
        "failures": failures,
    })
}

fn switch(origin: &Inner, body: &[u8]) -> Result<(), String> {
    let expected = r#"expected {"mode":"healthy|refused|capture:<gateway>/<kind>|fail:<kind>"}"#;
    let asked: Value = serde_json::from_slice(body).map_err(|_| expected.to_string())?;
    let mode = Mode::parse(asked.get("mode").and_then(Value::as_str).ok_or(expected)?)?;
    origin.check(&mode)?;
    origin.switch(mode).map_err(|error| format!("the site's port cannot be switched: {error}"))
}

const OPEN: &[(&str, &str)] = &[
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE"),
    ("Access-Control-Allow-Headers", "content-type"),
];

fn json_answer(status: u16, value: &Value) -> Script {
    Script::answer(status, OPEN, format!("{value}\n").as_bytes(), false)
}
