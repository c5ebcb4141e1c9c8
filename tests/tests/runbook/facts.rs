//! What an owner can say, and what is refused: `tests/cases/runbook/facts.json`.

use backsoon::diagnosis::{diagnose, limits_met};
use backsoon::runbook::{OwnerFacts, keys, steps};
use serde::Deserialize;

use crate::rows::repository;

#[derive(Deserialize)]
struct Case {
    id: String,
    pairs: Vec<String>,
    /// The names of the problems, in order.
    problems: Vec<String>,
    /// What one of their messages must say.
    says: Option<String>,
}

#[test]
fn pairs_are_read_or_refused() {
    let text = std::fs::read_to_string(repository().join("tests/cases/runbook/facts.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() >= 12);
    for case in cases {
        let (_, problems) = OwnerFacts::parse(case.pairs.iter().map(String::as_str));
        let kinds: Vec<&str> = problems.iter().map(|problem| problem.as_str()).collect();
        assert_eq!(kinds, case.problems, "{}", case.id);
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        if let Some(says) = case.says {
            assert!(all.iter().any(|message| message.contains(&says)), "{}: {all:?}", case.id);
        }
        assert!(all.iter().all(|message| !message.contains('\n')), "{}: {all:?}", case.id);
    }
}

#[test]
fn every_key_takes_what_it_lists() {
    for (key, takes) in keys() {
        let values: Vec<&str> = match key {
            "failing_share" => vec!["30%", "100"],
            "slow_api" => vec!["payment API"],
            "site" | "origin" => vec!["shop.example", "192.0.2.7"],
            "since" => vec!["14:05", "30 min ago"],
            _ => takes.split('|').collect(),
        };
        for value in values {
            let (known, problems) = OwnerFacts::parse([format!("{key}={value}").as_str()]);
            assert_eq!(problems, [], "{key}={value}");
            assert_ne!(known, OwnerFacts::default(), "{key}={value} left no trace");
        }
    }
}

#[test]
fn commands_name_the_host_that_was_asked_for() {
    let hosts = [
        ("https://shop.test/cart?a=b@c", Some("shop.test")),
        ("http://shop.test:8080", Some("shop.test")),
        ("http://user:secret@shop.test/", Some("shop.test")),
        ("http://$(reboot)/", None),
        ("http://a\";reboot;\"/", None),
        ("http://-oProxyCommand=x/", None),
        ("http://[2001:db8::7]/", None),
        ("/cart", None),
        ("", None),
    ];
    for (url, host) in hosts {
        assert_eq!(OwnerFacts::default().for_url(url).site.as_deref(), host, "{url:?}");
    }
    let (said, _) = OwnerFacts::parse(["site=www.shop.test"]);
    assert_eq!(
        said.for_url("http://shop.test/").site.as_deref(),
        Some("www.shop.test"),
        "the owner's word counts"
    );
}

/// The setting that was met and its figure stand in one step for what it ends in, and only where it was met.
#[test]
fn a_step_names_the_limit_that_was_met() {
    let answer = "HTTP/1.1 504 Gateway Timeout\nServer: nginx\nContent-Type: text/html\n\n<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    let mut exchange = backsoon_tests::made::exchange(answer).unwrap();
    for (took, said) in [(60_012, 1), (59_000, 0), (2004, 0)] {
        exchange.elapsed_ms = Some(took);
        let verdict = diagnose(&exchange);
        let known = OwnerFacts::default().at_limits(limits_met(&exchange));
        let steps = steps(&verdict, &known);
        let naming = steps
            .iter()
            .filter(|step| step.why.contains("60 s is the default limit of nginx (proxy_read_timeout)"));
        assert_eq!(naming.count(), said, "{took} ms: {steps:#?}");
        let plain = backsoon::runbook::steps(&verdict, &OwnerFacts::default());
        let same = steps.iter().zip(&plain).all(|(a, b)| a.step == b.step && a.commands == b.commands);
        assert!(same && steps.len() == plain.len(), "{took} ms: a limit changed the steps");
    }
}
