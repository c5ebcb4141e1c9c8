//! The header fields and the document by which proxies tell what happened to a request.
//!
//! Written for our own answers and read from anybody's; what we cannot read is left out, never guessed.

pub mod cache_status;
pub mod document;
pub mod proxy_status;
pub mod state;
pub mod structured;

pub use cache_status::CacheStatus;
pub use proxy_status::{ProxyError, ProxyStatus};

/// Our name in `Cache-Status` and `Proxy-Status`.
pub const OUR_NAME: &str = "backsoon";
