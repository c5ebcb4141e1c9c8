//! Whether a stored answer may be given without asking the origin, and if not, how to ask (RFC 9111 §4).
//!
//! Decides before anything has failed; what a stored answer is worth after a failure, `rescue` decides.

use crate::cache::conditional::{self, CONDITIONS, Met};
use crate::cache::directives::{Directives, Policy};
use crate::cache::freshness::{self, Lifetime};
use crate::cache::serve::{Served, serve_aged};
use crate::rescue::cookies::CookieClass;
use crate::rescue::copy::{CopyAge, StoredCopy};
use crate::rescue::failure::is_failure;
use crate::rescue::judge::StoreRefusal;
use crate::rescue::kind::Kind;
use crate::rescue::negotiate::Wants;
use crate::rescue::plan::Watch;
use crate::status::CacheStatus;
use crate::status::cache_status::Forward;
use crate::time::Millis;

/// How the origin is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Why it is asked.
    pub why: Forward,
    /// Fields to remove from the outgoing request.
    pub remove: Vec<&'static str>,
    /// Fields to set then: the validators of the stored answer. Where there are any, a 304 is meant for us.
    pub set: Vec<(String, String)>,
}

impl Ask {
    /// As the client asked, but for this reason.
    fn plainly(why: Forward) -> Self {
        Self { why, remove: vec![], set: vec![] }
    }

    /// As the client asked, without a look into the store.
    pub fn past_the_store(watch: &Watch) -> Self {
        Self::plainly(if watch.request.reads() { Forward::Bypass } else { Forward::Method })
    }

    /// Without the conditions that asked about something else than what the origin now has.
    #[must_use]
    pub fn unconditionally(&self) -> Self {
        Self { why: self.why, remove: CONDITIONS.to_vec(), set: vec![] }
    }

    /// Whether a 304 would answer our own question and not the client's.
    pub fn validates(&self) -> bool {
        !self.set.is_empty()
    }
}

/// What to do before the origin is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Answer from store.
    Serve(Served),
    /// Answer from store, and ask the origin afterwards (RFC 5861 §3).
    ServeAndRefresh(Served, Ask),
    /// Ask the origin.
    Ask(Ask),
    /// The client wants a stored answer or none (RFC 9111 §5.2.1.7): 504.
    OnlyIfCached,
}

/// Decides. `stored` is what is kept under the request's key, `fits` already considered by nobody.
pub fn reuse(watch: &Watch, stored: Option<&StoredCopy>, now: Millis) -> Reuse {
    let request = &watch.request;
    if !request.reads() || request.body {
        return Reuse::Ask(Ask::plainly(Forward::Method));
    }
    let asked = Directives::read(&request.headers, "cache-control");
    let ask = |ask: Ask| if asked.has("only-if-cached") { Reuse::OnlyIfCached } else { Reuse::Ask(ask) };
    let stored = stored.filter(|stored| stored.timing.responded_at >= watch.forgotten_before);
    let Some(stored) = stored else { return ask(fill(watch, Forward::UriMiss)) };
    let sent = watch.sent_headers();
    if !crate::cache::vary::fits(&stored.selecting, &stored.head.headers, sent) {
        return ask(fill(watch, Forward::VaryMiss));
    }
    if conditional::met(&request.headers, &stored.head, stored.timing.responded_at) == Met::AskOrigin {
        return ask(Ask::plainly(Forward::Request));
    }
    if asked.has("no-store") {
        return ask(Ask::plainly(Forward::Request));
    }
    let sight = Sight::of(stored, now);
    match refused(watch, &asked, stored, &sight) {
        None => Reuse::Serve(hit(watch, stored, &sight)),
        Some(why) => match stale_answer(watch, &asked, stored, why, &sight) {
            Some(reuse) => reuse,
            None => ask(validate(watch, stored, why)),
        },
    }
}

/// What the stored fields say now, read once: this is the hot path.
struct Sight {
    policy: Policy,
    lifetime: Lifetime,
    age: CopyAge,
}

impl Sight {
    fn of(stored: &StoredCopy, now: Millis) -> Self {
        let policy = Policy::read(&stored.head.headers);
        let (lifetime, age) = stored.sight(&policy, now);
        Self { policy, lifetime, age }
    }
}

/// Asks so that a whole answer can be kept: the client's own conditions are answered from it.
fn fill(watch: &Watch, why: Forward) -> Ask {
    let headers = &watch.request.headers;
    let special =
        ["range", "if-match", "if-unmodified-since", "if-range"].iter().any(|name| headers.has(name));
    let remove =
        if watch.store.is_ok() && !special { vec!["if-none-match", "if-modified-since"] } else { vec![] };
    Ask { why, remove, set: vec![] }
}

/// Asks whether the stored answer still holds. HEAD has no body that could replace a stored one; and what the origin
/// says to a visitor whom it may know, or of an address with a value that anybody can choose, must not renew what
/// everybody else gets.
fn validate(watch: &Watch, stored: &StoredCopy, why: Forward) -> Ask {
    if watch.is_identified() || watch.store == Err(StoreRefusal::Campaign) {
        return Ask::plainly(why);
    }
    // A 304 that gives a cookie confirms nothing for everybody.
    let set = if stored.outage_only { vec![] } else { conditional::validators(&stored.head.headers) };
    if watch.request.method != "GET" || set.is_empty() || stored.head.status != 200 {
        return fill(watch, why);
    }
    Ask { why, remove: CONDITIONS.to_vec(), set }
}

/// Why the stored answer does not do as it is; `None` where it does (RFC 9111 §4).
fn refused(watch: &Watch, asked: &Directives, stored: &StoredCopy, sight: &Sight) -> Option<Forward> {
    // A kept error is for those who would be handed the origin's own; a person is owed a page.
    let takes_errors = matches!(watch.wants, Wants::Subresource | Wants::Anything);
    if is_failure(stored.head.status) && !takes_errors {
        return Some(Forward::Miss);
    }
    // RFC 9111 §4.4 for what an unsafe request changed.
    if stored.outage_only || stored.suspended.is_some() || stored.outdated.is_some() {
        return Some(Forward::Stale);
    }
    // RFC 9111 §5.2.2.4.
    if sight.policy.directives.has("no-cache") {
        return Some(Forward::Stale);
    }
    // RFC 9111 §5.4: Pragma counts only where Cache-Control says nothing.
    let pragma =
        watch.request.headers.value("pragma").is_some_and(|p| p.to_ascii_lowercase().contains("no-cache"));
    if asked.has("no-cache") || (asked.is_empty() && pragma) {
        return Some(Forward::Request);
    }
    let age = &sight.age;
    if age.ttl_s <= 0 {
        return Some(Forward::Stale);
    }
    if watch.is_identified() && !is_for_everybody(watch, stored, sight) {
        return Some(Forward::Request);
    }
    // RFC 9111 §5.2.1.1 and §5.2.1.3.
    let too_old = asked.seconds("max-age").is_some_and(|most| age.age_s > most || most == 0);
    let too_short = asked.seconds("min-fresh").is_some_and(|least| age.ttl_s.unsigned_abs() < least);
    if too_old || too_short { Some(Forward::Request) } else { None }
}

/// Whether a stored answer, which a stranger got, is also for a visitor whom the origin may know. A cookie alone is no
/// hindrance: an origin that says for how long an answer is fresh, and neither `private` nor `Vary: Cookie`, says so to
/// every cache (RFC 9111 §4). Credentials and fields that are not known need more: that the origin calls it public, that
/// it is a file of a page, or that all of them selected it. A guess at its lifetime is not good enough for anybody who
/// is known, and neither is another status than 200: a 401 or a redirect to a log-in is what strangers get.
fn is_for_everybody(watch: &Watch, stored: &StoredCopy, sight: &Sight) -> bool {
    if stored.head.status != 200 || matches!(sight.lifetime, Lifetime::Heuristic(_)) {
        return false;
    }
    let grants = |directive| sight.policy.directives.grants(directive);
    let authorized = watch.request.headers.has("authorization");
    let cookie_alone = watch.unlisted.is_empty() && !authorized;
    // RFC 9111 §3.5.
    let said = grants("public") || grants("s-maxage");
    let granted = said || (watch.unlisted.is_empty() && grants("must-revalidate"));
    cookie_alone || granted || watch.kind == Kind::Part || is_selected_by_identity(watch, stored)
}

fn is_selected_by_identity(watch: &Watch, stored: &StoredCopy) -> bool {
    let selects = |name: &str| stored.selecting.iter().any(|(known, _)| known == name);
    watch.unlisted.iter().all(|name| selects(name))
        && (watch.cookies != CookieClass::Identifying || selects("cookie"))
        && (!watch.request.headers.has("authorization") || selects("authorization"))
}

/// A stale answer that may go out all the same: while it is validated, or because the client accepts it.
fn stale_answer(
    watch: &Watch,
    asked: &Directives,
    stored: &StoredCopy,
    why: Forward,
    sight: &Sight,
) -> Option<Reuse> {
    let directives = &sight.policy.directives;
    let explicit = matches!(sight.lifetime, Lifetime::Explicit(_));
    if stored.outage_only || stored.suspended.is_some() || stored.outdated.is_some() {
        return None;
    }
    if watch.is_identified() && !is_for_everybody(watch, stored, sight) {
        return None;
    }
    if why != Forward::Stale || !explicit || sight.age.ttl_s > 0 || directives.has("no-cache") {
        return None;
    }
    let over = sight.age.ttl_s.unsigned_abs();
    let window = freshness::while_revalidate_s(directives);
    let strict = asked.has("max-age") || asked.has("min-fresh");
    if window > 0 && over <= window && !strict {
        return Some(Reuse::ServeAndRefresh(hit(watch, stored, sight), validate(watch, stored, why)));
    }
    // RFC 9111 §5.2.1.2: without a number any staleness will do.
    let most = asked.seconds("max-stale");
    let accepts = asked.has("max-stale")
        && asked.argument("max-stale").is_none_or(|_| most.is_some_and(|most| over <= most));
    let allowed = !matches!(freshness::stale_rule_by(directives), freshness::StaleRule::Forbidden(_));
    if accepts && allowed { Some(Reuse::Serve(hit(watch, stored, sight))) } else { None }
}

fn hit(watch: &Watch, stored: &StoredCopy, sight: &Sight) -> Served {
    let member = CacheStatus::hit(sight.age.ttl_s).write();
    serve_aged(stored, &watch.request, vec![("cache-status".to_owned(), member)], sight.age.age_s)
}
