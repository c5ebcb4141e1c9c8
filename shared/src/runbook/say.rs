//! The words of a chosen step: on what it stands, why it helps, what it risks, and the commands to give.
//!
//! A guess stays a guess: a cause that is only possible is called open, a gateway that is only possible is
//! not named.

use super::known::OwnerFacts;
use super::rank::{Chosen, Ground, Stage, subjects};
use super::tables::{CAUSES, FACTS, LAYERS, SUBJECTS};
use crate::diagnosis::LimitMet;
use crate::text::fill;
use crate::verdict::{Certainty, OwnerStep, Verdict};

/// Most commands of one step: what fits on a screen beside the rest.
const MOST_COMMANDS: usize = 10;
/// As many of them may look, however many there are that change something.
const LEAST_LOOKS: usize = 5;

/// The step as the verdict's JSON has it.
pub fn owner_step(chosen: &Chosen, verdict: &Verdict, known: &OwnerFacts) -> OwnerStep {
    let row = chosen.step;
    let names = names(verdict);
    let cause = match chosen.ground {
        Ground::Cause(at) => verdict.causes.get(at).map_or("", |cause| words(CAUSES, cause.id)),
        _ => "what broke is not known yet",
    };
    let api = known.slow_api.as_deref().unwrap_or("the outside service");
    let values = [
        ("cause", cause),
        ("gateway", names.gateway),
        ("server", &names.server),
        ("cdn", names.cdn),
        ("api", api),
    ];
    let mut step = capital(fill(row.step, &values));
    if !row.risk.is_empty() {
        step.push_str(" Risk: ");
        step.push_str(row.risk);
    }
    // What prevents and what is told to people stands on the failure as a whole.
    let specific = matches!(chosen.stage, Stage::Confirm | Stage::Fix);
    let mut why = if specific { ground(chosen, verdict) } else { String::new() };
    why.push_str(&reported(chosen, known));
    why.push_str(&capital(fill(row.why, &values)));
    OwnerStep { step, why, commands: commands(chosen, verdict, known) }
}

/// Which limit was met, and what to do before anybody raises it: a longer wait mends no fault.
pub fn limit(limit: &LimitMet) -> String {
    let kind = if limit.usual { "usual" } else { "default" };
    let (what, first) = match (limit.behind, limit.connect) {
        (true, _) => (", which may stand behind", "look in its log for that moment"),
        (false, true) => (" for a connection", "find out why nobody takes the connection"),
        (false, false) => (" for an answer", "find out why the answer takes so long"),
    };
    let (took, whose) = (limit.took_ms / 100, &limit.whose);
    format!(
        "It took {}.{} s, and {} is the {kind} limit of {whose}{what}: {first} before you raise it. ",
        took / 10,
        took % 10,
        limit.limit
    )
}

fn ground(chosen: &Chosen, verdict: &Verdict) -> String {
    match chosen.ground {
        Ground::Cause(first) => {
            let open: Vec<_> =
                verdict.causes.iter().skip(first).filter(|c| chosen.step.causes.contains(&c.id)).collect();
            let lead = match open.first().map(|cause| cause.certainty) {
                Some(Certainty::Certain) => "Cause",
                Some(Certainty::Likely) => "Likely cause",
                _ => "Open cause",
            };
            let Some(best) = open.first() else { return String::new() };
            let more = match open.len().saturating_sub(1) {
                0 => String::new(),
                1 => " (and one more that this step covers)".to_owned(),
                n => format!(" (and {n} more that this step covers)"),
            };
            format!("{lead}: {}{more}. ", words(CAUSES, best.id))
        }
        Ground::Layer(at) => {
            let Some(layer) = verdict.layers.get(at) else { return String::new() };
            let lead = match layer.certainty {
                Certainty::Certain => "It broke",
                Certainty::Likely => "It probably broke",
                Certainty::Possible => "It may have broken",
            };
            format!("{lead} {}. ", words(LAYERS, layer.id))
        }
        Ground::Any => String::new(),
    }
}

fn reported(chosen: &Chosen, known: &OwnerFacts) -> String {
    let rows = chosen.facts.iter().filter_map(|fact| FACTS.get(usize::from(fact.0)));
    let said: Vec<String> = rows
        .map(|row| match known.slow_api.as_deref() {
            Some(name) if row.key == "slow_call" => format!("{name} answers slowly or not at all"),
            _ => row.words.to_owned(),
        })
        .collect();
    if said.is_empty() { String::new() } else { format!("You report: {}. ", said.join(", ")) }
}

/// How a step calls those on the way, where they are more than a guess.
struct Names {
    gateway: &'static str,
    /// The owner's own server: the gateway, or what stands behind somebody else's.
    server: String,
    cdn: &'static str,
}

fn names(verdict: &Verdict) -> Names {
    let maker = (verdict.gateway.id.as_str(), verdict.gateway.certainty);
    let front = verdict.front.as_ref().map(|front| (front.id.as_str(), front.certainty));
    let sure = std::iter::once(maker).chain(front).filter(|(_, certainty)| *certainty >= Certainty::Likely);
    let known: Vec<_> = sure
        .filter_map(|(id, _)| SUBJECTS.iter().find(|s| s.gateway && (s.id == id || s.covers.contains(&id))))
        .collect();
    let cdn = known.iter().find(|subject| subject.managed).map_or("the CDN", |cdn| cdn.name);
    let Some(first) = known.first() else {
        return Names { gateway: "the gateway", server: "the gateway".into(), cdn };
    };
    let own = known.iter().find(|subject| !subject.managed);
    let server = own.map_or_else(|| format!("the server behind {}", first.name), |own| own.name.into());
    Names { gateway: first.name, server, cdn }
}

/// Those for what is there, then those for every stack; of them all, those that only look come first.
fn commands(chosen: &Chosen, verdict: &Verdict, known: &OwnerFacts) -> Vec<String> {
    let there = subjects(verdict, known);
    let of = |on: &str| chosen.step.commands.iter().filter(move |c| c.on == on).collect::<Vec<_>>();
    let mut groups: Vec<_> = there.iter().flat_map(|id| of(id)).collect();
    groups.extend(of("any"));
    let look = groups.iter().flat_map(|group| group.look);
    let change = groups.iter().flat_map(|group| group.change);
    // What mends must not be crowded out by what looks.
    let looks = MOST_COMMANDS.saturating_sub(change.clone().count()).max(LEAST_LOOKS);
    let all = look.take(looks).chain(change);
    let values = [
        ("site", known.site.as_deref().unwrap_or("$SITE")),
        ("origin", known.origin.as_deref().unwrap_or("$ORIGIN")),
        ("since", known.since.as_deref().unwrap_or("15 min ago")),
    ];
    all.take(MOST_COMMANDS).map(|command| fill(command, &values)).collect()
}

fn words(table: &'static [(&'static str, &'static str)], id: &str) -> &'static str {
    table.iter().find(|(known, _)| *known == id).map_or("a cause without words yet", |(_, words)| words)
}

fn capital(text: String) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
