//! The demo's control page: says what the shop's server does, switches it, and visits as a visitor would.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use backsoon_tests::replay::{self, BadOrigin, FAILURES, Mode, Port, Request, Script};
use serde_json::{Value, json};

use super::Stage;
use crate::http::{self, NAVIGATION};

/// Opens it on this port.
pub fn open(port: u16, stage: &Stage) -> Result<Port, String> {
    let (origin, worker) = (stage.origin.clone(), stage.worker.url.clone());
    let serve = move |stream| replay::serve(stream, |request| answer(request, &origin, &worker));
    let port =
        Port::take(port, Arc::new(serve)).map_err(|error| format!("the control page's port: {error}"))?;
    port.open().map_err(|error| format!("the control page's port: {error}"))?;
    Ok(port)
}

fn answer(request: &Request, origin: &BadOrigin, worker: &str) -> Script {
    let body = String::from_utf8_lossy(&request.body);
    match (request.method.as_str(), request.path()) {
        // Another site's page must not break the shop by a form: browsers name the site that asks.
        ("POST", _) if request.header("origin").is_some_and(|site| !is_here(site, request)) => {
            said(403, &json!({ "error": "asked by another site" }))
        }
        ("GET" | "HEAD", "/") => page(),
        ("GET", "/state") => said(200, &state(origin, worker)),
        ("POST", "/break") => match switch(origin, body.trim()) {
            Ok(()) => said(200, &state(origin, worker)),
            Err(why) => said(400, &json!({ "error": why })),
        },
        ("POST", "/visit") => match serde_json::from_str(&body) {
            Ok(visit) => said(200, &visited(&visit, worker)),
            Err(_) => said(400, &json!({ "error": "expected {\"method\", \"path\", \"as\"}" })),
        },
        _ => said(404, &json!({ "error": "expected /, /state, /break or /visit" })),
    }
}

fn is_here(site: &str, request: &Request) -> bool {
    request.header("host").is_some_and(|host| site == format!("http://{host}"))
}

fn switch(origin: &BadOrigin, mode: &str) -> Result<(), String> {
    let mode = Mode::parse(mode)?;
    origin.check(&mode)?;
    origin.switch(mode).map_err(|error| error.to_string())
}

fn state(origin: &BadOrigin, worker: &str) -> Value {
    let failures: Vec<_> =
        FAILURES.iter().map(|(kind, does)| json!({ "kind": kind, "does": does })).collect();
    json!({
        "mode": origin.mode().text(),
        "worker": worker,
        "origin": origin.url(),
        "asked": origin.seen().len(),
        "failures": failures,
        "captures": captures(),
    })
}

/// Every real failure that can be replayed, by id.
fn captures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures");
    let mut ids: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .flat_map(|gateway| {
            let name = gateway.file_name().to_string_lossy().into_owned();
            let files = std::fs::read_dir(gateway.path()).into_iter().flatten().flatten();
            files.map(move |file| {
                format!("{name}/{}", file.file_name().to_string_lossy().trim_end_matches(".json"))
            })
        })
        .collect();
    ids.sort();
    ids
}

/// One visit through the worker, as the person chose it.
fn visited(visit: &Value, worker: &str) -> Value {
    let text = |key: &str| visit.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let (method, path, kind) = (text("method"), text("path"), text("as"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain(&method) || !plain(&path) || !path.starts_with('/') {
        return json!({ "error": "expected a method, and a path that starts with /" });
    }
    let headers: &[(&str, &str)] = match kind.as_str() {
        "api" => &[("Accept", "application/json")],
        "image" => &[("Accept", "image/*"), ("Sec-Fetch-Dest", "image")],
        "customer" => &[NAVIGATION[0], NAVIGATION[1], NAVIGATION[2], ("Cookie", "session=ada")],
        _ => NAVIGATION,
    };
    match http::ask(&method, worker, &path, headers, "", Duration::from_secs(20)) {
        Ok(answer) => json!({
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body.chars().take(200_000).collect::<String>(),
            "ms": answer.took.as_millis() as u64,
        }),
        Err(why) => json!({ "error": why }),
    }
}

fn page() -> Script {
    let headers = &[
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("X-Frame-Options", "DENY"),
    ];
    Script::answer(200, headers, include_bytes!("control.html"), false)
}

fn said(status: u16, value: &Value) -> Script {
    let headers = &[("Content-Type", "application/json"), ("Cache-Control", "no-store")];
    Script::answer(status, headers, format!("{value}\n").as_bytes(), false)
}
