//! What was used last, in memory: bounded by bytes, everything an entry takes included.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use lru::LruCache;

use super::key::Key;
use super::stamp::Stamp;

/// An entry as it lies in memory.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its namespace's place in the list of them.
    pub space: usize,
    pub name: Arc<str>,
    pub bytes: Arc<[u8]>,
    pub stamp: Stamp,
    pub uses: u32,
}

pub(super) struct Memory {
    entries: LruCache<Key, Held, AsItIs>,
    bytes: u64,
    most: u64,
}

/// What an entry takes beside its name and its bytes: itself, its node, its place in the table, and three allocations.
const OVERHEAD: u64 = 256;
/// An entry that takes more than this share would drive out too many others.
const LARGEST_SHARE: u64 = 4;

impl Held {
    fn weight(&self) -> u64 {
        (self.bytes.len() + self.name.len()) as u64 + OVERHEAD
    }
}

impl Memory {
    pub(super) fn new(most: u64) -> Memory {
        Memory { entries: LruCache::unbounded_with_hasher(AsItIs), bytes: 0, most }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn most(&self) -> u64 {
        self.most
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&mut self, key: &Key) -> Option<&mut Held> {
        self.entries.get_mut(key)
    }

    /// Without counting as a use.
    pub(super) fn peek(&self, key: &Key) -> Option<&Held> {
        self.entries.peek(key)
    }

    /// Whether it was taken. `driven_out` is told what had to go for it.
    pub(super) fn put(&mut self, key: Key, held: Held, driven_out: impl FnMut(&Key, &Held)) -> bool {
        self.remove(&key);
        if held.weight() > self.most / LARGEST_SHARE {
            return false;
        }
        self.bytes += held.weight();
        self.entries.put(key, held);
        self.shrink(driven_out);
        true
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Held> {
        let held = self.entries.pop(key)?;
        self.bytes -= held.weight();
        Some(held)
    }

    /// How many went.
    pub(super) fn retain(&mut self, keeps: impl Fn(&Held) -> bool) -> u64 {
        let gone: Vec<Key> = self.entries.iter().filter(|(_, held)| !keeps(held)).map(|(key, _)| *key).collect();
        gone.iter().for_each(|key| drop(self.remove(key)));
        gone.len() as u64
    }

    pub(super) fn bound(&mut self, most: u64, driven_out: impl FnMut(&Key, &Held)) {
        self.most = most;
        self.shrink(driven_out);
    }

    /// What was used last comes first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Held)> {
        self.entries.iter()
    }

    fn shrink(&mut self, mut driven_out: impl FnMut(&Key, &Held)) {
        while self.bytes > self.most {
            let Some((key, held)) = self.entries.pop_lru() else { break };
            self.bytes -= held.weight();
            driven_out(&key, &held);
        }
    }
}

/// Keys are hashes already.
#[derive(Clone, Copy, Default)]
struct AsItIs;

#[derive(Default)]
struct Number(u64);

impl BuildHasher for AsItIs {
    type Hasher = Number;

    fn build_hasher(&self) -> Number {
        Number(0)
    }
}

impl Hasher for Number {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        Key::of("n", 1).number(n).finish()
    }

    fn held(bytes: usize) -> Held {
        let stamp = Stamp { made: 0, ttl: None, cost: 0, is_negative: false };
        Held { space: 0, name: "n:1".into(), bytes: vec![7; bytes].into(), stamp, uses: 0 }
    }

    #[test]
    fn it_stays_within_its_bytes_and_what_was_not_used_goes_first() {
        let mut memory = Memory::new(20_000);
        let mut gone = Vec::new();
        for n in 0..200 {
            assert!(memory.put(key(n), held(1000), |key, _| gone.push(*key)));
            assert!(memory.get(&key(0)).is_some(), "used all the time");
            assert!(memory.bytes() <= 20_000);
        }
        assert_eq!(memory.len() as u64, 20_000 / (1000 + 3 + OVERHEAD));
        assert_eq!(gone.len() + memory.len(), 200);
        assert!(!gone.contains(&key(0)) && gone.contains(&key(1)) && memory.peek(&key(199)).is_some());
        let counted: u64 = memory.iter().map(|(_, held)| held.weight()).sum();
        assert_eq!(memory.bytes(), counted);
    }

    #[test]
    fn what_is_too_large_is_not_taken_and_drives_nothing_out() {
        let mut memory = Memory::new(20_000);
        memory.put(key(1), held(1000), |_, _| panic!());
        assert!(!memory.put(key(2), held(5000), |_, _| panic!()));
        assert!(!memory.put(key(1), held(5000), |_, _| panic!()), "and the older one under the same key is gone");
        assert_eq!((memory.len(), memory.bytes()), (0, 0));
    }

    #[test]
    fn a_smaller_bound_counts_at_once() {
        let mut memory = Memory::new(20_000);
        (0..10).for_each(|n| assert!(memory.put(key(n), held(1000), |_, _| ())));
        let mut gone = 0;
        memory.bound(3000, |_, _| gone += 1);
        assert_eq!((memory.len(), gone), (2, 8));
        assert_eq!(memory.retain(|_| false), 2);
        assert_eq!(memory.bytes(), 0);
        memory.bound(0, |_, _| ());
        assert!(!memory.put(key(1), held(0), |_, _| ()));
    }
}
