//! What to do with a request before the origin is asked, from the request and the settings alone.

use crate::cache::directives::Directives;
use crate::cache::vary;
use crate::facts::Headers;
use crate::rescue::cookies::{self, CookieClass};
use crate::rescue::failure::{self, Failure};
use crate::rescue::fields::members;
use crate::rescue::harmless;
use crate::rescue::judge::StoreRefusal;
use crate::rescue::kind::{self, Kind};
use crate::rescue::negotiate::{self, Wants};
use crate::rescue::outgoing::{self, Outgoing};
use crate::rescue::query;
use crate::rescue::request::{RequestFacts, Url};
use crate::rescue::settings::Settings;
use crate::rescue::{OWN_FIELD_PREFIX, OWN_PATH};
use crate::time::Millis;
use std::cell::OnceCell;

/// An address that the worker answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `status`, asked with GET or HEAD.
    Status,
    /// The preflight of a cross-origin script that wants to read `status`.
    Preflight,
    /// `status` with a method that it has not: 405.
    WrongMethod,
    /// Nothing of ours has this name: 404.
    NotFound,
}

/// Why a request is passed on without being watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// It asks for another protocol (WebSocket).
    Upgrade,
    /// It is about the connection itself, as `TRACE`.
    Method,
    /// Asks for server-sent events.
    EventStream,
}

impl Bypass {
    /// A stable word for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Method => "method",
            Self::EventStream => "event-stream",
        }
    }
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The worker answers by itself, whatever the origin does.
    Own(Endpoint),
    /// Ask the origin and hand its very response on.
    Bare {
        /// Why.
        reason: Bypass,
        /// How to ask.
        outgoing: Outgoing,
        /// The request as the visitor sent it.
        request: RequestFacts,
    },
    /// The request has come round in a circle: do not ask, `choose` with this failure and no copy.
    Refuse(Box<Watch>, Failure),
    /// Ask the origin, watch the answer.
    Watch(Box<Watch>),
}

/// A request that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The request as the visitor sent it.
    pub request: RequestFacts,
    /// How to ask the origin.
    pub outgoing: Outgoing,
    /// The request's fields as the origin sees them, once somebody has asked for them: most answers are relayed
    /// without that.
    sent: OnceCell<Headers>,
    /// The address that selects a stored answer: without what is ours and without parameters of campaigns.
    pub address: Url,
    /// The address under which a copy is stored and looked for: absolute, on the site's own host, in a
    /// corner of its paths that nothing else answers.
    pub key: String,
    /// Whether the request's side allows to keep the answer.
    pub store: Result<(), StoreRefusal>,
    /// Whether a copy may stand in for the answer; such a request is worth a look-up on failure.
    pub lookup: bool,
    /// What was stored before this time does not count: the owner wants it forgotten.
    pub forgotten_before: Millis,
    /// What its cookies say.
    pub cookies: CookieClass,
    /// What the client can use in place of an answer.
    pub wants: Wants,
    /// For which kind of client the answer is; a part of `key`.
    pub kind: Kind,
    /// Its fields that reach the origin and are not known to be harmless, lower-case.
    pub unlisted: Vec<String>,
}

impl Watch {
    /// Whether the request says who asks: by a cookie that may identify, `Authorization`, or a field that is not known
    /// to be harmless.
    pub fn is_identified(&self) -> bool {
        self.cookies == CookieClass::Identifying
            || !self.unlisted.is_empty()
            || self.request.headers.has("authorization")
    }

    /// Whether one answer can serve all who ask for this address at the same time, and tells of how it does.
    pub fn coalesces(&self) -> bool {
        self.request.method == "GET" && self.store.is_ok() && !self.is_identified()
    }

    /// Whether another site made the browser send it, without showing the page: its visitor knows nothing of it, so it
    /// is no witness of how the site does.
    pub fn is_drafted(&self) -> bool {
        let field = |name: &str| self.request.headers.value(name).map(str::trim).unwrap_or_default();
        field("sec-fetch-site") == "cross-site" && field("sec-fetch-dest") != "document"
    }

    /// The request's field for whose sake this answer is not kept: it is not known to be harmless, and `Vary` does not
    /// name it, so nothing tells the answer from another visitor's.
    pub fn unkeyed_field(&self, answer: &Headers) -> Option<&str> {
        let unkeyed = self.unlisted.iter().find(|name| !vary::names(answer, name)).map(String::as_str);
        let unsaid = || harmless::is_of_another_site(&self.request) && !harmless::says_for_which_site(answer);
        unkeyed.or_else(|| unsaid().then_some("origin"))
    }

    /// The request's fields as the origin sees them.
    pub fn sent_headers(&self) -> &Headers {
        self.sent.get_or_init(|| self.outgoing.apply(&self.request.headers))
    }
}

/// Plans a request. Never fails.
pub fn plan(request: RequestFacts, settings: &Settings) -> Plan {
    if let Some(name) = request.url.path.strip_prefix(OWN_PATH) {
        return Plan::Own(endpoint(name, &request.method));
    }
    let cookies = cookies::classify(&request.headers, settings);
    let strip_cookies = cookies == CookieClass::Analytics && request.method == "GET";
    let outgoing = outgoing::outgoing(&request, settings, strip_cookies);
    if let Some(reason) = bypass(&request) {
        return Plan::Bare { reason, outgoing, request };
    }
    let looped = outgoing::has_been_here(&request);
    let wants = if is_browsers(&request.method) { negotiate::wants(&request) } else { Wants::Anything };
    let kind = Kind::of(&request, wants);
    let query = query::of_key(outgoing.query.as_deref(), settings.sort_query);
    let address = Url { query, ..request.url.clone() };
    let mut unlisted = harmless::unlisted(&request, &outgoing, settings);
    let unusual = kind::unusual(&request, kind).into_iter().map(str::to_owned);
    unlisted.extend(unusual.filter(|name| !settings.vouches_for(name)));
    let watch = Box::new(Watch {
        key: key_of(&address, kind),
        address,
        store: store(&request, &unlisted, settings),
        forgotten_before: forgotten_before(&request, settings),
        // A GET with a body asks for something that its address does not name.
        lookup: settings.copies && request.reads() && !request.body,
        wants,
        kind,
        unlisted,
        cookies,
        sent: OnceCell::new(),
        outgoing,
        request,
    });
    if looped { Plan::Refuse(watch, failure::from_loop()) } else { Plan::Watch(watch) }
}

/// Any other method belongs to a protocol in which our page would be an intruder (WebDAV).
fn is_browsers(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
}

fn endpoint(name: &str, method: &str) -> Endpoint {
    match (name, method) {
        ("status", "GET" | "HEAD") => Endpoint::Status,
        ("status", "OPTIONS") => Endpoint::Preflight,
        ("status", _) => Endpoint::WrongMethod,
        _ => Endpoint::NotFound,
    }
}

fn bypass(request: &RequestFacts) -> Option<Bypass> {
    if request.headers.has("upgrade") {
        return Some(Bypass::Upgrade);
    }
    if matches!(request.method.as_str(), "TRACE" | "CONNECT" | "PRI") {
        return Some(Bypass::Method);
    }
    let stream = "text/event-stream";
    let named =
        |range: &str| range.get(..stream.len()).is_some_and(|start| start.eq_ignore_ascii_case(stream));
    if members(&request.headers, "accept").any(named) {
        return Some(Bypass::EventStream);
    }
    None
}

fn store(request: &RequestFacts, unlisted: &[String], settings: &Settings) -> Result<(), StoreRefusal> {
    if !settings.copies {
        return Err(StoreRefusal::Off);
    }
    if request.method != "GET" || request.body {
        return Err(StoreRefusal::Method);
    }
    let control = Directives::read(&request.headers, "cache-control");
    if control.has("no-store") {
        return Err(StoreRefusal::NoStore);
    }
    // The page may repeat the value, and its copy would be that of the plain address.
    if query::tracks(request.url.query.as_deref()) {
        return Err(StoreRefusal::Campaign);
    }
    if unlisted.is_empty() { Ok(()) } else { Err(StoreRefusal::Field) }
}

fn forgotten_before(request: &RequestFacts, settings: &Settings) -> Millis {
    let meant = settings.forget.iter().filter(|(pattern, _)| pattern.matches(&request.url.path));
    meant.map(|(_, time)| *time).max().unwrap_or(0)
}

/// The key of an address for one kind of client: on the site's own host, so that scheme and host keep sites apart.
pub fn key_of(url: &Url, kind: Kind) -> String {
    let (mark, query) = url.query_parts();
    let kind = kind.as_str();
    [&url.scheme, "://", &url.host, OWN_PATH, "copy-", kind, &url.path, mark, query].concat()
}

/// Whether a query parameter is ours: it never reaches the origin.
pub fn is_our_parameter(pair: &str) -> bool {
    pair.split('=').next().is_some_and(|name| name.starts_with(OWN_FIELD_PREFIX))
}
