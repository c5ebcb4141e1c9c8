use backsoon::cache::freshness::Timing;
use backsoon::rescue::harmless;
use backsoon::rescue::{
    AnswerHead, Judgement, Plan, RequestFacts, Settings, StoreRefusal, Url, Watch, judge, plan,
};
use std::collections::BTreeMap;

fn watched(fields: &[(&str, &str)], settings: &Settings) -> Watch {
    let url = Url::parse("https://shop.test/page").expect("an address");
    let headers = fields.iter().copied().collect();
    let Plan::Watch(watch) =
        plan(RequestFacts { method: "GET".to_owned(), url, headers, body: false }, settings)
    else {
        panic!("not watched")
    };
    *watch
}

fn refusal(watch: &Watch, answer: &[(&str, &str)], settings: &Settings) -> Option<StoreRefusal> {
    let head = AnswerHead { status: 200, headers: answer.iter().copied().collect() };
    let timing = Timing { requested_at: 1_000_000, responded_at: 1_000_200 };
    match judge(watch, &head, timing, settings) {
        Judgement::RelayAndStore(_) => None,
        Judgement::Relay { refusal, .. } => Some(refusal),
        other => panic!("{other:?}"),
    }
}

/// A value that no rule of the list allows.
const MARK: &str = "MARK<x>";

#[test]
fn no_field_outside_the_list_is_kept_unless_it_is_keyed_or_the_owner_says_so() {
    let names = include_str!("../../cases/fields/unlisted.txt");
    let names: Vec<&str> = names.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(names.len() > 150, "{}", names.len());
    let none = Settings::default();
    let public = [
        ("cache-control", "public, max-age=60, s-maxage=60"),
        ("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ];
    for name in names {
        let upper = name.to_ascii_uppercase();
        for sent in [name, &upper] {
            for value in [MARK, ""] {
                for fields in [vec![(sent, value)], vec![(sent, value), (sent, value)]] {
                    let watch = watched(&fields, &none);
                    assert!(watch.is_identified(), "{name}: {value:?}");
                    assert_eq!(
                        refusal(&watch, &public, &none),
                        Some(StoreRefusal::Field),
                        "{name}: {value:?}"
                    );
                    assert_eq!(watch.unkeyed_field(&Default::default()), Some(name));
                    let keyed = refusal(&watch, &[("vary", &upper)], &none);
                    assert_eq!(keyed, None, "{name} in Vary");
                }
            }
        }
        // Another site's origin is always judged with the answer.
        if name == "origin" {
            continue;
        }
        let (owners, problems) = Settings::parse([("HARMLESS_FIELDS", name)]);
        assert_eq!(problems, vec![]);
        let watch = watched(&[(name, MARK)], &owners);
        assert!(!watch.is_identified(), "{name} by the owner");
        assert_eq!(refusal(&watch, &public, &owners), None, "{name} by the owner");
    }
}

#[derive(serde::Deserialize)]
struct Outgoing {
    id: String,
    sent: BTreeMap<String, String>,
    received: BTreeMap<String, String>,
}

/// The way without wasm reads the same rows in tests/workerd/visit.test.mjs.
#[test]
fn an_origin_gets_the_same_fields_with_and_without_wasm() {
    let rows: Vec<Outgoing> =
        serde_json::from_str(include_str!("../../cases/fields/outgoing.json")).expect("rows");
    let (settings, _) = Settings::parse([("ORIGIN", "http://origin.test:8080")]);
    for row in rows {
        let sent: Vec<(&str, &str)> = row.sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let watch = watched(&sent, &settings);
        let received: BTreeMap<String, String> = watch.sent_headers().0.iter().cloned().collect();
        assert_eq!(received, row.received, "{}", row.id);
    }
}

#[test]
fn the_module_in_the_tree_is_the_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../edge-worker/js/replaced.mjs");
    let written = harmless::as_module();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(path, &written).expect("a file that can be written");
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), written, "UPDATE_GOLDENS=1 writes it");
}
