//! The steps of reading a request and an answer against the length of their fields.

use crate::cache::conditional::met;
use crate::cache::{storable, vary};
use crate::facts::Headers;
use crate::rescue::copy::StoredCopy;
use crate::rescue::judge::AnswerHead;
use crate::rescue::passage::passage;
use crate::rescue::plan::{Plan, Watch, plan};
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::settings::Settings;
use crate::status::structured::{read_dictionary, read_list};
use crate::steps::{assert_linear, of};

type Field = fn(usize) -> String;

fn list(size: usize, each: impl Fn(usize) -> String) -> String {
    let members: Vec<String> = (0..size).map(each).collect();
    members.join(",")
}

fn planned(headers: Headers) -> Option<Box<Watch>> {
    let url = Url::parse("https://shop.test/a?b=c").unwrap_or_default();
    let request = RequestFacts { method: "GET".to_owned(), url, headers, body: false };
    match plan(request, &Settings::default()) {
        Plan::Watch(watch) | Plan::Refuse(watch, _) => Some(watch),
        Plan::Own(_) | Plan::Bare { .. } => None,
    }
}

/// All that is done with the fields of a request and of an answer.
fn all(request: Headers, answer: Headers) {
    let Some(watch) = planned(request) else { return };
    let answer = AnswerHead { status: 200, headers: answer };
    let settings = Settings { origin: Url::parse("https://origin.test"), ..Settings::default() };
    let kept = storable::keep(&watch, &answer, 0, &settings);
    let copy = match kept {
        storable::Keep::Good => answer.clone(),
        _ => AnswerHead { status: 200, headers: [("etag", "\"x\"")].into_iter().collect() },
    };
    let copy = StoredCopy::new(&watch, &copy, crate::cache::freshness::Timing::default(), true);
    vary::fits(&copy.selecting, &copy.head.headers, watch.sent_headers());
    met(&watch.request.headers, &copy.head, 0);
    passage(&watch.request, &answer, &settings);
}

#[test]
fn a_request_costs_in_proportion_to_its_fields() {
    let fields: [(&str, Field); 11] = [
        ("accept-language", |n| list(n, |i| format!("{:x}", i.wrapping_mul(7919) % 999_983))),
        ("accept-language", |n| list(n, |i| format!("{i:x};q=0.{}", i % 999))),
        ("accept", |n| list(n, |i| format!("a/{i:x}"))),
        ("accept-encoding", |n| list(n, |i| format!("{i:x}"))),
        ("cookie", |n| list(n, |i| format!("_ga_{i:x}=1")).replace(',', "; ")),
        ("cookie", |n| list(n, |i| format!("backsoon_{i:x}=1")).replace(',', "; ")),
        ("cache-control", |n| list(n, |i| format!("a{i:x}=1"))),
        ("if-none-match", |n| list(n, |i| format!("\"{i:x}\""))),
        ("range", |n| format!("bytes={}", list(n, |i| format!("{i}-{i}")))),
        ("backsoon-hop", |n| list(n, |i| format!("h{i:x}"))),
        ("user-agent", |n| "Mozilla/5.0 (".repeat(n)),
    ];
    let varies: Headers =
        [("vary", "accept-language, accept, accept-encoding, user-agent"), ("etag", "\"x\"")]
            .into_iter()
            .collect();
    for (name, value) in fields {
        assert_linear(name, value, |value| {
            all([(name, value.as_str())].into_iter().collect(), varies.clone())
        });
    }
    let many = |n: usize| (0..n).map(|i| (format!("backsoon-x{i:06x}"), "1".to_owned())).collect::<Headers>();
    assert_linear("fields of ours", many, |fields| all(fields.clone(), varies.clone()));
    let many = |n: usize| (0..n).map(|i| (format!("x-{i:x}"), "1".to_owned())).collect::<Headers>();
    assert_linear("fields", many, |fields| all(fields.clone(), varies.clone()));
}

#[test]
fn an_answer_costs_in_proportion_to_its_fields() {
    let etag = |n: usize| format!("\"{}\"", "e".repeat(n));
    assert_linear("a tag", etag, |tag| {
        let listed = list(64, |_| tag.clone());
        all(
            [("if-none-match", listed)].into_iter().collect(),
            [("etag", format!("{tag}x"))].into_iter().collect(),
        );
    });
    let asked: Headers =
        [("accept-encoding", "gzip, br"), ("accept-language", "de, en")].into_iter().collect();
    let fields: [(&str, Field); 4] = [
        ("vary", |n| list(n, |i| format!("x-{i:x}"))),
        ("connection", |n| list(n, |i| format!("x-{i:x}"))),
        ("content-encoding", |n| list(n, |_| "gzip".to_owned())),
        ("set-cookie", |n| format!("a=b; Domain=origin.test;{}", ";x".repeat(n))),
    ];
    for (name, value) in fields {
        assert_linear(name, value, |value| {
            let others = (0..value.len().min(20_000)).map(|i| (format!("y-{i:x}"), "1".to_owned()));
            all(asked.clone(), others.chain([(name.to_owned(), value.clone())]).collect());
        });
    }
    for (what, field) in [
        ("members", (|n| list(n, |i| format!("a{i:x}"))) as Field),
        ("parameters", |n| format!("a{}", list(n, |i| format!(";a{i:x}")).replace(',', ""))),
        ("nested", |n| format!("a={}", "(".repeat(n))),
        ("words", |n| list(n, |_| "a=(b c d)".to_owned())),
    ] {
        assert_linear(what, field, |field| {
            read_dictionary(field);
            read_list(field);
        });
    }
}

#[test]
fn a_long_list_of_languages_costs_what_one_of_a_kilobyte_does() {
    let answer: Headers = [("vary", "accept-language"), ("content-language", "en")].into_iter().collect();
    let steps = |length: usize| {
        let value: String = list(length, |i| format!("{i:x}")).chars().take(length).collect();
        of(|| {
            all([("accept-language", value.as_str())].into_iter().collect(), answer.clone());
            crate::text::negotiate(&value);
        })
    };
    assert!(steps(94_000) <= steps(1_000), "{} and {}", steps(94_000), steps(1_000));
}

#[test]
fn what_is_too_long_to_select_by_is_not_stored_and_never_fits() {
    let answer = AnswerHead { status: 200, headers: [("vary", "accept-language")].into_iter().collect() };
    let long = |last: &str| -> Headers {
        [("accept-language", list(400, |i| format!("{i:x}")) + last)].into_iter().collect()
    };
    let (one, other) = (planned(long(",de")), planned(long(",en")));
    let (Some(one), Some(other)) = (one, other) else { panic!("watched") };
    let refused = storable::keep(&one, &answer, 0, &Settings::default());
    assert_eq!(refused, storable::Keep::No(crate::rescue::StoreRefusal::Vary));
    let copy = StoredCopy::new(&one, &answer, crate::cache::freshness::Timing::default(), true);
    for asks in [one, other] {
        assert!(!vary::fits(&copy.selecting, &copy.head.headers, asks.sent_headers()), "not even itself");
    }
}
