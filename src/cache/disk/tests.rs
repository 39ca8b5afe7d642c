//! A disk that fails at any moment, files of any kind, and others who have it open.

use std::fs;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::thread;

use redb::StorageBackend;

use super::*;
use crate::cache::stamp::Stamp;
use crate::cache::tests::SetClock;

fn key(n: usize) -> Key {
    Key::of("n", 1).number(n as u64).finish()
}

fn write(n: usize, size: usize) -> Write {
    let stamp = Stamp { made: 1, ttl: None, cost: 2, is_negative: false };
    let noise = blake3::hash(&n.to_le_bytes());
    let bytes: Vec<u8> = noise.as_bytes().iter().copied().cycle().take(size).collect();
    Write { key: key(n), name: format!("n:{n}").into(), stamp, bytes: bytes.into(), compresses: false }
}

fn ledger() -> Ledger {
    Ledger { driven_out: Box::new(|_| ()), tallies: Box::new(|| vec![("n".to_owned(), vec![1, 2])]) }
}

fn clock() -> Arc<dyn Clock> {
    SetClock::new()
}

fn disk(path: &Path, most: u64) -> Disk {
    Disk::open(path, most, ledger(), &clock())
}

fn put(disk: &Disk, numbers: impl IntoIterator<Item = usize>, size: usize) {
    assert!(disk.put_all(numbers.into_iter().map(|n| write(n, size)).collect()));
    disk.settle();
}

/// What comes back is what was put in, or nothing.
fn has(disk: &Disk, n: usize, size: usize) -> bool {
    disk.get(&key(n)).is_some_and(|row| {
        assert_eq!((row.name, row.bytes), (format!("n:{n}"), write(n, size).bytes.to_vec()));
        true
    })
}

#[test]
fn it_stays_within_its_bytes_and_forgets_what_was_not_used_for_longest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.redb");
    for (most, size) in [(9 << 20, 1500), (9 << 20, 5000), (40 << 20, 300), (40 << 20, 4000)] {
        let _ = fs::remove_file(&path);
        let disk = disk(&path, most);
        put(&disk, [0], size);
        for round in 0..60 {
            put(&disk, (1..100).map(|n| round * 100 + n), size);
            assert!(has(&disk, 0, size), "used all the time, after {round}");
            let file = fs::metadata(&path).unwrap().len();
            assert!(file <= most, "{file} of {most} bytes after {round} with {size}");
        }
        assert!(has(&disk, 5999, size));
        assert_eq!(has(&disk, 1, size), most == 40 << 20 && size == 300, "{most} {size}");
        disk.bound(5 << 20);
        disk.settle();
        assert!(has(&disk, 5999, size) && !has(&disk, 1000, size), "a smaller bound counts at once");
    }
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.redb");
    put(&disk(&path, 8 << 20), 0..100, 1500);
    let good = fs::read(&path).unwrap();
    let damages = [Vec::new(), b"not a cache".repeat(999), good[..good.len() / 3].to_vec(), vec![0xff; good.len()]];
    for bytes in damages {
        fs::write(&path, &bytes).unwrap();
        let disk = disk(&path, 8 << 20);
        assert!(!has(&disk, 1, 1500));
        put(&disk, [1], 1500);
        assert!(has(&disk, 1, 1500) && disk.condition().healed == 1);
        drop(disk);
        assert!(fs::read(folder.path().join("cache.damaged.redb")).unwrap() == bytes);
    }
    // Damage inside: whatever happens, an entry is the one that was put or none, and others can be put.
    for at in (0..good.len()).step_by(good.len() / 97) {
        let mut bytes = good.clone();
        bytes[at..(at + 60).min(good.len())].fill(0xa5);
        fs::write(&path, &bytes).unwrap();
        let disk = disk(&path, 8 << 20);
        let _ = (0..100).filter(|&n| has(&disk, n, 1500)).count();
        for _ in 0..3 {
            let _ = disk.put_all(vec![write(500, 1500)]);
            disk.settle();
        }
        assert!(has(&disk, 500, 1500), "damaged at {at}, and not mended");
    }
}

#[test]
fn a_file_that_was_not_closed_is_opened_at_once_or_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.redb");
    let one = disk(&path, 8 << 20);
    put(&one, 0..50, 1500);
    // As a kill would leave it.
    let copy = folder.path().join("copy.redb");
    fs::copy(&path, &copy).unwrap();
    let two = disk(&copy, 8 << 20);
    let kept = (0..50).filter(|&n| has(&two, n, 1500)).count();
    assert_eq!(kept, 50, "all of it was synced");
    put(&two, [77], 1500);
    assert!(has(&two, 77, 1500));
}

#[test]
fn a_second_process_has_none_until_the_first_ends_and_a_folder_that_is_not_there_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.redb");
    let one = disk(&path, 1 << 21);
    put(&one, [1], 100);
    let time = SetClock::new();
    let two = Disk::open(&path, 1 << 21, ledger(), &(Arc::clone(&time) as Arc<dyn Clock>));
    let _ = two.put(write(2, 100));
    two.settle();
    assert!(!has(&two, 1, 100) && !has(&two, 2, 100) && two.condition().why == Some(Why::Locked));
    assert!(has(&one, 1, 100) && !has(&one, 2, 100));
    drop(one);
    time.pass(31);
    let _ = two.put(write(3, 100));
    two.settle();
    assert!(has(&two, 1, 100) && two.condition().why.is_none(), "{:?}", two.condition());
    let nowhere = disk(&folder.path().join("no/such/folder/cache.redb"), 1 << 21);
    let _ = nowhere.put(write(1, 100));
    nowhere.settle();
    assert!(!has(&nowhere, 1, 100));
    assert_eq!(nowhere.condition().why, Some(Why::Refused(io::ErrorKind::NotFound)));
    assert_eq!(nowhere.condition().dropped, 1);
}

#[test]
fn counts_are_kept_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.redb");
    let first = disk(&path, 1 << 21);
    assert!(!path.exists(), "nothing was put in, so there is no file");
    put(&first, [1], 100);
    drop(first);
    assert_eq!(disk(&path, 1 << 21).tallies(), [("n".to_owned(), vec![1, 2])]);
}

/// A disk in memory. It works for some operations and then fails for ever.
#[derive(Clone, Debug)]
struct Failing(Arc<Mutex<Vec<u8>>>, Arc<AtomicUsize>, io::ErrorKind);

impl Failing {
    fn operate<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> io::Result<T>) -> io::Result<T> {
        match self.1.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => work(&mut self.0.lock().unwrap()),
            Err(_) => Err(self.2.into()),
        }
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.operate(|bytes| Ok(bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.operate(|bytes| {
            let start = offset as usize;
            out.copy_from_slice(bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(|bytes| {
            bytes.resize(len as usize, 0);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(|_| Ok(()))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(|bytes| {
            let start = offset as usize;
            bytes[start..start + data.len()].copy_from_slice(data);
            Ok(())
        })
    }
}

/// Whatever operation fails, nobody who asks notices more than a miss, and when the machine works again so does the cache.
#[test]
fn a_disk_that_fails_after_any_operation_is_a_miss_and_heals() {
    let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::InvalidData];
    let operations = {
        let counter = Arc::new(AtomicUsize::new(usize::MAX));
        journey(&counter, io::ErrorKind::Other);
        usize::MAX - counter.load(Relaxed)
    };
    assert!(operations > 100, "{operations}");
    for kind in kinds {
        for after in (0..operations).step_by(operations / 60) {
            let (disk, time) = journey(&Arc::new(AtomicUsize::new(after)), kind);
            // The machine works again.
            disk.1.store(usize::MAX, Relaxed);
            time.pass(31);
            let disk = disk.0;
            // The first finds what is broken, the second what was mended.
            for _ in 0..2 {
                let _ = disk.put_all(vec![write(900, 1500)]);
                disk.settle();
                let _ = disk.get(&key(900));
            }
            time.pass(31);
            let _ = disk.put_all(vec![write(901, 1500)]);
            disk.settle();
            assert!(has(&disk, 901, 1500), "{kind:?} after {after}: {:?}", disk.condition());
        }
    }
}

type Broken = (Disk, Arc<AtomicUsize>);

fn journey(left: &Arc<AtomicUsize>, kind: io::ErrorKind) -> (Broken, Arc<SetClock>) {
    let folder = tempfile::tempdir().unwrap();
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let time = SetClock::new();
    let backend = Failing(bytes, Arc::clone(left), kind);
    let opener: Opener = Box::new(move |_| {
        // What cannot be opened any more is begun anew, as a file would be that was set aside.
        if let Ok(database) = file::builder().create_with_backend(backend.clone()) {
            return Ok(database);
        }
        backend.operate(|bytes| {
            bytes.clear();
            Ok(())
        })?;
        Ok(file::builder().create_with_backend(backend.clone())?)
    });
    let clock = Arc::clone(&time) as Arc<dyn Clock>;
    let disk = Disk::with(&folder.path().join("cache.redb"), 4 << 20, ledger(), &clock, opener);
    for n in 0..12 {
        let _ = disk.put_all(vec![write(n, 1500)]);
        disk.settle();
        let _ = has(&disk, n / 2, 1500);
    }
    ((disk, Arc::clone(left)), time)
}

/// Vectors came faster than a disk wrote them, and those that waited filled the memory.
#[test]
fn what_waits_to_be_written_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(&folder.path().join("cache.redb"), 40 << 20);
    let large: Vec<Write> = (0..40).map(|n| write(n, 1 << 20)).collect();
    for round in 0..4 {
        let mut batch = large.clone();
        batch.iter_mut().for_each(|write| write.key = key(1000 + round));
        let _ = disk.put_all(batch);
        let waiting = *disk.shared.waiting.lock().unwrap();
        assert!(waiting <= (40 << 20).max(WAITING_BYTES), "{waiting}");
    }
    disk.settle();
    assert_eq!(*disk.shared.waiting.lock().unwrap(), 0);
    assert!(disk.put(write(1, 100)), "there is room again");
}

#[test]
fn readers_and_writers_do_not_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(&folder.path().join("cache.redb"), 8 << 20);
    put(&disk, 0..20, 1500);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..2000).for_each(|n| assert!(has(&disk, n % 20, 1500), "a miss beside a write")));
        }
        scope.spawn(|| (0..200).for_each(|n| assert!(disk.put(write(100 + n % 50, 1500)))));
    });
}
