//! HTTP caching by RFC 9111: what the fields of an answer say about keeping and reusing it.
//!
//! Knows nothing of failures and copies; `rescue` builds on it.

pub mod directives;
pub mod freshness;
pub mod vary;
