//! Captures, the cases of the page, the score, the bad origin that replays captures, and a client that measures.

pub mod capture;
// The tests that are compiled to wasm have no sockets.
#[cfg(not(target_family = "wasm"))]
pub mod load;
pub mod made;
pub mod mutate;
pub mod page_case;
#[cfg(not(target_family = "wasm"))]
pub mod replay;
pub mod score;
