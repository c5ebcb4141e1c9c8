//! The one table of settings: what each key expects, its default and what it is for.
//!
//! `docs/settings.md` is this table as Markdown; a test holds the two equal.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name in `[vars]`.
    pub name: &'static str,
    /// What a value must be, as a noun phrase.
    pub expected: &'static str,
}

/// What the document says of it beside that.
struct Words {
    /// What counts where nothing usable is set.
    default: &'static str,
    /// What it does, for an owner.
    purpose: &'static str,
}

/// One table in the source and two in the program: the worker has no use for the document's words, and their
/// three kilobytes are left out of it where nothing refers to them.
macro_rules! table {
    ($(Key { name: $name:literal, expected: $expected:literal, default: $default:literal, purpose: $purpose:literal, },)*) => {
        /// All settings, in the order of the document.
        pub const KEYS: &[Key] = &[$(Key { name: $name, expected: $expected },)*];
        const WORDS: &[Words] = &[$(Words { default: $default, purpose: $purpose },)*];
    };
}

table! {
    Key {
        name: "ORIGIN",
        expected: "an address like `https://origin.example.com`: http or https, a host, no path, query or user name",
        default: "not set: the worker runs on a route of its own zone",
        purpose: "The server behind the worker, where that is not simply the zone's own origin.",
    },
    Key {
        name: "SECONDARY_ORIGIN",
        expected: "an address like `https://mirror.example.com`: http or https, a host, no path, query or user name",
        default: "none",
        purpose: "A second server with the same addresses (a static mirror will do), asked only where the origin failed, no copy can be shown and the request only reads. It gets neither cookies nor `Authorization`, its answers are not stored, and `Cache-Status` names it (`detail=secondary-origin`).",
    },
    Key {
        name: "TIMEOUT_MS",
        expected: "a whole number of milliseconds from 100 to 120000, and others for paths as in `15000, /reports/*@60000`",
        default: "15000",
        purpose: "How long the worker waits for the head of the origin's answer before it rescues. Bodies may take as long as they like.",
    },
    Key {
        name: "COPY_AFTER_MS",
        expected: "a whole number of milliseconds from 0 to 60000, and others for paths as in `2000, /search/*@5000`",
        default: "2000",
        purpose: "How long a visitor waits for the origin where there is a copy that may be shown: then the copy comes, and the same request goes on and brings the store up to date. While nothing else has come from the origin either, further visitors get their copies at once. 0: as long as those without a copy, for `TIMEOUT_MS`.",
    },
    Key {
        name: "CACHE",
        expected: "`on` or `off`, and others for paths as in `on, /account/*@off`",
        default: "on",
        purpose: "Whether stored answers are given while they are fresh, as RFC 9111 says. With `off` every request asks the origin, and copies are for failures only.",
    },
    Key {
        name: "BREAKER_FAILURES",
        expected: "a whole number from 0 to 100",
        default: "3",
        purpose: "Consecutive failures, for clients of two networks, after which visitors with a copy of a route's pages (the first segment of the path) get it at once. If an address that answered well before then fails a probe too, this holds for the whole site. Visitors without a copy are refused only after failures on two routes. 0 disables the breaker.",
    },
    Key {
        name: "PROBE_MS",
        expected: "a whole number of milliseconds from 200 to 60000",
        default: "1000",
        purpose: "The time between two probes; up to half as much again is added at random.",
    },
    Key {
        name: "RAMP_MS",
        expected: "a whole number of milliseconds from 0 to 600000",
        default: "2000",
        purpose: "Over how long visitors who have a copy are let back to an origin that has returned; those who have none go first.",
    },
    Key {
        name: "COPIES",
        expected: "`on` or `off`, and others for paths as in `on, /account/*@off`",
        default: "on",
        purpose: "Whether good public answers are kept and shown when the origin fails.",
    },
    Key {
        name: "MAX_COPY_AGE_S",
        expected: "a whole number of seconds from 60 to 31536000, and others for paths as in `604800, /prices/*@3600`",
        default: "604800 (7 days)",
        purpose: "How old a copy may be that a visitor is still shown.",
    },
    Key {
        name: "MAX_COPY_BYTES",
        expected: "a whole number of bytes from 1024 to 25000000",
        default: "10000000",
        purpose: "Larger answers are passed on and not kept. Neither is what would make more than 32 MB that one isolate keeps at the same time; `Cache-Status` then says `detail=busy`.",
    },
    Key {
        name: "STALE_ANYWAY",
        expected: "paths, separated by commas: `/about`, `/blog/*` for all that begin alike, or `*` for all",
        default: "none",
        purpose: "Where a copy is shown in an outage although the origin said `no-cache`, `must-revalidate`, `proxy-revalidate` or `s-maxage`, which forbid it. `Cache-Status` then says what was overridden. What is private is never stored, so never shown.",
    },
    Key {
        name: "PURGE_BEFORE",
        expected: "paths with times, separated by commas: `/about@2026-11-22T18:30:00Z`, or `*@...` for everything",
        default: "nothing",
        purpose: "What was stored of these paths before the time is as if it were not there.",
    },
    Key {
        name: "REFUSAL_OUTAGE_S",
        expected: "a whole number of seconds from 0 to 86400",
        default: "1800",
        purpose: "How long copies are shown while a firewall refuses everybody: one identical 403 or 429, met by clients of three networks within a minute and also at the start page, while nobody gets a good answer. Visitors without a copy get the refusal. 0: a refusal is never a failure.",
    },
    Key {
        name: "COPY_NOTE",
        expected: "`on` or `off`",
        default: "on",
        purpose: "Whether a copied HTML page carries a small note that says from when it is.",
    },
    Key {
        name: "ANALYTICS_COOKIES",
        expected: "names of cookies, separated by commas; `*` may end a name of at least two characters",
        default: "none beyond the built-in list",
        purpose: "Further cookies by which the origin never decides what to answer. They are not sent to it when no other cookie comes along, so that the answer can be kept.",
    },
    Key {
        name: "SORT_QUERY",
        expected: "`on` or `off`",
        default: "off",
        purpose: "Whether the order of a query's parameters does not matter: `?a=1&b=2` and `?b=2&a=1` are then one address. Parameters of campaigns (`utm_*`, `gclid`, `fbclid`, `msclkid` and about thirty more) never part copies.",
    },
    Key {
        name: "OVERRIDE_NO_STORE",
        expected: "paths, separated by commas: `/about`, `/blog/*` for all that begin alike, or `*` for all",
        default: "none",
        purpose: "Where answers to anonymous visitors are kept for outages although the origin sends `Set-Cookie`, `private` or `no-store`. Such copies are never fresh, and they lose the cookie. Name only pages that are the same for every visitor who is not signed in: the worker takes your word for it.",
    },
    Key {
        name: "HARMLESS_FIELDS",
        expected: "names of request fields, separated by commas; `*` may end a name of at least two characters; never `Cookie` or `Authorization`",
        default: "none beyond the built-in list",
        purpose: "Further request fields by which the origin never decides what to answer or to whom. The answer to a request with any other unknown field is kept only where `Vary` names that field; `Cache-Status` then says `detail=field:` and its name.",
    },
    Key {
        name: "ORIGIN_ERROR_PAGE_PASS_THROUGH",
        expected: "`on` or `off`, and others for paths as in `off, /shop/*@on`",
        default: "off",
        purpose: "Whether visitors without a copy see the origin's own 503 page instead of the fallback page. The page must be complete HTML and carry a usable `Retry-After`: planned maintenance with the owner's own words.",
    },
    Key {
        name: "FALLBACK_STATUS",
        expected: "`503` or `origin`",
        default: "503",
        purpose: "The status of the fallback page: always 503, or the 502 or 504 that the failure stands for.",
    },
    Key {
        name: "RETRY_AFTER_S",
        expected: "a whole number of seconds from 1 to 3600",
        default: "15",
        purpose: "The shortest wait that a fallback page asks of browsers and programs; up to as much again is added at random, so that they do not come back all at once.",
    },
    Key {
        name: "SITE_NAME",
        expected: "one line of at most 80 characters",
        default: "the host name",
        purpose: "What the fallback page calls the site.",
    },
    Key {
        name: "CONTACT",
        expected: "one line of at most 200 characters: a mail address, a `tel:` link, an https address, or words",
        default: "not shown",
        purpose: "How visitors of the fallback page reach somebody.",
    },
    Key {
        name: "STATUS_PAGE",
        expected: "an https address",
        default: "not shown",
        purpose: "Where the fallback page sends visitors for news; best on a server of its own.",
    },
    Key {
        name: "COLOUR",
        expected: "a colour as `#rgb` or `#rrggbb`",
        default: "the page's own",
        purpose: "The fallback page's colour; made darker or lighter where it could not be read.",
    },
    Key {
        name: "LOGO",
        expected: "a `data:image/png;base64,` address (or gif, jpeg, svg+xml, webp) of at most 8192 characters, holding such a picture",
        default: "none",
        purpose: "The logo on the fallback page; inline, since nothing can be loaded while the site is down.",
    },
    Key {
        name: "MESSAGE",
        expected: "one line of at most 280 characters",
        default: "not shown",
        purpose: "A sentence to visitors during an outage, shown as it is.",
    },
    Key {
        name: "ETA",
        expected: "a time like `2026-11-22T18:30:00Z` (RFC 3339)",
        default: "not shown",
        purpose: "When the site is expected back. For a day after that moment the page admits the delay, then it says nothing of it.",
    },
    Key {
        name: "PAGES",
        expected: "at most six paths of the site, separated by commas, each with its title after a blank, as `/ Start, /delivery Delivery`",
        default: "none",
        purpose: "Pages that the fallback page links to while a copy of them can be shown.",
    },
}

/// The row of a key, by its exact name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// What to say of a key that does not exist: the nearest one, or where the list is.
pub fn unknown(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let nearest = KEYS.iter().map(|key| (distance(&upper, key.name), key.name)).min();
    match nearest {
        Some((steps, near)) if steps <= 3 && steps < name.len() => {
            format!("a known setting; did you mean {near}?")
        }
        _ => "a known setting; docs/settings.md lists them all".to_owned(),
    }
}

/// The table as Markdown.
pub fn as_markdown() -> String {
    let mut text =
        String::from("| setting | expected | default | what it does |\n| --- | --- | --- | --- |\n");
    for (key, words) in KEYS.iter().zip(WORDS) {
        text.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            key.name, key.expected, words.default, words.purpose
        ));
    }
    text
}

/// Levenshtein's distance: how many characters to insert, drop or replace.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        let mut next = vec![left];
        for (y, above) in b.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(x != y));
            diagonal = *above;
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
