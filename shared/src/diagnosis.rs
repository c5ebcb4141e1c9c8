//! From facts to a verdict: evidence, then who made the answer, then where it broke and why, then advice.
//!
//! Total and pure: what the evidence does not carry is `unknown`. All knowledge of products is data.

mod advice;
mod beside;
mod clock;
mod evidence;
mod failure;
mod gateway;
mod index;
mod normal;
mod tables;

use crate::facts::Exchange;
use crate::verdict::{Certainty, Front, Gateway, Verdict};
pub use beside::words as beside_in_words;
use clock::Clock;
pub use clock::LimitMet;
use evidence::Evidence;
use gateway::Named;

/// Diagnoses one exchange. `owner` stays empty: [`crate::verdict::Verdict::owner`] is filled by the runbook.
pub fn diagnose(exchange: &Exchange) -> Verdict {
    let evidence = Evidence::of(exchange);
    let broken = exchange.transport_error.is_some();
    let who = gateway::who(&evidence, broken && exchange.status.is_some());
    let failure = failure::failure(&evidence, &who, broken, || Clock::of(exchange, &who));
    let told = advice::advice(exchange, failure.as_ref());
    let (layers, causes) = failure.map_or_else(Default::default, |failure| (failure.layers, failure.causes));
    let front = who.front.map(|front| Front { id: front.row.id.into(), certainty: front.certainty });
    Verdict {
        gateway: maker(exchange, who.maker),
        front,
        layers,
        causes,
        transient: told.transient,
        fault: told.fault,
        visitor: told.visitor,
        not_helpful: told.not_helpful,
        owner: vec![],
        sentence_id: told.sentence_id,
    }
}

/// Whether a body is certainly a known gateway's own page, whatever status it came under. Header fields do not count:
/// a gateway that passes an application's page on writes its name into them too.
pub fn is_gateways_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let kind = content_type.map(|kind| ("content-type", kind.to_owned()));
    let exchange = Exchange {
        method: "GET".to_owned(),
        headers: kind.into_iter().collect(),
        body: Some(body.to_vec()),
        body_complete: Some(true),
        ..Exchange::default()
    };
    let maker = gateway::who(&Evidence::of(&exchange), false).maker;
    maker.is_some_and(|maker| maker.certainty == Certainty::Certain && !maker.is_app())
}

/// The known time limits at which the exchange ended: what the evidence of the verdict's causes says in words.
///
/// A call of its own, for owners' tools: no wasm holds it.
pub fn limits_met(exchange: &Exchange) -> Vec<LimitMet> {
    let said = diagnose(exchange).causes.into_iter().flat_map(|cause| cause.evidence).collect::<Vec<_>>();
    let evidence = Evidence::of(exchange);
    let who = gateway::who(&evidence, exchange.transport_error.is_some() && exchange.status.is_some());
    let mut met = Clock::of(exchange, &who).limits();
    met.retain(|limit| said.contains(&limit.words));
    met
}

/// The ids of all gateways that there are rows of.
pub fn gateways() -> impl Iterator<Item = &'static str> {
    tables::GATEWAYS.iter().map(|row| row.id)
}

/// Each sign that the exchange shows, as the gateway's id and the sign's number in its file, from 0.
///
/// For the tests of the data: which row saw what.
pub fn signs_shown(exchange: &Exchange) -> Vec<(&'static str, usize)> {
    let evidence = Evidence::of(exchange);
    let rows = tables::GATEWAYS.iter();
    let all = rows
        .flat_map(|row| (0..).zip(tables::signs(row.signs)).map(move |(number, sign)| (row, number, sign)));
    all.filter(|(_, _, (_, sign))| evidence.meets(&sign.when))
        .map(|(row, number, _)| (row.id, number))
        .collect()
}

fn maker(exchange: &Exchange, named: Option<Named>) -> Gateway {
    let Some(named) = named else {
        return Gateway {
            id: "unknown".into(),
            version: None,
            certainty: Certainty::Possible,
            evidence: vec![],
        };
    };
    let version = named.row.version.iter().find_map(|word| version_after(exchange, word));
    Gateway { id: named.row.id.into(), version, certainty: named.certainty, evidence: named.evidence }
}

/// The version that follows `word` in the fields that carry products.
fn version_after(exchange: &Exchange, word: &str) -> Option<String> {
    let fields = ["server", "via", "x-powered-by"].into_iter();
    let mut values = fields.flat_map(|name| exchange.headers.values(name));
    values.find_map(|value| {
        let (_, rest) = value.split_once(word)?;
        let version: String =
            rest.chars().take(24).take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        version.chars().next().filter(char::is_ascii_digit).map(|_| version)
    })
}
