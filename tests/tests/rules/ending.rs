//! The part of the story that ends entries: claims, neutral requests and unsafe requests, in the order in which the
//! worker does them. And that nothing else ends one.

use crate::random::dice::Dice;
use crate::story::{Answer, Origin, Story};
use backsoon::cache::freshness::Timing;
use backsoon::cache::invalidate::invalidated;
use backsoon::facts::Headers;
use backsoon::rescue::confirmations::Turn;
use backsoon::rescue::copy::Change;
use backsoon::rescue::ending::{Finding, change, claim, finding};
use backsoon::rescue::generations::print;
use backsoon::rescue::judge::judge_cached;
use backsoon::rescue::network::{ADDRESS_FIELD, network_of};
use backsoon::rescue::plan::key_of;
use backsoon::rescue::{
    AnswerHead, CopyRefusal, Judgement, Kind, Plan, RequestFacts, Settings, StoredCopy, Url, Watch, neutral,
    plan,
};

impl Story {
    /// What an answer asks for: one neutral request, or marks on what an unsafe request has changed.
    pub fn settle(&mut self, watch: &Watch, head: &AnswerHead, origin: Origin<'_>) {
        let network = network_of(&watch.request.headers);
        let address = watch.address.clone();
        if let Some(change) = change(watch, head) {
            let urls = invalidated(watch, head, &self.settings);
            for url in urls {
                let change = if url == address { change } else { Change::Changed };
                self.changed(&url, change, network.as_deref(), &watch.request.headers, origin);
            }
        } else if claim(watch, head, &self.settings).is_some()
            && self.entry(&watch.key).is_some()
            && self.confirmations.claimed(&address, watch.kind, network.as_deref(), self.now) == Turn::Now
        {
            self.confirm(&address, watch.kind, &watch.request.headers, None, origin);
        }
    }

    /// What waits for a visitor from another network runs when one comes.
    pub fn confirm_what_waits(&mut self, request: &RequestFacts, origin: Origin<'_>) {
        let network = network_of(&request.headers);
        if let Some(due) = self.confirmations.due(&request.url.host, network.as_deref(), self.now) {
            let outdated = self.entry(&key_of(&due.url, due.kind)).is_some_and(|(e, _)| e.outdated.is_some());
            self.confirm(&due.url, due.kind, &request.headers, outdated.then_some(None), origin);
        }
    }

    fn changed(
        &mut self,
        url: &Url,
        change: Change,
        network: Option<&str>,
        context: &Headers,
        origin: Origin<'_>,
    ) {
        let now = self.now;
        let kinds = Kind::ALL.into_iter().filter(|kind| self.entry(&key_of(url, *kind)).is_some());
        let kinds: Vec<Kind> = kinds.collect();
        let asks = !kinds.is_empty() && self.confirmations.spends(url, network, now);
        let change = if asks { change } else { Change::Changed };
        self.confirmations.changed(url, change, now);
        let found = match (kinds.first(), asks) {
            (Some(kind), true) => self.confirm(url, *kind, context, Some(network), origin),
            (Some(kind), false) => {
                self.confirmations.wait(url, *kind, network, now);
                None
            }
            (None, _) => None,
        };
        let change = found.map_or(change, |found| found.leaves(change));
        self.confirmations.changed(url, change, now);
        for kind in kinds {
            self.rewrite(&key_of(url, kind), |copy| {
                if copy.timing.requested_at < now {
                    copy.outdate(change, now);
                }
            });
        }
    }

    /// `by`: it runs in the context of a visitor of this network, who has just changed the address.
    fn confirm(
        &mut self,
        url: &Url,
        kind: Kind,
        context: &Headers,
        by: Option<Option<&str>>,
        origin: Origin<'_>,
    ) -> Option<Finding> {
        let key = key_of(url, kind);
        let newest = self.entry(&key);
        let request = neutral::request(url.clone(), kind, newest.as_ref().map(|(copy, _)| copy), context);
        let Plan::Watch(watch) = plan(request, &self.settings) else { return None };
        assert_eq!(watch.key, key, "the neutral request is of the entry's kind");
        let answer = self.fetch("GET", watch.sent_headers(), origin).ok()?;
        let head = answer.head();
        let found = finding(&watch, &head, &self.settings);
        if found.needs_start_page() {
            let start = self.fetch("GET", watch.sent_headers(), origin).ok()?;
            if (start.status, seen(&start)) == (answer.status, seen(&answer)) {
                return None;
            }
        }
        let keys = [watch.key.clone()];
        match found {
            _ if found.withholds()
                && let Some(Some(network)) = by =>
            {
                self.confirmations.wait(url, kind, Some(network), self.now);
            }
            Finding::Gone | Finding::Withdrawn => keys.iter().for_each(|key| self.forget(key)),
            Finding::Refused(status) => {
                let now = self.now;
                keys.iter().for_each(|key| self.rewrite(key, |copy| copy.suspend(status, now)));
            }
            Finding::Good if by.is_some() => {
                let timing = Timing { requested_at: self.now, responded_at: self.now };
                let newest = newest.map(|(copy, _)| copy);
                let judged = judge_cached(&watch, &head, newest.as_ref(), timing, &self.settings);
                if let Judgement::RelayAndStore(copy) = judged {
                    self.keep(&watch, *copy, newest.as_ref(), &answer.body);
                }
            }
            Finding::Other if by.is_some() => {
                let now = self.now;
                self.confirmations.changed(url, Change::Deleted, now);
                self.rewrite(&key, |copy| copy.outdate(Change::Deleted, now));
            }
            Finding::Good | Finding::Other | Finding::Failed => {}
        }
        Some(found)
    }

    fn rewrite(&mut self, key: &str, change: impl FnOnce(&mut StoredCopy)) {
        if let Some((mut copy, body)) = self.entry(key) {
            change(&mut copy);
            self.put(&[key.to_owned()], &copy, &body);
        }
    }
}

fn seen(answer: &Answer) -> Option<u64> {
    print(answer.headers.value("content-type"), answer.body.as_bytes())
}

const PAGE: &str = "https://shop.test/page";

fn visitor(network: &str) -> RequestFacts {
    let fields = [
        ("accept", "text/html"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("user-agent", "Mozilla/5.0 (X11) Firefox/140.0"),
        (ADDRESS_FIELD, network),
    ];
    let url = Url::parse(PAGE).expect("an address");
    RequestFacts { method: "GET".to_owned(), url, headers: fields.into_iter().collect(), body: false }
}

fn answer(status: u16, body: &str) -> Answer {
    let headers = [("content-type", "text/html")].into_iter().collect();
    Answer { status, headers, body: body.to_owned(), ours: false }
}

fn is_neutral(sent: &Headers) -> bool {
    sent.value("user-agent").is_some_and(|agent| agent.contains("Backsoon"))
}

/// A story in which a visitor has seen the page.
fn seen_once() -> Story {
    let mut story = Story::new(Settings::default(), 1_795_000_000_000);
    story.ask(visitor("203.0.113.1"), &mut |_, _| Ok(answer(200, "a good page")));
    story
}

/// Whether the next visitor is shown the copy in an outage, and its `Cache-Status`.
fn in_outage(story: &mut Story) -> (bool, String) {
    story.now += 1000;
    let shown = story.ask(visitor("203.0.113.1"), &mut |_, _| Ok(answer(502, "")));
    let status = shown.headers.value("cache-status").unwrap_or_default().to_owned();
    (shown.body == "a good page", status)
}

#[test]
fn no_request_of_one_visitor_ends_an_entry_or_marks_it() {
    let methods =
        ["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "QUERY", "SEARCH", "PATCH", "MKCOL", "FOO"];
    let fields = [
        ("accept-language", "xx"),
        ("user-agent", "sqlmap"),
        ("referer", "1 union select"),
        ("cookie", "ab=zzz"),
        ("cookie", "_ga=1"),
        ("authorization", "Bearer x"),
        ("x-forwarded-host", "evil.test"),
        ("range", "bytes=0-1"),
        ("cache-control", "no-cache"),
        ("if-none-match", "\"x\""),
        ("accept", "application/json"),
        ("hx-request", "true"),
        ("x-unlisted", "1"),
    ];
    let mut asked = 0_u64;
    for seed in 0..2_000 {
        let mut dice = Dice::new(seed);
        let mut story = seen_once();
        for _ in 0..1 + dice.below(4) {
            story.now += dice.below(100_000);
            // One person with many addresses of one network, and of none that the platform knows.
            let mut request = visitor(["198.51.100.1", "198.51.100.2", "?"][dice.below(3) as usize]);
            request.method = (*dice.pick(&methods)).to_owned();
            request.body = dice.once_in(3);
            for _ in 0..dice.below(4) {
                let (name, value) = *dice.pick(&fields);
                request.headers.0.retain(|(known, _)| known != name);
                request.headers.0.push((name.to_owned(), value.to_owned()));
            }
            let status = *dice.pick(&[404_u16, 410, 401, 403, 451, 400, 405, 429, 301, 308, 302, 304, 200]);
            let control = *dice.pick(&["", "private", "no-store", "max-age=600", "private, max-age=9"]);
            // The site is well: the origin answers so to this visitor only.
            let mut origin = |_: &str, sent: &Headers| {
                asked += u64::from(is_neutral(sent));
                let own = ["cookie", "authorization", "referer"].iter().any(|name| sent.has(name));
                assert!(!is_neutral(sent) || !own, "{seed}: {sent:?}");
                let mut told = answer(status, "told one visitor");
                told.headers.0.push(("cache-control".to_owned(), control.to_owned()));
                // A 200 that is for all may take the entry's place.
                let usual = is_neutral(sent)
                    || (status == 200 && !control.starts_with("private") && control != "no-store");
                Ok(if usual { answer(200, "a good page") } else { told })
            };
            // A successful unsafe request changes the page.
            if !request.is_safe() && (200..400).contains(&status) {
                continue;
            }
            story.ask(request.clone(), &mut origin);
            story.confirm_what_waits(&visitor("203.0.113.1"), &mut origin);
        }
        let (copy, status) = in_outage(&mut story);
        assert!(copy && !status.contains("older-than-a-change"), "{seed}: {status}");
    }
    assert!(asked > 100, "hardly anything is confirmed: {asked}");
}

#[test]
fn a_page_that_is_confirmed_gone_is_never_shown_again() {
    for status in [404, 410, 401, 451] {
        let mut story = seen_once();
        let mut gone = |_: &str, _: &Headers| Ok(answer(status, "told everybody"));
        story.ask(visitor("198.51.100.1"), &mut gone);
        assert!(in_outage(&mut story).0, "{status}: one network is not enough");
        story.confirm_what_waits(&visitor("198.51.100.9"), &mut gone);
        assert!(in_outage(&mut story).0, "{status}: nor is another address of it");
        story.confirm_what_waits(&visitor("203.0.113.1"), &mut gone);
        assert!(!in_outage(&mut story).0, "{status}");
        // A good answer brings it back.
        story.ask(visitor("203.0.113.1"), &mut |_, _| Ok(answer(200, "a good page")));
        assert!(in_outage(&mut story).0, "{status}");
    }
}

#[test]
fn a_403_that_the_start_page_gives_too_suspends_nothing() {
    for (start, ends) in [("Blocked", false), ("Welcome", true)] {
        let mut story = seen_once();
        let mut asked = 0;
        let mut origin = |_: &str, sent: &Headers| {
            asked += u32::from(is_neutral(sent));
            Ok(answer(403, if asked == 2 { start } else { "Blocked" }))
        };
        story.ask(visitor("198.51.100.1"), &mut origin);
        story.confirm_what_waits(&visitor("203.0.113.1"), &mut origin);
        assert_eq!(in_outage(&mut story).0, !ends, "{start}");
    }
}

/// Sends an unsafe request that succeeds; the neutral GET after it is answered with this status.
fn unsafe_request(story: &mut Story, method: &str, then: u16) {
    story.now += 1000;
    let request = RequestFacts { method: method.to_owned(), ..visitor("198.51.100.1") };
    story.ask(request, &mut |asked, sent| {
        Ok(answer(
            if is_neutral(sent) { then } else { 200 },
            if asked == "GET" { "a good page" } else { "done" },
        ))
    });
}

#[test]
fn an_unsafe_success_outdates_the_entry_until_the_origin_has_shown_it_again() {
    for (method, then, copy, labelled) in [
        ("POST", 200, true, false),
        ("POST", 502, true, true),
        ("POST", 404, false, false),
        ("PUT", 302, true, true),
        ("DELETE", 200, true, false),
        ("DELETE", 502, false, false),
        ("DELETE", 410, false, false),
    ] {
        let mut story = seen_once();
        unsafe_request(&mut story, method, then);
        // What ends an entry is asked for again in the context of a visitor from another network.
        let unconfirmed = method == "DELETE" && then != 200;
        assert_eq!(in_outage(&mut story).0, !unconfirmed, "{method} {then}");
        story.confirm_what_waits(&visitor("203.0.113.1"), &mut |_, _| Ok(answer(then, "told everybody")));
        let (shown, status) = in_outage(&mut story);
        assert_eq!(shown, copy, "{method} {then}: {status}");
        assert_eq!(status.contains("older-than-a-change"), labelled, "{method} {then}: {status}");
    }
}

#[test]
fn beyond_the_bound_a_deletion_only_labels_until_a_later_visitor_confirms() {
    for (then, shown) in [(200, true), (404, false)] {
        let mut story = seen_once();
        unsafe_request(&mut story, "DELETE", 200);
        unsafe_request(&mut story, "DELETE", 502);
        let (copy, status) = in_outage(&mut story);
        assert!(copy && status.contains("older-than-a-change"), "{status}");
        let body = if then == 200 { "a good page" } else { "gone" };
        story.confirm_what_waits(&visitor("203.0.113.1"), &mut |_, _| Ok(answer(then, body)));
        let (copy, status) = in_outage(&mut story);
        assert_eq!(copy, shown, "{then}: {status}");
        assert!(!status.contains("older-than-a-change"), "{then}: {status}");
    }
}

#[test]
fn what_the_owner_wants_forgotten_is_forgotten() {
    let mut story = seen_once();
    let forget = [("PURGE_BEFORE", "*@2036-01-01T00:00:00Z")];
    story.settings = Settings::parse(forget).0;
    assert!(!in_outage(&mut story).0);
    let Plan::Watch(watch) = plan(visitor("203.0.113.1"), &story.settings) else { panic!("not watched") };
    let (copy, _) = story.entry(&watch.key).expect("an entry");
    assert_eq!(copy.usable(&watch, &story.settings, story.now), Err(CopyRefusal::Forgotten));
}
