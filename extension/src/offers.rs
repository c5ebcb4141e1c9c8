//! Which actions the popup offers beside the one that leads, in which order, each with its reason and its cost.
//!
//! What helps comes from the verdict; this adds what the browser can do at any time. Nothing here acts, draws or
//! asks. A third party is only ever named with what it would learn.

use crate::view::{self, Advice, View};
use backsoon::facts::Exchange;
use backsoon::text::{self, Lang};
use backsoon::verdict::{AtFault, Verdict};

/// An action, by the id of its element in `popup.html`.
pub type Act = &'static str;

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The element that carries it; empty for advice that the visitor follows elsewhere.
    pub act: Act,
    /// The remedy that it carries out, where it does one.
    pub remedy: &'static str,
    /// What to do.
    pub title: &'static str,
    /// Why, and what it costs.
    pub why: String,
}

/// How many stand beside the one that leads; the others are folded away.
pub const BESIDE: usize = 3;

/// The actions for a page, best first. `view` says what leads; that is not offered again.
pub fn offers(lang: Lang, exchange: &Exchange, verdict: &Verdict, view: &View) -> Vec<Offer> {
    let say = |id| text::say(lang, id);
    let offer = |act, title, why: &str| Offer { act, remedy: "", title: say(title), why: why.to_owned() };
    let mut all: Vec<Offer> = Vec::new();
    if view.site_copy {
        all.push(offer("private", "act.copy_title", say("act.copy_why")));
    }
    if view.wait {
        all.push(offer("tell", "back.tell", say("act.tell_why")));
    }
    let past_cache = offer("past-cache", "popup.past_cache", say("act.past_cache_why"));
    let stored = exchange.beside.from_cache == Some(true) && verdict.fault != AtFault::None;
    if view.past_cache && stored {
        all.push(past_cache.clone());
    }
    let lead = if view.clear_leads { "clear_site_data" } else { "refresh" };
    // Who waits is served by being told.
    let carried = |remedy: &str| remedy == lead || (remedy == "wait" && view.wait);
    let helps = view.help.iter().filter(|step| !carried(step.remedy));
    all.extend(helps.filter_map(|step| remedy(lang, exchange, step)));
    let public = is_public(host(&exchange.url));
    let missing = view.help.iter().any(|step| step.remedy == "check_address");
    if public && view.past_cache && (missing || !matches!(verdict.fault, AtFault::None | AtFault::Visitor)) {
        let why = [say("act.archive_why"), " ", say("act.archive_learns")].concat();
        all.push(offer("archive", "act.archive", &why));
    }
    if view.clear {
        all.push(offer("clear", "popup.clear", say("act.clear_why")));
    }
    if view.past_cache && !stored {
        all.push(past_cache);
    }
    all.push(offer("watch", "popup.watch", say("act.watch_why")));
    all.push(offer("watch-all", "popup.watch_all", say("act.watch_all_why")));
    let mut once: Vec<Offer> = Vec::new();
    for offer in all {
        if offer.act.is_empty() || once.iter().all(|other| other.act != offer.act) {
            once.push(offer);
        }
    }
    once
}

/// What a step of the verdict becomes; `None` where nobody could follow it.
fn remedy(lang: Lang, exchange: &Exchange, step: &Advice) -> Option<Offer> {
    let (act, cost) = match step.remedy {
        "private_window" => ("private", "act.cost_signed_out"),
        "clear_site_data" => ("clear", ""),
        "other_browser" => ("other", "act.cost_minute"),
        "switch_network" => ("network", "act.cost_network"),
        "proxy_off" => ("proxy", "act.cost_minute"),
        "status_page" => ("status-page", "act.cost_nothing"),
        "outage_monitor" if is_public(host(&exchange.url)) => ("tracker", "act.tracker_learns"),
        // No tracker knows a host that only this network has.
        "outage_monitor" => return None,
        "contact_site" => ("contact", "act.cost_minutes"),
        "sign_in" | "fix_request" | "solve_challenge" | "check_address" => ("", "act.cost_minute"),
        _ => ("", ""),
    };
    let cost = if cost.is_empty() { String::new() } else { [" ", text::say(lang, cost)].concat() };
    Some(Offer { act, remedy: step.remedy, title: step.title, why: [step.why.as_str(), &cost].concat() })
}

/// The host of an address, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default()
}

/// Whether a host may be known outside of the visitor's network: names that only that has are nobody's business.
fn is_public(host: &str) -> bool {
    // RFC 6761, RFC 6762 §3, RFC 8375, and what networks at home and at work use.
    const WITHIN: [&str; 11] = [
        "test",
        "localhost",
        "invalid",
        "local",
        "internal",
        "lan",
        "home",
        "arpa",
        "intranet",
        "corp",
        "onion",
    ];
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.') && last.chars().any(char::is_alphabetic) && !WITHIN.contains(&last)
}

/// The address of an archive's copies of a page: what follows a question mark stays at home.
pub fn archive(url: &str) -> String {
    ["https://web.archive.org/web/2/", url.split(['?', '#']).next().unwrap_or_default()].concat()
}

/// Outage trackers, each with its page about a site: they learn the host's name.
pub fn trackers(url: &str) -> [String; 2] {
    let host = host(url);
    let name = host.strip_prefix("www.").unwrap_or(host);
    [
        ["https://downforeveryoneorjustme.com/", name].concat(),
        ["https://downdetector.com/search/?q=", name].concat(),
    ]
}

/// What becomes of a page whose network the visitor changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The browser lets nobody ask.
    Cannot,
    /// The site answers well.
    Helped,
    /// The site answers as badly, with this status.
    Answers(u16),
    /// Nobody answers.
    Silent,
}

/// Reads the answer to a check: `None` where none could be asked for.
pub fn checked(answer: Option<(&Exchange, &Verdict)>) -> Check {
    match answer {
        None => Check::Cannot,
        Some((exchange, verdict)) => match (exchange.status, &exchange.transport_error) {
            (_, Some(_)) => Check::Silent,
            (Some(status), _) if verdict.fault != AtFault::None => Check::Answers(status),
            // A redirect, which the browser keeps to itself, is an answer too.
            _ => Check::Helped,
        },
    }
}

impl Check {
    /// In words.
    pub fn words(self, lang: Lang) -> String {
        let say = |id| text::say(lang, id);
        match self {
            Check::Cannot => say("act.check_cannot").to_owned(),
            Check::Helped => say("act.helped").to_owned(),
            Check::Answers(status) => view::fill(lang, "act.not_helped", "", Some(status)),
            Check::Silent => say("act.not_silent").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
