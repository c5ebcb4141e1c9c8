//! Spoils an exchange as networks, caches, minifiers and translators do, by a seed and nothing else.
//!
//! Used by the tolerance tests and by the fuzz target: the same seed always spoils in the same way.

use backsoon::facts::{Exchange, Fault, Phase, TransportError, View};

/// A small generator (xorshift64*): fast, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// A generator from any number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `limit`; 0 where that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.draw() >> 16) as usize % limit }
    }
}

/// Fields that some server or other adds, or that a liar writes.
const ADDED: &[(&str, &str)] = &[
    ("Server", "nginx/1.25.3"),
    ("Server", "Apache/2.4.58 (Ubuntu)"),
    ("Server", "cloudflare"),
    ("Server", "envoy"),
    ("Server", "squid/6.1"),
    ("Server", "AkamaiGHost"),
    ("Server", "Varnish"),
    ("Server", "openresty"),
    ("Server", "lighttpd/1.4.70"),
    ("Server", "h2o/2.2.6"),
    ("Server", "ATS/9.2.3"),
    ("Server", "Caddy"),
    ("Via", "1.1 varnish (Varnish/7.1)"),
    ("Via", "1.1 google"),
    ("Via", "1.1 nghttpx"),
    ("Via", "1.1 abc.cloudfront.net (CloudFront)"),
    ("X-Varnish", "12 34"),
    ("X-Served-By", "cache-fra-etou8220033-FRA"),
    ("CF-RAY", "8c0ffee000000000-FRA"),
    ("X-Cache", "MISS from proxy"),
    ("X-Cache", "Error from cloudfront"),
    ("x-envoy-upstream-service-time", "12"),
    ("X-Powered-By", "PHP/8.2.7"),
    ("X-Powered-By", "Express"),
    ("X-Squid-Error", "ERR_READ_ERROR 104"),
    ("Retry-After", "120"),
    ("Content-Encoding", "gzip"),
    ("Strict-Transport-Security", "max-age=15724800; includeSubDomains"),
    ("Proxy-Status", "somebody; error=connection_timeout"),
    ("Set-Cookie", "SERVERID=a1; path=/"),
];

/// How many ways there are to spoil.
pub const WAYS: usize = 15;

/// Spoils in the way of that number.
pub fn spoil(exchange: &mut Exchange, way: usize, seed: &mut Seed) {
    let headers = &mut exchange.headers.0;
    match way {
        0 => {
            let at = seed.below(headers.len());
            if let Some((name, _)) = headers.get_mut(at) {
                name.insert_str(0, "x-old-");
            }
        }
        1 => {
            for at in (1..headers.len()).rev() {
                headers.swap(at, seed.below(at + 1));
            }
        }
        2 => headers.retain(|_| !seed.draw().is_multiple_of(3)),
        3 | 4 => {
            let (name, value) = ADDED[seed.below(ADDED.len())];
            let at = seed.below(headers.len() + 1);
            headers.insert(at, (name.to_owned(), value.to_owned()));
        }
        5 => {
            for (name, _) in headers.iter_mut() {
                if seed.draw().is_multiple_of(2) {
                    name.make_ascii_uppercase()
                } else {
                    name.make_ascii_lowercase()
                }
            }
        }
        6 => {
            let at = seed.below(headers.len());
            if let Some((_, value)) = headers.get_mut(at) {
                value.truncate(value.len() / 2);
                value.push_str("\u{0}\u{7f}é");
            }
        }
        _ => spoil_body(exchange, way, seed),
    }
}

fn spoil_body(exchange: &mut Exchange, way: usize, seed: &mut Seed) {
    let Some(body) = &mut exchange.body else { return };
    match way {
        7 => body.truncate(seed.below(body.len() + 1)),
        8 => body.retain(|byte| !matches!(byte, b'\r' | b'\n' | b'\t')),
        9 => {
            *body = body
                .iter()
                .flat_map(|byte| if *byte == b'>' { vec![b'>', b'\n', b' '] } else { vec![*byte] })
                .collect()
        }
        10 => body.make_ascii_uppercase(),
        11 => *body = body.iter().flat_map(|byte| [*byte, 0]).collect(),
        12 => {
            // What a translator leaves: the words change, the markup stays.
            let mut inside = false;
            for byte in body.iter_mut() {
                inside = (inside || *byte == b'<') && *byte != b'>';
                if !inside && byte.is_ascii_lowercase() {
                    *byte = b'a' + (*byte - b'a' + 13) % 26;
                }
            }
        }
        13 => {
            let mut junk = vec![0x1f, 0x8b, 8, 0];
            junk.extend((0..body.len().min(4096)).map(|_| seed.draw() as u8));
            *body = junk;
        }
        _ => {
            for _ in 0..=seed.below(8) {
                let at = seed.below(body.len());
                if let Some(byte) = body.get_mut(at) {
                    *byte = seed.draw() as u8;
                }
            }
        }
    }
}

/// Spoils what is no header and no body: status, times, view, transport.
pub fn unsettle(exchange: &mut Exchange, seed: &mut Seed) {
    match seed.below(8) {
        0 => exchange.status = Some(seed.draw() as u16),
        1 => exchange.status = Some(400 + seed.below(200) as u16),
        2 => {
            // Half of the times lie where products' time limits do.
            let most = if seed.below(2) == 0 { 140_000 } else { u32::MAX };
            exchange.elapsed_ms = Some(seed.draw() as u32 % most);
            exchange.ttfb_ms = None;
        }
        3 => exchange.view = [View::Wire, View::Edge, View::Browser][seed.below(3)],
        4 => exchange.body = None,
        5 => exchange.protocol = Some("HTTP/2".into()),
        6 => {
            let phase = [
                Phase::Dns,
                Phase::Connect,
                Phase::Tls,
                Phase::Send,
                Phase::Headers,
                Phase::Body,
                Phase::Unknown,
            ];
            let fault = [
                Fault::Timeout,
                Fault::Closed,
                Fault::Reset,
                Fault::Refused,
                Fault::InvalidHttp,
                Fault::Unknown,
            ];
            exchange.transport_error = Some(TransportError {
                phase: phase[seed.below(phase.len())],
                fault: fault[seed.below(fault.len())],
                text: "net::ERR_SOMETHING".into(),
            });
        }
        _ => exchange.reason = Some("Was\u{0} Auch\nImmer".into()),
    }
}
