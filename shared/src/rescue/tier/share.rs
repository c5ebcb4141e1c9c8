//! Divides an isolate's writes of a day among addresses, so that made-up ones cannot use them up.
//!
//! The first half goes to addresses that were seen twice. Then each next half of the rest needs twice as many sights,
//! from two client networks where these are known. Addresses that one network was the first to see get at most a
//! quarter, until clients of three networks have seen them; one address at most an eighth, and a fifth is kept for the start page and the owner's `PAGES`.

use crate::memory::Memory;
use crate::rescue::tier::fingerprint;

/// So many client networks are told apart.
const NETWORKS: usize = 256;
/// A reserved address takes no more than this out of the reserve.
const EACH_RESERVED: u32 = 2;

/// What is known of one address.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim {
    sights: u32,
    /// The first network that saw it.
    network: Option<u64>,
    /// Another network that saw it.
    second: Option<u64>,
    /// Whether another network, or one that nobody knows, saw it too; whether three networks did.
    several: bool,
    many: bool,
    /// Writes, and on which day of the share.
    written: u32,
    day: u64,
}

impl Claim {
    /// It was seen by a client of this network. `again`: there was a sight that this isolate has not counted.
    pub fn seen_by(&mut self, network: Option<&str>, again: bool) {
        if again && self.sights == 0 {
            self.sights = 1;
        }
        self.sights = self.sights.saturating_add(1);
        let network = network.map(|network| fingerprint(network.as_bytes()));
        match (self.network, network) {
            (_, None) => self.several = true,
            (None, new) => self.network = new,
            (Some(first), Some(new)) if first == new => {}
            (Some(_), Some(new)) => {
                self.several = true;
                self.many |= self.second.is_some_and(|second| second != new);
                self.second.get_or_insert(new);
            }
        }
    }
}

/// The day's share.
#[derive(Clone, Debug)]
pub struct Share {
    day: u64,
    whole: u32,
    general: u32,
    reserve: u32,
    networks: Memory<u32>,
}

impl Share {
    /// A whole day's.
    pub fn new(whole: u32, day: u64) -> Self {
        Self { day, whole, general: 0, reserve: 0, networks: Memory::new(NETWORKS) }
    }

    /// Takes one write for an address, if it may have it.
    pub fn take(&mut self, claim: &mut Claim, reserved: bool) -> bool {
        if claim.day != self.day {
            (claim.day, claim.written) = (self.day, 0);
        }
        let kept = reserved && claim.written < EACH_RESERVED && self.reserve < reserve(self.whole);
        if kept {
            self.reserve = self.reserve.saturating_add(1);
        } else if !self.general(claim) {
            return false;
        }
        claim.written = claim.written.saturating_add(1);
        true
    }

    /// The write was not needed.
    pub fn give_back(&mut self) {
        self.general = self.general.saturating_sub(1);
    }

    fn general(&mut self, claim: &Claim) -> bool {
        let most = self.whole.saturating_sub(reserve(self.whole));
        let sights = needed(self.whole, self.general);
        let enough = self.general < most && claim.sights >= sights && (claim.several || sights <= 2);
        if !enough || claim.written >= (self.whole / 8).max(2) {
            return false;
        }
        if let Some(network) = claim.network.filter(|_| !claim.many) {
            let network = network.to_string();
            let taken = self.networks.get(&network).copied().unwrap_or(0);
            if taken >= self.whole.div_ceil(4) {
                return false;
            }
            self.networks.put(&network, taken.saturating_add(1), taken.into());
        }
        self.general = self.general.saturating_add(1);
        true
    }
}

/// Writes that are kept for the start page and the owner's `PAGES`.
fn reserve(whole: u32) -> u32 {
    whole / 5
}

/// How often an address must have been seen for a write after so many.
fn needed(whole: u32, written: u32) -> u32 {
    let (mut bound, mut sights) = (whole.div_ceil(2), 2_u32);
    while written >= bound && bound < whole {
        bound = bound.saturating_add(whole.saturating_sub(bound).div_ceil(2));
        sights = sights.saturating_mul(2);
    }
    sights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_half_of_the_rest_needs_twice_as_many_sights() {
        let all: Vec<u32> = [0, 24, 25, 37, 38, 43, 44, 47].into_iter().map(|n| needed(50, n)).collect();
        assert_eq!(all, [2, 2, 4, 4, 8, 8, 16, 32]);
        assert_eq!((needed(1, 0), needed(0, 0), needed(2, 1)), (2, 2, 4));
    }
}
