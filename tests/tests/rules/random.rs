//! Random histories of requests, answers, failures and clock steps through plan, judge and choose.
//!
//! The rules are checked by an oracle of its own: it looks at the raw fields, not at our readers of them.
//! `BACKSOON_HISTORIES` sets how many; the generator is fixed, so a failing history can be run again.

pub mod dice;
pub mod world;

use backsoon::facts::Headers;
use backsoon::rescue::respond::relay_edits;
use backsoon::rescue::{
    AnswerHead, Choice, Judgement, Plan, Rescue, Settings, StoredCopy, Watch, choose, ending, failure, judge,
    plan,
};
use dice::Dice;
use std::collections::BTreeMap;

#[derive(Default, Debug)]
struct Seen {
    steps: u64,
    stored: u64,
    copies: u64,
    pages: u64,
    relayed_errors: u64,
    claimed: u64,
}

#[test]
fn random_histories_keep_the_promises() {
    let histories =
        std::env::var("BACKSOON_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000_u64);
    let mut seen = Seen::default();
    for history in 0..histories {
        run(history, &mut seen);
    }
    println!("{histories} histories: {seen:?}");
    // A generator that never reaches a branch proves nothing about it.
    let least = histories / 50;
    assert!(seen.stored > least && seen.copies > least && seen.pages > least, "{seen:?}");
    assert!(seen.relayed_errors > least && seen.claimed > least, "{seen:?}");
}

fn run(history: u64, seen: &mut Seen) {
    let mut dice = Dice::new(history);
    let settings = world::settings(&mut dice);
    let mut store: BTreeMap<String, (StoredCopy, u64)> = BTreeMap::new();
    let mut now = 1_795_000_000_000_u64;
    for _ in 0..4 + dice.below(12) {
        now += world::step(&mut dice);
        seen.steps += 1;
        let request = world::request(&mut dice);
        let (watch, looped) = match plan(request.clone(), &settings) {
            Plan::Own(_) | Plan::Bare { .. } => continue,
            Plan::Refuse(watch, failure) => (watch, Some(failure)),
            Plan::Watch(watch) => (watch, None),
        };
        let sent = watch.sent_headers();
        assert!(!sent.0.iter().any(|(n, _)| n.starts_with("backsoon-") && n != "backsoon-hop"), "{history}");
        let (answer, failed) = match looped {
            Some(failure) => (None, failure),
            None => match world::origin(&mut dice, now) {
                Ok(head) => {
                    let timing = world::timing(now, &mut dice);
                    match judge(&watch, &head, timing, &settings) {
                        Judgement::Rescue(failure) => (Some(head), failure),
                        judgement => {
                            kept(history, &watch, &head, &judgement, &settings, &mut store, now, seen);
                            let edits = relay_edits(&watch, &head, &judgement, &settings);
                            no_leak(history, &edits.apply(&head.headers));
                            continue;
                        }
                    }
                }
                Err(thrown) => (None, failure::from_thrown(&thrown)),
            },
        };
        let rescue = Rescue {
            watch: &watch,
            failure: &failed,
            error: None,
            origin: answer.as_ref().map(|head| (head, true)),
            copy: store.get(&watch.key).map(|(copy, _)| copy),
            now,
            dice: dice.below(1 << 32) as u32,
        };
        match choose(&rescue, &settings) {
            Choice::Copy(shown) => {
                seen.copies += 1;
                let (copy, stored_at) = &store[&watch.key];
                assert!(
                    matches!(request.method.as_str(), "GET" | "HEAD"),
                    "{history}: a copy for {}",
                    request.method
                );
                assert!(
                    now.saturating_sub(*stored_at) <= settings.max_copy_age_ms + 1000,
                    "{history}: too old"
                );
                may_be_shown(history, copy, shown.age.ttl_s);
                let age: u64 = shown.head.headers.value("age").and_then(|a| a.parse().ok()).expect("an age");
                assert!(
                    age >= now.saturating_sub(*stored_at) / 1000,
                    "{history}: younger than its stay here"
                );
                no_leak(history, &shown.head.headers);
            }
            Choice::Page(page) => {
                seen.pages += 1;
                assert!((502..=504).contains(&page.status), "{history}: {}", page.status);
                assert!(page.retry_after_s > 0, "{history}");
            }
            Choice::OriginAnswer { edits, .. } => {
                seen.relayed_errors += 1;
                no_leak(history, &edits.apply(&answer.expect("an answer").headers));
            }
        }
    }
}

/// Does with a judgement what the worker does, and checks that nothing is kept that must not be.
#[allow(clippy::too_many_arguments)]
fn kept(
    history: u64,
    watch: &Watch,
    head: &AnswerHead,
    judgement: &Judgement,
    settings: &Settings,
    store: &mut BTreeMap<String, (StoredCopy, u64)>,
    now: u64,
    seen: &mut Seen,
) {
    match judgement {
        Judgement::RelayAndStore(copy) => {
            seen.stored += 1;
            let raw = |name: &str| {
                let all: Vec<&str> = head.headers.values(name).collect();
                all.join(",").to_ascii_lowercase()
            };
            let control = raw("cache-control");
            assert!(!control.contains("private") && !control.contains("no-store"), "{history}: {control}");
            assert!(!head.headers.has("set-cookie") && !raw("vary").contains('*'), "{history}");
            assert!(head.status == 200 && watch.request.method == "GET", "{history}");
            assert!(!watch.request.headers.has("authorization"), "{history}: stored with credentials");
            let cookies: Vec<&str> = watch.request.headers.values("cookie").collect();
            let personal = cookies.iter().any(|c| c.contains("sid"));
            assert!(!personal, "{history}: stored with {cookies:?} under {control:?}");
            let asked = watch.sent_headers();
            assert!(!asked.has("x-original-url"), "{history}: stored with a field that leads elsewhere");
            let copy = StoredCopy::read(&copy.write()).expect("what is written can be read");
            store.insert(watch.key.clone(), (copy, now));
        }
        Judgement::Relay { .. } => {
            // What was asked with a forged address or with a body is not what the page answers.
            let forged = !watch.unlisted.is_empty();
            let of_the_page = watch.request.reads() && !watch.request.body && !forged;
            let claim = ending::claim(watch, head, settings);
            seen.claimed += u64::from(claim.is_some());
            assert!(of_the_page || claim.is_none(), "{history}: {claim:?} to {}", watch.request.method);
            let refused = matches!(head.status, 401 | 403 | 404 | 410 | 451);
            assert!(!(of_the_page && refused) || claim.is_some(), "{history}: {}", head.status);
        }
        Judgement::RelayBare(_) | Judgement::Rescue(_) => {}
    }
}

/// What RFC 9111 §4.2.4 forbids to serve stale.
fn may_be_shown(history: u64, copy: &StoredCopy, ttl_s: i64) {
    let control: Vec<&str> = copy.head.headers.values("cache-control").collect();
    let control = control.join(",").to_ascii_lowercase();
    assert!(!control.contains("no-cache"), "{history}: {control}");
    if ttl_s <= 0 {
        assert!(!control.contains("revalidate"), "{history}: {control}");
        assert!(!control.contains("s-maxage") || control.contains("stale-if-error"), "{history}: {control}");
    }
}

fn no_leak(history: u64, headers: &Headers) {
    assert!(
        !headers.0.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("backsoon-")),
        "{history}"
    );
}
