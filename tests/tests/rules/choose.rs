use crate::cases::{Asked, Case, answer, fields, run, same};
use backsoon::cache::freshness::Timing;
use backsoon::diagnosis::diagnose;
use backsoon::facts::Headers;
use backsoon::page::State;
use backsoon::rescue::choose::bare;
use backsoon::rescue::{
    Choice, Judgement, Plan, RequestFacts, Rescue, Settings, StoredCopy, Thrown, Url, choose, failure, judge,
    page_model, plan,
};
use backsoon::text::Lang;
use backsoon::time::http_date;
use backsoon::verdict::AtFault;
use serde::Deserialize;

/// The day on which all cases happen.
const NOW: u64 = 1_795_000_000_000;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    asked: Asked,
    /// The origin's own error; absent where the fetch threw.
    status: Option<u16>,
    #[serde(default)]
    answer: Vec<String>,
    /// Whether the origin's error can be handed on whole.
    #[serde(default = "yes")]
    complete: bool,
    /// `Name: message`, where the fetch threw.
    thrown: Option<String>,
    /// The visitor has waited so many milliseconds for nothing.
    late: Option<u32>,
    /// Nobody with a copy waits for the origin now.
    #[serde(default)]
    slow: bool,
    /// What an anonymous request for the same address was answered, `copy_age_s` ago.
    copy: Option<Vec<String>>,
    /// The fields of that anonymous request.
    #[serde(default)]
    copy_asked: Vec<String>,
    #[serde(default)]
    copy_age_s: u64,
    /// 304 or 206 where the request asks for that.
    #[serde(default = "ok")]
    copy_status: u16,
    /// The diagnosis' RFC 9209 type.
    error: Option<String>,
    /// `copy <age>`, `page <Form> <status> <reason>`, `origin <Reason> <reason>`.
    expect: String,
    note: Option<bool>,
    not_sent: Option<bool>,
    retry_after: Option<u32>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

fn ok() -> u16 {
    200
}

fn yes() -> bool {
    true
}

impl Row {
    fn stored(&self) -> Result<Option<StoredCopy>, String> {
        let Some(lines) = &self.copy else { return Ok(None) };
        let at = NOW - self.copy_age_s * 1000;
        let mut facts = self.asked.facts();
        facts.method = "GET".to_owned();
        facts.headers = crate::cases::lines(&self.copy_asked);
        facts.body = false;
        let settings = self.asked.settings();
        let Plan::Watch(watch) = plan(facts, &settings) else { return Err("no watch".to_owned()) };
        let mut head = answer(200, lines);
        if !head.headers.has("date") {
            head.headers.0.push(("Date".to_owned(), http_date(at)));
        }
        let timing = Timing { requested_at: at, responded_at: at };
        let Judgement::RelayAndStore(copy) = judge(&watch, &head, timing, &settings) else {
            return Err("the copy of this case would not be stored".to_owned());
        };
        // Through the field of a platform cache and back, as in the worker.
        Ok(Some(StoredCopy::read(&copy.write()).ok_or("the stored field cannot be read")?))
    }
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let settings = self.asked.settings();
        let (watch, looped) = match plan(self.asked.facts(), &settings) {
            Plan::Watch(watch) => (watch, None),
            Plan::Refuse(watch, failure) => (watch, Some(failure)),
            other => return Err(format!("not watched: {other:?}")),
        };
        let copy = self.stored()?;
        let head = self.status.map(|status| answer(status, &self.answer));
        let failure = match (&head, &self.thrown, looped) {
            (_, _, Some(failure)) => failure,
            (Some(head), _, None) => failure::from_answer(head, 5, NOW).ok_or("the answer is no failure")?,
            (None, Some(text), None) => {
                let (name, message) = text.split_once(": ").ok_or("thrown is `Name: message`")?;
                failure::from_thrown(&Thrown {
                    name: name.to_owned(),
                    message: message.to_owned(),
                    elapsed_ms: 7,
                    own_timeout: name == "TimeoutError",
                })
            }
            (None, None, None) if self.slow => failure::from_slow(),
            (None, None, None) => {
                failure::from_late(self.late.ok_or("neither status, thrown, late nor slow")?)
            }
        };
        let rescue = Rescue {
            watch: &watch,
            failure: &failure,
            error: self.error.as_deref(),
            origin: head.as_ref().map(|head| (head, self.complete)),
            copy: copy.as_ref(),
            now: NOW,
            dice: 0,
        };
        let (got, headers) = match choose(&rescue, &settings) {
            Choice::Copy(copy) => {
                if let Some(note) = self.note {
                    same("note", copy.note, note)?;
                }
                same("status of a copy", copy.head.status, self.copy_status)?;
                (format!("copy {}", copy.age.age_s), copy.head.headers)
            }
            Choice::Page(page) => {
                if let Some(not_sent) = self.not_sent {
                    same("not_sent", page.not_sent, not_sent)?;
                }
                if let Some(seconds) = self.retry_after {
                    same("retry_after", page.retry_after_s, seconds)?;
                }
                let text = format!("page {:?} {} {}", page.form, page.status, page.reason.as_str());
                (text, Headers(page.headers))
            }
            Choice::OriginAnswer { reason, no_copy, edits } => {
                let head = head.ok_or("there is no origin's answer")?;
                (format!("origin {reason:?} {}", no_copy.as_str()), edits.apply(&head.headers))
            }
        };
        same("choice", got, self.expect.clone())?;
        fields(&headers, &self.has, &self.lacks)
    }
}

#[test]
fn choose_cases() {
    run::<Row>("choose", 80);
}

/// An upgrade or a stream of events that got no answer: never 200, never stored, and it says why.
#[test]
fn what_is_relayed_bare_fails_honestly() {
    for (message, own_timeout) in
        [("Network connection lost.", false), ("no answer in time", true), ("anything else", false)]
    {
        let thrown =
            Thrown { name: "Error".to_owned(), message: message.to_owned(), elapsed_ms: 5, own_timeout };
        let failure = failure::from_thrown(&thrown);
        for (setting, status) in [("503", [503, 503]), ("origin", [502, 504])] {
            let (settings, _) = Settings::parse([("FALLBACK_STATUS", setting), ("RETRY_AFTER_S", "9")]);
            let head = bare(&failure, &settings, 4);
            assert!(status.contains(&head.status), "{message}: {}", head.status);
            assert_eq!(head.headers.value("cache-control"), Some("no-store"));
            assert_eq!(head.headers.value("retry-after"), Some("13"));
            assert_eq!(head.headers.value("cache-status"), Some("backsoon; fwd=bypass"));
            let said = format!("backsoon; error={}", failure.error.as_str());
            assert_eq!(head.headers.value("proxy-status"), Some(said.as_str()));
        }
    }
}

/// The diagnosis speaks of whoever asked, and that was the edge: its way to the origin is not the visitor's.
#[test]
fn an_origin_that_gave_no_answer_is_the_sites_fault() {
    let settings = Settings::default();
    let request = RequestFacts {
        method: "GET".to_owned(),
        url: Url::parse("https://shop.test/").unwrap(),
        headers: [("accept", "text/html"), ("sec-fetch-dest", "document")].into_iter().collect(),
        body: false,
    };
    let Plan::Watch(watch) = plan(request.clone(), &settings) else { panic!("not watched") };
    let thrown = |message: &str| {
        failure::from_thrown(&Thrown {
            name: "TypeError".to_owned(),
            message: message.to_owned(),
            elapsed_ms: 30,
            own_timeout: false,
        })
    };
    let mut failures = vec![failure::from_open_breaker(), failure::from_truncated(30), failure::from_loop()];
    for message in
        ["connection refused", "DNS lookup failed", "network unreachable", "timed out", "certificate", "?"]
    {
        failures.push(thrown(message));
    }
    for failed in failures {
        let verdict = diagnose(&failed.exchange(&request, None, None, None));
        let rescue = Rescue {
            watch: &watch,
            failure: &failed,
            error: verdict.error(),
            origin: None,
            copy: None,
            now: NOW,
            dice: 5,
        };
        let Choice::Page(choice) = choose(&rescue, &settings) else { panic!("no page for {failed:?}") };
        let owner = settings.owner("shop.test");
        let page = page_model(&choice, &rescue, &verdict, &owner, &settings, Lang::ENGLISH, "7Q4M-2KXD");
        assert_eq!((page.state, page.at_fault), (State::Down, AtFault::Site), "{failed:?}");
        assert!(
            matches!(page.layer, None | Some("gateway" | "gateway_to_app")),
            "{failed:?}: {:?}",
            page.layer
        );
    }
}
