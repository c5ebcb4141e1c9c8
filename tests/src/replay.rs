//! The bad origin: a real HTTP server on loopback that answers as a broken site does, byte for byte.
//!
//! It replays captures, plays failures that no HTTP library would let one send, and has a healthy small shop
//! that can be switched to either. It knows nothing of the worker in front of it.

mod captured;
mod connection;
mod control;
mod date;
mod failure;
mod listen;
mod mode;
mod request;
mod script;
mod server;
mod shop;

// What the demo builds its control page of.
pub use connection::serve;
pub use listen::Port;
pub use request::Request;
pub use script::{Script, Step};

pub use failure::{FAILURES, Failure};
pub use mode::Mode;
pub use server::{BadOrigin, Options};
