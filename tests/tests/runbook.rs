//! The owner's runbook: its rows keep their promises, the worked examples begin with the fix that worked, and
//! `docs/coverage.md` is true.
#![cfg(not(target_family = "wasm"))]

#[path = "runbook/bad_rows.rs"]
mod bad_rows;
#[path = "runbook/captures.rs"]
mod captures;
#[path = "runbook/commands.rs"]
mod commands;
#[path = "runbook/coverage.rs"]
mod coverage;
#[path = "runbook/examples.rs"]
mod examples;
#[path = "runbook/facts.rs"]
mod facts;
#[path = "runbook/rows.rs"]
mod rows;
#[path = "runbook/worked.rs"]
mod worked;
