//! Which start pages of common stacks have a copy, and what an owner is told where one has none.

use crate::cases::{Asked, Case, answer, run, same};
use backsoon::cache::freshness::Timing;
use backsoon::rescue::coverage::{Coverage, coverage};
use backsoon::rescue::judge::on_trial;
use backsoon::rescue::{Judgement, Plan, judge, plan};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    answer: Vec<String>,
    expect: String,
}

const BROWSER: [&str; 5] = [
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language: de-DE,de;q=0.9",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
];

fn browser() -> Asked {
    Asked {
        request: "GET https://shop.test/".to_owned(),
        headers: BROWSER.map(str::to_owned).to_vec(),
        ..Asked::default()
    }
}

const TIMING: Timing = Timing { requested_at: 1_795_000_000_000, responded_at: 1_795_000_000_100 };

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let mut asked = browser();
        let head = answer(200, &self.answer);
        let of = |asked: &Asked| {
            let settings = asked.settings();
            let Plan::Watch(watch) = plan(asked.facts(), &settings) else { panic!("not watched") };
            let stored = match judge(&watch, &head, TIMING, &settings) {
                Judgement::RelayAndStore(copy) => Some(*copy),
                _ => None,
            };
            (coverage(&watch, &head, TIMING, &settings), stored, watch)
        };
        let (found, stored, watch) = of(&asked);
        let told = match found {
            Coverage::Kept => "kept".to_owned(),
            Coverage::Trial => "trial".to_owned(),
            Coverage::Refused { field, setting, .. } => {
                format!("refused {} {}", field.unwrap_or("-"), setting.unwrap_or("-"))
            }
        };
        same("coverage", told, self.expect.clone())?;
        same("stored", stored.is_some(), found == Coverage::Kept)?;
        let trial = on_trial(&watch, &head, TIMING, &asked.settings());
        same("on trial", trial.is_some(), found == Coverage::Trial)?;
        let setting = matches!(found, Coverage::Refused { setting: Some("OVERRIDE_NO_STORE"), .. });
        if setting || trial.is_some() {
            // The one setting that is named does allow a copy, and it is one that an outage can show.
            asked.settings.insert("OVERRIDE_NO_STORE".to_owned(), "/".to_owned());
            let (found, stored, watch) = of(&asked);
            same("with the setting", found, Coverage::Kept)?;
            let stored = stored.ok_or("nothing is stored with the setting")?;
            same("for outages only", stored.outage_only, true)?;
            let usable = stored.usable(&watch, &asked.settings(), TIMING.responded_at + 3_600_000);
            same("usable", usable.is_ok(), true)?;
            same("without the cookie", stored.head.headers.has("set-cookie"), false)?;
            // A visitor who may be signed in makes no copy.
            asked.headers.push("Cookie: PHPSESSID=1".to_owned());
            let (_, stored, _) = of(&asked);
            same("of a visitor with a cookie", stored.is_some(), false)?;
        }
        Ok(())
    }
}

#[test]
fn start_pages_of_common_stacks() {
    run::<Row>("coverage", 15);
}

#[test]
fn the_override_is_for_its_paths_alone() {
    let mut asked = browser();
    asked.settings.insert("OVERRIDE_NO_STORE".to_owned(), "/blog/*".to_owned());
    let settings = asked.settings();
    for (path, kept) in [("/", false), ("/blog/a", true), ("/blog", false), ("/account", false)] {
        asked.request = format!("GET https://shop.test{path}");
        let Plan::Watch(watch) = plan(asked.facts(), &settings) else { panic!("not watched") };
        let head = answer(200, &["Cache-Control: private, no-store".to_owned()]);
        let judgement = judge(&watch, &head, TIMING, &settings);
        assert_eq!(matches!(judgement, Judgement::RelayAndStore(_)), kept, "{path}");
    }
}

#[test]
fn status_names_the_field_and_the_setting() {
    use backsoon::breaker::{Breaker, Rules};
    use backsoon::status::document::{Known, document};
    let asked = browser();
    let settings = asked.settings();
    let Plan::Watch(watch) = plan(asked.facts(), &settings) else { panic!("not watched") };
    let head = answer(200, &["Cache-Control: private".to_owned()]);
    let found = coverage(&watch, &head, TIMING, &settings);
    let breaker = Breaker::new(Rules::default());
    let known = |start_page| Known { breaker: &breaker, refusing: None, start_page };
    let text = document(&known(Some(found)), &settings, TIMING.responded_at);
    let status: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let expected = serde_json::json!({
        "kept": false, "reason": "private", "field": "Cache-Control", "setting": "OVERRIDE_NO_STORE"
    });
    assert_eq!(status["start_page"], expected);
    let text = document(&known(None), &settings, TIMING.responded_at);
    assert!(!text.contains("start_page"), "nothing is said of a page that nobody has seen");
}
