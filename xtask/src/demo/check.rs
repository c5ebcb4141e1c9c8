//! The demo's story without a person: healthy, outage, copy, fallback page, recovery. One line a step; a step
//! that fails says what came instead, and the others go on.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use backsoon_tests::replay::{Failure, Mode};

use super::Stage;
use crate::http::{Answer, NAVIGATION, ask};

const LIMIT: Duration = Duration::from_secs(20);

/// What a step saw, or what was expected instead of it.
type Seen = Result<String, String>;

/// 0 where every step went well, 1 where one did not.
pub fn play(stage: Stage) -> Result<u8, String> {
    let mut failed = 0u8;
    let mut step = |name: &str, seen: Seen| match seen {
        Ok(what) => println!("ok    {name}: {what}"),
        Err(why) => {
            println!("FAIL  {name}: {why}");
            failed = 1;
        }
    };
    step("healthy", healthy(&stage));
    step("healthy, logged in", logged_in(&stage));
    step("outage", switch(&stage, Mode::Refused, "the shop's server refuses connections"));
    step("copy", until(|| copy(&stage, "")));
    step("fallback page", fallback_page(&stage));
    step("fallback for a program", fallback_json(&stage));
    step("somebody else's page", not_ada(&stage));
    step("recovery", switch(&stage, Mode::Healthy, "the shop's server is back"));
    step("fresh page", until(|| fresh(&stage)));
    step("status", until(|| is_up(&stage)));
    step("order", order(&stage));
    step(
        "other outage",
        switch(&stage, Mode::Capture("nginx/refused".into()), "nginx answers 502 in the shop's place"),
    );
    step("copy", copy(&stage, "502"));
    step("recovery", switch(&stage, Mode::Healthy, "the shop's server is back"));
    step("fresh page", until(|| fresh(&stage)));
    let url = stage.worker.url.clone();
    drop(stage);
    step("end", ended(&url));
    Ok(failed)
}

fn visit(stage: &Stage, method: &str, path: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
    ask(method, &stage.worker.url, path, headers, "", LIMIT)
}

fn switch(stage: &Stage, mode: Mode, what: &str) -> Seen {
    stage.origin.switch(mode).map_err(|error| error.to_string())?;
    Ok(what.to_string())
}

fn healthy(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/", NAVIGATION)?;
    expect(&answer, "the shop's page", answer.status == 200 && answer.body.contains("Flowers of the week"))?;
    expect(&answer, "a Cache-Status member of ours", answer.header("cache-status").contains("backsoon"))?;
    Ok(format!("200, page {} of the shop, Cache-Status: {}", number(&answer), answer.header("cache-status")))
}

fn logged_in(stage: &Stage) -> Seen {
    let answer =
        visit(stage, "GET", "/logged-in", &[NAVIGATION[0], NAVIGATION[1], ("Cookie", "session=ada")])?;
    expect(&answer, "Ada's own page", answer.status == 200 && answer.body.contains("ada"))?;
    Ok("200, Ada sees her orders".to_string())
}

/// The front page again although the shop is away, labelled as what it is.
fn copy(stage: &Stage, received: &str) -> Seen {
    let answer = visit(stage, "GET", "/", NAVIGATION)?;
    let (cache, proxy) = (answer.header("cache-status"), answer.header("proxy-status"));
    expect(
        &answer,
        "the copy of the front page",
        answer.status == 200 && answer.body.contains("Flowers of the week"),
    )?;
    expect(&answer, "an Age", !answer.header("age").is_empty())?;
    expect(
        &answer,
        "a Cache-Status that says copy",
        cache.contains("backsoon; fwd=stale") || cache.contains("backsoon; hit"),
    )?;
    expect(&answer, "the failure in Proxy-Status", proxy.contains("backsoon; error="))?;
    expect(
        &answer,
        "the origin's status in Proxy-Status",
        // With the breaker open the shop is not asked: then the copy is a hit, and there is no status to tell.
        received.is_empty()
            || proxy.contains(&format!("received-status={received}"))
            || (cache.contains("backsoon; hit") && proxy.contains("destination_unavailable")),
    )?;
    Ok(format!("200 in {} ms, Cache-Status: {cache}, Proxy-Status: {proxy}", answer.took.as_millis()))
}

/// A page that nobody has visited before, so that there is no copy.
fn fallback_page(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/products/meadow-clary", NAVIGATION)?;
    expect(&answer, "status 503", answer.status == 503)?;
    expect(
        &answer,
        "an HTML page",
        answer.header("content-type").starts_with("text/html") && answer.body.contains("<html"),
    )?;
    expect(&answer, "Retry-After", answer.header("retry-after").parse::<u32>().is_ok())?;
    expect(&answer, "no-store", answer.header("cache-control").contains("no-store"))?;
    expect(&answer, "noindex", answer.header("x-robots-tag").contains("noindex"))?;
    Ok(format!(
        "503, an HTML page of {} bytes, Retry-After: {}",
        answer.body.len(),
        answer.header("retry-after")
    ))
}

fn fallback_json(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/api/orders.json", &[("Accept", "application/json")])?;
    expect(&answer, "status 503", answer.status == 503)?;
    // The type that the program asked for; its members are those of RFC 9457.
    expect(&answer, "JSON", answer.header("content-type").starts_with("application/json"))?;
    expect(&answer, "a problem document", answer.body.contains(r#""type":"tag:backsoon"#))?;
    Ok(format!("503, {}", answer.header("content-type")))
}

fn not_ada(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/logged-in", NAVIGATION)?;
    expect(&answer, "no word of Ada's", answer.status == 503 && !answer.body.contains("ada</b>"))?;
    Ok("503, Ada's page is not shown to another visitor".to_string())
}

/// An order that the server takes and does not answer must not be placed again by us.
fn order(stage: &Stage) -> Seen {
    stage.origin.switch(Mode::Fail(Failure::parse("reset")?)).map_err(|error| error.to_string())?;
    stage.origin.forget_seen();
    let answer = visit(stage, "POST", "/order", NAVIGATION)?;
    let sent = stage.origin.seen().iter().filter(|seen| seen.method == "POST").count();
    expect(&answer, "an answer that is no success", answer.status >= 500)?;
    if sent != 1 {
        return Err(format!("expected the order to be sent once, the shop received it {sent} times"));
    }
    Ok(format!("{}, the shop received it once and not again", answer.status))
}

/// Only then the worker asks the shop for everybody again.
fn is_up(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/.well-known/backsoon/status", &[])?;
    expect(&answer, "the state up", answer.status == 200 && answer.body.contains(r#""state":"up""#))?;
    Ok("up".to_string())
}

fn fresh(stage: &Stage) -> Seen {
    let answer = visit(stage, "GET", "/about", NAVIGATION)?;
    expect(&answer, "the shop's page", answer.status == 200 && answer.body.contains("About us"))?;
    expect(&answer, "no failure in Proxy-Status", answer.header("proxy-status").is_empty())?;
    Ok(format!("200, page {} of the shop, Cache-Status: {}", number(&answer), answer.header("cache-status")))
}

fn ended(url: &str) -> Seen {
    match TcpStream::connect(url.trim_start_matches("http://")) {
        Ok(_) => Err("the worker's port still answers".to_string()),
        Err(_) => Ok("nothing is left running".to_string()),
    }
}

/// Tries a step until it goes well: what the worker stores, it stores after it has answered.
fn until(step: impl Fn() -> Seen) -> Seen {
    let until = Instant::now() + LIMIT;
    loop {
        match step() {
            Err(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(100)),
            seen => return seen,
        }
    }
}

fn expect(answer: &Answer, what: &str, is_so: bool) -> Result<(), String> {
    if is_so {
        return Ok(());
    }
    let (cache, proxy) = (answer.header("cache-status"), answer.header("proxy-status"));
    let start: String = answer.body.chars().take(60).collect::<String>().replace('\n', " ");
    Err(format!(
        "expected {what}, got {} (Cache-Status: {cache}; Proxy-Status: {proxy}) {start:?}",
        answer.status
    ))
}

/// The number that the shop gives each page it makes.
fn number(answer: &Answer) -> String {
    let after = answer.body.split("name=\"made\" content=\"").nth(1);
    after.and_then(|rest| rest.split('"').next()).unwrap_or("?").to_string()
}
