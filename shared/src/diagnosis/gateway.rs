//! Decides who made an answer and who passed it on, from the signs that were seen.
//!
//! A page of its own outweighs a name in a header: gateways overwrite headers, nobody rewrites pages.

use crate::diagnosis::evidence::Evidence;
use crate::diagnosis::index::index;
use crate::diagnosis::tables::{GATEWAYS, GatewayRow, Kind, SignRow, sign};
use crate::verdict::Certainty;

/// Below this weight a sign is a hint, not a statement.
const STATEMENT: u16 = 30;
/// From this weight on a sign is right at least 4 times in 5.
const STRONG: u16 = 50;
/// A rival this close forbids certainty.
const MARGIN: u16 = 30;

/// Who it was, with the signs for it.
pub struct Who {
    pub maker: Option<Named>,
    pub front: Option<Named>,
}

/// One gateway named.
pub struct Named {
    pub row: &'static GatewayRow,
    pub certainty: Certainty,
    pub evidence: Vec<String>,
}

impl Named {
    /// Whether it is the application itself or its framework.
    pub fn is_app(&self) -> bool {
        matches!(self.row.kind, Kind::App | Kind::Framework)
    }
}

/// One gateway's strongest sign.
struct Claim {
    gateway: u16,
    best: SignRow,
    signs: Vec<SignRow>,
}

fn app(claim: &Claim) -> bool {
    row(claim.gateway).is_some_and(|row| matches!(row.kind, Kind::App | Kind::Framework))
}

/// Names the maker and the front as far as the evidence carries it.
///
/// `cut` says that an answer began and broke off: then whoever the client talked to is who broke it off.
pub fn who(evidence: &Evidence, cut: bool) -> Who {
    let mut makers: Vec<Claim> = Vec::new();
    let mut fronts: Vec<Claim> = Vec::new();
    for piece in evidence.seen() {
        for place in index().signs(piece) {
            let sign = sign(*place);
            if evidence.meets(&sign.when) {
                claim(if sign.maker { &mut makers } else { &mut fronts }, sign);
            }
        }
    }
    let mut maker = named(evidence, &makers);
    let passed = named(evidence, &fronts);
    // Behind an application server is nothing but the application: whatever came through it, came from there.
    if maker.is_none() && passed.as_ref().is_some_and(|front| front.row.kind == Kind::Framework) {
        maker = named(evidence, &fronts);
    }
    if cut && maker.as_ref().is_none_or(|maker| maker.row.kind == Kind::App) {
        maker = passed.or(maker);
    }
    let id = maker.as_ref().map(|maker| maker.row.id);
    fronts.retain(|claim| row(claim.gateway).is_some_and(|row| Some(row.id) != id));
    let front = named(evidence, &fronts);
    Who { maker, front }
}

fn claim(claims: &mut Vec<Claim>, sign: SignRow) {
    match claims.iter_mut().find(|claim| claim.gateway == sign.gateway) {
        Some(claim) => {
            claim.signs.push(sign);
            if sign.weight > claim.best.weight {
                claim.best = sign;
            }
        }
        None => claims.push(Claim { gateway: sign.gateway, best: sign, signs: vec![sign] }),
    }
}

fn application(claim: &Claim) -> bool {
    row(claim.gateway).is_some_and(|row| matches!(row.kind, Kind::App | Kind::Framework))
}

fn row(gateway: u16) -> Option<&'static GatewayRow> {
    GATEWAYS.get(usize::from(gateway))
}

fn named(evidence: &Evidence, claims: &[Claim]) -> Option<Named> {
    let framework = |claim: &Claim| row(claim.gateway).is_some_and(|row| row.kind == Kind::Framework);
    let order = |claim: &&Claim| (claim.best.weight, framework(claim), claim.best.certain, claim.signs.len());
    let best = claims.iter().max_by_key(order).filter(|claim| claim.best.weight >= STATEMENT)?;
    // A framework and the server that runs it are one application, not rivals.
    let others = claims.iter().filter(|claim| claim.gateway != best.gateway && !(app(best) && app(claim)));
    let rival = others.map(|claim| claim.best.weight).max().unwrap_or(0);
    // Two gateways with equal claims: nothing is known. Two names for the application are no rivals.
    let equal = |claim: &Claim| claim.gateway != best.gateway && claim.best.weight == best.best.weight;
    let both_app = |claim: &Claim| application(claim) && application(best);
    if claims.iter().any(|claim| equal(claim) && !both_app(claim)) {
        return None;
    }
    let certainty = if best.best.certain && rival.saturating_add(MARGIN) <= best.best.weight {
        Certainty::Certain
    } else if best.best.weight >= STRONG {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut words: Vec<String> = Vec::new();
    for word in best.signs.iter().flat_map(|sign| evidence.words(&sign.when)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Some(Named { row: row(best.gateway)?, certainty, evidence: words })
}
