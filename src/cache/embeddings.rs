//! Has this text been embedded before? Vectors by the content they were made of.

use std::fmt;
use std::path::Path;

use super::disk::Disk;

/// Counts up when vectors are made, or kept, in another way.
const VERSION: u32 = 1;

/// What a vector was made of: embedder, role and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EmbeddingKey([u8; 32]);

impl EmbeddingKey {
    /// `embedder` is its whole identity; `role` is what the text is to it, a question or a passage.
    pub fn of(embedder: &str, role: &str, text: &str) -> EmbeddingKey {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&VERSION.to_le_bytes());
        for part in [embedder, role, text] {
            // With its length, so that no two triples read the same.
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        EmbeddingKey(*hasher.finalize().as_bytes())
    }
}

/// On disk, in a file of its own that may be deleted at any time.
pub struct EmbeddingCache {
    disk: Disk,
}

impl EmbeddingCache {
    /// The cache in the file at `path`, which holds about `most_bytes` and forgets what was not used for longest. Where it
    /// cannot be opened, nothing is remembered.
    pub fn open(path: &Path, most_bytes: u64) -> EmbeddingCache {
        EmbeddingCache { disk: Disk::open(path, most_bytes) }
    }

    /// One for each key, in order.
    pub fn get_many(&self, keys: &[EmbeddingKey]) -> Vec<Option<Vec<f32>>> {
        let keys: Vec<[u8; 32]> = keys.iter().map(|key| key.0).collect();
        self.disk.get(&keys).into_iter().map(|bytes| bytes.as_deref().and_then(read)).collect()
    }

    pub fn put_many<'a>(&self, vectors: impl IntoIterator<Item = (EmbeddingKey, &'a [f32])>) {
        let write = |vector: &[f32]| vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        let entries: Vec<_> = vectors.into_iter().map(|(key, vector)| (key.0, write(vector))).collect();
        self.disk.put(&entries);
    }
}

fn read(bytes: &[u8]) -> Option<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks();
    (rest.is_empty() && !numbers.is_empty()).then(|| numbers.iter().map(|four| f32::from_le_bytes(*four)).collect())
}

impl fmt::Debug for EmbeddingCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use super::*;

    fn key(n: usize) -> EmbeddingKey {
        EmbeddingKey::of("e@1", "passage", &n.to_string())
    }

    fn put(cache: &EmbeddingCache, numbers: impl IntoIterator<Item = usize>) {
        for n in numbers {
            cache.put_many([(key(n), [n as f32, -0.0, 0.5].as_slice())]);
        }
    }

    fn has(cache: &EmbeddingCache, n: usize) -> bool {
        match cache.get_many(&[key(n)]).remove(0) {
            Some(vector) => {
                assert_eq!(vector, [n as f32, -0.0, 0.5]);
                true
            }
            None => false,
        }
    }

    #[test]
    fn what_was_put_comes_back_bit_by_bit_and_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.redb");
        let vector: Vec<f32> = (0..384).map(|at| (at as f32).sin()).collect();
        let cache = EmbeddingCache::open(&path, 1 << 20);
        cache.put_many([(key(1), vector.as_slice()), (key(2), &[1.0])]);
        let expected = vec![Some(vec![1.0]), None, Some(vector)];
        assert_eq!(cache.get_many(&[key(2), key(3), key(1)]), expected);
        drop(cache);
        let cache = EmbeddingCache::open(&path, 1 << 20);
        assert_eq!(cache.get_many(&[key(2), key(3), key(1)]), expected);
        assert_eq!(cache.get_many(&[]), []);
    }

    #[test]
    fn no_two_triples_have_the_same_key() {
        let parts = ["", "a", "b", "ab", "question", "passage"];
        let mut keys = HashSet::new();
        for embedder in parts {
            for role in parts {
                keys.extend(parts.map(|text| EmbeddingKey::of(embedder, role, text)));
            }
        }
        assert_eq!(keys.len(), parts.len().pow(3));
    }

    #[test]
    fn it_stays_within_its_bytes_and_forgets_what_was_not_used_for_longest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.redb");
        let cache = EmbeddingCache::open(&path, 20_000);
        put(&cache, 0..50);
        let kept = (0..50).filter(|&n| has(&cache, n)).count();
        assert_eq!(kept, 50);
        for n in 50..1000 {
            assert!(has(&cache, 7), "used all the time, before {n}");
            put(&cache, [n]);
        }
        assert!((995..1000).all(|n| has(&cache, n)));
        assert!(!has(&cache, 8));
        let kept = (0..1000).filter(|&n| has(&cache, n)).count();
        assert!((50..200).contains(&kept), "{kept}");
        drop(cache);
        let size = fs::metadata(&path).unwrap().len();
        assert!(size < 2 << 20, "{size}");
        let cache = EmbeddingCache::open(&path, 2000);
        put(&cache, [2000]);
        assert!(
            has(&cache, 2000) && (0..1000).filter(|&n| has(&cache, n)).count() < 20,
            "a smaller bound counts at once"
        );
        cache.put_many([(key(1), vec![1.0; 10_000].as_slice())]);
        assert!(cache.get_many(&[key(1)])[0].is_none(), "what is larger than all of it is not kept");
    }

    #[test]
    fn a_second_process_and_a_file_that_cannot_be_written_are_misses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.redb");
        let one = EmbeddingCache::open(&path, 1 << 20);
        put(&one, [1]);
        let two = EmbeddingCache::open(&path, 1 << 20);
        put(&two, [2]);
        assert!(!has(&two, 1) && !has(&two, 2));
        assert!(has(&one, 1) && !has(&one, 2));
        let nowhere = EmbeddingCache::open(&folder.path().join("no/such/folder/cache.redb"), 1 << 20);
        put(&nowhere, [1]);
        assert!(!has(&nowhere, 1));
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.redb");
        put(&EmbeddingCache::open(&path, 1 << 20), 0..100);
        let good = fs::read(&path).unwrap();
        let damages = [Vec::new(), b"not a cache".repeat(999), good[..good.len() / 3].to_vec(), vec![0xff; good.len()]];
        for bytes in damages {
            fs::write(&path, &bytes).unwrap();
            let cache = EmbeddingCache::open(&path, 1 << 20);
            assert!(!has(&cache, 1));
            put(&cache, [1]);
            assert!(has(&cache, 1));
            drop(cache);
            assert!(fs::read(folder.path().join("cache.damaged.redb")).unwrap() == bytes);
        }
        // Damage inside: whatever happens, a vector is the one that was put or none.
        for at in (0..good.len()).step_by(good.len() / 97) {
            let mut bytes = good.clone();
            bytes[at..(at + 60).min(good.len())].fill(0xa5);
            fs::write(&path, &bytes).unwrap();
            let cache = EmbeddingCache::open(&path, 1 << 20);
            let _ = (0..100).filter(|&n| has(&cache, n)).count();
            put(&cache, 0..3);
        }
    }
}
