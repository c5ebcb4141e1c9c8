//! An answer as the bytes to send and the way the connection ends: what a broken server does cannot be said
//! in terms of status, headers and body.

use std::time::Duration;

/// One thing to do on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes as they are.
    Send(Vec<u8>),
    /// Send nothing for so long.
    Pause(Duration),
}

/// What happens to the connection after the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It waits for the next request, where the request allows it.
    KeepAlive,
    /// Closed in the orderly way (FIN).
    Close,
    /// Reset (RST).
    Reset,
    /// Held open without a byte until the client gives up.
    Hang,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub steps: Vec<Step>,
    pub end: End,
}

impl Script {
    /// Sends `bytes`, then ends so.
    pub fn raw(bytes: impl Into<Vec<u8>>, end: End) -> Self {
        let bytes = bytes.into();
        let steps = if bytes.is_empty() { vec![] } else { vec![Step::Send(bytes)] };
        Self { steps, end }
    }

    /// A well-formed answer with a `Content-Length`; `headers` are sent in this order and case.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8], head_only: bool) -> Self {
        let mut bytes = head(status, reason(status), headers);
        let no_content = status < 200 || status == 204 || status == 304;
        if !no_content {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        if !head_only && !no_content {
            bytes.extend_from_slice(body);
        }
        Self::raw(bytes, End::KeepAlive)
    }

    /// The same in the chunked coding, which tells no length before the end; `headers` say so.
    pub fn chunked(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = head(status, reason(status), headers);
        bytes.extend_from_slice(b"\r\n");
        if !body.is_empty() {
            bytes.extend(chunk(body));
        }
        bytes.extend(chunk(b""));
        Self::raw(bytes, End::KeepAlive)
    }
}

/// The status line and fields, without the empty line that ends the head.
pub fn head(status: u16, reason: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.into_bytes()
}

/// One chunk of the chunked coding (RFC 9112 §7.1); an empty one ends the body.
pub fn chunk(data: &[u8]) -> Vec<u8> {
    let mut out = format!("{:x}\r\n", data.len()).into_bytes();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
    out
}

/// The usual reason phrase.
pub fn reason(status: u16) -> &'static str {
    match status {
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        429 => "Too Many Requests",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unnamed",
    }
}
