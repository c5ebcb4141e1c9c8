//! The model as six lines of text, for terminals: heading, fault, when, what to do, code, reference.

use super::model::PageModel;
use super::owner;
use super::said;
use crate::text;

/// Exactly six lines, each ended by a line feed.
pub(super) fn render(model: &PageModel) -> String {
    let say = |id| said::say(model, id);
    let (mut when, mut all) = (said::when_plain(model), said::steps(model).into_iter());
    if when.is_empty() {
        when.extend(all.next());
    }
    let mut steps = all.collect::<Vec<_>>().join(" ");
    if let Some(contact) = model.owner.contact.as_deref().or(model.owner.status_page.as_deref()) {
        steps.push_str(&format!(" {}: {contact}", say("contact")));
    }
    let lines = [
        said::heading(model).to_owned(),
        said::fault(model).to_owned(),
        when,
        steps,
        format!("{}: {}", say("code"), said::code(model)),
        format!("{}: {} {} UTC", say("reference"), model.reference, text::utc(model.now_ms)),
    ];
    lines.iter().map(|line| owner::one_line(line) + "\n").collect()
}
