//! Why a page of the site has no copy, told to its owner: the field that stands in the way, and the one setting that
//! allows a copy.

use crate::cache::freshness::Timing;
use crate::cache::storable::{Keep, keep};
use crate::facts::Headers;
use crate::json;
use crate::rescue::judge::{AnswerHead, StoreRefusal};
use crate::rescue::kind::Kind;
use crate::rescue::plan::Watch;
use crate::rescue::settings::Settings;

/// Whether an anonymous visitor's answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It is kept.
    Kept,
    /// It is kept for outages once two visitors from different networks and countries got the same bytes.
    Trial,
    /// It is not kept.
    Refused {
        /// A stable word: why.
        reason: &'static str,
        /// The response field that stands in the way, where it is one.
        field: Option<&'static str>,
        /// The setting that allows a copy, where there is one.
        setting: Option<&'static str>,
    },
}

/// What becomes of an answer, as far as its owner can do something about it.
pub fn coverage(watch: &Watch, answer: &AnswerHead, timing: Timing, settings: &Settings) -> Coverage {
    match keep(watch, answer, timing.responded_at, settings) {
        Keep::Good | Keep::Overridden(_) => Coverage::Kept,
        Keep::Trial => Coverage::Trial,
        Keep::Entry(refusal) | Keep::No(refusal) => {
            let field = field(refusal, &answer.headers);
            let setting = match refusal {
                StoreRefusal::SetCookie | StoreRefusal::Private | StoreRefusal::NoStore => {
                    Some("OVERRIDE_NO_STORE")
                }
                StoreRefusal::Off => Some("COPIES"),
                StoreRefusal::TooLarge => Some("MAX_COPY_BYTES"),
                StoreRefusal::Cookie => Some("ANALYTICS_COOKIES"),
                _ => None,
            };
            Coverage::Refused { reason: refusal.as_str(), field, setting }
        }
    }
}

/// Whether this is what an anonymous browser gets at the start page.
pub fn is_start_page(watch: &Watch, answer: &AnswerHead) -> bool {
    let url = &watch.request.url;
    let asked = url.path == "/" && url.query.is_none() && watch.request.method == "GET";
    asked && watch.kind == Kind::Page && !watch.is_identified() && answer.status == 200
}

fn field(refusal: StoreRefusal, headers: &Headers) -> Option<&'static str> {
    match refusal {
        StoreRefusal::SetCookie => Some("Set-Cookie"),
        StoreRefusal::Vary => Some("Vary"),
        StoreRefusal::TooLarge => Some("Content-Length"),
        StoreRefusal::Private | StoreRefusal::NoStore => {
            let fields = [
                ("cloudflare-cdn-cache-control", "Cloudflare-CDN-Cache-Control"),
                ("cdn-cache-control", "CDN-Cache-Control"),
                ("surrogate-control", "Surrogate-Control"),
                ("edge-control", "Edge-Control"),
                ("x-accel-expires", "X-Accel-Expires"),
                ("cache-control", "Cache-Control"),
                ("pragma", "Pragma"),
            ];
            // The field that says so; Cache-Control is the usual one.
            let says = |name: &str| {
                headers.values(name).any(|value| {
                    let value = value.to_ascii_lowercase();
                    ["private", "no-store"].iter().any(|word| value.contains(word))
                })
            };
            let said = fields.iter().rev().find(|(name, _)| says(name));
            said.or(fields.iter().find(|(name, _)| headers.has(name))).map(|(_, field)| *field)
        }
        _ => None,
    }
}

impl Coverage {
    /// The member `start_page` of the status document.
    pub fn json(self) -> String {
        match self {
            Self::Kept => "{\"kept\":true}".to_owned(),
            Self::Trial => "{\"kept\":\"trial\",\"field\":\"Set-Cookie\"}".to_owned(),
            Self::Refused { reason, field, setting } => format!(
                "{{\"kept\":false,\"reason\":{},\"field\":{},\"setting\":{}}}",
                json::string(reason),
                json::string_or_null(field),
                json::string_or_null(setting),
            ),
        }
    }

    /// The same as a sentence for the owner.
    pub fn sentence(self) -> String {
        match self {
            Self::Kept => "The page is kept: visitors get a copy in an outage.".to_owned(),
            Self::Trial => "The page sets a cookie. It is kept for outages once two visitors from different \
                            networks and countries have got the same bytes. To keep it at once, name its path in \
                            OVERRIDE_NO_STORE."
                .to_owned(),
            Self::Refused { reason, field, setting } => {
                let because = field.map_or_else(|| reason.to_owned(), |field| format!("the field {field}"));
                let allows = match setting {
                    Some(setting) => format!("The setting {setting} allows a copy."),
                    None => "No setting allows a copy.".to_owned(),
                };
                format!("The page has no copy in an outage, because of {because} ({reason}). {allows}")
            }
        }
    }
}
