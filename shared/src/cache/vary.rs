//! Which request an answer belongs to, where `Vary` says that it is not everybody's (RFC 9111 §4.1).
//!
//! Values are compared after the normalising that the fields' own definitions allow: blanks between list
//! members, joined lines, and for languages also case and order among equals.

use crate::facts::Headers;
use crate::rescue::fields::members;
use crate::rescue::negotiate::thousandths;
use crate::steps::took;

/// A request field named by `Vary`, lower-case, with the value it had; `None` where it was absent.
pub type Selecting = Vec<(String, Option<String>)>;

/// The request field by which a page of another site says where it is from.
pub const ORIGIN: &str = "origin";

/// More fields in one `Vary` count as `*`.
const MOST_FIELDS: usize = 32;
/// A selecting field with a longer value selects nothing, in bytes. It is never cut: two requests that differ beyond
/// the cut would be equal.
const MOST_VALUE: usize = 8192;
/// The same for the fields that are read as lists with weights. No browser comes near it.
const MOST_LIST: usize = 1024;
/// More codings of one answer are accepted by nobody.
const MOST_CODINGS: usize = 4;

/// Whether `Vary` holds a `*`: such an answer never fits another request.
pub fn is_any(answer: &Headers) -> bool {
    members(answer, "vary").enumerate().any(|(count, name)| name == "*" || count >= MOST_FIELDS)
}

/// Whether the request's value of a selecting field is too long to select by: nothing stored fits such a request, and
/// its answer is not stored.
pub fn is_too_long(answer: &Headers, request: &Headers) -> bool {
    members(answer, "vary").take(MOST_FIELDS).any(|name| too_long(request, name))
}

fn too_long(request: &Headers, name: &str) -> bool {
    took(request.0.len());
    let list = name.eq_ignore_ascii_case("accept-language") || name.eq_ignore_ascii_case("accept-encoding");
    let length = request.values(name).map(str::len).fold(0, usize::saturating_add);
    length > if list { MOST_LIST } else { MOST_VALUE }
}

/// Whether `Vary` names this field.
pub fn names(answer: &Headers, field: &str) -> bool {
    members(answer, "vary").any(|name| name.eq_ignore_ascii_case(field))
}

/// The request's values of the fields that the answer's `Vary` names, sorted, each once. An answer that lets one
/// other site read it (`Access-Control-Allow-Origin`, Fetch §3.3.4) is of that site's requests, also where the
/// origin forgot to say so.
pub fn selecting(answer: &Headers, request: &Headers) -> Selecting {
    let one_site = allowed_site(answer).is_some_and(|site| site != "*");
    let unsaid = one_site.then(|| ORIGIN.to_owned());
    let mut fields =
        in_order(members(answer, "vary").take(MOST_FIELDS).map(str::to_ascii_lowercase).chain(unsaid));
    fields.dedup();
    let with_value = |name: String| {
        let value = normal(request, &name);
        (name, value)
    };
    fields.into_iter().map(with_value).collect()
}

/// Whether a stored answer fits a request: every selecting field has the value it had then. An answer in
/// a content coding that the request accepts (or in none) fits whatever `Accept-Encoding` says, and one in
/// the very language that the request likes best whatever else `Accept-Language` says.
pub fn fits(selecting: &Selecting, stored: &Headers, request: &Headers) -> bool {
    is_for_site(stored, request) && by_fields(selecting, stored, request)
}

/// Whether a stored answer is for requests that name a site, where this one does. Another site's page cannot read what
/// does not name it; for its request the origin may well do so.
pub fn is_for_site(stored: &Headers, request: &Headers) -> bool {
    !request.has(ORIGIN) || allowed_site(stored).is_some() || names(stored, ORIGIN)
}

/// What an address is known to vary by, also where this very answer does not say so: a server that names the
/// asking site in `Access-Control-Allow-Origin` often says nothing to a request that names none.
pub fn also_by_site(selecting: Selecting, known: &Selecting, request: &Headers) -> Selecting {
    let has = |list: &Selecting| list.iter().any(|(name, _)| name == ORIGIN);
    if has(&selecting) || !has(known) {
        return selecting;
    }
    let at = selecting.partition_point(|(name, _)| name.as_str() < ORIGIN);
    let mut all = selecting;
    all.insert(at, (ORIGIN.to_owned(), normal(request, ORIGIN)));
    all
}

fn allowed_site(answer: &Headers) -> Option<&str> {
    answer.value("access-control-allow-origin").map(str::trim)
}

fn by_fields(selecting: &Selecting, stored: &Headers, request: &Headers) -> bool {
    selecting.iter().all(|(name, value)| match name.as_str() {
        long if too_long(request, long) => false,
        "accept-encoding" if coding_accepted(stored, request) => true,
        "accept-language" if language_liked_best(stored, request) => true,
        _ => normal(request, name) == *value,
    })
}

/// A short name for the variant of an address that this request selects by these fields: what a store adds
/// to its key so that variants live beside each other.
pub fn variant(fields: &[String], request: &Headers) -> String {
    // FNV-1a: no defence against collisions is needed, since an entry is only used when it also `fits`.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for name in fields {
        let value = normal(request, name);
        let text = value.as_deref().unwrap_or("\u{0}");
        for byte in name.bytes().chain([0x1f]).chain(text.bytes()).chain([0x1e]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// One spelling for all values that the field's definition calls equal.
fn normal(request: &Headers, name: &str) -> Option<String> {
    if !request.has(name) {
        return None;
    }
    let mut list: Vec<String> = members(request, name).map(squeezed).collect();
    took(list.iter().map(String::len).fold(list.len(), usize::saturating_add));
    if name == "accept-language" && !too_long(request, name) {
        // RFC 9110 §12.5.4: the weights order the languages, not their places.
        list = in_order(list.iter().map(|member| member.to_ascii_lowercase()));
    }
    Some(list.join(","))
}

/// Without the optional blanks around parameters.
fn squeezed(member: &str) -> String {
    if member.contains('"') {
        return member.to_owned();
    }
    let parts: Vec<&str> = member.split(';').map(str::trim).collect();
    parts.join(";")
}

fn coding_accepted(stored: &Headers, request: &Headers) -> bool {
    let weights = weighted(request, "accept-encoding");
    members(stored, "content-encoding").enumerate().all(|(count, coding)| {
        took(weights.len());
        count < MOST_CODINGS
            && weights.iter().any(|(name, weight)| *weight > 0 && name.eq_ignore_ascii_case(coding))
    })
}

fn language_liked_best(stored: &Headers, request: &Headers) -> bool {
    let mut stored = members(stored, "content-language");
    let (Some(language), None) = (stored.next(), stored.next()) else { return false };
    let weights = weighted(request, "accept-language");
    let most = weights.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
    let mut best = weights.iter().filter(|(_, weight)| *weight == most);
    match (best.next(), best.next()) {
        (Some((best, _)), None) => most > 0 && best.eq_ignore_ascii_case(language),
        // A tie says nothing of what the origin would choose.
        _ => false,
    }
}

/// A few names in order. Inserting keeps a general sort out of wasm; callers bound how many there are.
pub fn in_order(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = vec![];
    for name in names {
        let at = list.partition_point(|known| *known <= name);
        took(list.len().saturating_sub(at).saturating_add(1));
        list.insert(at, name);
    }
    list
}

/// The members of a list with weights, in thousandths (RFC 9110 §12.4.2); nonsense counts as 0.
pub(crate) fn weighted(headers: &Headers, field: &str) -> Vec<(String, u16)> {
    members(headers, field)
        .map(|member| {
            let mut parts = member.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_owned();
            let q = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
            (name, q.map_or(1000, |weight| thousandths(weight).unwrap_or(0)))
        })
        .collect()
}
