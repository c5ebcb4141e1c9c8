//! The part of the story that plays the generation before the newest, in the order in which the worker does.

use crate::story::Story;
use backsoon::cache::vary;
use backsoon::rescue::generations::{counts, follow, older_key, print, shifts, stands_in};
use backsoon::rescue::soft::{self, Held, Spread};
use backsoon::rescue::{StoredCopy, Watch};

impl Story {
    /// The copy as it is kept, if it is, after what it replaces was put aside.
    pub fn generation(
        &mut self,
        watch: &Watch,
        mut copy: StoredCopy,
        found: Option<&(StoredCopy, String)>,
        body: &str,
    ) -> Option<StoredCopy> {
        let old = found.map(|(copy, _)| copy);
        if !copy.good {
            follow(&mut copy, old, None);
            return Some(copy);
        }
        let fits = |copy: &StoredCopy| vary::fits(&copy.selecting, &copy.head.headers, watch.sent_headers());
        let own = found.filter(|(copy, _)| fits(copy));
        let print = print(copy.head.headers.value("content-type"), body.as_bytes());
        copy.print = print;
        if let Some(print) = print.filter(|_| soft::may_spread(&copy.head, body.len() as u64)) {
            let held = own.and_then(|(copy, _)| held(copy));
            if let Spread::Error(keys) = self.catch_all.sighted(&watch.key, print, held, self.now) {
                keys.iter().for_each(|key| self.roll_back(key, print));
                let good = old.is_some_and(|old| old.good);
                copy.good = false;
                follow(&mut copy, old, None);
                return (!good).then_some(copy);
            }
        }
        let put_aside = own.filter(|(old, _)| {
            // The worker reads the length off the head; here it is the body's.
            shifts(&old.clone().with_body_length(0), &copy, self.now)
        });
        if let (Some((old, body)), Some(key)) = (put_aside, older_key(&watch.key)) {
            self.put(&[key], &StoredCopy { generation: 1, ..old.clone() }, body);
        }
        follow(&mut copy, old, put_aside.map(|_| self.now));
        Some(copy)
    }

    /// What was found, or the generation before it where the newest has proved bad.
    pub fn or_older(
        &mut self,
        watch: &Watch,
        found: Option<&(StoredCopy, String)>,
    ) -> Option<(StoredCopy, String)> {
        let (newest, body) = found?.clone();
        let doubted = held(&newest).is_some_and(|held| self.catch_all.doubts(held));
        if !watch.lookup || !stands_in(&newest, doubted) {
            return Some((newest, body));
        }
        let older = self.older(&watch.key, &newest);
        match older.filter(|(older, _)| older.usable(watch, &self.settings, self.now).is_ok()) {
            Some(older) => {
                self.stood_in += 1;
                Some(older)
            }
            None => Some((StoredCopy { good: false, ..newest }, body)),
        }
    }

    pub fn forget(&mut self, key: &str) {
        self.store.remove(key);
        // As a store that fails now and then: what is left behind must not count.
        if !self.now.is_multiple_of(3) {
            older_key(key).map(|older| self.store.remove(&older));
        }
    }

    pub fn older(&self, key: &str, newest: &StoredCopy) -> Option<(StoredCopy, String)> {
        self.entry(&older_key(key)?).filter(|(older, _)| counts(newest, older))
    }

    fn roll_back(&mut self, key: &str, print: u64) {
        let Some((newest, _)) = self.entry(key) else { return };
        if newest.print != Some(print) {
            return;
        }
        match self.older(key, &newest) {
            Some((older, body)) => {
                self.rolled_back += 1;
                let back = StoredCopy { generation: 0, shifted: newest.shifted, ..older };
                self.put(&[key.to_owned()], &back, &body);
            }
            None => self.forget(key),
        }
    }
}

fn held(copy: &StoredCopy) -> Option<Held> {
    copy.print.filter(|_| copy.good).map(|print| Held { print, changed: copy.changed })
}
