//! Settings whose value may differ by path: `15000, /reports/*@60000`.
//!
//! Which paths a value is for, and which one counts where several fit. What the values do is not known here.

use super::{Settings, number, switch};
use crate::rescue::paths::Pattern;
use core::mem::discriminant;

/// The default of `TIMEOUT_MS`.
pub const TIMEOUT_MS: u32 = 15_000;
/// The default of `COPY_AFTER_MS`.
pub const COPY_AFTER_MS: u32 = 2_000;
/// The default of `MAX_COPY_AGE_S`, in milliseconds.
pub const MAX_COPY_AGE_MS: u64 = 7 * 86_400_000;

/// One value of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `TIMEOUT_MS`, in milliseconds.
    TimeoutMs(u32),
    /// `COPY_AFTER_MS`, in milliseconds.
    CopyAfterMs(u32),
    /// `MAX_COPY_AGE_S`, in milliseconds.
    MaxCopyAgeMs(u64),
    /// `CACHE`.
    Cache(bool),
    /// `COPIES`.
    Copies(bool),
    /// `ORIGIN_ERROR_PAGE_PASS_THROUGH`.
    PassThrough(bool),
}

impl Value {
    /// The default of the same setting.
    const fn standard(self) -> Self {
        match self {
            Self::TimeoutMs(_) => Self::TimeoutMs(TIMEOUT_MS),
            Self::CopyAfterMs(_) => Self::CopyAfterMs(COPY_AFTER_MS),
            Self::MaxCopyAgeMs(_) => Self::MaxCopyAgeMs(MAX_COPY_AGE_MS),
            Self::Cache(_) => Self::Cache(true),
            Self::Copies(_) => Self::Copies(true),
            Self::PassThrough(_) => Self::PassThrough(false),
        }
    }
}

/// A value and the paths that it is for.
pub type Local = (Pattern, Value);

/// Reads one value; `None` where it is not what the key expects, or the key has no values by path.
fn read(key: &str, text: &str) -> Option<Value> {
    Some(match key {
        "TIMEOUT_MS" => Value::TimeoutMs(number(text, 100, 120_000)? as u32),
        "COPY_AFTER_MS" => Value::CopyAfterMs(number(text, 0, 60_000)? as u32),
        "MAX_COPY_AGE_S" => Value::MaxCopyAgeMs(number(text, 60, 31_536_000)?.saturating_mul(1000)),
        "CACHE" => Value::Cache(switch(text)?),
        "COPIES" => Value::Copies(switch(text)?),
        "ORIGIN_ERROR_PAGE_PASS_THROUGH" => Value::PassThrough(switch(text)?),
        _ => return None,
    })
}

impl Settings {
    /// These settings as they are for a path; `None` where they are the same for all. Of the values that
    /// fit, the one counts whose path is the most specific.
    #[inline(never)]
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
        let everywhere = everywhere.unwrap_or(some.standard());
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
            Value::CopyAfterMs(ms) => self.copy_after_ms = ms,
            Value::MaxCopyAgeMs(ms) => self.max_copy_age_ms = ms,
            Value::Cache(on) => self.cache = on,
            Value::Copies(on) => self.copies = on,
            Value::PassThrough(on) => self.error_page_pass_through = on,
        }
    }
}
