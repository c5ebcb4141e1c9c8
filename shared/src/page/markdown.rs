//! The model as Markdown (`text/markdown`), for programs that read prose: the lines of the text form, with headings.

use super::model::PageModel;
use super::owner;
use super::said;
use crate::text;

/// The document.
pub(super) fn render(model: &PageModel) -> String {
    let say = |id| said::say(model, id);
    let mut lines = vec![
        format!("# {}", said::heading(model)),
        String::new(),
        said::fault(model).to_owned(),
        said::when_plain(model),
        String::new(),
        format!("## {}", say("do")),
        String::new(),
    ];
    lines.extend(said::steps(model).into_iter().map(|step| format!("- {step}")));
    if let Some(contact) = model.owner.contact.as_deref().or(model.owner.status_page.as_deref()) {
        lines.push(format!("- {}: {contact}", say("contact")));
    }
    lines.push(String::new());
    lines.push(format!("{}: `{}`  ", say("code"), said::code(model)));
    lines.push(format!("{}: `{}` {} UTC", say("reference"), model.reference, text::utc(model.now_ms)));
    lines.iter().map(|line| owner::one_line(line) + "\n").collect()
}
