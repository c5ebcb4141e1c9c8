//! Captures and the bad origin that replays them.

pub mod replay;
