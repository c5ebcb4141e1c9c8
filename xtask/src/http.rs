//! A small HTTP/1.1 client for loopback: one request, one whole answer, one connection.
//!
//! The commands ask only servers that they started themselves, so neither TLS nor redirects are in it.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// A whole answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub took: Duration,
}

impl Answer {
    /// The first value of a field, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// As a browser asks for a page.
pub const NAVIGATION: &[(&str, &str)] = &[
    ("Accept", "text/html,application/xhtml+xml"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Accept-Language", "en"),
];

/// Sends one request to `base` (`http://host:port`). The error says what failed, in one line.
pub fn ask(
    method: &str,
    base: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
    limit: Duration,
) -> Result<Answer, String> {
    exchange(method, base, path, headers, body, limit)
        .map_err(|error| format!("{method} {base}{path}: {error}"))
}

fn exchange(
    method: &str,
    base: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
    limit: Duration,
) -> io::Result<Answer> {
    let start = Instant::now();
    let host = base.trim_start_matches("http://");
    let address = host.to_socket_addrs()?.next().ok_or_else(|| io::Error::other("no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let mut answer = parse(&bytes).ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
    answer.took = start.elapsed();
    Ok(answer)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':').map(|(n, v)| (n.to_string(), v.trim().to_string())))
        .collect();
    let mut answer = Answer { status, headers, ..Answer::default() };
    let rest = &bytes[end + 4..];
    let chunked = answer.header("transfer-encoding").eq_ignore_ascii_case("chunked");
    let body = if chunked { unchunk(rest)? } else { rest.to_vec() };
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Some(answer)
}

/// The chunked coding (RFC 9112 §7.1) taken off; `None` where it is broken.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_both_framings() {
        let plain =
            parse(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\nhi").expect("an answer");
        assert_eq!((plain.status, plain.header("retry-after"), plain.body.as_str()), (503, "5", "hi"));
        let chunked =
            parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n");
        assert_eq!(chunked.map(|answer| answer.body).as_deref(), Some("hi!"));
        assert!(parse(b"SSH-2.0").is_none());
    }
}
