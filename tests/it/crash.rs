//! Killed at any moment while it adds: every document that was reported is there, nothing is half there, and what is
//! found is what is kept.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use docent::domain::ChunkNumber;
use docent::library::{LexicalQuery, Library, stats};

const KILLS: usize = 100;
const FILES: u32 = 60;

#[test]
fn a_killed_add_keeps_what_it_reported_and_nothing_by_halves() {
    // A kill loses nothing that was written, synced or not: where files live in memory, the same kills take less time.
    let memory = Path::new("/dev/shm");
    let home = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
    let (data, docs) = (home.path().join("data"), home.path().join("docs"));
    fs::create_dir(&docs).unwrap();
    let mut world = World { docs, versions: vec![0; FILES as usize], kept: BTreeMap::new(), dice: Dice(0x5eed) };
    for n in 0..FILES {
        world.write(n, 60);
    }
    // How long an undisturbed run takes: kills fall anywhere within.
    let whole = world.add(&data, None).1;
    world.check(&data);
    let (mut kills, mut reported, mut runs) = (0, 0, 0);
    while kills < KILLS {
        runs += 1;
        assert!(runs < 4 * KILLS, "only {kills} of {runs} runs were killed in time");
        if world.dice.below(12) == 0 {
            // From nothing: the first moments of a library are part of its life.
            fs::remove_dir_all(&data).unwrap();
            world.kept.clear();
        }
        // Some runs are long enough for several groups to become durable one after another.
        let is_long = world.dice.below(8) == 0;
        for n in 0..FILES {
            if is_long || world.dice.below(3) == 0 {
                world.versions[n as usize] += 1;
                world.write(n, if is_long { 900 } else { 12 });
            }
        }
        let most = if is_long { whole * 6 } else { whole };
        let moment = most.mul_f64(world.dice.below(1100) as f64 / 1000.0);
        let (done, _, was_killed) = world.add(&data, Some(moment));
        kills += usize::from(was_killed);
        reported += done;
        world.check(&data);
    }
    assert!(reported > KILLS, "only {reported} documents were ever reported: the kills came too early");
}

struct World {
    docs: PathBuf,
    /// Of each file's content, as it is on disk.
    versions: Vec<u32>,
    /// Documents that were reported: the oldest version that may be found.
    kept: BTreeMap<u32, u32>,
    dice: Dice,
}

impl World {
    fn path(&self, n: u32) -> PathBuf {
        self.docs.join(format!("file{n}.txt"))
    }

    /// Paragraphs with words of their own, between a first and a last that must stand together.
    fn write(&mut self, n: u32, paragraphs: u64) {
        let version = self.versions[n as usize];
        let mut text = format!("begin{n}v{version} of this document.\n\n");
        for paragraph in 0..self.dice.below(paragraphs) {
            let filler = "plain words that every document has ".repeat(8);
            text.push_str(&format!("Paragraph {paragraph} of word{n}v{version} and {filler}.\n\n"));
        }
        text.push_str(&format!("This was all, says end{n}v{version}."));
        fs::write(self.path(n), text).unwrap();
    }

    /// Runs an add, kills it after `moment`, and notes what it reported: how many, how long, and whether it was killed.
    fn add(&mut self, data: &Path, moment: Option<Duration>) -> (usize, Duration, bool) {
        let began = now();
        let mut child = start(data, &self.docs);
        let lines = BufReader::new(child.stderr.take().unwrap());
        let (sender, reported) = crossbeam_channel::unbounded();
        let (mut done, mut deadline) = (0, moment.map(|moment| began + moment));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for line in lines.split(b'\n').map_while(Result::ok) {
                    // A line that the kill cut short names no file.
                    if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                        return;
                    }
                }
            });
            loop {
                let line = match deadline {
                    Some(deadline) => reported.recv_deadline(deadline),
                    None => reported.recv().map_err(|_| crossbeam_channel::RecvTimeoutError::Disconnected),
                };
                match line {
                    Ok(line) => {
                        if let Some(n) = self.number(&line) {
                            self.kept.insert(n, self.versions[n as usize]);
                            done += 1;
                        }
                    }
                    Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                        // What it still managed to say counts.
                        let _ = child.kill();
                        deadline = None;
                    }
                    Err(crossbeam_channel::RecvTimeoutError::Disconnected) => break,
                }
            }
        });
        let status = child.wait().unwrap();
        assert!(status.success() || moment.is_some(), "{status}");
        (done, now() - began, !status.success())
    }

    /// The file an `added PATH` or `updated PATH` speaks of.
    fn number(&self, line: &str) -> Option<u32> {
        let path = line.strip_prefix("added ").or_else(|| line.strip_prefix("updated "))?;
        let name = Path::new(path).strip_prefix(&self.docs).ok()?.to_str()?;
        name.strip_prefix("file")?.strip_suffix(".txt")?.parse().ok()
    }

    fn check(&mut self, data: &Path) {
        let library = Library::open(data).unwrap();
        let snapshot = library.snapshot();
        let figures = stats(&library).unwrap();
        assert!(figures.agree(), "{figures:?}");
        let mut found = BTreeSet::new();
        let mut chunks = 0;
        for document in snapshot.documents(None).unwrap() {
            let n = self.number(&format!("added {}", document.source)).unwrap();
            let text = snapshot.text(&document.id).unwrap().unwrap();
            let begin = format!("begin{n}v");
            let version: u32 = text.strip_prefix(&begin).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert!(text.ends_with(&format!("end{n}v{version}.")), "file {n} is there by half");
            assert!(version <= self.versions[n as usize]);
            assert!(self.kept.get(&n).is_none_or(|&kept| version >= kept), "file {n} fell back to {version}");
            for number in snapshot.chunks_of(&document.id).unwrap() {
                let chunk = snapshot.chunk(ChunkNumber(number)).unwrap().unwrap();
                assert_eq!(chunk.text, text[chunk.chunk.range]);
                chunks += 1;
            }
            let query = |word: String| LexicalQuery { groups: vec![vec![(word, 1.0)]], ..LexicalQuery::default() };
            let hits = snapshot.search(&query(format!("end{n}v{version}")), 10).unwrap();
            assert_eq!(hits.len(), 1, "file {n} cannot be found");
            let last = snapshot.chunk(hits[0].chunk).unwrap().unwrap();
            assert_eq!(last.document.id, document.id);
            if version > 0 {
                let ghost = snapshot.search(&query(format!("end{n}v{}", version - 1)), 10).unwrap();
                assert_eq!(ghost, [], "file {n} is found by what it no longer says");
            }
            found.insert(n);
        }
        assert_eq!(figures.chunks, chunks);
        let lost: HashSet<_> = self.kept.keys().filter(|n| !found.contains(n)).collect();
        assert!(lost.is_empty(), "reported and not there: {lost:?}");
    }
}

/// SplitMix64: the same kills on every machine that is equally fast.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[expect(clippy::disallowed_methods, reason = "a kill needs a moment, and no clock of ours runs in the other process")]
fn now() -> Instant {
    Instant::now()
}

fn start(data: &Path, docs: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docent"));
    command.arg("--data-dir").arg(data).args(["-v", "add", "--recursive"]).arg(docs);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}
