//! The way from the visitor to the site, drawn calmly and said in words: four stations, and what is known
//! of each. Whoever reads this page reached the edge, so the stations up to it are known to work unless the
//! fault was found there.

use super::markup::Html;
use super::model::{PageModel, State};
use super::said;
use crate::verdict::AtFault;

/// The icons, one path each, on 24 by 24.
const YOU: &str = "M5 6h14v9H5zM3 18h18";
const INTERNET: &str = "M4 12a8 8 0 1 0 16 0a8 8 0 1 0-16 0h16M12 4c5 5 5 11 0 16c-5-5-5-11 0-16";
const ENTRANCE: &str = "M7 20V5h10v15M4 20h16M14 12v1";
const SITE: &str = "M5 5h14v6H5zM5 13h14v6H5zM8 8h2M8 16h2";

/// What is known of a station: the class of its look and the id of its word.
type Known = (&'static str, &'static str);
const WORKS: Known = ("<li><svg", "works");
const UNCLEAR: Known = ("<li class=u><svg", "unclear");
const FAILS: Known = ("<li class=x><svg", "fails");
const BUSY: Known = ("<li class=x><svg", "full");
const CLOSED: Known = ("<li class=u><svg", "closed");

pub(super) fn draw(page: &mut Html, model: &PageModel) {
    let known = stations(model.state, model.at_fault);
    let names = [("you", YOU), ("internet", INTERNET), ("entrance", ENTRANCE), ("site", SITE)];
    page.raw("<ol aria-label=\"").text(said::say(model, "chain")).raw("\">");
    for ((name, icon), (item, word)) in names.into_iter().zip(known) {
        page.raw(item)
            .raw(" viewBox=\"0 0 24 24\" aria-hidden=true><path d=\"")
            .raw(icon)
            .raw("\"/></svg><b>");
        page.text(said::say(model, name)).raw("</b> <span>").text(said::say(model, word)).raw("</span>");
    }
    page.raw("</ol>");
}

/// You, internet, entrance, site.
fn stations(state: State, at_fault: AtFault) -> [Known; 4] {
    match (state, at_fault) {
        (State::Maintenance { .. }, _) => [WORKS, WORKS, WORKS, CLOSED],
        (State::Between, _) | (_, AtFault::Between) => [WORKS, FAILS, WORKS, UNCLEAR],
        (State::VisitorSide, _) | (_, AtFault::Visitor) => [FAILS, WORKS, WORKS, UNCLEAR],
        (State::Overloaded, _) => [WORKS, WORKS, WORKS, BUSY],
        (_, AtFault::Site) => [WORKS, WORKS, WORKS, FAILS],
        (_, AtFault::None | AtFault::Unknown) => [WORKS, WORKS, WORKS, UNCLEAR],
    }
}
