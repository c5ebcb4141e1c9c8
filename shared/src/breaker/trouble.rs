//! Whether failures of late cannot be one visitor's doing: then an answer that only looks odd may be an error too.
//!
//! They are of two routes and two client networks, or of the connection. A proper answer in between does not end that:
//! an origin that fails now and then is in trouble.

use super::evidence::{MEMORY_MS, is_of_connection};
use crate::rescue::failure::Failure;
use crate::rescue::network::may_be_one;
use crate::time::Millis;

/// What is known of one origin.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// The last failure: its route, its network and when.
    last: Option<(String, Option<String>, Millis)>,
    /// When such failures were last met.
    met_at: Option<Millis>,
}

impl Trouble {
    /// A request of this route failed.
    pub fn failed(&mut self, route: &str, network: Option<&str>, failure: &Failure, now: Millis) {
        let another = self.last.as_ref().is_some_and(|(last, of, at)| {
            last != route && !may_be_one(of.as_deref(), network) && now.saturating_sub(*at) <= MEMORY_MS
        });
        if another || is_of_connection(failure) {
            self.met_at = Some(now);
        }
        self.last = Some((route.to_owned(), network.map(str::to_owned), now));
    }

    /// Whether that was lately.
    pub fn is_met(&self, now: Millis) -> bool {
        self.met_at.is_some_and(|at| now.saturating_sub(at) <= MEMORY_MS)
    }
}
