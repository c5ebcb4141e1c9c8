//! Which response fields make a browser or a script act, so that no stored response repeats them.
//!
//! `Clear-Site-Data` on a log-out page acted for the visitor who logged out. A stored response describes a page:
//! it must not log out, sign in or redirect anybody else. Fields that state a policy of the site for all visitors
//! stay: `Strict-Transport-Security`, `Accept-CH`, `Content-Security-Policy`, `Service-Worker-Allowed` and their kind.

use crate::rescue::fields::listed;

/// Fields that act once for the client that receives them.
const ACTING: [&str; 23] = [
    "activate-storage-access",
    "authentication-control",
    "authentication-info",
    "clear-site-data",
    "google-accounts-signin",
    "google-accounts-signout",
    "hx-location",
    "hx-push-url",
    "hx-redirect",
    "hx-refresh",
    "hx-replace-url",
    "hx-reselect",
    "hx-reswap",
    "hx-retarget",
    "idp-signin-status",
    "observe-browsing-topics",
    "optional-www-authenticate",
    "reporting-endpoints",
    "set-login",
    "shared-storage-write",
    "turbolinks-location",
    "x-inertia-location",
    "x-pjax-url",
];

/// The beginnings of further ones. Unpoly steers its script by fields of its own (unpoly.com/up.protocol).
const ACTING_PREFIXES: [&str; 6] =
    ["ad-auction-", "attribution-reporting-", "hx-trigger", "sec-session-", "secure-session-", "x-up-"];

/// A page that reloads itself sooner would load the same copy again and again.
const LEAST_REFRESH_S: u32 = 5;

/// Whether a stored response leaves the field out. `Refresh` stays only where it names no address and waits a
/// while: a status board goes on reloading itself.
pub fn acts(name: &str, value: &str) -> bool {
    if name.eq_ignore_ascii_case("refresh") {
        let seconds = value.trim();
        let digits = !seconds.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
        return !digits || seconds.parse().is_ok_and(|seconds: u32| seconds < LEAST_REFRESH_S);
    }
    let starts = |start: &str| name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    listed(&ACTING, name) || ACTING_PREFIXES.iter().any(|start| starts(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slow_reload_of_the_same_page_stays() {
        for stays in ["5", " 60 ", "4294967295", "99999999999999999999"] {
            assert!(!acts("Refresh", stays), "{stays}");
        }
        for acting in ["0", "4", "", "60; url=/next", "60;url=", "60 /next", "-1", "5.5", "url=/next", "5,/x"]
        {
            assert!(acts("refresh", acting), "{acting}");
        }
    }

    #[test]
    fn names_are_compared_without_case() {
        for name in ["CLEAR-SITE-DATA", "HX-Trigger-After-Swap", "Sec-Session-Challenge", "set-login"] {
            assert!(acts(name, ""), "{name}");
        }
        for name in ["strict-transport-security", "link", "x-robots-tag", "hx-tri", "sec-", "é"] {
            assert!(!acts(name, ""), "{name}");
        }
    }
}
