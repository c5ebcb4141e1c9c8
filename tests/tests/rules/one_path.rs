//! Random histories of an attacker and of visitors of a healthy site, through the breaker alone: whatever the attacker
//! makes fail, nobody else is refused or shown a stale copy. And of an origin that is dead, which is spared.

use crate::random::dice::Dice;
use backsoon::breaker::{Admission, Asker, Breaker, Rules, Witness};
use backsoon::facts::Headers;
use backsoon::rescue::soft::SoftReason;
use backsoon::rescue::{AnswerHead, Failure, Thrown, Url, failure};

const SITE: [&str; 5] = ["/", "/products/poppy", "/about", "/api/cart", "/blog/first"];

fn site(path: &str) -> Url {
    Url { path: path.to_owned(), ..Url::parse("https://shop.test/").expect("an address") }
}

/// A failure that a request can cause by what it asks for.
fn failing(dice: &mut Dice) -> Failure {
    let status = *dice.pick(&[500, 502, 503, 504, 520, 521, 525, 526, 530, 999]);
    let thrown = Thrown {
        name: "Error".to_owned(),
        message: (*dice.pick(&["Network connection lost.", "timed out", "no words for it"])).to_owned(),
        elapsed_ms: 1 + dice.below(50) as u32,
        own_timeout: dice.once_in(3),
    };
    match dice.below(5) {
        0 => failure::from_thrown(&thrown),
        1 => failure::from_truncated(5),
        2 => failure::from_soft(*dice.pick(&[SoftReason::ErrorJson, SoftReason::Doubted]), 5),
        3 => failure::from_stalled(1 + dice.below(15_000) as u32),
        _ => failure::from_answer(&AnswerHead { status, headers: Headers::default() }, 5, 0)
            .expect("a failure"),
    }
}

struct World {
    breaker: Breaker,
    now: u64,
    /// Addresses of the attacker's that answered well before, and now fail.
    turned: bool,
}

impl World {
    fn admit(
        &mut self,
        path: &str,
        has_copy: bool,
        safe: bool,
        waited_ms: u32,
        dice: &mut Dice,
    ) -> Admission {
        let asker = Asker { path, has_copy, safe, waited_ms };
        self.breaker.admit(asker, self.now, dice.below(1 << 32) as u32)
    }

    /// The probe, where one is due: only the attacker's own addresses fail.
    fn probe(&mut self, polled: bool, dice: &mut Dice) {
        let Some(target) = self.breaker.probe(&site("/"), polled, self.now) else { return };
        if target.url.path.starts_with("/evil") && self.turned {
            let bad = Failure { elapsed_ms: 0, ..failing(dice) };
            self.breaker.probe_failed(&bad, self.now, 0);
        } else {
            self.breaker.answered(&target.url.path, self.now);
        }
    }

    fn attack(&mut self, path: &str, network: &str, dice: &mut Dice) {
        let (safe, has_copy) = (!dice.once_in(4), dice.once_in(2));
        let waited_ms = dice.below(3000) as u32;
        let probe = match self.admit(path, has_copy, safe, waited_ms, dice) {
            Admission::Ask => false,
            Admission::Probe => true,
            Admission::Stay | Admission::Wait(_) => return,
        };
        let witness = Witness { path, network: Some(network), anonymous: safe && !dice.once_in(5), probe };
        self.breaker.failed(&failing(dice), witness, has_copy, self.now, dice.below(1 << 32) as u32);
        self.probe(dice.once_in(3), dice);
    }

    /// A visitor of a page that is well.
    fn visit(&mut self, path: &str, with_copy: bool, what: &str, dice: &mut Dice) {
        for has_copy in [false, with_copy] {
            let waited_ms = if dice.once_in(2) { 60_000 } else { 0 };
            let got = self.admit(path, has_copy, !dice.once_in(5), waited_ms, dice);
            assert_eq!(got, Admission::Ask, "{what}, {path}, a copy: {has_copy}");
        }
    }

    fn came(&mut self, path: &str, network: Option<&str>) {
        self.breaker.answered(path, self.now);
        self.breaker.remember(&site(path), &Headers::default(), network, self.now);
    }
}

fn world() -> World {
    World { breaker: Breaker::new(Rules::default()), now: 1_000_000, turned: false }
}

#[test]
fn one_network_never_changes_what_others_get() {
    for history in 0..1_500 {
        let mut dice = Dice::new(history ^ 0x0BAD);
        let mut world = world();
        world.came("/", Some("10.0.1"));
        let pace = 1 + dice.below(2000);
        for _ in 0..150 {
            world.now += dice.below(pace);
            let made_up = format!("/evil{}/{}", dice.below(40), dice.below(9));
            let path = if dice.once_in(2) { made_up } else { format!("{}?boom", dice.pick(&SITE)) };
            match dice.below(12) {
                0 => {
                    let (path, network) = (*dice.pick(&SITE), format!("10.0.{}", dice.below(3)));
                    let copy = dice.once_in(2);
                    world.visit(path, copy, &format!("history {history}"), &mut dice);
                    world.came(path, Some(&network));
                }
                1 => {
                    let path = *dice.pick(&SITE);
                    world.visit(path, true, &format!("history {history}"), &mut dice);
                }
                2 if !world.turned && path.starts_with("/evil") => world.came(&path, Some("6.6.6")),
                3 => {
                    let witness =
                        Witness { path: &path, network: Some("6.6.6"), anonymous: true, probe: false };
                    world.breaker.late(2000, witness, true, world.now, 0);
                }
                4 if dice.once_in(10) => world.turned = true,
                // What our own requests of his behalf meet.
                5 => {
                    let ours = Witness { path: &path, network: None, anonymous: true, probe: false };
                    world.breaker.failed(&failing(&mut dice), ours, true, world.now, 0);
                }
                _ => world.attack(&path, "6.6.6", &mut dice),
            }
        }
    }
}

#[test]
fn two_networks_with_made_up_routes_close_nothing_of_a_site_that_is_well() {
    for history in 0..1_500 {
        let mut dice = Dice::new(history ^ 0xBAD2);
        let mut world = world();
        let pace = 1 + dice.below(500);
        world.came("/about", Some("10.0.1"));
        world.came("/about", Some("10.0.2"));
        for _ in 0..200 {
            world.now += dice.below(pace);
            if dice.once_in(10) {
                let path = *dice.pick(&SITE);
                world.visit(path, true, &format!("history {history}"), &mut dice);
                if dice.once_in(2) {
                    world.came(path, Some(*dice.pick(&["10.0.1", "10.0.2"])));
                }
                continue;
            }
            let path = format!("/evil{}/{}", dice.below(100), dice.below(9));
            let network = *dice.pick(&["6.6.6", "7.7.7"]);
            world.attack(&path, network, &mut dice);
        }
    }
}

/// With two networks and as many routes as visitors have, the breaker opens soon, and then one request a second asks.
#[test]
fn a_dead_origin_is_spared_and_comes_back() {
    for history in 0..300 {
        let mut dice = Dice::new(history ^ 0xDEAD);
        let mut world = world();
        world.came("/about", Some("10.0.1"));
        world.came("/about", Some("10.0.2"));
        let began = world.now;
        let (mut asked, mut refused, mut late) = (0_u64, 0_u64, 0_u64);
        let bad = || {
            let thrown = "Network connection lost.".to_owned();
            let thrown =
                Thrown { name: "Error".to_owned(), message: thrown, elapsed_ms: 1, own_timeout: false };
            failure::from_thrown(&thrown)
        };
        while world.now < began + 10_000 {
            world.now += 1 + dice.below(30);
            let (path, network) = (*dice.pick(&SITE), format!("10.0.{}", dice.below(5)));
            let has_copy = dice.once_in(2);
            let settled = world.now > began + 1_000;
            match world.admit(path, has_copy, true, 60_000, &mut dice) {
                Admission::Stay => refused += u64::from(!has_copy),
                Admission::Wait(_) => {}
                other => {
                    asked += 1;
                    late += u64::from(settled);
                    let probe = other == Admission::Probe;
                    let witness = Witness { path, network: Some(&network), anonymous: true, probe };
                    world.breaker.failed(&bad(), witness, has_copy, world.now, 0);
                }
            }
            if world.breaker.probe(&site("/"), false, world.now).is_some() {
                asked += 1;
                late += u64::from(settled);
                world.breaker.probe_failed(&bad(), world.now, 0);
            }
        }
        assert!(late <= 10, "history {history}: {late} asked in nine seconds, {asked} in all");
        assert!(refused > 100, "history {history}: {refused} refused");
        world.came("/about", Some("10.0.1"));
        world.now += 2_000;
        world.visit("/products/poppy", true, &format!("history {history}"), &mut dice);
    }
}
