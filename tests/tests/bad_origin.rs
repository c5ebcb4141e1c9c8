//! The bad origin does on a real socket what it promises: others' tests stand on it.
#![cfg(not(target_family = "wasm"))]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use backsoon_tests::replay::{BadOrigin, Failure, Mode, Options};

fn origin() -> BadOrigin {
    BadOrigin::start(Options::default()).expect("two free ports")
}

fn connect(url: &str) -> std::io::Result<TcpStream> {
    TcpStream::connect(url.trim_start_matches("http://"))
}

/// Everything that comes back on a new connection, and how it ended.
fn ask(url: &str, request: &str) -> (String, Option<ErrorKind>) {
    let mut stream = connect(url).expect("a listener");
    stream.write_all(request.as_bytes()).expect("a request sent");
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        match stream.read(&mut piece) {
            Ok(0) => break None,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

fn get(url: &str, path: &str) -> (String, Option<ErrorKind>) {
    ask(url, &format!("GET {path} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n"))
}

#[test]
fn a_capture_is_replayed_byte_for_byte() {
    let (answer, end) = get(&origin().url(), "/capture/nginx/refused");
    assert!(
        answer.starts_with("HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026"),
        "{answer}"
    );
    assert!(answer.ends_with("<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"), "{answer}");
    assert_eq!(end, None);
}

#[test]
fn a_captured_truncation_is_truncated_again() {
    let (answer, _) = get(&origin().url(), "/capture/envoy/midchunk");
    assert!(answer.contains("transfer-encoding: chunked\r\n\r\n3e8\r\n"), "{answer}");
    assert!(!answer.contains("\r\n0\r\n"), "the last chunk must be missing: {answer}");
}

#[test]
fn a_reset_is_a_reset_and_an_empty_answer_is_none() {
    let origin = origin();
    assert_eq!(get(&origin.url(), "/fail/reset"), (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(get(&origin.url(), "/fail/empty"), (String::new(), None));
    let (answer, end) = get(&origin.url(), "/fail/truncated-reset");
    assert!(answer.contains("Content-Length: 5000"), "{answer}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
}

#[test]
fn the_site_is_switched_and_says_what_it_was_asked() {
    let origin = origin();
    let control = origin.control_url();
    assert!(get(&origin.url(), "/").0.contains("Flowers of the week"));
    let body = r#"{"mode":"fail:status-502"}"#;
    let switch = format!(
        "POST /__control HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(ask(&control, &switch).0.contains(r#""mode":"fail:status-502""#));
    assert!(get(&origin.url(), "/").0.starts_with("HTTP/1.1 502 "));
    let seen = get(&control, "/__seen").0;
    assert!(seen.contains(r#""path":"/""#) && seen.contains("shop.test"), "{seen}");
    assert!(ask(&control, &switch.replace("502", "xyz")).0.starts_with("HTTP/1.1 400 "));
}

#[test]
fn a_closed_site_refuses_and_comes_back_on_the_same_port() {
    let origin = origin();
    let refused = |url: &str| connect(url).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(refused(&origin.refused_url()), Err(ErrorKind::ConnectionRefused));
    let mut idle = connect(&origin.url()).expect("a listener");
    for _ in 0..3 {
        origin.switch(Mode::Refused).expect("closed");
        assert_eq!(refused(&origin.url()), Err(ErrorKind::ConnectionRefused));
        origin.switch(Mode::Healthy).expect("opened");
        assert!(get(&origin.url(), "/").0.starts_with("HTTP/1.1 200 OK"));
    }
    assert_eq!(
        idle.read(&mut [0; 10]).expect("an orderly end"),
        0,
        "an idle connection must not outlive the switch"
    );
}

#[test]
fn a_site_that_accepts_nothing_leaves_connections_waiting_and_comes_back() {
    let origin = origin();
    let address = origin.url().trim_start_matches("http://").parse().expect("an address");
    let connected = || TcpStream::connect_timeout(&address, Duration::from_millis(300)).map(|_| ());
    for _ in 0..2 {
        origin.switch(Mode::Unaccepted).expect("filled");
        assert_eq!(connected().map_err(|error| error.kind()), Err(ErrorKind::TimedOut));
        origin.switch(Mode::Healthy).expect("opened");
        assert!(get(&origin.url(), "/").0.starts_with("HTTP/1.1 200 "));
    }
    origin.switch(Mode::Unaccepted).expect("filled");
    origin.switch(Mode::Refused).expect("closed");
    assert_eq!(connected().map_err(|error| error.kind()), Err(ErrorKind::ConnectionRefused));
}

#[test]
fn one_connection_carries_many_requests_and_bodies() {
    let origin = origin();
    let two = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
               HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let (answer, _) = ask(&origin.url(), two);
    assert!(answer.contains(r#""body":"abc""#), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "HEAD has no body: {answer}");
}

#[test]
fn a_hanging_connection_ends_with_the_server() {
    let origin = origin();
    origin.switch(Mode::Fail(Failure::parse("hang").expect("a failure"))).expect("switched");
    let mut stream = connect(&origin.url()).expect("a listener");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("a request sent");
    while origin.seen().is_empty() {
        std::thread::yield_now();
    }
    drop(origin);
    assert_eq!(stream.read(&mut [0; 10]).expect("an orderly end"), 0);
}

#[test]
fn a_known_page_is_answered_with_304() {
    let request =
        "GET /products/poppy HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"poppy-1\"\r\nConnection: close\r\n\r\n";
    assert!(ask(&origin().url(), request).0.starts_with("HTTP/1.1 304 Not Modified\r\n"));
}
