use crate::cases::{Case, lines, run, same};
use backsoon::cache::freshness::{Lifetime, StaleRule, Timing, age_s, lifetime, stale_rule};
use backsoon::time::{http_date, parse_http_date, parse_rfc3339, rfc3339};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    answer: Vec<String>,
    /// Seconds, or absent for "the origin does not say"; checked where `lifetime_known` is not left out.
    lifetime: Option<u64>,
    #[serde(default)]
    silent: bool,
    #[serde(default = "ok")]
    status: u16,
    /// Seconds of a guessed lifetime.
    guessed: Option<u64>,
    /// `allowed`, `allowed for N`, `forbidden <directive>`.
    stale: Option<String>,
    /// Age at `now` seconds, when asked at 1000 and answered at `responded` seconds.
    age: Option<u64>,
    #[serde(default = "thousand")]
    responded: u64,
    #[serde(default = "thousand")]
    now: u64,
}

fn ok() -> u16 {
    200
}

fn thousand() -> u64 {
    1000
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let headers = lines(&self.answer);
        if self.silent || self.lifetime.is_some() {
            let got = match lifetime(self.status, &headers, self.responded * 1000) {
                Lifetime::Explicit(seconds) => Some(seconds),
                Lifetime::Heuristic(_) | Lifetime::Unknown => None,
            };
            same("lifetime", got, self.lifetime)?;
        }
        if let Some(guessed) = self.guessed {
            let wanted = if guessed == 0 { Lifetime::Unknown } else { Lifetime::Heuristic(guessed) };
            same("guessed", lifetime(self.status, &headers, self.responded * 1000), wanted)?;
        }
        if let Some(stale) = &self.stale {
            let got = match stale_rule(&headers) {
                StaleRule::Allowed => "allowed".to_owned(),
                StaleRule::AllowedFor(seconds) => format!("allowed for {seconds}"),
                StaleRule::Forbidden(directive) => format!("forbidden {directive}"),
            };
            same("stale", got, stale.clone())?;
        }
        if let Some(age) = self.age {
            let timing = Timing { requested_at: 1_000_000, responded_at: self.responded * 1000 };
            same("age", age_s(&headers, timing, self.now * 1000), age)?;
        }
        Ok(())
    }
}

#[test]
fn freshness_cases() {
    run::<Row>("freshness", 50);
}

#[test]
fn dates_read_as_they_were_written() {
    // Each day of four centuries at another time of day: every leap rule and month length is met.
    for day in 0..146_097_u64 {
        let at = (day * 86_400 + (day * 7919) % 86_400) * 1000;
        assert_eq!(parse_http_date(&http_date(at)), Some(at), "{}", http_date(at));
        assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at), "{}", rfc3339(at));
    }
    assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
}

#[test]
fn dates_in_all_three_forms_and_nonsense() {
    let known = Some(784_111_777_000);
    for right in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse_http_date(right), known, "{right}");
    }
    for wrong in [
        "0",
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "1994-11-06",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Noz 1994 08:49:37 GMT",
    ] {
        assert_eq!(parse_http_date(wrong), None, "{wrong}");
    }
    assert_eq!(parse_rfc3339("1994-11-06T09:49:37+01:00"), known);
    assert_eq!(parse_rfc3339("1994-11-06T08:49:37.25Z"), known);
    for wrong in
        ["1994-11-06", "1994-11-06T08:49:37", "1994-13-06T08:49:37Z", "1994-11-06T08:49:37+25:00", "x"]
    {
        assert_eq!(parse_rfc3339(wrong), None, "{wrong}");
    }
}
