//! Reads one request from a connection. Lenient: the origin under test is the answer, not the question.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;

/// What is read of a request at most, head and body each.
const LIMIT: u64 = 8 * 1024 * 1024;

/// A request as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Names keep their case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub keep_alive: bool,
}

impl Request {
    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("/")
    }

    /// The value of a query parameter; `Some("")` for one without a value.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(k, _)| *k == name)
            .map(|(_, v)| v)
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.header("cookie")?
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
    }
}

/// The next request, or `None` where the client closed the connection first.
pub fn read_request(reader: &mut impl BufRead, stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut lines = Vec::new();
    let mut left = LIMIT;
    loop {
        let mut line = Vec::new();
        let read = reader.by_ref().take(left).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        left -= read as u64;
        let line = String::from_utf8_lossy(&line).trim_end().to_string();
        match (line.is_empty(), lines.is_empty()) {
            (true, true) => continue, // RFC 9112 §2.2: empty lines before a request are ignored.
            (true, false) => break,
            _ => lines.push(line),
        }
    }
    let mut lines = lines.into_iter();
    let start = lines.next().unwrap_or_default();
    let mut words = start.split(' ');
    let method = words.next().unwrap_or_default().to_string();
    let target = origin_form(words.next().unwrap_or("/"));
    let version = words.next().unwrap_or_default().to_string();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':').map(|(n, v)| (n.trim().to_string(), v.trim().to_string())))
        .collect();
    let mut request = Request { method, target, headers, ..Request::default() };
    let close = request.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
    request.keep_alive = version == "HTTP/1.1" && !close;
    if request.header("expect").is_some_and(|v| v.eq_ignore_ascii_case("100-continue")) {
        (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    request.body = read_body(reader, &request)?;
    Ok(Some(request))
}

/// A proxy's absolute form becomes path and query (RFC 9112 §3.2.2).
fn origin_form(target: &str) -> String {
    match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/".to_string(), |at| rest[at..].to_string()),
        None => target.to_string(),
    }
}

fn read_body(reader: &mut impl BufRead, request: &Request) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if request.header("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked")) {
        loop {
            let mut line = String::new();
            reader.by_ref().take(1024).read_line(&mut line)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size =
                u64::from_str_radix(size, 16).map_err(|_| io::Error::other("a chunk without a size"))?;
            if size > LIMIT {
                return Err(io::Error::other("a chunk over the limit"));
            }
            reader.by_ref().take(size).read_to_end(&mut body)?;
            let mut end = String::new();
            reader.by_ref().take(1024).read_line(&mut end)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = request.header("content-length").and_then(|v| v.parse::<u64>().ok()).unwrap_or(0);
    reader.by_ref().take(length.min(LIMIT)).read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_split_into_path_query_and_cookie() {
        let request = Request {
            target: "/fail/slow?ms=20&x".into(),
            headers: vec![("Cookie".into(), "a=1; session=rose".into())],
            ..Request::default()
        };
        assert_eq!(
            (request.path(), request.query("ms"), request.query("x")),
            ("/fail/slow", Some("20"), Some(""))
        );
        assert_eq!((request.cookie("session"), request.cookie("b")), (Some("rose"), None));
        assert_eq!(origin_form("http://a.test"), "/");
        assert_eq!(origin_form("http://a.test/x?y"), "/x?y");
    }
}
