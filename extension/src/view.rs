//! What the popup says and offers about a page: the verdict, turned into words and choices.
//!
//! Nothing here draws or asks the browser. Every sentence of the verdict comes from `backsoon`; this only
//! chooses which action leads, and says plainly where the browser told too little.

use crate::seen::{Known, Page};
use backsoon::diagnosis::beside_in_words;
use backsoon::facts::{Exchange, Headers};
use backsoon::foreign_text::line;
use backsoon::status::CacheStatus;
use backsoon::text::{self, Lang};
use backsoon::verdict::{AtFault, Certainty, Verdict};

/// The wait before a refresh where the verdict names none, in seconds.
const WAIT_S: u32 = 15;
/// The longest countdown that a popup offers, in seconds; a site that asks for more gets a plain button.
const LONGEST_WAIT_S: u32 = 600;

/// Header fields by which whoever runs a site, or the network before it, finds this one answer among all.
const REFERENCES: [&str; 5] = ["cf-ray", "x-amz-cf-id", "x-azure-ref", "x-vercel-id", "x-request-id"];
/// Most characters of a reference: Azure's, the longest, have about 60.
const LONGEST_REFERENCE: usize = 96;
/// Most characters of any other value that the site or the network wrote.
const LONGEST_VALUE: usize = 200;
/// Most characters of a line of evidence, which may quote the answer.
const LONGEST_EVIDENCE: usize = 400;

/// How the verdict looks: never the only carrier of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing failed.
    Good,
    /// Something failed, and it is known where.
    Bad,
    /// Not known, or still on its way.
    Unsure,
}

impl Tone {
    /// For the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Unsure => "unsure",
        }
    }
}

/// The state of one of You, Network and Site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It did its part.
    Fine,
    /// It is where the trouble is.
    Trouble,
    /// The evidence does not tell.
    NotKnown,
}

impl State {
    /// For the style sheet and the icon, and as the end of a text id.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Fine => "fine",
            State::Trouble => "trouble",
            State::NotKnown => "not_known",
        }
    }
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The remedy's id.
    pub remedy: &'static str,
    /// What to do, or not to do.
    pub title: &'static str,
    /// Why.
    pub why: String,
}

/// One line of the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// For the style sheet and the tests.
    pub id: &'static str,
    /// What it is, in words.
    pub name: &'static str,
    /// Its value; may be foreign text.
    pub value: String,
}

/// What the popup shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Colour and mark.
    pub tone: Tone,
    /// The one sentence that is read first.
    pub headline: String,
    /// What qualifies it.
    pub reason: String,
    /// You, Network, Site.
    pub places: [State; 3],
    /// Seconds until the refresh that leads; `None` where refreshing is not what leads.
    pub refresh_after_s: Option<u32>,
    /// Whether clearing the site's data leads.
    pub clear_leads: bool,
    /// Whether clearing is offered at all.
    pub clear: bool,
    /// Whether loading past the cache is offered.
    pub past_cache: bool,
    /// Whether telling the visitor when the site is back makes sense.
    pub wait: bool,
    /// Whether the site keeps a copy of a page that failed here, and shows it to who is not signed in.
    pub site_copy: bool,
    /// A warning beside the refresh, where repeating is not safe.
    pub warning: Option<&'static str>,
    /// What can help, best first.
    pub help: Vec<Advice>,
    /// What will not help.
    pub folklore: Vec<Advice>,
    /// On whose side the fault is; `None` where nothing was judged.
    pub fault: Option<AtFault>,
    /// The details.
    pub rows: Vec<Row>,
    /// What the verdict rests on.
    pub evidence: Vec<String>,
}

/// The view of a page that is not a website's.
pub fn not_a_page(lang: Lang) -> View {
    let headline = text::say(lang, "popup.not_page").to_owned();
    View {
        refresh_after_s: None,
        past_cache: false,
        clear: false,
        ..plain(Tone::Unsure, headline, String::new())
    }
}

/// The view of a page that came while the popup was open, where the browser takes the access back with that.
pub fn look_again(lang: Lang) -> View {
    let say = |id| text::say(lang, id).to_owned();
    View {
        past_cache: false,
        refresh_after_s: None,
        ..plain(Tone::Unsure, say("popup.look_again"), say("popup.look_again_why"))
    }
}

/// The view of a page that has not arrived.
pub fn loading(lang: Lang) -> View {
    let say = |id| text::say(lang, id).to_owned();
    View {
        clear: false,
        past_cache: false,
        refresh_after_s: None,
        ..plain(Tone::Unsure, say("popup.loading"), say("popup.loading_why"))
    }
}

fn plain(tone: Tone, headline: String, reason: String) -> View {
    View {
        tone,
        headline,
        reason,
        places: [State::NotKnown; 3],
        refresh_after_s: Some(WAIT_S),
        clear_leads: false,
        clear: false,
        past_cache: true,
        wait: false,
        site_copy: false,
        warning: None,
        help: Vec::new(),
        folklore: Vec::new(),
        fault: None,
        rows: Vec::new(),
        evidence: Vec::new(),
    }
}

/// The view of what is known of a page. `site` is the host in the tab.
pub fn compose(lang: Lang, site: &str, known: &Known, exchange: &Exchange, verdict: &Verdict) -> View {
    let say = |id: &'static str| fill(lang, id, site, exchange.status);
    if exchange.status.is_none() && exchange.transport_error.is_none() {
        let headline = match known.page {
            Page::Hidden => say("popup.hidden"),
            Page::Told(_) => say("popup.untold"),
        };
        let rows = rows(lang, known, exchange, verdict);
        return View { rows, ..plain(Tone::Unsure, headline, say("popup.hidden_why")) };
    }
    let healthy = verdict.fault == AtFault::None;
    let does = |remedy: &str| verdict.visitor.iter().any(|step| step.remedy == remedy);
    let not_helpful = |remedy: &str| verdict.not_helpful.iter().any(|n| n.remedy == remedy);
    let refresh = verdict.visitor.iter().find(|step| matches!(step.remedy, "refresh" | "wait"));
    let clear_leads = verdict.visitor.first().is_some_and(|step| step.remedy == "clear_site_data");
    let repeatable = matches!(exchange.method.as_str(), "" | "GET" | "HEAD");
    let wait = refresh.and_then(|step| step.after_s).unwrap_or(WAIT_S).clamp(1, LONGEST_WAIT_S);
    View {
        tone: match verdict.fault {
            AtFault::None => Tone::Good,
            AtFault::Unknown => Tone::Unsure,
            AtFault::Site | AtFault::Visitor | AtFault::Between => Tone::Bad,
        },
        headline: say(verdict.sentence_id),
        reason: reason(lang, site, known, exchange, verdict),
        places: places(verdict.fault),
        // A form is not sent again by a timer.
        refresh_after_s: (!healthy && !clear_leads && repeatable && !not_helpful("refresh")).then_some(wait),
        clear_leads,
        clear: !clear_leads && !not_helpful("clear_site_data") && (healthy || does("clear_site_data")),
        past_cache: repeatable,
        // What the visitor's own side broke does not come back by waiting.
        wait: repeatable && !clear_leads && matches!(verdict.fault, AtFault::Site | AtFault::Unknown),
        site_copy: !healthy
            && known.again.as_ref().is_some_and(|again| again.error.is_none() && is_copy(&again.headers)),
        warning: (!repeatable).then(|| text::say(lang, "popup.post")),
        help: advice(lang, site, exchange, verdict.visitor.iter().map(|s| (s.remedy, s.why_id))),
        folklore: advice(lang, site, exchange, verdict.not_helpful.iter().map(|n| (n.remedy, n.why_id))),
        fault: Some(verdict.fault),
        rows: rows(lang, known, exchange, verdict),
        evidence: evidence(exchange, verdict),
    }
}

/// Whether a cache of the site says that it stands in for its server (RFC 9211).
fn is_copy(headers: &[(String, String)]) -> bool {
    CacheStatus::read(&Headers(headers.to_vec())).iter().any(CacheStatus::stands_in)
}

/// A text with the site and a status filled in.
pub fn fill(lang: Lang, id: &'static str, site: &str, status: Option<u16>) -> String {
    let status = status.map(|s| s.to_string()).unwrap_or_default();
    text::fill(text::say(lang, id), &[("site", site), ("status", &status)])
}

fn reason(lang: Lang, site: &str, known: &Known, exchange: &Exchange, verdict: &Verdict) -> String {
    let mut parts = Vec::new();
    if verdict.fault == AtFault::None {
        let copy = is_copy(&exchange.headers.0);
        parts.push(if copy { "act.copy_shown" } else { "popup.healthy_why" });
    } else if exchange.beside.without_cookies.is_some_and(|second| exchange.status != Some(second)) {
        // Seen twice with cookies and twice without.
        parts.push("popup.likely");
    } else {
        let surest = verdict.layers.iter().map(|layer| layer.certainty).max();
        parts.push(match surest {
            Some(Certainty::Certain) => "popup.sure",
            Some(Certainty::Likely) => "popup.likely",
            Some(Certainty::Possible) | None => "popup.guess",
        });
    }
    if exchange.beside.from_service_worker == Some(true) {
        parts.push("popup.from_worker");
    } else if exchange.beside.from_cache == Some(true) {
        parts.push("popup.from_cache");
    }
    let mut reason: Vec<String> = parts.into_iter().map(|id| fill(lang, id, site, exchange.status)).collect();
    // Where cookies make the difference the verdict itself says so.
    let decided = exchange.beside.without_cookies.is_some();
    if let Some((_, second)) = known.differing().filter(|_| !decided) {
        reason.push(fill(lang, "popup.other_now", site, Some(second)));
    }
    reason.join(" ")
}

fn places(fault: AtFault) -> [State; 3] {
    use State::{Fine, NotKnown, Trouble};
    match fault {
        AtFault::None => [Fine, Fine, Fine],
        AtFault::Site => [Fine, Fine, Trouble],
        AtFault::Visitor => [Trouble, Fine, Fine],
        // Beyond the break nothing can be seen.
        AtFault::Between => [Fine, Trouble, NotKnown],
        AtFault::Unknown => [NotKnown; 3],
    }
}

fn title(lang: Lang, remedy: &'static str) -> &'static str {
    let id = format!("remedy_{remedy}");
    text::section("popup")
        .and_then(|popup| popup.exact(lang, &id).or_else(|| popup.exact(Lang::ENGLISH, &id)))
        .unwrap_or(remedy)
}

/// Advice in words, from the remedies and reasons of either list of the verdict.
fn advice(
    lang: Lang,
    site: &str,
    exchange: &Exchange,
    rows: impl Iterator<Item = (&'static str, &'static str)>,
) -> Vec<Advice> {
    rows.map(|(remedy, why_id)| Advice {
        remedy,
        title: title(lang, remedy),
        why: fill(lang, why_id, site, exchange.status),
    })
    .collect()
}

/// The id of a fault, as `cargo xtask diagnose --json` writes it.
pub fn fault_id(fault: AtFault) -> &'static str {
    match fault {
        AtFault::Site => "site",
        AtFault::Visitor => "visitor",
        AtFault::Between => "between",
        AtFault::None => "none",
        AtFault::Unknown => "unknown",
    }
}

fn rows(lang: Lang, known: &Known, exchange: &Exchange, verdict: &Verdict) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |id: &'static str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let name = text::say(lang, id);
            rows.push(Row { id: id.trim_start_matches("popup.row_"), name, value });
        }
    };
    let foreign = |text: &str| line(text, LONGEST_VALUE);
    let reason = exchange.reason.as_deref().unwrap_or_default();
    row("popup.row_status", exchange.status.map(|s| foreign(&format!("{s} {reason}"))));
    row("popup.row_network", exchange.transport_error.as_ref().map(|error| foreign(&error.text)));
    let maker = &verdict.gateway;
    let version = maker.version.as_deref().unwrap_or_default();
    row("popup.row_maker", (maker.id != "unknown").then(|| foreign(&format!("{} {version}", maker.id))));
    row("popup.row_front", verdict.front.as_ref().map(|front| front.id.clone()));
    row("popup.row_layer", verdict.layers.first().map(|layer| layer.id.replace('_', " ")));
    let causes: Vec<String> = verdict.causes.iter().map(|cause| cause.id.replace('_', " ")).collect();
    row("popup.row_causes", Some(causes.join(", ")));
    row("popup.row_time", exchange.elapsed_ms.map(|ms| format!("{ms} ms")));
    row("popup.row_cookies", exchange.beside.without_cookies.map(|s| s.to_string()));
    let reference = REFERENCES.iter().find_map(|name| exchange.headers.value(name));
    row(
        "popup.row_reference",
        reference.map(|text| {
            let start: String = text.chars().take(LONGEST_REFERENCE).collect();
            line(&start, LONGEST_REFERENCE)
        }),
    );
    row("popup.row_seen", Some(text::say(lang, known.source()).to_owned()));
    rows
}

fn evidence(exchange: &Exchange, verdict: &Verdict) -> Vec<String> {
    let beside = beside_in_words(&exchange.beside).into_iter().filter(|_| verdict.fault != AtFault::None);
    let mut all: Vec<String> = beside.map(str::to_owned).collect();
    let layers = verdict.layers.iter().flat_map(|layer| &layer.evidence);
    let causes = verdict.causes.iter().flat_map(|cause| &cause.evidence);
    for item in verdict.gateway.evidence.iter().chain(layers).chain(causes) {
        let item = line(item, LONGEST_EVIDENCE);
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

#[cfg(test)]
mod tests;
