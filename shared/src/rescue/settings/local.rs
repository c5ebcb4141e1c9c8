//! Settings whose value may differ by path: `15000, /reports/*@60000`.
//!
//! Which paths a value is for, and which one counts where several fit. What the values do is not known here.

use super::{Settings, number, switch};
use crate::rescue::paths::Pattern;
use core::mem::discriminant;

/// One value of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `TIMEOUT_MS`, in milliseconds.
    TimeoutMs(u32),
    /// `MAX_COPY_AGE_S`, in milliseconds.
    MaxCopyAgeMs(u64),
    /// `CACHE`.
    Cache(bool),
    /// `COPIES`.
    Copies(bool),
}

/// A value and the paths that it is for.
pub type Local = (Pattern, Value);

/// Reads one value; `None` where it is not what the key expects, or the key has no values by path.
fn read(key: &str, text: &str) -> Option<Value> {
    Some(match key {
        "TIMEOUT_MS" => Value::TimeoutMs(number(text, 100, 120_000)? as u32),
        "MAX_COPY_AGE_S" => Value::MaxCopyAgeMs(number(text, 60, 31_536_000)?.saturating_mul(1000)),
        "CACHE" => Value::Cache(switch(text)?),
        "COPIES" => Value::Copies(switch(text)?),
        _ => return None,
    })
}

impl Settings {
    /// These settings as they are for a path; `None` where they are the same for all. Of the values that
    /// fit, the one counts whose path is the most specific.
    pub fn at(&self, path: &str) -> Option<Self> {
        if self.locals.is_empty() {
            return None;
        }
        let mut here = self.clone();
        for (pattern, value) in &self.locals {
            if pattern.matches(path) {
                here.give(*value);
            }
        }
        Some(here)
    }

    /// One value for all paths at most, and any number of `path@value`; where there is none for all, the
    /// default is. `None` where something is wrong; then nothing has changed.
    pub(super) fn set_by_path(&mut self, key: &str, text: &str) -> Option<()> {
        let (mut everywhere, mut locals) = (None, vec![]);
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.rsplit_once('@') {
                Some((path, value)) => locals.push((Pattern::parse(path)?, read(key, value)?)),
                None if everywhere.is_none() => everywhere = Some(read(key, part)?),
                None => return None,
            }
        }
        let some = everywhere.or(locals.first().map(|(_, value)| *value))?;
        let everywhere = everywhere.unwrap_or_else(|| Self::default().value(some));
        self.give(everywhere);
        self.locals.retain(|(_, value)| discriminant(value) != discriminant(&some));
        if !locals.is_empty() {
            // So that the settings of one path still know those of another.
            self.add((Pattern::all(), everywhere));
        }
        locals.into_iter().for_each(|local| self.add(local));
        Some(())
    }

    /// After all that are as specific or less, so that it counts.
    fn add(&mut self, local: Local) {
        let precision = local.0.precision();
        let later = |(pattern, _): &Local| pattern.precision() > precision;
        let at = self.locals.iter().position(later).unwrap_or(self.locals.len());
        self.locals.insert(at, local);
    }

    fn give(&mut self, value: Value) {
        match value {
            Value::TimeoutMs(ms) => self.timeout_ms = ms,
            Value::MaxCopyAgeMs(ms) => self.max_copy_age_ms = ms,
            Value::Cache(on) => self.cache = on,
            Value::Copies(on) => self.copies = on,
        }
    }

    /// What is set, of the same kind.
    fn value(&self, like: Value) -> Value {
        match like {
            Value::TimeoutMs(_) => Value::TimeoutMs(self.timeout_ms),
            Value::MaxCopyAgeMs(_) => Value::MaxCopyAgeMs(self.max_copy_age_ms),
            Value::Cache(_) => Value::Cache(self.cache),
            Value::Copies(_) => Value::Copies(self.copies),
        }
    }
}
