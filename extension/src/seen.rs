//! Joins what the browser delivered about one page into the facts of one exchange.
//!
//! Three sources, each of which may be missing: the request as the background saw it (host access only), the
//! page's own account, and one more answer fetched at the click. Nothing here asks the browser, judges a
//! status or knows the time. Facts of two different answers are never mixed.

use crate::net_error;
use backsoon::facts::{Beside, Exchange, Fault, Headers, Phase, TransportError, View};

/// The main request of a tab as `webRequest` told it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Address without its fragment.
    pub url: String,
    /// Request method.
    pub method: String,
    /// Status of the last answer; `None` where the network failed first.
    pub status: Option<u16>,
    /// The status line, as "HTTP/1.1 502 Bad Gateway".
    pub line: String,
    /// Response header fields in the order delivered.
    pub headers: Vec<(String, String)>,
    /// Whether the browser took it from its cache.
    pub cached: Option<bool>,
    /// The browser's name for what broke the transport, as `net::ERR_CONNECTION_RESET`.
    pub error: Option<String>,
    /// Whether it went through a proxy; `None` where the browser does not say.
    pub proxied: Option<bool>,
    /// The browser's id of the request: an error belongs to the answer with the same id.
    pub request: String,
}

/// What a script in the page could read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Address of the document.
    pub url: String,
    /// `responseStatus` of the navigation; `None` where the browser keeps it.
    pub status: Option<u16>,
    /// ALPN name, as `http/1.1` or `h2`.
    pub protocol: String,
    /// Milliseconds from the request to the first byte.
    pub ttfb_ms: Option<u32>,
    /// Milliseconds from the request to the last byte.
    pub elapsed_ms: Option<u32>,
    /// Whether the answer came without the network.
    pub cached: bool,
    /// Whether a service worker of the site controls the page.
    pub controlled: bool,
    /// Whether the document has loaded whole.
    pub done: bool,
    /// The document as the browser understood it, 64 KB at most.
    pub body: Option<String>,
    /// When this document began, in milliseconds since 1970: tells one loading of a page from the next.
    pub born: f64,
}

/// The page's own account of its answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// A script could read it.
    Told(Told),
    /// The browser lets no script in: its own error page, or a page that is closed to extensions.
    Hidden,
}

/// One more answer for the same address: without cookies, past the cache, redirects not followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Again {
    /// Its status; `None` where none arrived or the browser hides it (a redirect).
    pub status: Option<u16>,
    /// Its header fields, as `fetch` gives them.
    pub headers: Vec<(String, String)>,
    /// Its body, 64 KB at most.
    pub body: Option<String>,
    /// Milliseconds to its first byte.
    pub ttfb_ms: Option<u32>,
    /// Milliseconds to its end.
    pub elapsed_ms: Option<u32>,
    /// What broke it.
    pub error: Option<String>,
    /// Whether a service worker of the site may have stood between.
    pub through_worker: bool,
    /// Whether cookies proved to make the difference: with them the page fails still, without them it works
    /// still. `None` where nobody looked.
    pub cookies_decide: Option<bool>,
}

/// All that is known of the page in a tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Address in the tab.
    pub url: String,
    /// What the background saw of it.
    pub seen: Option<Seen>,
    /// What the page says.
    pub page: Page,
    /// The second answer, where one was asked for.
    pub again: Option<Again>,
    /// What is known of the line between the two.
    pub line: Line,
}

/// What is known of the line between the visitor and the site: each only where somebody looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What the device says of its connection.
    pub online: Option<bool>,
    /// Whether the visitor's network shows a log-in page of its own.
    pub captive_portal: Option<bool>,
    /// Whether the CDN's edge answers for itself.
    pub edge: Option<bool>,
}

/// An address without its fragment, which no server ever sees.
pub fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(before, _)| before)
}

impl Known {
    /// What the background saw, where it is about the very answer in the tab. After back or forward, or from a
    /// prerendered page, the stored request may be another page's.
    fn own_seen(&self) -> Option<&Seen> {
        let seen = self.seen.as_ref().filter(|seen| seen.url == without_fragment(&self.url))?;
        match &self.page {
            Page::Told(told) => {
                (seen.error.is_none() && told.status.is_none_or(|s| seen.status == Some(s))).then_some(seen)
            }
            Page::Hidden => Some(seen),
        }
    }

    /// The facts of the exchange that the tab shows.
    pub fn exchange(&self) -> Exchange {
        let mut facts = match (self.own_seen(), &self.page, &self.again) {
            (Some(seen), page, _) => from_seen(seen, page),
            (None, Page::Told(told), Some(again)) if again.error.is_none() && again.status == told.status => {
                from_again(again)
            }
            (None, Page::Told(told), _) => from_told(told),
            (None, Page::Hidden, Some(again)) => from_again(again),
            (None, Page::Hidden, None) => Exchange::default(),
        };
        facts.view = View::Browser;
        facts.url = self.url.clone();
        facts.beside = self.beside();
        facts
    }

    /// Where the facts of the exchange come from, as a text id.
    pub fn source(&self) -> &'static str {
        match (self.own_seen(), &self.page, &self.again) {
            (Some(_), ..) => "popup.source_request",
            (None, Page::Told(told), Some(again)) if again.error.is_none() && again.status == told.status => {
                "popup.source_again"
            }
            (None, Page::Told(_), _) => "popup.source_page",
            (None, Page::Hidden, Some(_)) => "popup.source_again",
            (None, Page::Hidden, None) => "popup.source_none",
        }
    }

    /// Names the loading of the page that the tab shows; empty where nothing tells one from the next.
    pub fn load(&self) -> String {
        match &self.page {
            Page::Told(told) if told.born > 0.0 => format!("at {}", told.born),
            _ => self.own_seen().map(|seen| format!("by {}", seen.request)).unwrap_or_default(),
        }
    }

    /// The status of the page and of the second answer, where they differ.
    pub fn differing(&self) -> Option<(u16, u16)> {
        let first = self.own_seen().map_or_else(|| self.told_status(), |seen| seen.status)?;
        let second = self.again.as_ref()?.status?;
        (first != second).then_some((first, second))
    }

    /// The status without cookies, where it says something about the cookies.
    ///
    /// One answer that differs is no evidence: the site may be back, or the page may have come from a form.
    fn without_cookies(&self) -> Option<u16> {
        let again = self.again.as_ref().filter(|again| !again.through_worker)?;
        let first = self.own_seen().map_or_else(|| self.told_status(), |seen| seen.status);
        let repeatable = self.own_seen().is_none_or(|seen| matches!(seen.method.as_str(), "GET" | "HEAD"));
        let telling = again.status == first || (repeatable && again.cookies_decide == Some(true));
        again.status.filter(|_| telling)
    }

    fn told_status(&self) -> Option<u16> {
        match &self.page {
            Page::Told(told) => told.status,
            Page::Hidden => None,
        }
    }

    fn beside(&self) -> Beside {
        let told = match &self.page {
            Page::Told(told) => Some(told),
            Page::Hidden => None,
        };
        let controlled = told.map(|t| t.controlled);
        Beside {
            without_cookies: self.without_cookies(),
            from_cache: self.own_seen().and_then(|s| s.cached).or(told.map(|t| t.cached && !t.controlled)),
            from_service_worker: controlled.map(|c| c && self.own_seen().is_none()),
            edge_reachable: self.line.edge,
            online: self.line.online,
            captive_portal: self.line.captive_portal,
            proxied: self.own_seen().and_then(|seen| seen.proxied),
            earlier: Vec::new(),
        }
    }
}

fn from_seen(seen: &Seen, page: &Page) -> Exchange {
    let mut words = seen.line.splitn(3, ' ');
    let protocol = words.next().filter(|p| !p.is_empty()).map(str::to_owned);
    let reason = words.nth(1).filter(|r| !r.is_empty()).map(str::to_owned);
    let transport_error = seen.error.as_deref().filter(|_| seen.status.is_none()).map(net_error::read);
    let mut facts = match page {
        Page::Told(told) => from_told(told),
        Page::Hidden => Exchange::default(),
    };
    facts.method.clone_from(&seen.method);
    facts.status = seen.status;
    facts.reason = reason;
    facts.protocol = protocol.or(facts.protocol);
    facts.headers = Headers(seen.headers.clone());
    facts.transport_error = transport_error;
    facts
}

fn from_told(told: &Told) -> Exchange {
    Exchange {
        status: told.status,
        protocol: (!told.protocol.is_empty()).then(|| told.protocol.to_ascii_uppercase()),
        body: told.body.clone().map(String::into_bytes),
        elapsed_ms: told.elapsed_ms,
        ttfb_ms: told.ttfb_ms,
        ..Exchange::default()
    }
}

fn from_again(again: &Again) -> Exchange {
    let broken =
        |text: &String| TransportError { phase: Phase::Unknown, fault: Fault::Unknown, text: text.clone() };
    Exchange {
        method: "GET".into(),
        status: again.status,
        headers: Headers(again.headers.clone()),
        body: again.body.clone().map(String::into_bytes),
        elapsed_ms: again.elapsed_ms,
        ttfb_ms: again.ttfb_ms,
        transport_error: again.error.as_ref().map(broken),
        ..Exchange::default()
    }
}

#[cfg(test)]
mod tests;
