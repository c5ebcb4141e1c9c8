use crate::cases::{Case, run, same};
use backsoon::breaker::{Admission, Asker, Breaker, Rules, Witness};
use backsoon::facts::Headers;
use backsoon::rescue::Wants;
use backsoon::rescue::{AnswerHead, Failure, RequestFacts, Thrown, Url, failure};
use backsoon::retry::Budget;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    /// Each `<ms> <what>`: `ok`, `slow ok` (after five seconds), `late` (a visitor waited two seconds and got a
    /// copy), `hung` (a timeout after fifteen seconds), `doubt` (a doubtful 200), `fail <status>`, `fail <status> after <s>`, `thrown`,
    /// `refused`, `probe fails <status>`, `good` (a page to remember), `known fails <status>` (the probe of a known
    /// address), `down`, `down <status>` (that probe is due, and fails), or a question with its answer: `copy -> stay`, `none -> wait`,
    /// `post -> stay`, `late -> stay` (has waited), `state -> down`, `probe -> /about` (the known address to probe),
    /// `poll -> none` (the same for somebody who polls), `trouble -> yes`.
    ///
    /// After an outcome or asker ` on <path>`, ` by <network>` and ` signed in` or ` as POST` may follow. Without
    /// them failures come from `/a` and `/b` in turn, and networks are not known.
    steps: Vec<String>,
}

/// Who asks, or whose request had this outcome.
#[derive(Clone, Default)]
struct By {
    path: Option<String>,
    network: Option<String>,
    identified: bool,
}

/// Takes what follows an outcome or asker off it.
fn by(words: &str) -> (String, By) {
    let (mut left, mut by) = (words.to_owned(), By::default());
    for mark in [" signed in", " as POST"] {
        if let Some(rest) = left.strip_suffix(mark) {
            (left, by.identified) = (rest.to_owned(), true);
        }
    }
    if let Some((rest, network)) = left.clone().split_once(" by ") {
        (left, by.network) = (rest.to_owned(), Some(network.to_owned()));
    }
    if let Some((rest, path)) = left.clone().split_once(" on ") {
        (left, by.path) = (rest.to_owned(), Some(path.to_owned()));
    }
    (left, by)
}

fn site() -> Url {
    Url::parse("https://shop.test/").expect("an address")
}

fn status_failure(words: &str) -> Result<Failure, String> {
    let (status, after) = words.split_once(" after ").unwrap_or((words, ""));
    let mut headers = Headers::default();
    if !after.is_empty() {
        headers.0.push(("retry-after".to_owned(), after.to_owned()));
    }
    let status = status.parse().map_err(|_| format!("no status: {words}"))?;
    failure::from_answer(&AnswerHead { status, headers }, 5, 0).ok_or("no failure".to_owned())
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let mut breaker = Breaker::new(Rules::default());
        let mut turns = ["/a", "/b"].into_iter().cycle();
        for step in &self.steps {
            let (at, what) = step.split_once(' ').ok_or("`<ms> <what>`")?;
            let now = 1_000_000 + at.parse::<u64>().map_err(|_| format!("no time: {at}"))?;
            if let Some((asker, wanted)) = what.split_once(" -> ") {
                same(step, &answered(&mut breaker, asker, now)?, &wanted.to_owned())?;
                continue;
            }
            let (what, by) = by(what);
            let mut path = || by.path.clone().unwrap_or_else(|| turns.next().unwrap_or("/a").to_owned());
            let thrown = |message: &str| {
                failure::from_thrown(&Thrown {
                    name: "Error".to_owned(),
                    message: message.to_owned(),
                    elapsed_ms: 5,
                    own_timeout: false,
                })
            };
            let network = by.network.as_deref();
            let (failure, probe) = match what.split_once(' ') {
                _ if what == "ok" => {
                    breaker.answered(&path(), now);
                    continue;
                }
                _ if what == "slow ok" => {
                    breaker.answered_slowly(&path(), now - 5000, now, 0);
                    continue;
                }
                _ if what == "good" => {
                    let url = Url { path: path(), ..site() };
                    breaker.answered(&url.path, now);
                    breaker.remember(&url, &Headers::default(), network, now);
                    continue;
                }
                _ if what == "late" => {
                    let path = path();
                    let witness = Witness { path: &path, network, anonymous: !by.identified, probe: false };
                    breaker.late(2000, witness, true, now, 0);
                    continue;
                }
                _ if what.starts_with("down") => {
                    breaker.probe(&site(), false, now).ok_or_else(|| format!("no probe: {step}"))?;
                    let words = what.strip_prefix("down ").unwrap_or("502");
                    breaker.probe_failed(&Failure { elapsed_ms: 0, ..status_failure(words)? }, now, 0);
                    continue;
                }
                Some(("known", words)) => {
                    let words = words.strip_prefix("fails ").ok_or("`known fails <status>`")?;
                    breaker.probe_failed(&status_failure(words)?, now, 0);
                    continue;
                }
                _ if what == "hung" => (failure::from_stalled(15_000), false),
                _ if what == "doubt" => (failure::from_doubt(5), false),
                _ if what == "thrown" => (thrown("Network connection lost."), false),
                _ if what == "refused" => (thrown("connection refused"), false),
                Some(("fail", words)) => (status_failure(words)?, false),
                Some(("probe", words)) => {
                    let words = words.strip_prefix("fails ").ok_or("`probe fails <status>`")?;
                    (status_failure(words)?, true)
                }
                _ => return Err(format!("not understood: {step}")),
            };
            let path = path();
            let witness = Witness { path: &path, network, anonymous: !by.identified, probe };
            breaker.failed(&failure, witness, what != "thrown", now, 0);
        }
        Ok(())
    }
}

fn answered(breaker: &mut Breaker, asker: &str, now: u64) -> Result<String, String> {
    let (asker, by) = by(asker);
    let path = by.path.as_deref().unwrap_or("/page");
    let (has_copy, safe, waited_ms, dice) = match asker.as_str() {
        "state" => return Ok(breaker.state(now).as_str().to_owned()),
        "trouble" => return Ok(if breaker.has_trouble(path, now) { "yes" } else { "no" }.to_owned()),
        "probe" | "poll" => {
            let target = breaker.probe(&site(), asker == "poll", now);
            return Ok(target.map_or("none".to_owned(), |target| target.url.path));
        }
        "copy" => (true, true, 0, 999),
        "lucky" => (true, true, 0, 0),
        "none" => (false, true, 0, 0),
        "late" => (false, true, 60_000, 0),
        "post" => (false, false, 60_000, 0),
        other => return Err(format!("nobody is called {other}")),
    };
    Ok(match breaker.admit(Asker { path, has_copy, safe, waited_ms }, now, dice) {
        Admission::Ask => "ask",
        Admission::Probe => "probe",
        Admission::Stay => "stay",
        Admission::Wait(ms) => {
            if ms == 0 || ms > Rules::default().patience_ms {
                return Err(format!("a wait of {ms} ms"));
            }
            "wait"
        }
    }
    .to_owned())
}

/// A failure of this path, in sight of nobody in particular.
fn of(path: &str) -> Witness<'_> {
    Witness { path, network: None, anonymous: true, probe: false }
}

/// One that several routes' failures and a failed probe have opened.
fn opened(rules: Rules, bad: &Failure, now: u64) -> Breaker {
    let mut breaker = Breaker::new(rules);
    for path in ["/a", "/b", "/a"] {
        breaker.failed(bad, of(path), false, now, 0);
    }
    assert!(!breaker.is_open() && breaker.probe(&site(), false, now).is_some());
    breaker.probe_failed(bad, now, 0);
    assert!(breaker.is_open());
    breaker
}

#[test]
fn breaker_cases() {
    run::<Row>("breaker", 20);
}

/// Whatever happens, an open breaker lets at most one probe a second through, and after a last success
/// everybody is let in again.
#[test]
fn an_open_breaker_sends_one_probe_a_second_at_most_and_always_comes_back() {
    let mut dice = crate::random::dice::Dice::new(7);
    let rules = Rules::default();
    for _ in 0..2000 {
        let mut now = 1_000_000;
        let bad = status_failure("502").expect("a failure");
        let mut breaker = opened(rules, &bad, now);
        let (mut last, mut probes) = (0, 0_u32);
        for _ in 0..200 {
            now += dice.below(120);
            let asker = Asker {
                path: "/page",
                has_copy: dice.once_in(2),
                safe: !dice.once_in(5),
                waited_ms: dice.below(3000) as u32,
            };
            if breaker.probe(&site(), dice.once_in(5), now).is_some() {
                assert!(now - last >= 1000, "{} ms between probes", now - last);
                (last, probes) = (now, probes + 1);
                breaker.probe_failed(&bad, now, dice.below(1 << 32) as u32);
            }
            match breaker.admit(asker, now, dice.below(1 << 32) as u32) {
                Admission::Probe => {
                    assert!(now - last >= 1000, "{} ms between probes", now - last);
                    assert!(asker.safe, "an order was sent as a probe");
                    (last, probes) = (now, probes + 1);
                    let witness = Witness { probe: true, ..of("/page") };
                    breaker.failed(&bad, witness, false, now, dice.below(1 << 32) as u32);
                }
                Admission::Ask => panic!("let through while all fails"),
                Admission::Stay => assert!(asker.has_copy || asker.waited_ms >= rules.patience_ms),
                Admission::Wait(ms) => assert!(ms <= rules.patience_ms && !asker.has_copy),
            }
        }
        assert!(probes >= 3, "{probes} probes in some twelve seconds");
        breaker.answered("/page", now);
        for _ in 0..3 {
            assert_eq!(
                breaker.admit(Asker { path: "/page", has_copy: false, safe: false, waited_ms: 0 }, now, 0),
                Admission::Ask
            );
        }
        now += u64::from(rules.ramp_ms);
        assert_eq!(
            breaker.admit(Asker { path: "/page", has_copy: true, safe: true, waited_ms: 0 }, now, u32::MAX),
            Admission::Ask
        );
    }
}

#[test]
fn a_lost_probe_is_followed_by_another() {
    let bad = status_failure("504").expect("a failure");
    let mut breaker = opened(Rules::default(), &bad, 1_000_000);
    let asker = Asker { path: "/page", has_copy: true, safe: true, waited_ms: 0 };
    assert_eq!(breaker.admit(asker, 1_002_000, 0), Admission::Probe);
    assert_eq!(breaker.admit(asker, 1_003_000, 0), Admission::Stay);
    assert_eq!(breaker.admit(asker, 1_003_501, 0), Admission::Stay, "the next is a known address's turn");
    assert!(breaker.probe(&site(), false, 1_003_501).is_some(), "it may hang for ever");
    // What the lost one ends with says nothing of the one that is out now.
    let late = Failure { elapsed_ms: 1504, ..bad };
    breaker.failed(&late, Witness { probe: true, ..of("/page") }, false, 1_003_504, 0);
    assert_eq!(breaker.admit(asker, 1_004_900, 0), Admission::Stay);
    assert_eq!(breaker.probe(&site(), true, 1_004_900), None);
    assert_eq!(breaker.admit(asker, 1_005_002, 0), Admission::Probe);
    // An owner's longer interval is kept.
    let bad = status_failure("504").expect("a failure");
    let mut rare = opened(Rules { probe_ms: 10_000, ..Rules::default() }, &bad, 1_000_000);
    assert_eq!(rare.admit(asker, 1_010_000, 0), Admission::Probe);
    assert_eq!(rare.admit(asker, 1_019_000, 0), Admission::Stay);
    assert!(rare.probe(&site(), false, 1_020_001).is_some());
}

/// While nothing comes at all, nothing is asked but by single looks.
#[test]
fn a_slow_origin_is_asked_for_what_is_stale_only_where_it_answers() {
    let mut breaker = Breaker::new(Rules::default());
    breaker.late(2000, of("/a"), true, 1_002_000, 0);
    assert!(!breaker.is_slow(), "one page may be slow for itself");
    breaker.late(2000, of("/b"), true, 1_002_000, 0);
    assert!(breaker.is_slow() && !breaker.lives_slowly());
    breaker.answered_slowly("/a", 1_000_000, 1_005_000, 0);
    assert!(breaker.is_slow() && breaker.lives_slowly());
    breaker.answered("/a", 1_005_100);
    assert!(!breaker.is_slow() && !breaker.lives_slowly());
}

#[test]
fn without_a_breaker_nobody_is_kept_from_the_origin_because_it_is_slow() {
    let mut breaker = Breaker::new(Rules { failures: 0, ..Rules::default() });
    breaker.late(2000, of("/a"), true, 1_000_000, 0);
    breaker.late(2000, of("/b"), true, 1_000_000, 0);
    assert!(!breaker.is_slow());
    let asker = Asker { path: "/page", has_copy: true, safe: true, waited_ms: 0 };
    assert_eq!(breaker.admit(asker, 1_000_001, 0), Admission::Ask);
}

#[test]
fn recovery_lets_those_with_a_copy_back_by_a_growing_share() {
    let bad = status_failure("502").expect("a failure");
    let mut breaker = opened(Rules { ramp_ms: 10_000, ..Rules::default() }, &bad, 1_000_000);
    breaker.answered("/page", 1_002_000);
    let mut shares = vec![];
    for second in 0..10 {
        let mut asked = 0;
        for dice in 0..1000 {
            let asker = Asker { path: "/page", has_copy: true, safe: true, waited_ms: 0 };
            let admission = breaker.clone().admit(asker, 1_002_000 + second * 1000, dice);
            asked += u32::from(admission == Admission::Ask);
        }
        shares.push(asked);
    }
    assert!(shares.windows(2).all(|pair| pair[0] < pair[1]), "{shares:?}");
    assert_eq!(shares[0], 100);
    assert!(shares[9] >= 900, "{shares:?}");
}

#[test]
fn retries_stay_a_tenth_of_the_requests() {
    let request = RequestFacts { method: "GET".to_owned(), ..RequestFacts::default() };
    let bad = status_failure("502").expect("a failure");
    let mut budget = Budget::default();
    let mut retries = 0;
    for _ in 0..10_000 {
        budget.sent();
        retries += u32::from(budget.retry(&request, Wants::Navigation, &bad, 1).is_ok());
    }
    assert!((990..=1001).contains(&retries), "{retries} retries for 10000 requests");
    let reason = |request: &RequestFacts, failure: &Failure, tries: u32| {
        let mut full = Budget::default();
        full.retry(request, Wants::Navigation, failure, tries).err().map(|r| r.as_str())
    };
    let post = RequestFacts { method: "POST".to_owned(), ..RequestFacts::default() };
    let body = RequestFacts { method: "GET".to_owned(), body: true, ..RequestFacts::default() };
    let slow = Failure { elapsed_ms: 9000, ..bad.clone() };
    assert_eq!(reason(&request, &bad, 1), None);
    assert_eq!(reason(&post, &bad, 1), Some("request"));
    assert_eq!(reason(&body, &bad, 1), Some("request"));
    assert_eq!(reason(&request, &bad, 2), Some("again"));
    assert_eq!(reason(&request, &slow, 1), Some("slow"));
    assert_eq!(reason(&request, &status_failure("503 after 5").expect("a failure"), 1), Some("retry-after"));
    for status in ["500", "504", "522", "524", "525", "526", "530"] {
        assert_eq!(
            reason(&request, &status_failure(status).expect("a failure"), 1),
            Some("failure"),
            "{status}"
        );
    }
}
