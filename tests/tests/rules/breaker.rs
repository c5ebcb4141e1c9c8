use crate::cases::{Case, run, same};
use backsoon::breaker::{Admission, Asker, Breaker, Rules};
use backsoon::collapse::{Flights, Turn};
use backsoon::facts::Headers;
use backsoon::rescue::Wants;
use backsoon::rescue::{AnswerHead, Failure, RequestFacts, Thrown, failure};
use backsoon::retry::Budget;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    /// Each `<ms> <what>`: `ok`, `slow ok` (after five seconds), `late` (a visitor waited two seconds and got a
    /// copy), `hung` (a timeout after fifteen seconds), `doubt` (a doubtful 200), `fail <status>`, `fail <status> after <s>`, `thrown`, `probe fails <status>`,
    /// or a question with its answer: `copy -> stay`, `none -> wait`, `post -> stay`, `late -> stay` (has
    /// waited), `state -> down`.
    steps: Vec<String>,
}

fn status_failure(words: &str) -> Result<Failure, String> {
    let (status, after) = words.split_once(" after ").unwrap_or((words, ""));
    let mut headers = Headers::default();
    if !after.is_empty() {
        headers.0.push(("retry-after".to_owned(), after.to_owned()));
    }
    let status = status.parse().map_err(|_| format!("no status: {words}"))?;
    failure::from_answer(&AnswerHead { status, headers }, 5).ok_or("no failure".to_owned())
}

impl Case for Row {
    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), String> {
        let mut breaker = Breaker::new(Rules::default());
        for step in &self.steps {
            let (at, what) = step.split_once(' ').ok_or("`<ms> <what>`")?;
            let now = 1_000_000 + at.parse::<u64>().map_err(|_| format!("no time: {at}"))?;
            match what.split_once(' ') {
                _ if what == "ok" => breaker.answered(now),
                _ if what == "slow ok" => breaker.answered_slowly(now - 5000, now, 0),
                _ if what == "late" => breaker.late(2000, true, now),
                _ if what == "hung" => breaker.failed(&failure::from_stalled(15_000), false, true, now, 0),
                _ if what == "doubt" => breaker.failed(&failure::from_doubt(5), false, true, now, 0),
                _ if what == "thrown" => {
                    let thrown = Thrown {
                        name: "Error".to_owned(),
                        message: "Network connection lost.".to_owned(),
                        elapsed_ms: 5,
                        own_timeout: false,
                    };
                    breaker.failed(&failure::from_thrown(&thrown), false, false, now, 0);
                }
                Some(("fail", words)) => breaker.failed(&status_failure(words)?, false, true, now, 0),
                Some(("probe", words)) => {
                    let words = words.strip_prefix("fails ").ok_or("`probe fails <status>`")?;
                    breaker.failed(&status_failure(words)?, true, true, now, 0);
                }
                Some((asker, rest)) => {
                    let wanted = rest.strip_prefix("-> ").ok_or_else(|| format!("no question: {step}"))?;
                    let got = match asker {
                        "state" => breaker.state(now).as_str(),
                        _ => admitted(&mut breaker, asker, now)?,
                    };
                    same(step, got, wanted)?;
                }
                None => return Err(format!("not understood: {step}")),
            }
        }
        Ok(())
    }
}

fn admitted(breaker: &mut Breaker, asker: &str, now: u64) -> Result<&'static str, String> {
    let (has_copy, safe, waited_ms, dice) = match asker {
        "copy" => (true, true, 0, 999),
        "lucky" => (true, true, 0, 0),
        "none" => (false, true, 0, 0),
        "late" => (false, true, 60_000, 0),
        "post" => (false, false, 60_000, 0),
        other => return Err(format!("nobody is called {other}")),
    };
    Ok(match breaker.admit(Asker { has_copy, safe, waited_ms }, now, dice) {
        Admission::Ask => "ask",
        Admission::Probe => "probe",
        Admission::Stay => "stay",
        Admission::Wait(ms) => {
            if ms == 0 || ms > Rules::default().patience_ms {
                return Err(format!("a wait of {ms} ms"));
            }
            "wait"
        }
    })
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
        let mut breaker = Breaker::new(rules);
        let mut now = 1_000_000;
        let bad = status_failure("502").expect("a failure");
        for _ in 0..3 {
            breaker.failed(&bad, false, false, now, 0);
        }
        assert!(breaker.is_open());
        let (mut last, mut probes) = (0, 0_u32);
        for _ in 0..200 {
            now += dice.below(120);
            let asker = Asker {
                has_copy: dice.once_in(2),
                safe: !dice.once_in(5),
                waited_ms: dice.below(3000) as u32,
            };
            match breaker.admit(asker, now, dice.below(1 << 32) as u32) {
                Admission::Probe => {
                    assert!(now - last >= 1000, "{} ms between probes", now - last);
                    assert!(asker.safe, "an order was sent as a probe");
                    (last, probes) = (now, probes + 1);
                    breaker.failed(&bad, true, false, now, dice.below(1 << 32) as u32);
                }
                Admission::Ask => panic!("let through while all fails"),
                Admission::Stay => assert!(asker.has_copy || asker.waited_ms >= rules.patience_ms),
                Admission::Wait(ms) => assert!(ms <= rules.patience_ms && !asker.has_copy),
            }
        }
        assert!(probes >= 3, "{probes} probes in some twelve seconds");
        breaker.answered(now);
        for _ in 0..3 {
            assert_eq!(
                breaker.admit(Asker { has_copy: false, safe: false, waited_ms: 0 }, now, 0),
                Admission::Ask
            );
        }
        now += u64::from(rules.ramp_ms);
        assert_eq!(
            breaker.admit(Asker { has_copy: true, safe: true, waited_ms: 0 }, now, u32::MAX),
            Admission::Ask
        );
    }
}

#[test]
fn a_lost_probe_is_followed_by_another() {
    let mut breaker = Breaker::new(Rules::default());
    let bad = status_failure("504").expect("a failure");
    for _ in 0..3 {
        breaker.failed(&bad, false, false, 1_000_000, 0);
    }
    let asker = Asker { has_copy: true, safe: true, waited_ms: 0 };
    assert_eq!(breaker.admit(asker, 1_002_000, 0), Admission::Probe);
    assert_eq!(breaker.admit(asker, 1_003_000, 0), Admission::Stay);
    assert_eq!(breaker.admit(asker, 1_003_501, 0), Admission::Probe, "it may hang for ever");
    // What the lost one ends with says nothing of the one that is out now.
    breaker.failed(&Failure { elapsed_ms: 1504, ..bad }, true, false, 1_003_504, 0);
    assert_eq!(breaker.admit(asker, 1_004_900, 0), Admission::Stay);
    assert_eq!(breaker.admit(asker, 1_005_002, 0), Admission::Probe);
    // An owner's longer interval is kept.
    let mut rare = Breaker::new(Rules { probe_ms: 10_000, ..Rules::default() });
    let bad = status_failure("504").expect("a failure");
    for _ in 0..3 {
        rare.failed(&bad, false, false, 1_000_000, 0);
    }
    assert_eq!(rare.admit(asker, 1_010_000, 0), Admission::Probe);
    assert_eq!(rare.admit(asker, 1_019_000, 0), Admission::Stay);
    assert_eq!(rare.admit(asker, 1_020_001, 0), Admission::Probe);
}

/// While nothing comes at all, nothing is asked but by single looks.
#[test]
fn a_slow_origin_is_asked_for_what_is_stale_only_where_it_answers() {
    let mut breaker = Breaker::new(Rules::default());
    breaker.late(2000, true, 1_002_000);
    assert!(breaker.is_slow() && !breaker.lives_slowly());
    breaker.answered_slowly(1_000_000, 1_005_000, 0);
    assert!(breaker.is_slow() && breaker.lives_slowly());
    breaker.answered(1_005_100);
    assert!(!breaker.is_slow() && !breaker.lives_slowly());
}

#[test]
fn without_a_breaker_nobody_is_kept_from_the_origin_because_it_is_slow() {
    let mut breaker = Breaker::new(Rules { failures: 0, ..Rules::default() });
    breaker.late(2000, true, 1_000_000);
    assert!(!breaker.is_slow());
    let asker = Asker { has_copy: true, safe: true, waited_ms: 0 };
    assert_eq!(breaker.admit(asker, 1_000_001, 0), Admission::Ask);
}

#[test]
fn recovery_lets_those_with_a_copy_back_by_a_growing_share() {
    let mut breaker = Breaker::new(Rules { ramp_ms: 10_000, ..Rules::default() });
    let bad = status_failure("502").expect("a failure");
    for _ in 0..3 {
        breaker.failed(&bad, false, true, 1_000_000, 0);
    }
    breaker.answered(1_002_000);
    let mut shares = vec![];
    for second in 0..10 {
        let mut asked = 0;
        for dice in 0..1000 {
            let asker = Asker { has_copy: true, safe: true, waited_ms: 0 };
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

#[test]
fn who_comes_while_another_waits_no_more_need_not_begin_to_wait() {
    let mut flights = Flights::new(2000);
    assert_eq!(flights.turn("a", 0, 1000), Turn::Ask);
    flights.late("a", 1000, 3000);
    assert_eq!(flights.turn("a", 0, 3001), Turn::Late);
    assert_eq!(flights.turn("b", 0, 3001), Turn::Ask);
    assert_eq!(flights.turn("a", 0, 6001), Turn::Ask, "the old connection may hang for ever");
    flights.late("a", 6001, 8000);
    flights.over("a", true, 8500);
    assert_eq!(flights.turn("a", 0, 8501), Turn::Ask);
}

#[test]
fn where_one_late_address_comes_again_the_others_are_asked_again_too() {
    let late = |stored| {
        let mut flights = Flights::new(2000);
        for (key, asked) in [("a", 1000), ("b", 2000), ("c", 3900)] {
            assert_eq!(flights.turn(key, 0, asked), Turn::Ask);
            flights.late(key, asked, asked + 2000);
        }
        assert_eq!(flights.turn("a", 0, 6001), Turn::Ask, "it has been late for long");
        flights.over("a", stored, 6050);
        flights
    };
    let mut back = late(true);
    assert_eq!(back.turn("b", 0, 6060), Turn::Ask);
    assert_eq!(back.turn("c", 0, 6060), Turn::Ask);
    assert!(matches!(back.turn("c", 0, 6061), Turn::Wait(_)), "still only one asks");
    back.late("c", 3900, 6070);
    assert!(matches!(back.turn("c", 0, 6071), Turn::Wait(_)), "the older one's end is not the newer one's");
    // What is asked after the return and hangs, hangs for itself.
    assert_eq!(back.turn("d", 0, 6100), Turn::Ask);
    back.late("d", 6100, 8100);
    assert_eq!(back.turn("d", 0, 8101), Turn::Late);
    // Whoever was sent before the return gives up after it: the next may ask at once.
    assert_eq!(back.turn("e", 0, 5900), Turn::Ask);
    back.late("e", 5900, 7900);
    assert_eq!(back.turn("e", 0, 7901), Turn::Ask);

    let mut given_back = late(false);
    given_back.late("a", 6060, 6070);
    assert_eq!(given_back.turn("a", 0, 9100), Turn::Ask);
    given_back.give_back("a");
    assert_eq!(
        given_back.turn("a", 0, 9101),
        Turn::Ask,
        "somebody who did not ask after all is not in the way"
    );
    given_back.late("b", 9000, 9102);
    assert_eq!(given_back.turn("b", 0, 9103), Turn::Late, "nor has anything come");

    let mut broken = late(false);
    assert_eq!(broken.turn("c", 0, 6060), Turn::Late, "an answer that is none shows nothing");
    let mut usual = late(false);
    assert_eq!(usual.turn("x", 0, 6060), Turn::Ask);
    usual.over("x", true, 6070);
    assert_eq!(usual.turn("c", 0, 6080), Turn::Late, "nor does an address that was never late");
}

#[test]
fn one_of_many_asks_and_nobody_waits_for_ever() {
    let mut flights = Flights::new(2000);
    assert_eq!(flights.turn("a", 0, 1000), Turn::Ask);
    assert!(matches!(flights.turn("a", 0, 1001), Turn::Wait(1..=40)));
    assert_eq!(flights.turn("b", 0, 1001), Turn::Ask);
    assert_eq!(flights.turn("a", 2000, 2990), Turn::Ask, "patience has an end");
    flights.over("a", true, 3000);
    assert_eq!(flights.turn("a", 0, 3001), Turn::Ask, "what was stored and is asked again is asked by one");
    flights.over("a", false, 3002);
    for _ in 0..3 {
        assert_eq!(flights.turn("a", 0, 3003), Turn::Ask, "nobody waits for what cannot be stored");
    }
    assert_eq!(flights.turn("b", 0, 9000), Turn::Ask, "who asks is given up for lost");
    for n in 0..10_000_u64 {
        flights.turn(&format!("{n}"), 0, 10_000 + n);
    }
    assert!(flights.len() <= 512, "{} addresses remembered", flights.len());
}
