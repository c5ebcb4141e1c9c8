//! Where the worker stands and whom it asks: routes, custom domains, the workers.dev name, ORIGIN.

use backsoon::rescue::Url;
use toml::Value;

use super::Deployment;

/// How an owner says what only the dashboard knows: a line of its own.
const FAILS_OPEN: &str = "# backsoon: fails open";
/// Words that nobody writes into a wrangler.toml who has no Access.
const ACCESS: [&str; 3] = ["cloudflareaccess.com", "cf-access-", "cf_access_"];
const NO_CACHE: &str = "the platform's cache keeps nothing";

struct Route<'a> {
    pattern: &'a str,
    custom: bool,
}

impl Route<'_> {
    fn host(&self) -> &str {
        self.parts().0
    }

    /// Host, and path with its leading slash or nothing.
    fn parts(&self) -> (&str, &str) {
        let rest = self.pattern.split_once("://").map_or(self.pattern, |(_, rest)| rest);
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    }

    fn is_whole_site(&self) -> bool {
        matches!(self.parts().1, "/*") || (self.parts().1.is_empty() && self.pattern.ends_with('*'))
    }
}

pub fn warnings(on: &Deployment, text: &str) -> Vec<String> {
    let (routes, mut lines) = routes(on);
    let origin = on.setting("ORIGIN").and_then(Url::parse);
    lines.extend(routes.iter().flat_map(|route| shape(route, &routes)));
    let second = on.setting("SECONDARY_ORIGIN").and_then(Url::parse);
    if let Some(origin) = &origin {
        lines.extend(asked("ORIGIN", origin));
        lines.extend(routes.iter().filter_map(|route| circle(route, origin)));
    }
    if let Some(second) = &second {
        lines.extend(asked("SECONDARY_ORIGIN", second));
        lines.extend(same_again(second, origin.as_ref(), &routes));
    }
    if let Some(route) = routes.iter().find(|route| route.custom)
        && origin.is_none()
    {
        let host = route.host();
        lines.push(format!(
            "{host} is a custom domain: the worker itself is the origin there, and without ORIGIN it has nobody to \
             ask; set ORIGIN, or make it the route \"{host}/*\" of a site that the zone has"
        ));
    }
    lines.extend(dev_name(on, &routes, origin.is_some()));
    if routes.iter().any(|route| !route.custom) && !text.lines().any(|line| line.trim() == FAILS_OPEN) {
        lines.push(format!(
            "a route fails closed unless the dashboard says otherwise, which cannot be seen here: past the free plan's \
             100,000 requests a day visitors get an error in place of your site; set Workers Routes > the route > \
             Request limit failure mode to fail open, then write the line {FAILS_OPEN:?} here"
        ));
    }
    let lower = text.to_ascii_lowercase();
    if !on.has_kv() && ACCESS.iter().any(|word| lower.contains(word)) {
        lines.push(format!(
            "this looks like a site behind Access, where {NO_CACHE}, so that there are no copies in an outage; bind \
             COPIES_KV (docs/settings.md, Bindings)"
        ));
    }
    lines
}

/// The routes, and what is said of those that are none.
fn routes<'a>(on: &Deployment<'a>) -> (Vec<Route<'a>>, Vec<String>) {
    let mut found = vec![];
    let mut lines = vec![];
    let one = on.value("route").into_iter();
    let several = on.value("routes").into_iter().flat_map(|list| match list {
        Value::Array(list) => list.iter().collect::<Vec<_>>(),
        other => vec![other],
    });
    for value in one.chain(several) {
        let pattern = value.as_str().or_else(|| value.get("pattern")?.as_str());
        let custom = value.get("custom_domain").and_then(Value::as_bool) == Some(true);
        match pattern {
            Some(pattern) => found.push(Route { pattern, custom }),
            None => lines.push(format!(
                "a route has no pattern ({value}), so that it leads nowhere; write routes = [{{ pattern = \
                 \"shop.example/*\", zone_name = \"shop.example\" }}]"
            )),
        }
    }
    (found, lines)
}

/// What a route's own words get wrong.
fn shape(route: &Route, all: &[Route]) -> Vec<String> {
    let mut lines = vec![];
    let (host, path) = route.parts();
    let pattern = route.pattern;
    if matches!(host, "example.com" | "www.example.com") {
        lines.push(format!("the route {pattern:?} is still the example; put your own host name there"));
    }
    if route.custom {
        if !path.is_empty() || pattern.contains('*') {
            lines.push(format!(
                "the custom domain {pattern:?} has a path or a star, which wrangler refuses; write {:?}",
                host.trim_start_matches(['*', '.'])
            ));
        }
    } else if !pattern.ends_with('*') {
        lines.push(format!(
            "the route {pattern:?} has no /* at its end: that one address passes through the worker and no other; \
             write \"{}/*\"",
            pattern.trim_end_matches('/')
        ));
    } else if !route.is_whole_site() && !all.iter().any(|other| other.host() == host && covers_own(other)) {
        lines.push(format!(
            "the route {pattern:?} leaves out the worker's own address, at which waiting pages ask whether the site is \
             back; add a route \"{host}/.well-known/backsoon/*\""
        ));
    }
    lines
}

fn covers_own(route: &Route) -> bool {
    let path = route.parts().1.trim_end_matches('*');
    !route.custom && route.pattern.ends_with('*') && "/.well-known/backsoon/".starts_with(path)
}

/// Whether there can be a server at ORIGIN, or at the second one.
fn asked(key: &str, origin: &Url) -> Option<String> {
    let name = without_port(&origin.host);
    let is_address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
    if matches!(name, "example.com" | "www.example.com") {
        Some(format!(
            "{key} is still the example; set it to where your site is, or take it out (a route of your own zone needs none)"
        ))
    } else if name == "localhost" || is_address {
        Some(format!(
            "{key} is {name}, which a deployed worker cannot ask: it asks servers by public names only; give the \
             server a name (a DNS record that is not proxied) and set that"
        ))
    } else {
        None
    }
}

fn circle(route: &Route, origin: &Url) -> Option<String> {
    let host = route.host();
    if !host.eq_ignore_ascii_case(without_port(&origin.host)) {
        return None;
    }
    Some(if route.custom {
        format!(
            "ORIGIN is the custom domain {host} itself: the worker would ask itself, and every request ends in its \
             error page; set ORIGIN to a name that leads to the server"
        )
    } else {
        format!(
            "ORIGIN is {host}, the host of the route itself: there the zone's own origin is asked without it, and from \
             another zone the worker would ask itself; take ORIGIN out"
        )
    })
}

fn same_again(second: &Url, origin: Option<&Url>, routes: &[Route]) -> Option<String> {
    let name = without_port(&second.host);
    let again = origin.is_some_and(|origin| origin.host == second.host)
        || routes.iter().any(|route| route.host().eq_ignore_ascii_case(name));
    again.then(|| {
        format!(
            "SECONDARY_ORIGIN leads to {name} again, which has failed whenever it is asked; set it to a server that \
             stands when the first one falls, or take it out"
        )
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The workers.dev name: there by default where there is no route.
fn dev_name(on: &Deployment, routes: &[Route], has_origin: bool) -> Vec<String> {
    let mut lines = vec![];
    let set = on.value("workers_dev").and_then(Value::as_bool);
    match (routes.is_empty(), set) {
        (true, Some(false)) => lines.push(
            "there is no route, and workers_dev = false: nobody reaches the worker; add a route or a custom domain \
             (one that was set in the dashboard cannot be seen here)"
                .into(),
        ),
        (true, _) if !has_origin => lines.push(
            "there is neither a route nor ORIGIN, so that the worker has nobody to ask; set one of them (a route that \
             was set in the dashboard cannot be seen here)"
                .into(),
        ),
        (true, _) if on.has_kv() => lines.push(format!(
            "without a route the worker has its workers.dev name only, where {NO_CACHE}: copies come from COPIES_KV, \
             but every request asks the origin; give it a custom domain or a route"
        )),
        (true, _) => lines.push(format!(
            "without a route the worker has its workers.dev name only, where {NO_CACHE}, so that there are no copies \
             in an outage; bind COPIES_KV (docs/settings.md, Bindings), or give it a custom domain"
        )),
        (false, Some(true)) => lines.push(format!(
            "workers_dev = true puts the site under a workers.dev name beside its own, where {NO_CACHE}{}; set it to \
             false",
            if has_origin { "" } else { " and there is nobody to ask without ORIGIN" }
        )),
        (false, _) => {}
    }
    if on.value("preview_urls").and_then(Value::as_bool) == Some(true) {
        lines.push(format!(
            "preview_urls = true gives each version a public workers.dev name, where {NO_CACHE} and the live origin \
             is asked; set it to false unless you want that"
        ));
    }
    lines
}
