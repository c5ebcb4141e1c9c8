//! A case of the fallback page: a model as a file (`tests/cases/page/*.json`), for the native runner and for
//! what drives real browsers.

use std::path::{Path, PathBuf};

use backsoon::page::{Copy, Form, Frame, Owner, PageModel, Processed, State};
use backsoon::text::Lang;
use backsoon::verdict::AtFault;
use serde::Deserialize;

/// The model of one page, as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageCase {
    /// The file's name without its ending.
    #[serde(skip)]
    pub id: String,
    /// Why the case is there.
    pub why: String,
    /// `down`, `overloaded`, `maintenance`, `form_unsent`, `form_unknown`, `between`, `visitor`.
    pub state: String,
    /// `site`, `visitor`, `between`, `none`, `unknown`.
    pub at_fault: String,
    #[serde(default = "english")]
    pub lang: String,
    #[serde(default = "unavailable")]
    pub status: u16,
    pub received_status: Option<u16>,
    pub cause: Option<String>,
    pub error: Option<String>,
    pub layer: Option<String>,
    /// Milliseconds since 1970.
    pub until_ms: Option<u64>,
    pub retry_after_s: Option<u32>,
    pub back_in_s: Option<u32>,
    #[serde(default = "now")]
    pub now_ms: u64,
    #[serde(default = "reference")]
    pub reference: String,
    #[serde(default = "path")]
    pub path: String,
    #[serde(default)]
    pub unsafe_method: bool,
    /// `own`: in a frame of the same site; `any`: of any site; absent: in a tab of its own.
    pub frame: Option<String>,
    #[serde(default)]
    pub owner: OwnerCase,
    /// Path and title.
    #[serde(default)]
    pub copies: Vec<(String, String)>,
}

/// The owner's settings, as a case has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerCase {
    pub name: Option<String>,
    pub message: Option<String>,
    pub eta_ms: Option<u64>,
    pub contact: Option<String>,
    pub status_page: Option<String>,
    pub colour: Option<String>,
    pub logo: Option<String>,
}

fn english() -> String {
    "en".into()
}

fn unavailable() -> u16 {
    503
}

/// 2026-11-22 17:04:05 UTC.
fn now() -> u64 {
    1_795_367_045_000
}

fn reference() -> String {
    "7Q4M-2KXD".into()
}

fn path() -> String {
    "/basket".into()
}

impl PageCase {
    /// Renders the case in a form and a language.
    pub fn render(&self, form: Form, lang: Lang) -> backsoon::page::Rendered {
        let owner = Owner {
            name: self.owner.name.clone(),
            message: self.owner.message.clone(),
            eta_ms: self.owner.eta_ms,
            contact: self.owner.contact.clone(),
            status_page: self.owner.status_page.clone(),
            colour: self.owner.colour.clone(),
            logo: self.owner.logo.clone(),
        };
        let copies: Vec<Copy> = self
            .copies
            .iter()
            .map(|(path, title)| Copy { path: path.clone(), title: title.clone() })
            .collect();
        let state = match self.state.as_str() {
            "down" => State::Down,
            "overloaded" => State::Overloaded,
            "maintenance" => State::Maintenance { until_ms: self.until_ms },
            "form_unsent" => State::FormSending { opened: false },
            "form_unknown" => State::FormSending { opened: true },
            "between" => State::Between,
            "visitor" => State::VisitorSide,
            other => panic!("{}: unknown state {other}", self.id),
        };
        let at_fault = match self.at_fault.as_str() {
            "site" => AtFault::Site,
            "visitor" => AtFault::Visitor,
            "between" => AtFault::Between,
            "none" => AtFault::None,
            "unknown" => AtFault::Unknown,
            other => panic!("{}: unknown fault {other}", self.id),
        };
        backsoon::page::render(&PageModel {
            form,
            frame: match self.frame.as_deref() {
                None => Frame::Top,
                Some("own") => Frame::OwnSite,
                Some("any") => Frame::Anywhere,
                Some(other) => panic!("{}: unknown frame {other}", self.id),
            },
            lang,
            status: self.status,
            received_status: self.received_status,
            cause: self.cause.as_deref(),
            error: self.error.as_deref(),
            layer: self.layer.as_deref(),
            at_fault,
            state,
            retry_after_s: self.retry_after_s,
            back_in_s: self.back_in_s,
            now_ms: self.now_ms,
            reference: &self.reference,
            path: &self.path,
            safe_method: !self.unsafe_method,
            request_processed: if state == (State::FormSending { opened: true }) {
                Processed::Unknown
            } else {
                Processed::No
            },
            owner: &owner,
            copies: &copies,
        })
    }

    /// The language of the case's file.
    pub fn language(&self) -> Lang {
        Lang::from_tag(&self.lang).unwrap_or_else(|| panic!("{}: no language {}", self.id, self.lang))
    }
}

/// Where the cases are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/page")
}

/// All cases, by id. A file that cannot be read ends the run naming it.
pub fn all() -> Vec<PageCase> {
    let mut cases: Vec<PageCase> = std::fs::read_dir(folder())
        .expect("tests/cases/page")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let mut case: PageCase =
                serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            case.id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            case
        })
        .collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    assert!(!cases.is_empty(), "no cases in tests/cases/page");
    cases
}
