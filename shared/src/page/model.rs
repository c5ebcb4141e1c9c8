//! What the page is told: all that it may say. A shell or `rescue` fills it; nothing in it is trusted to be
//! harmless text except the ids, which are ours.

use crate::text::Lang;
use crate::verdict::AtFault;

/// In which form the answer goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page for people.
    Html,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// The same document as `application/json`, for clients that name only that.
    Json,
    /// `text/markdown`.
    Markdown,
    /// Six lines of `text/plain`.
    Text,
    /// Status and header fields only: for scripts, styles, fonts and images.
    HeadersOnly,
}

/// Where the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// In a tab of its own.
    Top,
    /// In a frame, of this site only.
    OwnSite,
    /// In a frame of any site.
    Anywhere,
}

/// What the visitor is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The site does not answer, or answers with an error.
    Down,
    /// The site has more visitors than it can serve: soon again.
    Overloaded,
    /// The owner works on the site.
    Maintenance {
        /// When the owner meant to be done, milliseconds since 1970. Past it the page admits the delay.
        until_ms: Option<u64>,
    },
    /// The request was not a safe one: a form, an order, a payment.
    FormSending {
        /// Whether a connection to the origin was opened. Only if it never was, nothing can have been sent.
        opened: bool,
    },
    /// The network between the visitor and the site.
    Between,
    /// The visitor's request, device or account.
    VisitorSide,
}

/// Whether the origin may have acted on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processed {
    /// It certainly has not: it never got it.
    No,
    /// Nobody can tell.
    Unknown,
}

impl Processed {
    /// As the problem document says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Processed::No => "no",
            Processed::Unknown => "unknown",
        }
    }
}

/// What the owner set. All of it is optional and foreign: it is checked and escaped here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The site's name.
    pub name: Option<String>,
    /// A message of the owner's own, shown as text.
    pub message: Option<String>,
    /// When the owner expects the site back, milliseconds since 1970.
    pub eta_ms: Option<u64>,
    /// An e-mail address, a telephone link (`tel:`), an `https:` address, or words.
    pub contact: Option<String>,
    /// An `https:` address.
    pub status_page: Option<String>,
    /// `#rgb` or `#rrggbb`; made darker or lighter where it would not be readable.
    pub colour: Option<String>,
    /// A `data:image/...;base64,` address of at most 8 KB.
    pub logo: Option<String>,
}

/// Another page of the site that can be shown as a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its path on this site, beginning with one `/`.
    pub path: String,
    /// Its title, or whatever names it.
    pub title: String,
}

/// Everything that the answer says.
#[derive(Clone, Debug)]
pub struct PageModel<'a> {
    /// The form to render.
    pub form: Form,
    /// Whether the page is shown in a frame. Then it is short.
    pub frame: Frame,
    /// The visitor's language.
    pub lang: Lang,
    /// The status to send: 503, or the origin's 502 or 504 where the owner keeps it.
    pub status: u16,
    /// The status that the origin sent, where it sent one.
    pub received_status: Option<u16>,
    /// The first-ranked cause's id.
    pub cause: Option<&'a str>,
    /// The RFC 9209 §2.3 error type.
    pub error: Option<&'a str>,
    /// The first-ranked layer's id.
    pub layer: Option<&'a str>,
    /// On whose side the fault is.
    pub at_fault: AtFault,
    /// What the visitor is told about.
    pub state: State,
    /// Seconds for `Retry-After`: when a program may ask again. Promises nothing, so visitors are not told.
    pub retry_after_s: Option<u32>,
    /// Seconds after which the origin said that it will be back; `None` where nobody can tell.
    pub back_in_s: Option<u32>,
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// What the visitor tells support, and what the owner finds in the log.
    pub reference: &'a str,
    /// The request's path, without its query.
    pub path: &'a str,
    /// Whether the request's method is safe (RFC 9110 §9.2.1). After any other the page never opens the
    /// address again by itself.
    pub safe_method: bool,
    /// Whether the origin may have acted on the request.
    pub request_processed: Processed,
    /// What the owner set.
    pub owner: &'a Owner,
    /// Other pages of the site that can be shown now; the first six are.
    pub copies: &'a [Copy],
}

/// The answer, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The status, as the model has it.
    pub status: u16,
    /// As in the headers; empty where there is no body.
    pub content_type: &'static str,
    /// All header fields but `Proxy-Status` and `Cache-Status`, which the shell adds. Each name once.
    pub headers: Vec<(&'static str, String)>,
    /// The body; leave it out for HEAD.
    pub body: String,
}
