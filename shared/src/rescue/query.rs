//! The query of an address as far as it selects a stored answer.
//!
//! Advertising adds parameters to links. They tell where a visitor came from and do not select another page, so they
//! are no part of the key. An answer to a request with such a parameter is never stored: its page may repeat the value,
//! and anybody can choose the value.

use crate::cache::vary::in_order;

/// Parameters of advertising and mail campaigns, by their whole names.
const NAMES: [&str; 57] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "_branch_match_id",
    "_bta_c",
    "_bta_tid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_kx",
    "_openstat",
    "cjevent",
    "dclid",
    "dm_i",
    "ef_id",
    "epik",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "irclickid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ndclid",
    "obclickid",
    "oly_anon_id",
    "oly_enc_id",
    "qclid",
    "rdt_cid",
    "s_kwcid",
    "sccid",
    "srsltid",
    "sznclid",
    "tblci",
    "trk_contact",
    "trk_module",
    "trk_msg",
    "trk_sid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
    "ysclid",
    "zanpid",
];

/// Starts of names.
const STARTS: [&str; 6] = ["utm_", "hsa_", "matomo_", "mtm_", "piwik_", "pk_"];

/// A longer query is not taken apart: it selects by its own text.
const MOST_BYTES: usize = 4096;

/// Whether a pair is a parameter of a campaign.
fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    // The one sign of these names that some mail programs escape.
    let name = &name.replace("%5F", "_").replace("%5f", "_");
    let starts = |start: &str| name.get(..start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start));
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) || STARTS.iter().any(|start| starts(start))
}

/// Whether the query has a parameter of a campaign.
pub fn tracks(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.len() <= MOST_BYTES && query.split('&').any(is_tracking))
}

/// The query as it stands in a key: without parameters of campaigns, and in one order where the owner says that the
/// order does not matter (`sorted`).
pub fn of_key(query: Option<&str>, sorted: bool) -> Option<String> {
    let query = query?;
    let tracks = tracks(Some(query));
    if query.len() > MOST_BYTES || !(tracks || sorted) {
        return Some(query.to_owned());
    }
    let kept = query.split('&').filter(|pair| !is_tracking(pair)).map(str::to_owned);
    let pairs: Vec<String> = if sorted { in_order(kept) } else { kept.collect() };
    // `/page?utm_source=x` is `/page`.
    if pairs.is_empty() && tracks { None } else { Some(pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_do_not_part_copies() {
        for (query, key) in [
            ("utm_source=newsletter&utm_medium=email", None),
            ("gclid=abc123", None),
            ("utm%5Fsource=x&MSCLKID=1", None),
            ("id=7&utm_source=x", Some("id=7")),
            ("UTM_Source=x&id=7&fbclid", Some("id=7")),
            ("id=7", Some("id=7")),
            ("", Some("")),
            ("utm=1&gclid2=3&mygclid=4", Some("utm=1&gclid2=3&mygclid=4")),
            ("b=2&a=1", Some("b=2&a=1")),
        ] {
            assert_eq!(of_key(Some(query), false).as_deref(), key, "{query}");
        }
        assert_eq!(of_key(None, true), None);
    }

    #[test]
    fn the_owner_may_say_that_the_order_does_not_matter() {
        let key = |query| of_key(Some(query), true);
        assert_eq!(key("b=2&a=1&gclid=9"), key("a=1&b=2"));
        // Values of one name keep their order only as far as sorting keeps it: both are there.
        assert_eq!(key("a=2&a=1").as_deref(), Some("a=1&a=2"));
        assert_ne!(key("a=1"), key("a=1&a=1"));
    }

    #[test]
    fn what_tracks_is_not_stored() {
        assert!(tracks(Some("a=1&utm_campaign=x")) && !tracks(Some("a=1")) && !tracks(None));
        let long = format!("utm_source={}", "x".repeat(MOST_BYTES));
        assert!(!tracks(Some(&long)) && of_key(Some(&long), true) == Some(long.clone()));
    }
}
