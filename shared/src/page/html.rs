//! The model as one page of HTML: no sub-request, readable without script and style.

use super::model::PageModel;
use super::owner;
use super::said;
use super::{SCRIPT, STYLE};
use crate::text;

/// HTML under construction. Only our own constants go in as they are; everything else is escaped.
struct Html(String);

impl Html {
    fn raw(&mut self, html: &'static str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Escaped for text and for quoted attributes alike.
    fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars().filter(|c| owner::shown(*c)) {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '`' => self.0.push_str("&#96;"),
                c => self.0.push(c),
            }
        }
        self
    }
}

/// The whole document.
pub(super) fn render(model: &PageModel) -> String {
    let say = |id| said::say(model, id);
    let mut page = Html(String::with_capacity(8_192));
    page.raw("<!DOCTYPE html><html lang=\"")
        .text(model.lang.tag())
        .raw("\" dir=\"")
        .text(model.lang.direction());
    page.raw("\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    page.text(said::heading(model)).raw("</title><style>").raw(STYLE).raw("</style><main>");
    if let Some(name) = &model.owner.name {
        page.raw("<p class=\"name\">").text(name).raw("</p>");
    }
    page.raw("<h1>").text(said::heading(model)).raw("</h1><p>").text(said::fault(model)).raw("</p><p>");
    page.text(&said::when_plain(model)).raw("</p>");
    if let Some(message) = &model.owner.message {
        page.raw("<p class=\"message\">").text(message).raw("</p>");
    }
    page.raw("<p><a href=\"\">").text(say("again")).raw("</a></p><h2>").text(say("do")).raw("</h2><ul>");
    for step in said::steps(model) {
        page.raw("<li>").text(step).raw("</li>");
    }
    page.raw("</ul><details><summary>").text(say("details")).raw("</summary><p>").text(say("code")).raw(" ");
    page.text(&model.status.to_string()).raw("<p>").text(&text::utc(model.now_ms)).raw(" UTC<p>");
    page.text(say("reference")).raw(" ").text(model.reference).raw("</details></main><script>").raw(SCRIPT);
    page.raw("</script></html>");
    page.0
}
