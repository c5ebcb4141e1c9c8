//! How fast an origin is asked for what no visitor waits for.

use backsoon::pace::Pace;

#[test]
fn refills_are_bounded_in_each_second() {
    let mut pace = Pace::default();
    let started = (0..3000).filter(|ms| pace.refills(*ms)).count();
    assert_eq!(started, 30, "ten a second, however many are due");
}

#[test]
fn visitors_go_first() {
    let mut pace = Pace::default();
    for visitor in 0..30 {
        pace.sent(visitor);
    }
    assert!(!pace.refills(500));
    assert!(!pace.refills(999), "all thirty within the second");
    assert!(pace.refills(1001), "the first of them is over");
}

#[test]
fn a_clock_that_goes_back_stops_nothing_for_longer_than_its_step() {
    let mut pace = Pace::default();
    for _ in 0..10 {
        pace.refills(50_000);
    }
    assert!(!pace.refills(40_000));
    assert!(pace.refills(51_000));
}
