//! Captures, the cases of the page, the score, and the bad origin that replays captures.

pub mod capture;
pub mod made;
pub mod mutate;
pub mod page_case;
// The tests that are compiled to wasm have no sockets.
#[cfg(not(target_family = "wasm"))]
pub mod replay;
pub mod score;
