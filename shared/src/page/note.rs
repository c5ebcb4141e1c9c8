//! The small note in a copied page: that it is a copy, and from when. It stands inside a page that is not
//! ours: it brings all that it needs, still reads well where that page's policy forbids its style, and is
//! ASCII, so that it reads the same in whatever encoding the page has.

use super::markup::Html;
use crate::text::{self, Lang, NOTE};
use crate::time::{Millis, rfc3339};

/// HTML to put at the very end of the copy, after all else: browsers take it into the `body` also there
/// (HTML §13.2.6.4.21). `as_of` is when the origin made the copy.
///
/// A dialog that is open but not modal: its one button closes it without any script, and it takes neither
/// focus nor space from the page.
pub fn note(lang: Lang, as_of: Millis) -> String {
    let (before, after) = text::around(NOTE.say(lang, "copy"));
    let mut html = Html::with_capacity(1_024);
    html.raw("<dialog open id=backsoon-note lang=\"")
        .text(lang.tag())
        .raw("\" dir=\"")
        .text(lang.direction());
    html.raw("\" aria-label=\"").text(NOTE.say(lang, "label")).raw(
        "\" style=\"position:fixed;z-index:2147483647;inset:auto 0 1rem;box-sizing:border-box;width:fit-content;\
         max-width:calc(100% - 2rem);margin:0 auto;padding:.6rem 1rem;border:1px solid #8a94a3;border-radius:.7rem;\
         background:#fff;color:#1b2330;font:1rem/1.4 system-ui,sans-serif;text-align:start\">\
         <form method=dialog style=\"display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;margin:0\">\
         <span>",
    );
    html.text(before).raw("<time datetime=\"").text(&rfc3339(as_of)).raw("\">").text(&text::utc(as_of));
    html.raw(" UTC</time>").text(after).raw(
        "</span><button style=\"padding:.3rem .9rem;border:1px solid #1f4fbf;border-radius:.5rem;background:#fff;\
         color:#1f4fbf;font:inherit;cursor:pointer\">",
    );
    html.text(NOTE.say(lang, "close")).raw("</button></form></dialog>");
    ascii(&html.finish())
}

/// Other letters as character references.
fn ascii(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for c in html.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    out
}
