//! What an isolate holds of answers that are being kept.

use backsoon::inflight::{InFlight, STEP};

const MB: u64 = 1024 * 1024;
const NOW: u64 = 1_795_000_000_000;

#[test]
fn what_exceeds_the_room_is_not_kept() {
    let mut held = InFlight::default();
    let ids: Vec<u32> = (0..3).map(|_| held.take(10 * MB, None, NOW).expect("room for three")).collect();
    assert_eq!(held.take(10 * MB, None, NOW), None);
    assert!(held.take(2 * MB, None, NOW).is_some(), "a small one still fits");
    assert_eq!(held.take(1, None, NOW), None, "32 MB and not a byte more");
    // Read at once, but its visitor has it after some forty seconds only.
    held.over(ids[0], Some(10 * MB), NOW);
    assert_eq!(held.take(10 * MB, None, NOW + 30_000), None);
    assert!(held.take(10 * MB, None, NOW + 41_000).is_some());
}

#[test]
fn what_is_small_leaves_at_once() {
    let mut held = InFlight::default();
    for n in 0..10_000 {
        let id = held.take(STEP, None, NOW + n).expect("room");
        held.over(id, Some(60_000), NOW + n);
    }
    assert_eq!(held.bytes(), 0);
}

#[test]
fn an_answer_of_unknown_length_grows_as_far_as_there_is_room() {
    let mut held = InFlight::default();
    held.take(30 * MB, None, NOW).expect("room");
    let id = held.take(STEP, None, NOW).expect("room");
    let mut steps = 0;
    while held.more(id, NOW) {
        steps += 1;
    }
    assert_eq!(steps, 3, "from half a megabyte to two");
    assert_eq!(held.bytes(), 32 * MB);
    held.over(id, None, NOW);
    assert_eq!(held.take(STEP, None, NOW + 1), None, "given up, but its visitor still waits for it");
    assert!(held.take(STEP, None, NOW + 10_000).is_some());
    assert!(!held.more(id, NOW), "what is over does not grow");
}

/// The platform ends what takes too long without a word: that must not fill the room for ever.
#[test]
fn what_nobody_ends_is_given_up_for_lost() {
    let mut held = InFlight::default();
    while held.take(4 * MB, None, NOW).is_some() {}
    assert_eq!(held.take(4 * MB, None, NOW + 299_000), None);
    assert!(held.take(4 * MB, None, NOW + 300_000).is_some());
    assert_eq!(held.bytes(), 4 * MB);
}

#[test]
fn whatever_happens_the_room_is_kept() {
    let mut dice = crate::random::dice::Dice::new(23);
    for _ in 0..500 {
        let (mut held, mut now, mut ids) = (InFlight::default(), NOW, vec![]);
        for _ in 0..200 {
            now += dice.below(5000);
            match dice.below(3) {
                0 => ids.extend(held.take(dice.below(12 * MB), None, now)),
                1 => {
                    let id = if ids.is_empty() { 7 } else { *dice.pick(&ids) };
                    held.more(id, now);
                }
                _ => {
                    if let Some(id) = ids.pop() {
                        held.over(id, None, now);
                    }
                }
            }
            assert!(held.bytes() <= 32 * MB, "{} bytes", held.bytes());
        }
    }
}

#[test]
fn one_network_holds_a_quarter() {
    let mut held = InFlight::default();
    assert!(held.take(20 * MB, Some("203.0.113"), NOW).is_some(), "one answer alone may be large");
    assert_eq!(held.take(1, Some("203.0.113"), NOW), None);
    assert!(held.take(7 * MB, Some("198.51.100"), NOW).is_some());
    let other = held.take(STEP, Some("198.51.100"), NOW).expect("a part of its quarter");
    assert!(held.more(other, NOW) && !held.more(other, NOW), "8 MB and no more");
    assert!(held.take(MB, Some("192.0.2"), NOW).is_some(), "others find room");
}
