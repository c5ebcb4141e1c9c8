//! What a small JSON object says of an error. Only scanned, not parsed: no JSON parser is in the wasm for it.

use super::words::number;

/// Larger documents are data.
const MOST_BYTES: usize = 4096;
/// Members that hold a status.
const CODES: [&str; 4] = ["status", "code", "statusCode", "status_code"];
/// Members that an error has, and a good answer has empty if at all.
const ERRORS: [&str; 4] = ["error", "errors", "exception", "fault"];
/// What only an error of the server's is called.
const SERVERS: [&str; 12] = [
    "backend",
    "bad gateway",
    "connection refused",
    "database",
    "gateway time",
    "internal error",
    "internal server",
    "maintenance",
    "overloaded",
    "server error",
    "unavailable",
    "upstream",
];

/// What it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// No error.
    None,
    /// An error, which may well be the truth about what was asked for.
    AnError,
    /// An error of the server's.
    ServersError,
}

/// Reads it.
pub fn named(body: &[u8]) -> Named {
    let text = String::from_utf8_lossy(body);
    if text.len() > MOST_BYTES || !text.trim_start().starts_with('{') {
        return Named::None;
    }
    let mut found = Named::None;
    let mut parts = text.split('"').skip(1).peekable();
    while let Some(key) = parts.next() {
        let Some(value) = parts.peek() else { break };
        let Some(value) = value.trim_start().strip_prefix(':').map(str::trim_start) else { continue };
        // A number stands before the next quote, a string after it.
        let word = if value.is_empty() { parts.clone().nth(1).unwrap_or_default() } else { value };
        if CODES.contains(&key) && number(word).is_some() {
            return Named::ServersError;
        }
        let empty = ["null", "false", "[]", "{}", "0", "\"\""].iter().any(|none| word.starts_with(none));
        if ERRORS.contains(&key) && !word.is_empty() && !empty {
            found = Named::AnError;
        }
    }
    let says = text.to_ascii_lowercase().replace(['_', '-'], " ");
    match found {
        Named::AnError if SERVERS.iter().any(|word| says.contains(word)) => Named::ServersError,
        found => found,
    }
}
