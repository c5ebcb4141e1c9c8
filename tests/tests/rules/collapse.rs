//! Which of many requests for one address asks the origin.

use backsoon::collapse::{Flights, Turn};

#[test]
fn who_comes_while_another_waits_no_more_need_not_begin_to_wait() {
    let mut flights = Flights::new(2000);
    assert_eq!(flights.turn("a", 0, None, 1000), Turn::Ask);
    flights.late("a", 1000, None, 3000);
    assert_eq!(flights.turn("a", 0, None, 3001), Turn::Late);
    assert_eq!(flights.turn("b", 0, None, 3001), Turn::Ask);
    assert_eq!(flights.turn("a", 0, None, 6001), Turn::Ask, "the old connection may hang for ever");
    flights.late("a", 6001, None, 8000);
    flights.over("a", true, 6001, 8500);
    assert_eq!(flights.turn("a", 0, None, 8501), Turn::Ask);
}

/// Three addresses whose visitors waited for 2 s: `a` asked at 1000, `b` at 2000, `c` at 3900. Then `a` is asked
/// again at 6001, and comes whole or not.
fn late(whole: bool) -> Flights {
    let mut flights = Flights::new(2000);
    for (key, asked) in [(A, 1000), (B, 2000), (C, 3900)] {
        assert_eq!(flights.turn(key, 0, None, asked), Turn::Ask);
        flights.late(key, asked, None, asked + 2000);
    }
    assert_eq!(flights.turn(A, 0, None, 6001), Turn::Ask, "it has been late for long");
    if whole {
        flights.came(A, 6001, 6050);
    }
    flights.over(A, whole, 6001, 6050);
    flights
}

/// The same where `a` did not come, was late once more, and is asked again at 9100.
fn again() -> Flights {
    let mut flights = late(false);
    flights.late(A, 6060, None, 6070);
    assert_eq!(flights.turn(A, 0, None, 9100), Turn::Ask);
    flights
}

const A: &str = "https://shop.test/.well-known/backsoon/copy/a";
const B: &str = "https://shop.test/.well-known/backsoon/copy/b";
const C: &str = "https://shop.test/.well-known/backsoon/copy/c";
const D: &str = "https://shop.test/.well-known/backsoon/copy/d";
const OTHER: &str = "https://other.test/.well-known/backsoon/copy/a";

#[test]
fn where_one_late_address_comes_again_the_others_are_asked_again_too() {
    let mut back = late(true);
    assert_eq!(back.turn(B, 0, None, 6060), Turn::Ask);
    assert_eq!(back.turn(C, 0, None, 6060), Turn::Ask);
    assert!(matches!(back.turn(C, 0, None, 6061), Turn::Wait(_)), "still only one asks");
    back.late(C, 3900, None, 6070);
    assert!(
        matches!(back.turn(C, 0, None, 6071), Turn::Wait(_)),
        "the older one's end is not the newer one's"
    );
    // Who was sent before the return gives up after it: the next may ask at once.
    assert_eq!(back.turn(D, 0, None, 5900), Turn::Ask);
    back.late(D, 5900, None, 7900);
    assert_eq!(back.turn(D, 0, None, 7901), Turn::Ask);
    // What is asked after the return and hangs, hangs for itself.
    back.late(D, 7901, None, 9901);
    assert_eq!(back.turn(D, 0, None, 9902), Turn::Late);
}

#[test]
fn the_end_of_an_old_line_ends_nothing_newer() {
    let mut hung = late(false);
    hung.late(B, 5000, None, 7000);
    hung.over(B, false, 2000, 7500);
    assert_eq!(hung.turn(B, 0, None, 7501), Turn::Late, "a newer one hangs still");
    let mut broke = hung.clone();
    broke.over(B, false, 5000, 7600);
    assert_eq!(broke.turn(B, 0, None, 7601), Turn::Ask, "it hangs no more");
    assert!(matches!(broke.turn(B, 0, None, 7602), Turn::Wait(_)), "but one alone looks what comes now");
    broke.late(C, 7000, None, 7603);
    broke.came(B, 7601, 7610);
    assert_eq!(broke.turn(C, 0, None, 7611), Turn::Ask, "and what comes after it broke is a return too");
    assert_eq!(hung.turn(B, 0, None, 10_001), Turn::Ask);
    hung.over(B, false, 2000, 10_100);
    assert!(matches!(hung.turn(B, 0, None, 10_101), Turn::Wait(_)), "somebody asks");
    hung.over(B, true, 2000, 10_102);
    assert!(
        matches!(hung.turn(B, 0, None, 10_103), Turn::Wait(_)),
        "who waits looks into the store by itself"
    );
    let mut back = late(true);
    back.late(D, 7000, None, 9000);
    back.late(D, 5900, None, 9001);
    assert_eq!(back.turn(D, 0, None, 9002), Turn::Late, "of two that hang the newer one counts");
}

#[test]
fn only_what_was_late_and_comes_whole_to_a_new_request_opens_the_others_of_its_site() {
    let mut broken = late(false);
    assert_eq!(broken.turn(C, 0, None, 6060), Turn::Late, "it did not come whole");
    let mut usual = late(false);
    assert_eq!(usual.turn(D, 0, None, 6060), Turn::Ask);
    usual.came(D, 6060, 6070);
    usual.over(D, true, 6060, 6070);
    assert_eq!(usual.turn(C, 0, None, 6080), Turn::Late, "it was never late");
    let mut confirmed = again();
    confirmed.over(A, true, 9100, 9101);
    confirmed.late(B, 9000, None, 9102);
    assert_eq!(confirmed.turn(B, 0, None, 9103), Turn::Late, "a 304 has no body that could stand still");
    let mut older = again();
    older.came(A, 6060, 9200);
    older.late(B, 6000, None, 9201);
    assert_eq!(older.turn(B, 0, None, 9202), Turn::Late, "an old request's answer says nothing of now");
    let mut elsewhere = late(false);
    assert_eq!(elsewhere.turn(OTHER, 0, None, 4000), Turn::Ask);
    elsewhere.late(OTHER, 4000, None, 6000);
    assert_eq!(elsewhere.turn(A, 0, None, 9200), Turn::Ask);
    elsewhere.late(A, 9200, None, 9202);
    elsewhere.late(OTHER, 9000, None, 11_000);
    assert_eq!(elsewhere.turn(A, 0, None, 12_203), Turn::Ask);
    elsewhere.came(A, 12_203, 12_204);
    assert_eq!(elsewhere.turn(OTHER, 0, None, 12_205), Turn::Late, "another site is another origin");
    let mut ages_ago = late(false);
    assert_eq!(ages_ago.turn(B, 0, None, 90_000), Turn::Ask);
    ages_ago.late(C, 89_000, None, 90_001);
    ages_ago.came(B, 90_000, 90_002);
    assert_eq!(ages_ago.turn(C, 0, None, 90_003), Turn::Late, "it was late too long ago");
    assert_eq!(late(true).turn(C, 0, None, 5901), Turn::Late, "a clock that was put back");
    let mut slow = again();
    slow.late(B, 9000, None, 11_000);
    slow.came(A, 9100, 11_101);
    assert_eq!(slow.turn(B, 0, None, 11_102), Turn::Late, "what took as long as before is no return");
}

#[test]
fn a_part_that_hangs_for_good_keeps_its_copies_while_another_part_comes_and_goes() {
    let mut flights = Flights::new(2000);
    let mut flaky: Vec<Option<u64>> = vec![None; 20];
    let mut hung: Vec<u64> = vec![];
    let mut asked = 0;
    for now in (10_000..310_000).step_by(100) {
        // Each has a visitor every 100 ms. Twenty stand still in every third second; `b` always hangs.
        for (n, since) in flaky.iter_mut().enumerate() {
            let key = format!("{A}/{n}");
            let still = |at: u64| (at / 1000 + n as u64).is_multiple_of(3);
            match *since {
                Some(at) if !still(at) => {
                    flights.came(&key, at, now);
                    flights.over(&key, true, at, now);
                    *since = None;
                }
                Some(at) if now >= at + 2000 => {
                    flights.late(&key, at, None, now);
                    *since = None;
                }
                Some(_) => {}
                None => *since = (flights.turn(&key, 0, None, now) == Turn::Ask).then_some(now),
            }
        }
        if flights.turn(B, 0, None, now) == Turn::Ask {
            asked += 1;
            hung.push(now);
        }
        for since in hung.iter().filter(|since| now == **since + 2000) {
            flights.late(B, *since, None, now);
        }
        // The line ends at the time limit.
        for since in hung.extract_if(.., |since| now == *since + 15_000) {
            flights.over(B, false, since, now);
        }
    }
    // One in five seconds without the other part, at most one more in five for it.
    assert!((55..=125).contains(&asked), "{asked} in 300 s");
}

#[test]
fn with_a_longer_patience_too_somebody_gets_the_copy_at_once() {
    // Visitors wait for 5 s and come each second; who asks is given up for lost after 2.
    let mut flights = Flights::new(2000);
    let (mut waiting, mut spared): (Vec<u64>, u32) = (vec![], 0);
    for now in (1000..61_000).step_by(1000) {
        for since in waiting.extract_if(.., |since| now >= *since + 5000) {
            flights.late(A, since, None, now);
        }
        match flights.turn(A, 0, None, now) {
            Turn::Late => spared += 1,
            Turn::Ask => waiting.push(now),
            Turn::Wait(_) => {}
        }
    }
    assert!(spared >= 25, "{spared} of 60 got the copy at once");
}

#[test]
fn one_of_many_asks_and_nobody_waits_for_ever() {
    let mut flights = Flights::new(2000);
    assert_eq!(flights.turn("a", 0, None, 1000), Turn::Ask);
    assert!(matches!(flights.turn("a", 0, None, 1001), Turn::Wait(1..=40)));
    assert_eq!(flights.turn("b", 0, None, 1001), Turn::Ask);
    assert_eq!(flights.turn("a", 2000, None, 2990), Turn::Ask, "patience has an end");
    flights.over("a", true, 2990, 3000);
    assert_eq!(
        flights.turn("a", 0, None, 3001),
        Turn::Ask,
        "what was stored and is asked again is asked by one"
    );
    flights.over("a", false, 3001, 3002);
    for _ in 0..3 {
        assert_eq!(flights.turn("a", 0, None, 3003), Turn::Ask, "nobody waits for what cannot be stored");
    }
    assert_eq!(flights.turn("b", 0, None, 9000), Turn::Ask, "who asks is given up for lost");
    for n in 0..10_000_u64 {
        flights.turn(&format!("{n}"), 0, None, 10_000 + n);
    }
    assert!(flights.len() <= 512, "{} addresses remembered", flights.len());
}
