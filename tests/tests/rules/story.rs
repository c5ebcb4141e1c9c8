//! The worker's story played natively: a store in memory, an origin that is a function, a clock that is a
//! number. It only puts the decisions in order, as the worker does; what is checked is their sum.

use backsoon::breaker::{Admission, Asker, Breaker, Rules, Witness};
use backsoon::cache::freshness::Timing;
use backsoon::cache::near_variant::fits_in_outage;
use backsoon::cache::reuse::{Ask, Reuse, reuse};
use backsoon::cache::serve::{Send, Served};
use backsoon::cache::update::{Validated, serve_validated, validated};
use backsoon::cache::{conditional, serve, variants};
use backsoon::diagnosis::is_gateways_page;
use backsoon::facts::Headers;
use backsoon::rescue::choose::bare;
use backsoon::rescue::confirmations::Confirmations;
use backsoon::rescue::judge::{error_entry, judge_cached};
use backsoon::rescue::network::network_of;
use backsoon::rescue::passage::{on_site, passage};
use backsoon::rescue::respond::relay_edits_after;
use backsoon::rescue::soft::{self, CatchAll, Evidence, Trust, Weighed, ends};
use backsoon::rescue::{
    AnswerHead, Choice, Failure, Judgement, Plan, RequestFacts, Rescue, Settings, StoredCopy, Thrown, Watch,
    choose, failure, plan,
};
use backsoon::status::CacheStatus;
use std::collections::BTreeMap;

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
    /// Of ours: a fallback page.
    pub ours: bool,
}

impl Answer {
    pub fn head(&self) -> AnswerHead {
        AnswerHead { status: self.status, headers: self.headers.clone() }
    }
}

/// What the origin does with a request as it arrives there.
pub type Origin<'a> = &'a mut dyn FnMut(&str, &Headers) -> Result<Answer, Thrown>;

#[derive(Clone)]
pub struct Entry {
    pub field: String,
    pub body: String,
}

pub struct Story {
    pub settings: Settings,
    pub store: BTreeMap<String, Entry>,
    pub breaker: Option<Breaker>,
    pub now: u64,
    pub dice: u32,
    /// How often the origin was asked.
    pub asked: u64,
    pub catch_all: CatchAll,
    /// What others have seen of the origin; its failures are the breaker's to know, where there is one.
    pub evidence: Evidence,
    /// How often an older generation came back, and how often one was shown in the newer's place.
    pub rolled_back: u64,
    pub stood_in: u64,
    pub confirmations: Confirmations,
}

impl Story {
    pub fn new(settings: Settings, now: u64) -> Self {
        Self {
            settings,
            store: BTreeMap::new(),
            breaker: None,
            now,
            dice: 0,
            asked: 0,
            catch_all: CatchAll::default(),
            evidence: Evidence::default(),
            rolled_back: 0,
            stood_in: 0,
            confirmations: Confirmations::default(),
        }
    }

    #[allow(dead_code)]
    pub fn with_breaker(mut self) -> Self {
        self.breaker = Some(Breaker::new(Rules::default()));
        self
    }

    pub fn entry(&self, key: &str) -> Option<(StoredCopy, String)> {
        let entry = self.store.get(key)?;
        Some((StoredCopy::read(&entry.field)?, entry.body.clone()))
    }

    /// The newest entry of the address, and the one that the request's variant selects.
    fn find(&self, watch: &Watch) -> (Option<StoredCopy>, Option<(StoredCopy, String)>) {
        let Some((mut newest, body)) = self.entry(&watch.key) else { return (None, None) };
        self.confirmations.mark(&watch.address, &mut newest);
        if let Some(key) = variants::elsewhere(watch, &newest)
            && let Some((mut variant, variant_body)) = self.entry(&key)
            && variants::counts(&newest, &variant)
        {
            self.confirmations.mark(&watch.address, &mut variant);
            variants::inherit(&newest, &mut variant);
            return (Some(newest), Some((variant, variant_body)));
        }
        (Some(newest.clone()), Some((newest, body)))
    }

    pub fn keep(&mut self, watch: &Watch, copy: StoredCopy, newest: Option<&StoredCopy>, body: &str) {
        let copy = variants::succeed(watch, copy, newest);
        self.put(&variants::keys(watch, &copy, newest), &copy, body);
    }

    pub fn put(&mut self, keys: &[String], copy: &StoredCopy, body: &str) {
        for key in keys {
            self.store.insert(key.clone(), Entry { field: copy.write(), body: body.to_owned() });
        }
    }

    pub fn ask(&mut self, request: RequestFacts, origin: Origin<'_>) -> Answer {
        match plan(request.clone(), &self.settings) {
            Plan::Own(_) => ours(200, vec![]),
            Plan::Bare { outgoing, .. } => {
                match self.fetch(&request.method, &outgoing.apply(&request.headers), origin) {
                    Ok(answer) => {
                        let edits = passage(&request, &answer.head(), &self.settings);
                        Answer { headers: edits.apply(&answer.headers), ..answer }
                    }
                    Err(thrown) => {
                        let failure = failure::from_thrown(&thrown);
                        let head = bare(&failure, &self.settings, self.dice);
                        ours(head.status, head.headers.0)
                    }
                }
            }
            Plan::Refuse(watch, failure) => self.rescue(&watch, &failure, None, None, None),
            Plan::Watch(watch) => self.watched(&watch, origin),
        }
    }

    fn watched(&mut self, watch: &Watch, origin: Origin<'_>) -> Answer {
        let (newest, found) = self.find(watch);
        match reuse(watch, found.as_ref().map(|(copy, _)| copy), self.now) {
            Reuse::Serve(served) => render(served, found.map(|(_, body)| body)),
            Reuse::ServeAndRefresh(served, ask) => {
                let answer = render(served, found.as_ref().map(|(_, body)| body.clone()));
                self.go(watch, &ask, newest.as_ref(), found, origin);
                answer
            }
            Reuse::OnlyIfCached => ours(504, vec![]),
            Reuse::Ask(ask) => {
                let usable =
                    found.as_ref().is_some_and(|(c, _)| c.usable(watch, &self.settings, self.now).is_ok());
                let path = &watch.request.url.path;
                let asker =
                    Asker { path, has_copy: usable, safe: watch.request.is_safe(), waited_ms: 60_000 };
                let (now, dice) = (self.now, self.dice);
                let admission = self.breaker.as_mut().map_or(Admission::Ask, |b| b.admit(asker, now, dice));
                match admission {
                    Admission::Ask => self.go(watch, &ask, newest.as_ref(), found, origin),
                    Admission::Probe if usable => {
                        let failure = failure::from_open_breaker();
                        let copy = found.as_ref().map(|(c, b)| (c.clone(), b.clone()));
                        let answer = self.rescue(watch, &failure, None, copy.as_ref(), newest.as_ref());
                        self.go_as(watch, &ask, newest.as_ref(), found, true, origin);
                        answer
                    }
                    Admission::Probe => self.go_as(watch, &ask, newest.as_ref(), found, true, origin),
                    Admission::Stay | Admission::Wait(_) => self.rescue(
                        watch,
                        &failure::from_open_breaker(),
                        None,
                        found.as_ref(),
                        newest.as_ref(),
                    ),
                }
            }
        }
    }

    fn go(
        &mut self,
        watch: &Watch,
        ask: &Ask,
        newest: Option<&StoredCopy>,
        found: Option<(StoredCopy, String)>,
        origin: Origin<'_>,
    ) -> Answer {
        self.go_as(watch, ask, newest, found, false, origin)
    }

    fn go_as(
        &mut self,
        watch: &Watch,
        ask: &Ask,
        newest: Option<&StoredCopy>,
        found: Option<(StoredCopy, String)>,
        probe: bool,
        origin: Origin<'_>,
    ) -> Answer {
        let mut sent = watch.sent_headers().clone();
        sent.0.retain(|(name, _)| !ask.remove.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
        sent.0.extend(ask.set.iter().cloned());
        let now = self.now;
        let answer = match self.fetch(&watch.request.method, &sent, origin) {
            Ok(answer) => answer,
            Err(thrown) => {
                let failure = failure::from_thrown(&thrown);
                let rescued = self.rescue(watch, &failure, None, found.as_ref(), newest);
                self.outcome(watch, Some((&failure, probe, !rescued.ours)), now);
                return rescued;
            }
        };
        let timing = Timing { requested_at: now, responded_at: now };
        let head = answer.head();
        if let Some((stored, body)) = &found {
            match validated(ask, stored, &on_site(&watch.request, &head, &self.settings), timing) {
                Some(Validated::Holds(copy)) => {
                    self.outcome(watch, None, now);
                    self.keep(watch, (*copy).clone(), newest, body);
                    return render(serve_validated(watch, &copy, now), Some(body.clone()));
                }
                Some(Validated::Other) => {
                    let plain = Ask { why: ask.why, remove: conditional::CONDITIONS.to_vec(), set: vec![] };
                    return self.go_as(watch, &plain, newest, None, probe, origin);
                }
                None => {}
            }
        }
        let like =
            newest.filter(|copy| fits_in_outage(&copy.selecting, &copy.head.headers, watch.sent_headers()));
        let trust = soft::trust(watch, &head, answer.body.as_bytes(), like);
        let usable = found.as_ref().is_some_and(|(c, _)| c.usable(watch, &self.settings, now).is_ok());
        let failures = self.evidence.failures
            || self.breaker.as_ref().is_some_and(|b| b.has_trouble(&watch.request.url.path, now));
        let evidence = Evidence { failures, ..self.evidence };
        let of_gateway = is_gateways_page(head.headers.value("content-type"), answer.body.as_bytes());
        let soft = soft::suspicion(watch, &head, trust, usable)
            .filter(|suspicion| suspicion.weigh(evidence, of_gateway, false) == Weighed::Failed)
            .map(|suspicion| failure::from_soft(suspicion.reason, 0));
        if let (Some(failure), Some(_)) = (soft, soft::before_answering(watch, &head, usable)) {
            let rescued = self.rescue(watch, &failure, Some(&answer), found.as_ref(), newest);
            self.outcome(watch, Some((&failure, probe, !rescued.ours)), now);
            return rescued;
        }
        let judgement = judge_cached(watch, &head, newest, timing, &self.settings);
        let edits = relay_edits_after(ask.why, watch, &head, &judgement, &self.settings);
        match judgement {
            Judgement::Rescue(failure) => {
                let rescued = self.rescue(watch, &failure, Some(&answer), found.as_ref(), newest);
                self.outcome(watch, Some((&failure, probe, !rescued.ours)), now);
                return rescued;
            }
            Judgement::RelayBare(_) | Judgement::Relay { .. } => {}
            Judgement::RelayAndStore(copy) => {
                self.outcome(watch, None, now);
                let has_end = ends::has_end(&copy, answer.body.as_bytes(), answer.body.as_bytes());
                let length = answer.body.len() as u64;
                let cut = ends::may_be_cut(&copy, has_end, length, found.as_ref().map(|(c, _)| c));
                if trust == Trust::Good && !cut {
                    let seen = (*copy).clone().seen(&soft::look(answer.body.as_bytes()));
                    let seen = StoredCopy { has_end: has_end == Some(true), ..seen };
                    let kept = self.generation(watch, seen, found.as_ref(), &answer.body);
                    kept.into_iter().for_each(|kept| self.keep(watch, kept, newest, &answer.body));
                }
                let removed = !ask.remove.is_empty();
                let has = conditional::met(&watch.request.headers, &copy.head, now);
                if removed && has == conditional::Met::NotModified {
                    let member = CacheStatus::forwarded(ask.why, Some(answer.status)).write();
                    let extra = vec![("cache-status".to_owned(), member)];
                    return render(serve::serve(&copy, &watch.request, extra, now), None);
                }
                return Answer { headers: edits.apply(&answer.headers), ..answer };
            }
        }
        self.outcome(watch, None, now);
        self.settle(watch, &head, origin);
        Answer { headers: edits.apply(&answer.headers), ..answer }
    }

    /// The probe of a known address, where one is due, has the same fate.
    fn outcome(&mut self, watch: &Watch, failed: Option<(&Failure, bool, bool)>, now: u64) {
        let dice = self.dice;
        match (&mut self.breaker, failed) {
            (Some(breaker), Some((failure, probe, copy))) => {
                let network = network_of(&watch.request.headers);
                let witness = Witness::of(watch, network.as_deref(), probe);
                breaker.failed(failure, witness, copy, now, dice);
                if breaker.probe(&watch.request.url, false, now).is_some() {
                    breaker.probe_failed(failure, now, dice);
                }
            }
            (Some(breaker), None) => breaker.answered(&watch.request.url.path, now),
            (None, _) => {}
        }
    }

    fn rescue(
        &mut self,
        watch: &Watch,
        failed: &Failure,
        answer: Option<&Answer>,
        found: Option<&(StoredCopy, String)>,
        newest: Option<&StoredCopy>,
    ) -> Answer {
        let found = self.or_older(watch, found);
        let found = found.as_ref();
        let head = answer.map(Answer::head);
        let rescue = Rescue {
            watch,
            failure: failed,
            error: None,
            origin: head.as_ref().map(|head| (head, true)),
            copy: found.map(|(copy, _)| copy),
            now: self.now,
            dice: self.dice,
        };
        match choose(&rescue, &self.settings) {
            Choice::Copy(copy) => {
                let send = match (copy.body, copy.part) {
                    (false, _) => Send::Nothing,
                    (true, Some(part)) => Send::Part(part),
                    (true, None) => Send::Whole,
                };
                render(Served { head: copy.head, send }, found.map(|(_, body)| body.clone()))
            }
            Choice::Page(page) => ours(page.status, page.headers),
            Choice::OriginAnswer { edits, .. } => {
                let answer = answer.expect("an origin's answer was chosen").clone();
                let timing = Timing { requested_at: self.now, responded_at: self.now };
                if let Some(entry) = error_entry(watch, &answer.head(), newest, timing, &self.settings) {
                    self.keep(watch, entry, newest, &answer.body);
                }
                Answer { headers: edits.apply(&answer.headers), ..answer }
            }
        }
    }

    pub fn fetch(&mut self, method: &str, sent: &Headers, origin: Origin<'_>) -> Result<Answer, Thrown> {
        self.asked += 1;
        origin(method, sent)
    }
}

fn ours(status: u16, headers: Vec<(String, String)>) -> Answer {
    Answer { status, headers: Headers(headers), body: "ours".to_owned(), ours: true }
}

fn render(served: Served, body: Option<String>) -> Answer {
    let body = body.unwrap_or_default();
    let body = match served.send {
        Send::Whole => body,
        Send::Part(part) => body.chars().skip(part.first as usize).take(part.len() as usize).collect(),
        Send::Nothing => String::new(),
    };
    Answer { status: served.head.status, headers: served.head.headers, body, ours: false }
}
