//! Reads addresses that a site gives: `Link` fields, links for people, addresses for mail.
//!
//! All of it is foreign text. What is not plainly an https address with a readable host, or a plain mail address,
//! is refused; nothing is repaired into something else.

/// The longest address that is made a link, in bytes.
const LONGEST_LINK: usize = 2000;
/// The longest mail address, in bytes.
const LONGEST_MAIL: usize = 120;
/// The longest name of a host (RFC 1035 §2.3.4, as text).
const LONGEST_HOST: usize = 253;

/// The targets of all links with this relation in a `Link` field (RFC 8288 §3), as they stand there.
pub fn with_relation<'a>(field: &'a str, relation: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = field;
    while let Some((target, tail)) = rest.split_once('<').and_then(|(_, after)| after.split_once('>')) {
        let (parameters, next) = split_unquoted(tail, ',');
        if relations(parameters).any(|own| own.eq_ignore_ascii_case(relation)) {
            found.push(target);
        }
        rest = next;
    }
    found
}

/// The relations among a link's parameters; only the first `rel` counts (RFC 8288 §3.3).
fn relations(mut parameters: &str) -> impl Iterator<Item = &str> {
    let mut value = "";
    while !parameters.is_empty() {
        let (own, next) = split_unquoted(parameters, ';');
        parameters = next;
        match own.split_once('=') {
            Some((name, text)) if name.trim().eq_ignore_ascii_case("rel") => {
                value = text.trim().trim_matches('"');
                break;
            }
            _ => {}
        }
    }
    value.split_ascii_whitespace()
}

/// What stands before and after the first `mark` outside quotes.
fn split_unquoted(text: &str, mark: char) -> (&str, &str) {
    let mut quoted = false;
    let mut escaped = false;
    let at = text.char_indices().find(|(_, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        *c == mark && !quoted
    });
    at.and_then(|(at, _)| text.split_at_checked(at))
        .map_or((text, ""), |(before, after)| (before, after.strip_prefix(mark).unwrap_or(after)))
}

/// The host of an https address, to be shown beside a link to it; `None` where the address is no plain one.
/// Hosts in other scripts come as `xn--` or not at all: a letter that looks like another leads nobody astray.
pub fn https_host(address: &str) -> Option<&str> {
    let rest = address.get(..8).filter(|s| s.eq_ignore_ascii_case("https://")).and(address.get(8..))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = address.chars().all(|c| c.is_ascii_graphic()) && address.len() <= LONGEST_LINK;
    (plain && is_host(host)).then_some(host)
}

/// A mail address, from itself or from a `mailto:` address; what a `mailto:` would put into the mail is left out.
pub fn mail(address: &str) -> Option<&str> {
    let own = address.get(..7).filter(|s| s.eq_ignore_ascii_case("mailto:")).and(address.get(7..));
    let plain = own.unwrap_or(address).split('?').next()?.trim();
    let (name, host) = plain.split_once('@')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    (!name.is_empty()
        && plain.len() <= LONGEST_MAIL
        && name.chars().all(letters)
        && is_host(host)
        && host.contains('.'))
    .then_some(plain)
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !name.is_empty()
        && name.len() <= LONGEST_HOST
        && name.chars().all(letters)
        && !name.starts_with(['.', '-'])
        && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{https_host, mail, with_relation};

    #[test]
    fn a_relation_is_found_among_others() {
        let status = |field| with_relation(field, "status");
        assert_eq!(
            status("</.well-known/backsoon/status>; rel=\"status\""),
            ["/.well-known/backsoon/status"]
        );
        assert_eq!(status("</a>; rel=preload; as=style, </b>; title=x; REL=Status"), ["/b"]);
        assert_eq!(status("</a>; rel=\"help status\", </b>;rel=status"), ["/a", "/b"]);
    }

    #[test]
    fn other_links_are_none() {
        for field in [
            "",
            "<",
            "</a",
            "</a>",
            "</status>; rel=next",
            "</a>; title=\"x; rel=status\"; rel=help",
            "</a>; title=\"</b>; rel=status\"",
            "</a>; rel=help; rel=status",
            "x; rel=status",
        ] {
            assert!(with_relation(field, "status").is_empty(), "{field}");
        }
    }

    #[test]
    fn only_plain_https_addresses_are_links() {
        assert_eq!(https_host("https://status.shop.test/now?x#y"), Some("status.shop.test"));
        assert_eq!(https_host("HTTPS://shop.test:8443"), Some("shop.test:8443"));
        for refused in [
            "http://shop.test/",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://user@shop.test/",
            "https://shop.test:x/",
            "https://sh\u{43e}p.test/",
            "https://shop.test/\u{202e}x",
            "https://shop.test/ x",
            "//shop.test/",
            "",
        ] {
            assert_eq!(https_host(refused), None, "{refused}");
        }
    }

    #[test]
    fn mail_goes_to_one_plain_address() {
        assert_eq!(mail("mailto:help@shop.test?bcc=all@x.test&body=hi"), Some("help@shop.test"));
        assert_eq!(mail("help@shop.test"), Some("help@shop.test"));
        for refused in
            ["mailto:", "help", "a,b@shop.test", "a@shop", "a@b@c.test", "a b@shop.test", "@shop.test"]
        {
            assert_eq!(mail(refused), None, "{refused}");
        }
    }
}
