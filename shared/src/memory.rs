//! A bounded map of what an isolate remembers: when it is full, the least recently updated key goes, and nobody pushes
//! out what others brought.
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
struct Keys(Vec<Spoken>);

/// A key, when it was last spoken of, and on behalf of which client network.
#[derive(Clone, Debug)]
struct Spoken {
    key: String,
    at: Millis,
    network: Option<String>,
}

/// Where a client network has one in so many places, it makes room among its own.
const SHARE: usize = 4;

impl Keys {
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| known.key.as_str().cmp(key))
    }

    /// Who goes for a new key of this network.
    fn oldest(&self, network: Option<&str>, room: usize) -> Option<usize> {
        let own = |known: &Spoken| network.is_some() && known.network.as_deref() == network;
        let crowded = self.0.iter().filter(|known| own(known)).count() >= room.div_ceil(SHARE);
        let may_go = self.0.iter().enumerate().filter(|(_, known)| !crowded || own(known));
        may_go.min_by_key(|(_, known)| known.at).map(|(index, _)| index)
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
        self.put_for(None, key, value, at);
    }

    /// The same on behalf of a client network, which pushes out little of what others brought.
    pub fn put_for(&mut self, network: Option<&str>, key: &str, value: T, at: Millis) {
        if key.len() > MOST_KEY {
            return;
        }
        let mut network = network.map(str::to_owned);
        if let Ok(index) = self.keys.find(key) {
            // What several networks speak of is nobody's own.
            if self.keys.0.get(index).is_some_and(|known| known.network != network) {
                network = None;
            }
            self.take(index);
        } else if self.values.len() >= self.room
            && let Some(oldest) = self.keys.oldest(network.as_deref(), self.room)
        {
            self.take(oldest);
        }
        let (Ok(index) | Err(index)) = self.keys.find(key);
        self.keys.0.insert(index, Spoken { key: key.to_owned(), at, network });
        self.values.insert(index, value);
    }

    /// The key is spoken of again.
    pub fn touch(&mut self, key: &str, at: Millis) {
        if let Ok(index) = self.keys.find(key)
            && let Some(known) = self.keys.0.get_mut(index)
        {
            known.at = at.max(known.at);
        }
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
        all.map(|(known, value)| (known.key.as_str(), value))
            .take_while(move |(key, _)| key.starts_with(start))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_pushes_out_little() {
        let mut memory = Memory::new(8);
        for n in 0..6_u64 {
            memory.put(&format!("old{n}"), n, n);
        }
        for n in 0..100_u64 {
            memory.put_for(Some("203.0.113"), &format!("new{n}"), n, 10 + n);
        }
        assert_eq!((memory.len(), memory.starting("old").count()), (8, 6));
        memory.put_for(Some("198.51.100"), "other", 0, 200);
        assert!(memory.get("old0").is_none() && memory.get("other").is_some(), "the oldest of all goes");
        memory.touch("old1", 300);
        memory.put("last", 0, 301);
        assert!(memory.get("old1").is_some() && memory.get("old2").is_none());
    }
}
