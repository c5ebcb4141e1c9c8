use crate::cases::{Asked, Case, answer, fields, run, same};
use backsoon::cache::freshness::Timing;
use backsoon::rescue::{Judgement, Plan, ending, judge, plan, respond};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    asked: Asked,
    status: u16,
    #[serde(default)]
    answer: Vec<String>,
    /// `store`, `relay <refusal>`, `bare <Reason>`, `rescue <error>`; then what it claims of
    /// the address (`claims gone`), or how an unsafe request changed it (`changed`, `deleted`).
    expect: String,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let settings = self.asked.settings();
        let Plan::Watch(watch) = plan(self.asked.facts(), &settings) else {
            return Err("the request is not watched".to_owned());
        };
        let head = answer(self.status, &self.answer);
        let timing = Timing { requested_at: 1_000_000, responded_at: 1_000_200 };
        let judgement = judge(&watch, &head, timing, &settings);
        let got = match &judgement {
            Judgement::RelayBare(reason) => format!("bare {reason:?}"),
            Judgement::Relay { refusal } => format!("relay {}", refusal.as_str()),
            Judgement::RelayAndStore(_) => "store".to_owned(),
            Judgement::Rescue(failure) => format!("rescue {}", failure.error.as_str()),
        };
        let claim = ending::claim(&watch, &head, &settings).map(|claim| format!(" claims {claim:?}"));
        let change = ending::change(&watch, &head).map(|change| format!(" {change:?}"));
        let more = [claim, change].into_iter().flatten().collect::<String>().to_lowercase();
        same("judgement", format!("{got}{more}"), self.expect.clone())?;
        let edits = respond::relay_edits(&watch, &head, &judgement, &settings);
        fields(&edits.apply(&head.headers), &self.has, &self.lacks)
    }
}

#[test]
fn judge_cases() {
    run::<Row>("judge", 80);
}
