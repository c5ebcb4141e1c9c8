//! The edge's decisions: what to do with a request, with the origin's answer to it, and with its failure.
//!
//! `plan` looks at the request, `judge` at the head of the answer, `choose` at what there is to show when
//! the origin failed. All three are total and know no platform: the worker fetches, stores and answers.

pub mod acting;
pub mod choose;
pub mod closure;
pub mod confirmations;
pub mod cookies;
pub mod copy;
pub mod coverage;
pub mod downstream;
pub mod ending;
pub mod failure;
pub mod fields;
pub mod firewall;
pub mod first_cookie;
pub mod generations;
pub mod harmless;
pub mod judge;
pub mod kind;
pub mod negotiate;
pub mod network;
pub mod neutral;
pub mod outgoing;
pub mod page_model;
pub mod passage;
pub mod paths;
pub mod patience;
pub mod plan;
pub mod preflight;
pub mod query;
pub mod request;
pub mod respond;
pub mod secondary;
pub mod settings;
pub mod soft;
#[cfg(test)]
mod steps;
pub mod tier;

pub use choose::{Choice, CopyChoice, PageChoice, RelayReason, Rescue, choose};
pub use copy::{CopyAge, CopyRefusal, StoredCopy};
pub use failure::{Failure, Thrown};
pub use judge::{AnswerHead, Judgement, StoreRefusal, judge};
pub use kind::Kind;
pub use negotiate::Wants;
pub use outgoing::Outgoing;
pub use page_model::{linked_pages, page_model};
pub use plan::{Bypass, Endpoint, Plan, Watch, plan};
pub use request::{RequestFacts, Url};
pub use respond::Edits;
pub use settings::{Problem, Settings};

/// Everything of ours that a visitor can ask for lives under this path.
pub const OWN_PATH: &str = "/.well-known/backsoon/";

/// Everything of ours that travels in header fields starts with this, and never leaves the worker.
pub const OWN_FIELD_PREFIX: &str = "backsoon-";
