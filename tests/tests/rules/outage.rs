//! The outage matrix: every kind of failure times every kind of request, on a site that was healthy before.
//! Rows and cells are data; what a cell says is what the visitor gets.

use crate::story::{Answer, Story};
use backsoon::facts::Headers;
use backsoon::rescue::soft::Evidence;
use backsoon::rescue::{RequestFacts, Settings, Thrown, Url};
use backsoon::time::http_date;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Matrix {
    /// Request lines and fields by kind.
    kind: BTreeMap<String, Kind>,
    failure: BTreeMap<String, Failure>,
}

#[derive(Deserialize)]
struct Kind {
    request: String,
    #[serde(default)]
    headers: Vec<String>,
}

#[derive(Deserialize)]
struct Failure {
    status: Option<u16>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    body: String,
    thrown: Option<String>,
    /// What each kind of request gets.
    gets: BTreeMap<String, String>,
}

fn healthy(url: &str, now: u64) -> Answer {
    let mut fields = vec![("date".to_owned(), http_date(now)), ("etag".to_owned(), "\"1\"".to_owned())];
    let (kind, body) = match url {
        u if u.ends_with(".js") => ("application/javascript", "0123456789".to_owned()),
        u if u.ends_with("/api") => ("application/json", "{\"ok\":true}".to_owned()),
        _ => ("text/html", format!("<title>Shop</title><h1>Welcome</h1><p>{url}</p>")),
    };
    fields.push(("content-type".to_owned(), kind.to_owned()));
    fields.push(("content-length".to_owned(), body.len().to_string()));
    if url.ends_with("/me") {
        fields.push(("cache-control".to_owned(), "private".to_owned()));
    }
    Answer { status: 200, headers: Headers(fields), body, ours: false }
}

fn request(line: &str, headers: &[String]) -> RequestFacts {
    let (method, url) = line.split_once(' ').expect("METHOD url");
    RequestFacts {
        method: method.to_owned(),
        url: Url::parse(url).expect("an address"),
        headers: crate::cases::lines(headers),
        body: method == "POST",
    }
}

fn got(answer: &Answer, healthy_body: &str) -> String {
    if answer.ours {
        return format!("page {}", answer.status);
    }
    let copied = answer.headers.has("age");
    match answer.status {
        200 if copied && (answer.body == healthy_body || answer.body.is_empty()) => "copy".to_owned(),
        206 if copied && healthy_body.contains(&answer.body) => "part of the copy".to_owned(),
        304 if copied => "has it already".to_owned(),
        status => format!("origin's {status}"),
    }
}

#[test]
fn every_cell_of_the_outage_matrix() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/outage/matrix.toml"));
    let matrix: Matrix = toml::from_str(&text.expect("the matrix")).expect("the matrix is TOML");
    let (mut cells, mut wrong) = (0, vec![]);
    for (name, failure) in &matrix.failure {
        for (kind, asked) in &matrix.kind {
            let Some(wanted) = failure.gets.get(kind) else { panic!("{name} says nothing of {kind}") };
            let mut story = Story::new(Settings::default(), 1_795_000_000_000);
            let now = story.now;
            let secret = vec!["Cookie: sid=1".to_owned()];
            // Copies are selected by the kind of client: each kind was here.
            let page = vec!["Accept: text/html".to_owned(), "Sec-Fetch-Dest: document".to_owned()];
            let robot = vec!["Accept: text/html".to_owned()];
            let script = vec!["Sec-Fetch-Dest: script".to_owned()];
            let visits = [("/", &vec![]), ("/", &page), ("/", &robot), ("/app.js", &vec![])];
            for (path, fields) in visits.into_iter().chain([("/app.js", &script), ("/me", &secret)]) {
                let url = format!("https://shop.test{path}");
                let mut origin = |_: &str, _: &Headers| Ok(healthy(&url, now));
                story.ask(request(&format!("GET {url}"), fields), &mut origin);
            }
            story.now += 3_600_000;
            // The whole site fails, and others have met that already.
            story.evidence = Evidence { failures: true, look: Some(true), same: true, ..Evidence::default() };
            let asked = request(&asked.request, &asked.headers);
            let body = healthy(&asked.url.text(), now).body;
            let mut sent = 0;
            let mut origin = |method: &str, fields: &Headers| {
                let neutral = fields.value("user-agent").is_some_and(|agent| agent.contains("Backsoon"));
                sent += u32::from(!neutral);
                if let Some(text) = &failure.thrown {
                    let (name, message) = text.split_once(": ").expect("Name: message");
                    return Err(Thrown {
                        name: name.to_owned(),
                        message: message.to_owned(),
                        elapsed_ms: 5,
                        own_timeout: name == "TimeoutError",
                    });
                }
                let mut headers = crate::cases::lines(&failure.fields);
                headers.0.push(("content-length".to_owned(), failure.body.len().to_string()));
                let body = if method == "HEAD" { String::new() } else { failure.body.clone() };
                Ok(Answer { status: failure.status.expect("a status"), headers, body, ours: false })
            };
            let answer = story.ask(asked.clone(), &mut origin);
            cells += 1;
            let got = got(&answer, &body);
            if got != *wanted {
                wrong.push(format!("{name} / {kind}: wanted {wanted}, got {got}"));
            }
            assert!(sent <= 1, "{name} / {kind} was sent {sent} times");
            assert!(
                !answer.ours || answer.status >= 500,
                "{name} / {kind}: a page of ours with {}",
                answer.status
            );
            // Afterwards, healthy again: nothing of the failure was kept for others.
            let url = asked.url.text();
            let mut origin = |_: &str, _: &Headers| Ok(healthy(&url, now + 3_600_000));
            story.now += 60_000;
            story.evidence = Evidence::default();
            let after = story.ask(request(&format!("GET {url}"), &[]), &mut origin);
            if after.status != 200 || after.body != healthy(&url, now).body {
                wrong.push(format!("{name} / {kind}: afterwards {} {}", after.status, after.body));
            }
        }
    }
    println!("{} failures times {} kinds: {cells} cells", matrix.failure.len(), matrix.kind.len());
    assert!(wrong.is_empty(), "{} of {cells} cells\n{}", wrong.len(), wrong.join("\n"));
    assert!(matrix.failure.len() >= 24 && matrix.kind.len() >= 10, "the matrix has shrunk");
}
