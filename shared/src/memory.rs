//! What an isolate remembers of addresses: so many, and when that is full, who was longest not spoken of goes.
//!
//! A sorted list and not a tree: there are at most a thousand, and a tree for each thing that is remembered
//! would be a twentieth of the wasm.

use crate::time::Millis;

/// Longer keys are not remembered, so that addresses made up by anybody cannot fill an isolate: in bytes.
const MOST_KEY: usize = 4096;

/// Values by key, with a bound.
#[derive(Clone, Debug)]
pub struct Memory<T> {
    room: usize,
    keys: Keys,
    values: Vec<T>,
}

/// The part that is the same for all values.
#[derive(Clone, Debug, Default)]
struct Keys(Vec<(String, Millis)>);

impl Keys {
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(key))
    }

    fn oldest(&self) -> Option<usize> {
        let oldest = self.0.iter().enumerate().min_by_key(|(_, (_, at))| *at);
        oldest.map(|(index, _)| index)
    }
}

impl<T> Memory<T> {
    /// Nothing yet, and room for so many keys.
    pub fn new(room: usize) -> Self {
        Self { room, keys: Keys::default(), values: vec![] }
    }

    /// What is remembered of the key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.values.get(self.keys.find(key).ok()?)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.values.get_mut(self.keys.find(key).ok()?)
    }

    /// Remembers a value, spoken of at `at`. A key that is too long is not remembered.
    pub fn put(&mut self, key: &str, value: T, at: Millis) {
        if key.len() > MOST_KEY {
            return;
        }
        if let Ok(index) = self.keys.find(key) {
            self.take(index);
        } else if self.values.len() >= self.room
            && let Some(oldest) = self.keys.oldest()
        {
            self.take(oldest);
        }
        let (Ok(index) | Err(index)) = self.keys.find(key);
        self.keys.0.insert(index, (key.to_owned(), at));
        self.values.insert(index, value);
    }

    /// Forgets the key.
    pub fn remove(&mut self, key: &str) {
        if let Ok(index) = self.keys.find(key) {
            self.take(index);
        }
    }

    /// Keys that start so, in order, with their values.
    pub fn starting<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a T)> {
        let (Ok(from) | Err(from)) = self.keys.find(start);
        let all = self.keys.0.iter().zip(&self.values).skip(from);
        all.map(|((key, _), value)| (key.as_str(), value)).take_while(move |(key, _)| key.starts_with(start))
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn take(&mut self, index: usize) {
        self.keys.0.remove(index);
        self.values.remove(index);
    }
}
