//! What the site itself says about its trouble: problem details (RFC 9457) in the failing answer, and the document
//! that the answer names by `rel="status"` (RFC 8631 §2).
//!
//! All of it is foreign: bounded, freed of what steers a screen, shown as text, and never taken for the verdict.

use crate::links;
use backsoon::foreign_text::line;

/// Most characters of the owner's words.
const WORDS: usize = 400;
/// Most characters of a reference.
const REFERENCE: usize = 64;

/// The owner's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// What they say; empty where they say nothing.
    pub message: String,
    /// When they expect to be back, as they wrote it (RFC 3339).
    pub eta: Option<String>,
    /// What to name when asking them.
    pub reference: Option<String>,
    /// Their status page: an https address.
    pub status_page: Option<String>,
    /// Where to write to: a mail address, or an https address.
    pub contact: Option<String>,
}

impl Owner {
    /// From the members of a document. `member` gives a member that is a text.
    pub fn of(member: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str, most: usize| member(name).map(|t| line(&t, most)).filter(|t| !t.is_empty());
        let first = |names: &[&str]| names.iter().find_map(|name| member(name));
        Owner {
            // A person's message first, then those of RFC 9457 §3.1.
            message: ["message", "detail", "title"].iter().find_map(|n| text(n, WORDS)).unwrap_or_default(),
            eta: text("eta", 40).filter(|eta| is_time(eta)),
            reference: text("reference", REFERENCE),
            status_page: first(&["status_page"]).filter(|page| links::https_host(page).is_some()),
            contact: first(&["contact"]).as_deref().and_then(contact),
        }
    }

    /// What is not said here, from `other`.
    #[must_use]
    pub fn or(self, other: Owner) -> Self {
        Owner {
            message: if self.message.is_empty() { other.message } else { self.message },
            eta: self.eta.or(other.eta),
            reference: self.reference.or(other.reference),
            status_page: self.status_page.or(other.status_page),
            contact: self.contact.or(other.contact),
        }
    }

    /// Whether there is anything to show. A reference alone says nothing to a visitor.
    pub fn speaks(&self) -> bool {
        !self.message.is_empty() || self.eta.is_some() || self.status_page.is_some() || self.contact.is_some()
    }
}

/// An address to write to, from a mail address or an https address.
pub fn contact(text: &str) -> Option<String> {
    let mail = links::mail(text).map(str::to_owned);
    mail.or_else(|| links::https_host(text).map(|_| text.to_owned()))
}

/// Whether a media type is JSON, problem details among it (RFC 6839 §3.1).
pub fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Whether a media type is problem details.
pub fn is_problem(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/problem+json"))
}

/// A date and time as RFC 3339 writes it; the browser reads what else it likes.
fn is_time(text: &str) -> bool {
    let form = "0000-00-00T00:00";
    let fits = |(c, wanted): (char, char)| if wanted == '0' { c.is_ascii_digit() } else { c == wanted };
    text.len() >= form.len()
        && text.chars().zip(form.chars()).all(fits)
        && text.chars().all(|c| c.is_ascii_digit() || "-:.TZ+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{Owner, contact, is_json, is_problem};

    fn of(members: &[(&str, &str)]) -> Owner {
        Owner::of(|name| members.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_status_document_and_problem_details_are_both_read() {
        let own = of(&[("message", "We swap a disk."), ("eta", "2026-11-22T18:00:00Z"), ("reference", "a1")]);
        assert_eq!(
            (own.message.as_str(), own.eta.as_deref()),
            ("We swap a disk.", Some("2026-11-22T18:00:00Z"))
        );
        let problem = of(&[("title", "Bad Gateway"), ("detail", "The shop's server is away.")]);
        assert_eq!(problem.message, "The shop's server is away.");
        let both = own.or(of(&[("message", "other"), ("contact", "help@shop.test")]));
        assert_eq!(
            (both.message.as_str(), both.contact.as_deref()),
            ("We swap a disk.", Some("help@shop.test"))
        );
    }

    #[test]
    fn nothing_said_is_nothing_shown() {
        assert!(!of(&[]).speaks());
        assert!(!of(&[("reference", "a1"), ("message", " \u{202e} ")]).speaks());
        assert!(of(&[("eta", "2026-11-22T18:00:00Z")]).speaks());
    }

    #[test]
    fn foreign_text_is_bounded_and_steers_nothing() {
        let long = of(&[("message", &"x".repeat(5000))]);
        assert_eq!(long.message.chars().count(), 401);
        assert_eq!(of(&[("message", "a\u{202e}b\n\n\u{7}c  d")]).message, "ab c d");
        assert_eq!(of(&[("message", "lo\u{200b}cked z\u{301}\u{301}\u{e0041}")]).message, "locked z\u{301}");
        assert_eq!(of(&[("reference", "a\u{feff}1\u{e0100}")]).reference.as_deref(), Some("a1"));
        for eta in ["soon", "2026-11-22", "<b>2026-11-22T18:00", "2026-11-22T18:00:00 (maybe)"] {
            assert_eq!(of(&[("eta", eta)]).eta, None, "{eta}");
        }
        assert_eq!(of(&[("status_page", "javascript:alert(1)")]).status_page, None);
        assert_eq!(of(&[("status_page", "http://status.shop.test/")]).status_page, None);
        assert_eq!(contact("tel:123"), None);
    }

    #[test]
    fn media_types_are_told_apart() {
        assert!(is_json("application/json; charset=utf-8") && is_json("application/problem+json"));
        assert!(!is_json("text/html") && !is_json("text/plain") && !is_json(""));
        assert!(is_problem("Application/Problem+JSON; charset=utf-8") && !is_problem("application/json"));
    }
}
