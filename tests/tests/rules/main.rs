//! Runs the cases of the edge's decisions: one file of rows an area, one runner an area.
#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::string_slice, clippy::indexing_slicing)]

mod audiences;
mod breaker;
mod cache;
mod cases;
mod choose;
mod collapse;
mod coverage;
mod ending;
mod form;
mod freshness;
mod generations;
mod histories;
mod identities;
mod inflight;
mod judge;
mod kept;
mod malformed;
mod older;
mod one_path;
mod one_visitor;
mod outage;
mod pace;
mod plan;
mod preflight;
mod random;
mod secondary;
mod settings;
mod soft;
mod status;
mod story;
mod tier;
mod unlisted;
