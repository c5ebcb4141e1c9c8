//! HTTP caching by RFC 9111, with RFC 5861 and RFC 9213: what may be kept, for how long it is fresh, for
//! whom it stands, how it is validated and what is answered from it.
//!
//! Knows nothing of failures; `rescue` builds on it. Knows no store either: entries are arguments.

pub mod conditional;
pub mod directives;
pub mod ending;
pub mod freshness;
pub mod invalidate;
pub mod near_variant;
pub mod range;
pub mod refusal;
pub mod reuse;
pub mod serve;
pub mod storable;
pub mod targeted;
pub mod update;
pub mod variants;
pub mod vary;
