//! What the visitor chose on the options page: whether Backsoon watches at all, which sites it leaves alone,
//! and in which language it speaks. Pure; where it is kept is `kept`'s business.

use backsoon::text::{self, Lang};

/// More sites than this are not left alone one by one: the list is read at every failure.
const MOST_SITES: usize = 500;
/// RFC 1035 §2.3.4, without the length octets of the wire.
const LONGEST_NAME: usize = 253;

/// The choices; the default is what a fresh install does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Nothing is watched, marked, waited for or written down.
    pub off: bool,
    /// Hosts that are left alone, with all hosts under them; sorted.
    pub quiet: Vec<String>,
    /// A page that somebody waited for is not loaded again when it is back.
    pub stay: bool,
    /// The chosen language's tag; `None` is the browser's own.
    pub lang: Option<String>,
}

impl Settings {
    /// The language to speak, where the browser itself speaks `browsers`.
    pub fn speaks(&self, browsers: &str) -> Lang {
        self.lang.as_deref().and_then(Lang::from_tag).unwrap_or_else(|| text::negotiate(browsers))
    }

    /// Whether a host is left alone: it or a host above it is listed.
    pub fn leaves_alone(&self, host: &str) -> bool {
        self.quiet.iter().any(|quiet| {
            host.strip_suffix(quiet.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    }

    /// Leaves a host alone from now on; `false` where there is no room for it.
    pub fn leave_alone(&mut self, host: &str) -> bool {
        if self.quiet.iter().any(|quiet| quiet == host) {
            return true;
        }
        if self.quiet.len() >= MOST_SITES {
            return false;
        }
        self.quiet.push(host.to_owned());
        self.quiet.sort();
        true
    }

    /// Takes up a host again, with every listed host that it falls under.
    pub fn take_up(&mut self, host: &str) {
        let listed = std::mem::take(&mut self.quiet);
        self.quiet = listed
            .into_iter()
            .filter(|quiet| {
                !Settings { quiet: vec![quiet.clone()], ..Settings::default() }.leaves_alone(host)
            })
            .collect();
    }
}

/// Whether this can be a host, as browsers write them: a name in ASCII, or an address of numbers.
///
/// Chrome takes nearly everything for one, blanks as `%20`.
pub fn is_host(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let fits = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || c == if inside.is_some() { ':' } else { '.' }
    };
    let name = inside.unwrap_or(host);
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.chars().all(fits)
        && !name.starts_with('.')
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(hosts: &[&str]) -> Settings {
        Settings { quiet: hosts.iter().map(|host| (*host).to_owned()).collect(), ..Settings::default() }
    }

    #[test]
    fn a_site_is_left_alone_with_the_hosts_under_it() {
        let settings = quiet(&["shop.test", "127.0.0.1"]);
        for host in ["shop.test", "www.shop.test", "127.0.0.1"] {
            assert!(settings.leaves_alone(host), "{host}");
        }
        for host in ["test", "workshop.test", "shop.test.example", "", "7.127.0.0.10"] {
            assert!(!settings.leaves_alone(host), "{host}");
        }
        assert!(!Settings::default().leaves_alone("shop.test"));
    }

    #[test]
    fn sites_are_listed_once_and_in_order_and_the_list_ends_somewhere() {
        let mut settings = Settings::default();
        for host in ["b.test", "a.test", "b.test"] {
            assert!(settings.leave_alone(host));
        }
        assert_eq!(settings.quiet, ["a.test", "b.test"]);
        for n in 0..MOST_SITES {
            settings.leave_alone(&format!("{n}.test"));
        }
        assert_eq!(settings.quiet.len(), MOST_SITES);
        assert!(!settings.leave_alone("one-more.test") && settings.leave_alone("a.test"));
    }

    #[test]
    fn taking_a_site_up_again_ends_whatever_left_it_alone() {
        let mut settings = quiet(&["other.test", "shop.test", "www.shop.test"]);
        settings.take_up("www.shop.test");
        assert_eq!(settings.quiet, ["other.test"]);
    }

    #[test]
    fn a_host_is_told_from_what_is_none() {
        for host in ["shop.test", "xn--bcher-kva.example", "127.0.0.1", "[::1]", "localhost", "my_host"] {
            assert!(is_host(host), "{host}");
        }
        for other in
            ["", "no%20site", ".", "a..b", "a:b", "[shop.test]", "a/b", &"a".repeat(LONGEST_NAME + 1)]
        {
            assert!(!is_host(other), "{other}");
        }
    }

    #[test]
    fn the_chosen_language_goes_before_the_browsers() {
        let chosen = |lang: Option<&str>| Settings { lang: lang.map(str::to_owned), ..Settings::default() };
        assert_eq!(chosen(Some("ar")).speaks("de-AT").tag(), "ar");
        assert_eq!(chosen(None).speaks("de-AT").tag(), "de");
        assert_eq!(chosen(Some("tlh")).speaks("fr").tag(), "fr");
    }
}
