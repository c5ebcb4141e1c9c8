//! Backsoon's one brain: facts in, decisions out.
//!
//! Nothing in this crate knows the time, rolls a die, reads the environment or does I/O: `now`, jitter and
//! what was stored earlier are arguments, and what shall happen is a returned value. The same code runs
//! natively (tests, `cargo xtask diagnose`), in the edge worker's wasm and in the extension's wasm.

pub mod badge;
pub mod breaker;
pub mod cache;
pub mod collapse;
pub mod diagnosis;
pub mod edge;
pub mod facts;
pub mod foreign_text;
pub mod inflight;
pub mod json;
pub mod memory;
pub mod pace;
pub mod page;
pub mod rescue;
pub mod retry;
pub mod runbook;
pub mod status;
mod steps;
pub mod text;
pub mod time;
pub mod unstored;
pub mod verdict;
