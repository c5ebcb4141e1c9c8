//! A client over plain sockets that keeps its connection, for measurements. It says what came, whether it was
//! whole and how long that took; whether it was right is for others to say.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What came of a request.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body ended as its framing promised.
    pub whole: bool,
    pub took: Duration,
}

impl Reply {
    /// The first value of a field, or nothing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// One connection, which is opened when it is needed.
pub struct Line {
    address: SocketAddr,
    limit: Duration,
    open: Option<BufReader<TcpStream>>,
}

impl Line {
    /// To `http://host:port` or `host:port`, with a limit for each wait for bytes.
    pub fn to(base: &str, limit: Duration) -> Result<Self, String> {
        let address = base.trim_start_matches("http://").trim_end_matches('/');
        let address = address.parse().map_err(|_| format!("{base}: expected an address and a port"))?;
        Ok(Self { address, limit, open: None })
    }

    /// Sends a GET with these field lines (each with its line end) and reads the answer.
    pub fn get(&mut self, target: &str, fields: &str) -> io::Result<Reply> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n", self.address);
        self.send(&request)
    }

    /// Sends a POST likewise, on a connection of its own: on one that rested nobody could tell whether it has
    /// arrived, and it must not be sent twice.
    pub fn post(&mut self, target: &str, fields: &str, body: &str) -> io::Result<Reply> {
        self.open = None;
        let (host, length) = (self.address, body.len());
        self.send(&format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    fn send(&mut self, request: &str) -> io::Result<Reply> {
        let start = Instant::now();
        let mut kept = self.open.take();
        // A server may have closed a connection that rested: that is no answer yet.
        let used = kept.as_mut().and_then(|line| exchange(line, request).ok());
        let (reply, keep) = match (kept, used) {
            (Some(line), Some(done)) => (done, line),
            _ => {
                let stream = TcpStream::connect_timeout(&self.address, self.limit)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(self.limit))?;
                let mut line = BufReader::new(stream);
                (exchange(&mut line, request)?, line)
            }
        };
        if reply.whole && !reply.field("connection").eq_ignore_ascii_case("close") {
            self.open = Some(keep);
        }
        Ok(Reply { took: start.elapsed(), ..reply })
    }
}

fn exchange(line: &mut BufReader<TcpStream>, request: &str) -> io::Result<Reply> {
    line.get_mut().write_all(request.as_bytes())?;
    let mut text = String::new();
    line.read_line(&mut text)?;
    let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.trim().parse().ok());
    let mut reply = Reply { status: status.ok_or_else(|| io::Error::other("no HTTP"))?, ..Reply::default() };
    loop {
        text.clear();
        if line.read_line(&mut text)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = text.trim_end().split_once(':') else { break };
        reply.fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    reply.whole = body(line, &mut reply).unwrap_or(false);
    Ok(reply)
}

/// Reads the body; whether it ended as promised.
fn body(line: &mut BufReader<TcpStream>, reply: &mut Reply) -> io::Result<bool> {
    if reply.field("transfer-encoding").eq_ignore_ascii_case("chunked") {
        loop {
            let mut size = String::new();
            line.read_line(&mut size)?;
            let Ok(size) = u64::from_str_radix(size.trim(), 16) else { return Ok(false) };
            let read = line.by_ref().take(size).read_to_end(&mut reply.body)?;
            let mut end = String::new();
            line.read_line(&mut end)?;
            match size {
                0 => return Ok(true),
                _ if read as u64 != size => return Ok(false),
                _ => {}
            }
        }
    }
    if matches!(reply.status, 204 | 304) {
        return Ok(true);
    }
    match reply.field("content-length").parse::<u64>() {
        Ok(length) => Ok(line.by_ref().take(length).read_to_end(&mut reply.body)? as u64 == length),
        // RFC 9112 §6.3: without either, the body ends with the connection.
        Err(_) => {
            reply.fields.push(("connection".to_owned(), "close".to_owned()));
            line.read_to_end(&mut reply.body).map(|_| true)
        }
    }
}

/// Requests per second of so many connections for so long; an answer that is not 200 and whole is an error.
pub fn throughput(base: &str, target: &str, connections: usize, time: Duration) -> Result<f64, String> {
    let start = Instant::now();
    let counts: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let count = || {
            let mut line = Line::to(base, Duration::from_secs(10))?;
            let mut done = 0;
            while start.elapsed() < time {
                let reply = line.get(target, "").map_err(|error| format!("{base}{target}: {error}"))?;
                if reply.status != 200 || !reply.whole {
                    return Err(format!("{base}{target}: status {}, expected a whole 200", reply.status));
                }
                done += 1;
            }
            Ok(done)
        };
        let all: Vec<_> = (0..connections).map(|_| scope.spawn(count)).collect();
        let lost = |_| Err("a connection's thread ended early".to_owned());
        all.into_iter().map(|one| one.join().unwrap_or_else(lost)).collect()
    });
    let took = start.elapsed().as_secs_f64();
    Ok(counts.into_iter().sum::<Result<u64, String>>()? as f64 / took)
}
