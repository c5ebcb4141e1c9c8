//! "Tell me when it is back": asks a site again and again, within reason, and tells the visitor.
//!
//! GET only, without cookies, one address at a time by an alarm of its own, so that the background may stop in
//! between. The waits grow, are spread by chance so that many visitors do not come at once, honour
//! `Retry-After`, and end after a day. The address stays in `storage.session`, which is never on the disk; a
//! private window starts no wait.

use crate::api::{self, let_run, settle};
use crate::session::{self, Wait};
use crate::{js, kept, probe, witness};
use backsoon::text;

/// Waits between tries, in seconds; the last one repeats. Browsers ring no alarm before 30 s.
const WAITS_S: [u32; 7] = [30, 30, 60, 60, 120, 300, 600];
/// After this nobody is asked any more, in milliseconds.
const DAY_MS: f64 = 86_400_000.0;

/// Milliseconds until the next try, after `tries` of them; `None` where it is time to give up.
///
/// `waited_ms` is how long the visitor has waited, `retry_after_s` what the site asked for (RFC 9110 §10.2.3),
/// `chance` a number from 0 to 1.
pub fn next_ms(tries: u32, waited_ms: f64, retry_after_s: Option<u32>, chance: f64) -> Option<f64> {
    let row = usize::try_from(tries).unwrap_or(usize::MAX).min(WAITS_S.len().saturating_sub(1));
    let own = WAITS_S.get(row).copied().unwrap_or(600);
    let seconds = f64::from(own.max(retry_after_s.unwrap_or(0).min(3600)));
    let wait = seconds * 1000.0 * (1.0 + chance.clamp(0.0, 1.0) / 4.0);
    (waited_ms + wait <= DAY_MS).then_some(wait)
}

/// Begins to wait for the page in a tab; `false` where the tab is private or gone.
pub async fn start(tab: i32, url: &str) -> bool {
    let facts = settle(api::tabs_get(tab)).await.ok();
    if facts.and_then(|facts| js::flag(&facts, "incognito")) != Some(false) {
        return false;
    }
    // A second wait for one address takes the place of the first, with its alarm.
    let name = session::wait(url).await.map_or_else(random_name, |wait| wait.name);
    let wait = Wait { tab, tries: 0, since: js_sys::Date::now(), name };
    session::keep_wait(url, &wait).await;
    witness::waits(tab, url).await;
    plan(url, &wait, None).await;
    true
}

fn random_name() -> String {
    // As many values as an `f64` tells apart.
    format!("wait.{}", (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64)
}

/// Ends the wait.
pub async fn stop(url: &str) {
    let Some(wait) = session::wait(url).await else { return };
    session::forget_wait(url).await;
    witness::waits_no_more(url).await;
    let_run(api::alarms_clear(&wait.name));
}

/// The alarm of a wait rang. One without an entry, as after a restart of the browser, ends quietly.
pub async fn rang(name: &str) {
    match session::waited(name).await {
        Some(url) => ask(&url).await,
        None => let_run(api::alarms_clear(name)),
    }
}

/// Asks once; tells when it is back, plans the next try when not.
async fn ask(url: &str) {
    let Some(mut wait) = session::wait(url).await else { return };
    let answer = probe::once(url, 0).await;
    // Stopped while the site was thinking.
    if session::wait(url).await.is_none() {
        return;
    }
    // A redirect, which `fetch` keeps to itself, is an answer too.
    let back = answer.error.is_none() && answer.status.is_none_or(|status| !backsoon::badge::is_due(status));
    witness::heard(url, back).await;
    if back {
        tell(&wait, url, "back.title", "back.text").await;
        stop(url).await;
        reload(&wait, url).await;
        return;
    }
    wait.tries = wait.tries.saturating_add(1);
    session::keep_wait(url, &wait).await;
    let after = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let now = js_sys::Date::now();
    plan(url, &wait, after.and_then(|(_, value)| seconds(value, now, js_sys::Date::parse))).await;
}

/// What `Retry-After` asks for, in seconds: a number, or a time of day (RFC 9110 §10.2.3) that `parse` reads.
fn seconds(value: &str, now: f64, parse: impl Fn(&str) -> f64) -> Option<u32> {
    // `as` saturates: a time that has passed, and one that cannot be read, asks for none.
    value
        .trim()
        .parse()
        .ok()
        .or_else(|| Some(((parse(value) - now) / 1000.0).ceil() as u32).filter(|s| *s > 0))
}

/// Opens the page that a notification is about: its tab where it is still there, else a new one.
pub async fn open(name: &str) {
    let_run(api::notifications_clear(name));
    let Some(url) = session::take_told(name).await else { return };
    let tabs = settle(api::tabs_query(&js::object([]))).await.map(|tabs| js_sys::Array::from(&tabs));
    let there = tabs.ok().and_then(|tabs| {
        tabs.iter()
            .filter(|tab| js::flag(tab, "incognito") == Some(false))
            .find(|tab| js::text(tab, "url").as_deref() == Some(url.as_str()))
            .and_then(|tab| js::id(&tab, "id"))
    });
    match there {
        Some(tab) => let_run(api::tabs_update(tab, &js::object([("active", true.into())]))),
        None => let_run(api::tabs_create(&js::object([("url", url.as_str().into())]))),
    }
}

/// Ends every wait: Backsoon was switched off.
pub async fn stop_all() {
    for url in session::waits().await {
        stop(&url).await;
    }
}

async fn plan(url: &str, wait: &Wait, retry_after_s: Option<u32>) {
    let now = js_sys::Date::now();
    match next_ms(wait.tries, now - wait.since, retry_after_s, js_sys::Math::random()) {
        Some(ms) => {
            let when = js::object([("when", (now + ms).into())]);
            let _ = settle(api::alarms_create(&wait.name, &when)).await;
        }
        None => {
            tell(wait, url, "back.given_up", "back.given_up").await;
            session::forget_wait(url).await;
            witness::waits_no_more(url).await;
        }
    }
}

async fn tell(wait: &Wait, url: &str, title: &'static str, body: &'static str) {
    let lang = kept::lang().await;
    let site = web_sys::Url::new(url).map(|url| url.host()).unwrap_or_default();
    let say = |id| text::fill(text::say(lang, id), &[("site", &site)]);
    let what = js::object([
        ("type", "basic".into()),
        ("iconUrl", "icons/128.png".into()),
        ("title", say(title).as_str().into()),
        ("message", say(body).as_str().into()),
    ]);
    session::keep_told(&wait.name, url).await;
    if settle(api::notifications_create(&wait.name, &what)).await.is_err() {
        let _ = session::take_told(&wait.name).await;
    }
}

/// Loads the tab again, unless the visitor has gone elsewhere in it, or wants tabs to stay as they are.
async fn reload(wait: &Wait, url: &str) {
    if kept::settings().await.stay {
        return;
    }
    let Ok(facts) = settle(api::tabs_get(wait.tab)).await else { return };
    if js::text(&facts, "url").as_deref() == Some(url) {
        let_run(api::tabs_reload(wait.tab, &js::object([("bypassCache", true.into())])));
    }
}

#[cfg(test)]
mod tests {
    use super::{next_ms, seconds};

    #[test]
    fn waits_grow_and_never_fall_below_an_alarm() {
        let waits: Vec<f64> = (0..10).filter_map(|tries| next_ms(tries, 0.0, None, 0.0)).collect();
        assert_eq!(waits[..4], [30_000.0, 30_000.0, 60_000.0, 60_000.0]);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]) && waits.len() == 10);
        assert_eq!(next_ms(u32::MAX, 0.0, None, 0.0), Some(600_000.0));
    }

    #[test]
    fn the_site_may_ask_for_longer_not_for_ever() {
        assert_eq!(next_ms(0, 0.0, Some(120), 0.0), Some(120_000.0));
        assert_eq!(next_ms(0, 0.0, Some(5), 0.0), Some(30_000.0));
        assert_eq!(next_ms(0, 0.0, Some(u32::MAX), 0.0), Some(3_600_000.0));
    }

    #[test]
    fn the_site_may_name_a_time_of_day() {
        let noon = |text: &str| if text == "noon" { 60_000.0 } else { f64::NAN };
        assert_eq!(seconds(" 120 ", 0.0, noon), Some(120));
        assert_eq!(seconds("noon", 500.0, noon), Some(60));
        assert_eq!(seconds("noon", 60_001.0, noon), None);
        assert_eq!(seconds("soon", 0.0, noon), None);
    }

    #[test]
    fn visitors_are_spread_and_nobody_waits_more_than_a_day() {
        assert_eq!(next_ms(0, 0.0, None, 1.0), Some(37_500.0));
        assert_eq!(next_ms(0, 0.0, None, f64::INFINITY), Some(37_500.0));
        assert_eq!(next_ms(9, 86_400_000.0 - 1.0, None, 0.0), None);
    }
}
