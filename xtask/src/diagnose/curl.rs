//! The output of `curl -i` (answers only) and `curl -v` (a log with `<`, `>`, `*` and `{` lines) as facts.
//!
//! Interim answers (1xx, a proxy's `200 Connection established`) are skipped; of a redirect chain each answer
//! is an exchange of its own.

mod body;

use backsoon::facts::{Exchange, Fault, Headers, Phase, TransportError};

use super::Named;

/// The exchanges in curl's output.
///
/// # Errors
/// One line where there is neither an answer nor an error of curl's in it.
pub fn exchanges(name: &str, bytes: &[u8]) -> Result<Vec<Named>, String> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let verbose = lines.clone().any(|line| line.starts_with(b"< HTTP/"));
    let mut found: Vec<Exchange> = if verbose { from_log(bytes) } else { from_answers(bytes) };
    if let Some(error) = String::from_utf8_lossy(bytes).lines().find_map(curl_error) {
        match found.last_mut() {
            Some(last) => last.transport_error = Some(error),
            None => found.push(Exchange { transport_error: Some(error), ..Exchange::default() }),
        }
    }
    if found.is_empty() {
        return Err(
            "no exchange: expected capture JSON, a HAR file, or a line like `HTTP/1.1 502 Bad Gateway`"
                .into(),
        );
    }
    let named = |(at, exchange)| Named { id: format!("{name}#{}", at + 1), exchange };
    Ok(found.into_iter().enumerate().map(named).collect())
}

/// `HTTP/1.1 502 Bad Gateway`: protocol, status, reason.
fn status_line(line: &str) -> Option<(String, u16, Option<String>)> {
    let mut words = line.trim_end().splitn(3, ' ');
    let protocol = words.next().filter(|word| word.starts_with("HTTP/"))?.to_owned();
    let status = words.next()?.parse().ok()?;
    let reason = words.next().map(str::to_owned);
    // curl writes "HTTP/2 502 " where there is no reason phrase.
    Some((protocol, status, reason.filter(|reason| !reason.is_empty())))
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim_end().split_once(':')?;
    let good = !name.is_empty() && !name.contains(char::is_whitespace);
    good.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn begun(line: &str) -> Option<Exchange> {
    let (protocol, status, reason) = status_line(line)?;
    Some(Exchange { protocol: Some(protocol), status: Some(status), reason, ..Exchange::default() })
}

/// Whether another answer follows this one without a body of its own.
fn interim(exchange: &Exchange) -> bool {
    let status = exchange.status.unwrap_or(0);
    (100..200).contains(&status) && status != 101
        || exchange
            .reason
            .as_deref()
            .is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"))
}

fn from_answers(bytes: &[u8]) -> Vec<Exchange> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut rest = bytes;
    // Answers start at a status line; whatever stands before it (a prompt, progress) is none.
    while let Some(at) = start_of_answer(rest) {
        rest = &rest[at..];
        let Some((head, body)) = head_and_body(rest) else { break };
        let head = String::from_utf8_lossy(head).into_owned();
        let mut lines = head.lines();
        let Some(mut exchange) = lines.next().and_then(begun) else { break };
        exchange.headers = Headers(lines.filter_map(field).collect());
        let next = start_of_answer(body).filter(|_| interim(&exchange) || redirect(&exchange));
        let (own, after) = body.split_at(next.unwrap_or(body.len()));
        exchange.body = body::told(&exchange, body::without_noise(own), false);
        if !interim(&exchange) || next.is_none() {
            found.push(exchange);
        }
        rest = after;
    }
    found
}

fn redirect(exchange: &Exchange) -> bool {
    exchange.headers.has("location") || exchange.status == Some(401) || exchange.status == Some(407)
}

fn start_of_answer(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"HTTP/") && status_line(&String::from_utf8_lossy(line)).is_some() {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn head_and_body(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let empty = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        if empty {
            return Some((&bytes[..at], &bytes[at + line.len()..]));
        }
        at += line.len();
    }
    Some((bytes, &[]))
}

fn from_log(bytes: &[u8]) -> Vec<Exchange> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut current: Option<Exchange> = None;
    // What is read as the body, and whether curl says that it put some elsewhere (`{ [19 bytes data]`).
    let (mut in_body, mut held, mut elsewhere) = (false, Vec::new(), false);
    let (mut method, mut url) = (String::new(), String::new());
    for raw in bytes.split_inclusive(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(raw);
        if let Some(sent) = line.strip_prefix("> ") {
            let mut words = sent.split_whitespace();
            let (verb, path, version) = (words.next(), words.next(), words.next());
            if let (Some(verb), Some(path), true) =
                (verb, path, version.is_some_and(|v| v.starts_with("HTTP/")))
            {
                (method, url) = (verb.to_owned(), path.to_owned());
            }
        } else if let Some(got) = line.strip_prefix('<').filter(|_| !in_body || line.starts_with("< HTTP/")) {
            let got = got.strip_prefix(' ').unwrap_or(got);
            if let Some(mut exchange) = begun(got) {
                (exchange.method, exchange.url) = (method.clone(), url.clone());
                let done = current.replace(exchange).filter(|done| !interim(done));
                found.extend(done.map(|done| whole(done, std::mem::take(&mut held), elsewhere)));
                (in_body, elsewhere) = (false, false);
                held.clear();
            } else if let Some(pair) = field(got) {
                if let Some(exchange) = &mut current {
                    exchange.headers.0.push(pair);
                }
            } else {
                in_body = current.is_some();
            }
        } else if line.starts_with("{ [") {
            elsewhere |= in_body;
        } else if !line.starts_with("* ") && !line.starts_with("} [") && in_body {
            held.extend_from_slice(raw);
        }
    }
    found.extend(current.map(|last| whole(last, held, elsewhere)));
    found
}

/// The exchange with its body. With `-i` beside `-v` the head stands once more before it.
fn whole(mut exchange: Exchange, held: Vec<u8>, elsewhere: bool) -> Exchange {
    let held = body::without_noise(&held);
    let again = start_of_answer(&held).filter(|at| *at == 0).and_then(|_| head_and_body(&held));
    let held = again.map_or_else(|| held.clone(), |(_, body)| body.to_vec());
    exchange.body = body::told(&exchange, held, elsewhere);
    exchange
}

/// `curl: (7) Failed to connect ...` as a transport error (libcurl-errors).
fn curl_error(line: &str) -> Option<TransportError> {
    let rest = line.trim_start_matches("* ").strip_prefix("curl: (")?;
    let (code, text) = rest.split_once(") ")?;
    let (phase, fault) = match code.parse::<u32>().ok()? {
        5 | 6 => (Phase::Dns, Fault::NameNotResolved),
        7 if text.contains("refused") => (Phase::Connect, Fault::Refused),
        7 if text.contains("route") || text.contains("unreachable") => (Phase::Connect, Fault::Unreachable),
        7 => (Phase::Connect, Fault::Refused),
        28 if text.contains("onnect") => (Phase::Connect, Fault::Timeout),
        28 => (Phase::Headers, Fault::Timeout),
        35 => (Phase::Tls, Fault::TlsProtocol),
        51 | 60 => (Phase::Tls, Fault::Certificate),
        52 => (Phase::Headers, Fault::Closed),
        1 | 8 => (Phase::Headers, Fault::InvalidHttp),
        18 | 92 => (Phase::Body, Fault::Closed),
        55 => (Phase::Send, Fault::Reset),
        56 => (Phase::Headers, Fault::Reset),
        _ => (Phase::Unknown, Fault::Unknown),
    };
    Some(TransportError { phase, fault, text: text.to_owned() })
}
