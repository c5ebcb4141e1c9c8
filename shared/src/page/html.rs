//! The model as one page of HTML: no sub-request, readable without script and style.
//!
//! Order: what is wrong, whose fault, when it ends, where on the way it broke, what to do, whom to ask, and
//! folded the details. Links only, never a form: nothing here can send anything twice.

use super::chain;
use super::markup::Html;
use super::model::{Frame, Owner, PageModel, State};
use super::owner;
use super::said;
use super::{COPIES_SHOWN, SCRIPT, STYLE, TIME_SCRIPT};
use crate::text;

/// The whole document.
pub(super) fn render(model: &PageModel) -> String {
    let mut page = Html::with_capacity(9_216);
    head(&mut page, model);
    brand(&mut page, model.owner);
    news(&mut page, model);
    if model.frame == Frame::Top {
        chain::draw(&mut page, model);
        actions(&mut page, model);
        copies(&mut page, model);
        contact(&mut page, model);
        details(&mut page, model);
    } else if model.safe_method {
        waiting(&mut page, model);
    } else {
        actions(&mut page, model);
    }
    page.raw("</main><script>").raw(SCRIPT).raw("</script>");
    if said::when(model).1.is_some() {
        page.raw("<script>").raw(TIME_SCRIPT).raw("</script>");
    }
    page.finish()
}

fn head(page: &mut Html, model: &PageModel) {
    page.raw("<!DOCTYPE html><html lang=").text(model.lang.tag());
    page.raw(" dir=").text(model.lang.direction());
    page.raw("><meta charset=utf-8><meta name=viewport content=width=device-width><title>");
    page.text(said::heading(model));
    if let Some(name) = &model.owner.name {
        page.raw(" · ").text(name);
    }
    // Without an icon of its own the page would make the browser ask the site for one.
    page.raw("</title><link rel=icon href=data:,><style>").raw(STYLE).raw("</style>");
    if let Some(style) = owner::style(model.owner) {
        page.checked(&style);
    }
    page.raw("<main>");
}

fn brand(page: &mut Html, owner: &Owner) {
    let logo = owner.logo.as_deref().and_then(owner::logo);
    if logo.is_none() && owner.name.is_none() {
        return;
    }
    page.raw("<p class=n>");
    if let Some(logo) = logo {
        page.raw("<img alt=\"\" src=\"").text(logo).raw("\">");
    }
    page.foreign(owner.name.as_deref().unwrap_or_default());
}

fn news(page: &mut Html, model: &PageModel) {
    page.raw("<h1>").text(said::heading(model)).raw("</h1><p class=f>").text(said::fault(model)).raw("</p>");
    let (template, at, wait) = said::when(model);
    let (before, after) = text::around(template);
    if !template.is_empty() {
        page.raw("<p>");
    }
    page.text(before).text(&wait.unwrap_or_default());
    if let Some(at) = at {
        let utc = text::utc(at);
        page.raw("<time datetime=\"").text(&utc.replace(' ', "T")).raw("Z\">").text(&utc).raw(" UTC</time>");
    }
    page.text(after);
    if let Some(message) = &model.owner.message {
        page.raw("<p class=m dir=auto>").text(message);
    }
}

fn actions(page: &mut Html, model: &PageModel) {
    // Whoever sent a form reads first what to look at before sending it again.
    if model.safe_method {
        waiting(page, model);
        steps(page, model);
    } else {
        steps(page, model);
        waiting(page, model);
    }
}

fn steps(page: &mut Html, model: &PageModel) {
    page.raw("<h2>").text(said::say(model, "do")).raw("</h2><ul>");
    for step in said::steps(model) {
        page.raw("<li>").text(step);
    }
    page.raw("</ul>");
}

/// The link that tries again, and what the script needs to do so by itself.
fn waiting(page: &mut Html, model: &PageModel) {
    let say = |id| said::say(model, id);
    // A form's address is not opened again: its answer would say nothing about what was sent.
    let (target, label) = if model.safe_method { ("", "again") } else { ("/", "start_page") };
    page.raw("<p><a class=b href=\"").raw(target).raw("\">").text(say(label)).raw("</a><div id=w hidden");
    let form = !model.safe_method || matches!(model.state, State::FormSending { .. });
    for (name, id) in [
        (" data-up=\"", if form { "up_form" } else { "up" }),
        (" data-drop=\"", "drop"),
        (" data-odd=\"", "odd"),
        (" data-off=\"", "off"),
        (" data-start=\"", "check"),
    ] {
        page.raw(name).text(say(id)).raw("\"");
    }
    page.raw(if form { " data-form" } else { "" }).raw("><p role=status>");
    page.text(say(if form { "wait_form" } else { "wait" })).raw("</p> <button>").text(say("stop"));
    page.raw("</button></div>");
}

fn copies(page: &mut Html, model: &PageModel) {
    let mut copies = model.copies.iter().filter(|copy| owner::own_path(&copy.path).is_some()).peekable();
    if copies.peek().is_none() {
        return;
    }
    page.raw("<h2>").text(said::say(model, "copies")).raw("</h2><ul>");
    for copy in copies.take(COPIES_SHOWN) {
        let title = if copy.title.trim().is_empty() { &copy.path } else { &copy.title };
        page.raw("<li><a href=\"").text(&copy.path).raw("\">").foreign(title).raw("</a>");
    }
    page.raw("</ul>");
}

fn contact(page: &mut Html, model: &PageModel) {
    let status_page = model.owner.status_page.as_deref().and_then(owner::web_address);
    if model.owner.contact.is_none() && status_page.is_none() {
        return;
    }
    page.raw("<h2>").text(said::say(model, "contact")).raw("</h2><ul>");
    if let Some(contact) = &model.owner.contact {
        // Cloudflare rewrites mail addresses into a script's work, which our policy rightly forbids.
        page.raw("<!--email_off-->");
        match owner::contact_link(contact) {
            Some(link) => {
                let shown = contact.split_once(':').filter(|(s, _)| matches!(*s, "mailto" | "tel"));
                let shown = shown.map_or(contact.as_str(), |(_, address)| address);
                page.raw("<li><a href=\"").text(&link).raw("\">").foreign(shown).raw("</a>")
            }
            None => page.raw("<li>").foreign(contact),
        };
        page.raw("<!--/email_off-->");
    }
    if let Some(address) = status_page {
        page.raw("<li><a href=\"").text(address).raw("\">").text(said::say(model, "status_page")).raw("</a>");
    }
    page.raw("</ul>");
}

fn details(page: &mut Html, model: &PageModel) {
    let say = |id| said::say(model, id);
    page.raw("<details><summary>").text(say("details")).raw("</summary>");
    for (name, value) in [
        ("code", said::code(model)),
        ("time", text::utc(model.now_ms) + " UTC"),
        ("reference", model.reference.to_owned()),
    ] {
        page.raw("<p>").text(say(name)).raw(": <code dir=ltr>").text(&value).raw("</code>");
    }
    page.raw("</details>");
}
