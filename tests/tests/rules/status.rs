use crate::cases::{Case, lines, run, same};
use backsoon::breaker::{Breaker, Rules, Witness};
use backsoon::rescue::{Failure, Settings, Url, failure};
use backsoon::status::structured::{read_dictionary, read_item, read_list};
use backsoon::status::{
    CacheStatus, ProxyError, ProxyStatus,
    document::{Known, document},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    /// `item`, `list`, `dictionary`, `proxy-status` or `cache-status`.
    field: String,
    /// One field line each.
    text: Vec<String>,
    /// What is read, written again; absent where nothing can be read.
    read: Option<String>,
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let joined = self.text.join(", ");
        let field = |name: &str| lines(&self.text.iter().map(|t| format!("{name}: {t}")).collect::<Vec<_>>());
        let got = match self.field.as_str() {
            "item" => read_item(&joined).map(|item| item.write()),
            "list" => read_list(&joined).map(|l| l.iter().map(|i| i.write()).collect::<Vec<_>>().join(", ")),
            "dictionary" => read_dictionary(&joined)
                .map(|d| d.iter().map(|(k, i)| format!("{k}={}", i.write())).collect::<Vec<_>>().join(", ")),
            "proxy-status" => {
                let all: Vec<String> =
                    ProxyStatus::read(&field("Proxy-Status")).iter().map(ProxyStatus::write).collect();
                if all.is_empty() { None } else { Some(all.join(", ")) }
            }
            "cache-status" => {
                let all: Vec<String> =
                    CacheStatus::read(&field("Cache-Status")).iter().map(CacheStatus::write).collect();
                if all.is_empty() { None } else { Some(all.join(", ")) }
            }
            other => return Err(format!("no such field: {other}")),
        };
        same("read", got, self.read.clone())
    }
}

#[test]
fn status_cases() {
    run::<Row>("status", 60);
}

#[test]
fn all_32_registered_errors_are_known_by_name() {
    assert_eq!(ProxyError::ALL.len(), 32);
    for error in ProxyError::ALL {
        assert_eq!(ProxyError::parse(error.as_str()), Some(*error));
        assert!((400..=504).contains(&error.status()), "{}", error.as_str());
    }
    assert_eq!(ProxyError::parse("origin_down"), None);
}

/// Whatever the state, the document is JSON with exactly the fields of the contract.
#[test]
fn the_status_document_says_what_the_breaker_knows() {
    let (settings, _) =
        Settings::parse([("MESSAGE", "We're \"moving\" <b>"), ("ETA", "2030-01-01T00:00:00Z")]);
    let read = |breaker: &Breaker, now: u64| -> serde_json::Value {
        serde_json::from_str(&document(&Known { breaker, refusing: None, start_page: None }, &settings, now))
            .expect("JSON")
    };
    let bad = failure::from_open_breaker();
    let bad = Failure { asked: true, ..bad };
    let mut breaker = Breaker::new(Rules::default());
    let nothing = read(&breaker, 1000);
    assert_eq!(nothing["state"], "unknown");
    assert_eq!(nothing["since"], serde_json::Value::Null);
    assert_eq!(nothing["eta"], "2030-01-01T00:00:00Z");
    assert_eq!(nothing["message"], "We're \"moving\" <b>");
    assert_eq!(nothing.as_object().expect("an object").len(), 6);
    breaker.answered("/", 1_000_000);
    assert_eq!(read(&breaker, 1_001_000)["state"], "up");
    assert_eq!(read(&breaker, 1_200_000)["state"], "up", "a quiet site is not an unknown one");
    assert_eq!(read(&breaker, 1_400_000)["state"], "unknown");
    let of = |path| Witness { path, network: None, anonymous: true, probe: false };
    breaker.failed(&bad, of("/a"), true, 2_000_000, 0);
    let rescuing = read(&breaker, 2_005_000);
    assert_eq!(rescuing["state"], "rescuing");
    assert_eq!(rescuing["since"], "1970-01-01T00:33:20Z");
    assert_eq!(rescuing["retry_after"], 15);
    assert!(!rescuing["reference"].as_str().expect("text").is_empty());
    // One failure alone opens nothing: after half a minute only a try would tell, and who polls is told so.
    let alone = read(&breaker, 2_040_000);
    assert_eq!(alone["state"], "unknown");
    assert_eq!(alone["since"], serde_json::Value::Null);
    for (path, at) in [("/a", 2_041_000), ("/b", 2_042_000), ("/a", 2_043_000)] {
        breaker.failed(&bad, of(path), false, at, 0);
    }
    let site = Url::parse("https://shop.test/").expect("an address");
    assert!(breaker.probe(&site, false, 2_043_000).is_some());
    breaker.probe_failed(&bad, 2_043_000, 0);
    assert!(breaker.is_open());
    for now in [2_044_000, 2_100_000, 9_000_000] {
        let down = read(&breaker, now);
        assert_eq!(down["state"], "down", "open is open, whether anybody asks or not");
        assert_eq!(down["since"], "1970-01-01T00:33:20Z", "the outage began with its first failure");
        assert_eq!(down["retry_after"], 15);
    }
    breaker.unasked(true);
    assert_eq!(read(&breaker, 9_000_001)["state"], "rescuing", "a copy shown without asking is a rescue");
    breaker.answered("/", 9_090_000);
    let up = read(&breaker, 9_090_001);
    assert_eq!(up["state"], "up");
    assert_eq!(up["retry_after"], serde_json::Value::Null);
    assert_eq!(up["reference"], "");
    assert_eq!(
        read(&breaker, 1_900_000_000_000)["eta"],
        serde_json::Value::Null,
        "an eta that has passed is not told"
    );
}
