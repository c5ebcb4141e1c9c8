//! What `plan` and `choose` know of a request: method, address, header fields, whether it has a body.
//!
//! Never the body itself: nothing is decided by what a visitor sends.

use crate::facts::Headers;

/// An absolute `http` or `https` address as the platform writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`, lower-case.
    pub scheme: String,
    /// Host with its port where that is not the scheme's own, lower-case.
    pub host: String,
    /// Path, always with its leading slash.
    pub path: String,
    /// Query without its question mark; `None` where there is no question mark.
    pub query: Option<String>,
}

impl Url {
    /// Reads an absolute address; the fragment is dropped. `None` for other schemes, no host, or an
    /// address with a user name, which nobody may put into a request.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, tail) = rest.split_at_checked(end)?;
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(own_port).or(host.strip_suffix(':')).unwrap_or(host);
        let host = host.to_ascii_lowercase();
        let bad = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '@' | '\\' | '<' | '>' | '"' | '\'' | '%')
        };
        if host.is_empty() || host.starts_with(':') || host.contains(bad) {
            return None;
        }
        let (path, query) = match tail.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (tail, None),
        };
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        Some(Self { scheme, host, path, query })
    }

    /// The address as text.
    pub fn text(&self) -> String {
        let (mark, query) = self.query_parts();
        [&self.scheme, "://", &self.host, &self.path, mark, query].concat()
    }

    /// The question mark and the query; nothing where there is none.
    pub fn query_parts(&self) -> (&'static str, &str) {
        self.query.as_ref().map_or(("", ""), |query| ("?", query))
    }
}

/// One request of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFacts {
    /// Method as sent; methods are case-sensitive (RFC 9110 §9.1).
    pub method: String,
    /// The address that the visitor asked for.
    pub url: Url,
    /// Request header fields.
    pub headers: Headers,
    /// Whether a body comes with it.
    pub body: bool,
}

impl RequestFacts {
    /// Nothing on the origin changes by it (RFC 9110 §9.2.1, and the registry of methods). A method that is
    /// not known here may change anything.
    pub fn is_safe(&self) -> bool {
        let method = self.method.as_str();
        matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PROPFIND" | "QUERY" | "REPORT" | "SEARCH")
    }

    /// Whether its answer is a representation of the address: what a copy can stand in for.
    pub fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}
