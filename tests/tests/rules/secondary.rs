//! The owner's second server.

use crate::cases::{Asked, Case, answer, lines, run, same};
use backsoon::rescue::secondary::{shown, stand_in};
use backsoon::rescue::{Plan, Rescue, Thrown, failure, plan};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    asked: Asked,
    /// `loop`; else the connection was refused.
    failure: Option<String>,
    /// `METHOD address`, or `no`.
    expect: String,
    sent: Option<Vec<String>>,
    status: Option<u16>,
    #[serde(default)]
    answer: Vec<String>,
    #[serde(default = "yes")]
    shown: bool,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let mut settings = self.asked.settings();
        if !self.asked.settings.contains_key("SECONDARY_ORIGIN") {
            settings.secondary_origin = backsoon::rescue::Url::parse("https://mirror.test");
        }
        let Plan::Watch(watch) = plan(self.asked.facts(), &settings) else { return Err("no watch".into()) };
        let refused = Thrown {
            name: "Error".to_owned(),
            message: "connect ECONNREFUSED".to_owned(),
            elapsed_ms: 1,
            own_timeout: false,
        };
        let failure = match self.failure.as_deref() {
            Some("loop") => failure::from_loop(),
            _ => failure::from_thrown(&refused),
        };
        let rescue = Rescue {
            watch: &watch,
            failure: &failure,
            error: Some("connection_refused"),
            origin: None,
            copy: None,
            now: 0,
            dice: 0,
        };
        let how = stand_in(&rescue, &settings);
        let got = how.as_ref().map_or_else(|| "no".to_owned(), |how| format!("{} {}", how.method, how.url));
        same("asked", got, self.expect.clone())?;
        if let (Some(how), Some(sent)) = (&how, &self.sent) {
            same("sent", how.headers.clone(), lines(sent))?;
        }
        let Some(status) = self.status else { return Ok(()) };
        let head = answer(status, &self.answer);
        let edits = shown(&rescue, &head, &settings);
        same("shown", edits.is_some(), self.shown)?;
        let Some(edits) = edits else { return Ok(()) };
        let fields = edits.apply(&head.headers);
        for (name, value) in &lines(&self.has).0 {
            same(name, fields.value(name), Some(value.as_str()))?;
        }
        for name in &self.lacks {
            same(name, fields.has(name), false)?;
        }
        Ok(())
    }
}

#[test]
fn secondary_cases() {
    run::<Row>("secondary", 15);
}
