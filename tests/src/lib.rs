//! Captures and the bad origin that replays them.

pub mod page_case;
pub mod replay;
