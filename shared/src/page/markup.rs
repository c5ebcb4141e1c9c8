//! HTML under construction. The types keep foreign text out: only constants of ours go in as they are,
//! everything else is escaped.

use super::owner::{self, Style};

/// A document that grows.
pub(super) struct Html(String);

impl Html {
    pub(super) fn with_capacity(bytes: usize) -> Html {
        Html(String::with_capacity(bytes))
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Our own markup, as it is. Only a constant fits.
    pub(super) fn raw(&mut self, html: &'static str) -> &mut Html {
        self.0.push_str(html);
        self
    }

    /// Text, escaped for elements and for quoted attributes alike.
    pub(super) fn text(&mut self, text: &str) -> &mut Html {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| escape(c).is_some()) {
            let (plain, tail) = rest.split_at(at);
            self.0.push_str(plain);
            let mut chars = tail.chars();
            self.0.push_str(chars.next().and_then(escape).unwrap_or_default());
            rest = chars.as_str();
        }
        self.0.push_str(rest);
        self
    }

    /// Text in a language and a direction that nobody knows: it cannot turn what stands around it.
    pub(super) fn foreign(&mut self, text: &str) -> &mut Html {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// The style of the owner's colour: made of checked hexadecimal digits only.
    pub(super) fn checked(&mut self, style: &Style) -> &mut Html {
        self.raw("<style>");
        self.0.push_str(style.as_str());
        self.raw("</style>")
    }
}

/// What stands in the character's place; `None` where it may stand itself.
fn escape(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        '`' => Some("&#96;"),
        c if !owner::shown(c) => Some(""),
        _ => None,
    }
}
