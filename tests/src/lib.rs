//! Captures and the bad origin that replays them.
