//! What somebody tried outranks what usually helps: facts from beside the exchange change the advice.
//!
//! Each fact counts only where somebody looked, and only for what it proves: an edge that answers says that the
//! line is fine, not that the site is.

use crate::diagnosis::tables::{AdviceRow, StoryRow};
use crate::facts::Beside;
use crate::verdict::AtFault;

/// The sentence of a story, in view of what was learnt beside.
pub fn sentence(beside: &Beside, story: &StoryRow) -> &'static str {
    match story.sentence {
        "verdict.site_down" if beside.edge_reachable == Some(true) => "verdict.site_behind",
        usual => usual,
    }
}

/// Puts first what was found to help, and takes away what was found not to.
pub fn outrank(beside: &Beside, fault: AtFault, helps: &mut Vec<AdviceRow>, useless: &mut Vec<AdviceRow>) {
    let mut lead = |remedy: &'static str, why: &'static str| {
        helps.retain(|row| row.remedy != remedy);
        useless.retain(|row| row.remedy != remedy);
        helps.insert(0, AdviceRow { remedy, after_s: None, why });
    };
    if beside.from_service_worker == Some(true) {
        lead("private_window", "remedy.private_worker");
    }
    if beside.from_cache == Some(true) {
        lead("refresh", "remedy.refresh_stored");
    }
    // Where the site itself is down, a VPN makes no difference.
    if beside.proxied == Some(true) && matches!(fault, AtFault::Visitor | AtFault::Between) {
        lead("proxy_off", "remedy.proxy_off");
    }
    if beside.without_cookies.is_some_and(|status| (200..400).contains(&status)) {
        lead("clear_site_data", "remedy.clear_found");
    }
    if beside.online == Some(false) {
        lead("switch_network", "remedy.network_offline");
    }
    if beside.captive_portal == Some(true) {
        lead("switch_network", "remedy.network_portal");
    }
    if beside.without_cookies.is_some_and(|status| status >= 400) {
        helps.retain(|row| row.remedy != "clear_site_data" && row.remedy != "private_window");
        if !useless.iter().any(|row| row.remedy == "clear_site_data") {
            useless.push(AdviceRow { remedy: "clear_site_data", after_s: None, why: "remedy.no_clear" });
        }
    }
    // The line just carried an answer of the edge: no other line gets further than that.
    if beside.edge_reachable == Some(true) && fault == AtFault::Site {
        helps.retain(|row| row.remedy != "switch_network" && row.remedy != "proxy_off");
        useless.retain(|row| row.remedy != "switch_network");
        useless.push(AdviceRow { remedy: "switch_network", after_s: None, why: "remedy.no_network_edge" });
    }
}

/// What was learnt beside, as evidence in words.
pub fn words(beside: &Beside) -> Vec<&'static str> {
    let facts = [
        (beside.edge_reachable == Some(true), "the CDN's edge answers on an address of its own"),
        (beside.online == Some(false), "the device says that it is offline"),
        (beside.captive_portal == Some(true), "the browser found a captive portal"),
        (beside.proxied == Some(true), "the request went through a proxy"),
    ];
    facts.into_iter().filter(|(there, _)| *there).map(|(_, words)| words).collect()
}
