//! Adding and syncing real folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{AddEvent, AddOptions, AddReport, Depth, Outcome, add, sync};
use crate::clock::SystemClock;
use crate::domain::{CollectionName, DocumentId, Language};
use crate::library::{LexicalQuery, Library, stats};
use crate::text::Analyser;

struct Home {
    folder: tempfile::TempDir,
    library: Library,
}

impl Home {
    fn new(files: &[(&str, &str)]) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("data")).unwrap();
        let home = Home { folder, library };
        fs::create_dir(home.docs()).unwrap();
        for (name, text) in files {
            home.write(name, text);
        }
        home
    }

    fn docs(&self) -> PathBuf {
        // The system's temporary folder may itself be a link.
        self.folder.path().join("docs")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.docs().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn options() -> AddOptions {
        AddOptions { depth: Depth::All, ..AddOptions::default() }
    }

    fn add(&self) -> AddReport {
        self.checked(add(
            &self.library,
            &[self.docs()],
            &Home::options(),
            &SystemClock,
            &mut |_| {},
            &AtomicBool::new(false),
        ))
    }

    fn sync(&self) -> AddReport {
        self.checked(sync(
            &self.library,
            &[self.docs()],
            &Home::options(),
            &SystemClock,
            &mut |_| {},
            &AtomicBool::new(false),
        ))
    }

    fn checked(&self, report: crate::fault::Result<AddReport>) -> AddReport {
        let report = report.unwrap();
        assert!(report.broken.is_none(), "{:?}", report.broken);
        let figures = stats(&self.library).unwrap();
        assert!(figures.agree(), "{figures:?}");
        assert_eq!((report.documents, report.chunks), (figures.documents, figures.chunks));
        report
    }

    /// Source below the folder -> id.
    fn listed(&self) -> BTreeMap<String, DocumentId> {
        let documents = self.library.snapshot().documents(None).unwrap();
        documents
            .into_iter()
            .map(|document| {
                let below = Path::new(&document.source).strip_prefix(self.docs()).unwrap();
                (below.to_str().unwrap().to_owned(), document.id)
            })
            .collect()
    }

    fn finds(&self, word: &str) -> usize {
        // The language of so little text may be taken for any.
        let terms: BTreeSet<_> = Language::KNOWN.iter().map(|&of| Analyser::new(of).joined(word)).collect();
        let group = terms.into_iter().chain([word.to_owned()]).map(|term| (term, 1.0)).collect();
        let query = LexicalQuery { groups: vec![group], head_weight: 1.0, collection: None };
        self.library.snapshot().search(&query, 100).unwrap().len()
    }
}

fn counts(report: &AddReport) -> [u64; 5] {
    [report.added, report.updated, report.unchanged, report.renamed, report.removed]
}

#[test]
fn a_folder_is_added_once_and_then_only_what_changed() {
    let home = Home::new(&[("a.txt", "zebra one"), ("b.txt", "zebra two"), ("sub/c.md", "zebra three")]);
    assert_eq!(counts(&home.add()), [3, 0, 0, 0, 0]);
    assert_eq!(home.finds("zebra"), 3);
    assert_eq!(counts(&home.add()), [0, 0, 3, 0, 0]);
    let id = home.listed()["b.txt"].clone();
    home.write("b.txt", "giraffe");
    assert_eq!(counts(&home.add()), [0, 1, 2, 0, 0]);
    assert_eq!((home.finds("zebra"), home.finds("giraffe")), (2, 1));
    assert_eq!(home.listed()["b.txt"], id);
}

#[test]
fn the_same_size_and_time_do_not_hide_a_change() {
    let home = Home::new(&[("a.txt", "zebra")]);
    let path = home.docs().join("a.txt");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    home.add();
    home.write("a.txt", "tapir");
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(counts(&home.add()), [0, 1, 0, 0, 0]);
    assert_eq!(home.finds("tapir"), 1);
}

#[test]
fn a_moved_file_is_recognised_and_a_copied_one_is_another() {
    let home = Home::new(&[("a.txt", "zebra"), ("b.txt", "tapir")]);
    home.add();
    let before = home.listed();
    fs::rename(home.docs().join("a.txt"), home.docs().join("moved.txt")).unwrap();
    fs::copy(home.docs().join("b.txt"), home.docs().join("copy.txt")).unwrap();
    assert_eq!(counts(&home.add()), [1, 0, 1, 1, 0]);
    let after = home.listed();
    assert_eq!(after.keys().collect::<Vec<_>>(), ["b.txt", "copy.txt", "moved.txt"]);
    assert_eq!(after["moved.txt"], before["a.txt"]);
    assert_ne!(after["copy.txt"], before["b.txt"]);
    assert_eq!(home.finds("moved"), 1, "the new name is searched");
}

#[test]
fn one_of_two_copies_takes_the_place_of_what_is_gone() {
    let home = Home::new(&[("a.txt", "zebra")]);
    home.add();
    let id = home.listed()["a.txt"].clone();
    fs::remove_file(home.docs().join("a.txt")).unwrap();
    home.write("x.txt", "zebra");
    home.write("y.txt", "zebra");
    assert_eq!(counts(&home.add()), [1, 0, 0, 1, 0]);
    assert_eq!(home.listed().values().filter(|&known| *known == id).count(), 1);
}

#[test]
fn sync_removes_what_is_gone_and_add_does_not() {
    let home = Home::new(&[("a.txt", "zebra"), ("sub/b.txt", "tapir"), ("sub/c.txt", "okapi")]);
    home.add();
    fs::remove_file(home.docs().join("a.txt")).unwrap();
    fs::rename(home.docs().join("sub/b.txt"), home.docs().join("sub/d.txt")).unwrap();
    assert_eq!(counts(&home.add()), [0, 0, 1, 1, 0]);
    assert_eq!(home.finds("zebra"), 1);
    assert_eq!(counts(&home.sync()), [0, 0, 2, 0, 1]);
    assert_eq!(home.finds("zebra"), 0);
    fs::remove_dir_all(home.docs().join("sub")).unwrap();
    fs::create_dir(home.docs().join("new")).unwrap();
    home.write("new/d.txt", "tapir");
    assert_eq!(counts(&home.sync()), [0, 0, 0, 1, 1], "a move and a removal in one");
    assert_eq!(home.listed().keys().collect::<Vec<_>>(), ["new/d.txt"]);
}

#[test]
fn sync_of_a_folder_that_is_not_there_removes_nothing() {
    let home = Home::new(&[("a.txt", "zebra")]);
    home.add();
    fs::remove_dir_all(home.docs()).unwrap();
    let report = home.sync();
    assert_eq!(counts(&report), [0; 5]);
    assert_eq!(report.failed[0].1.code, "file_not_found");
    assert_eq!(home.finds("zebra"), 1);
}

#[test]
fn a_bad_file_costs_itself_alone() {
    let home = Home::new(&[("a.txt", "zebra"), ("z.txt", "zebra")]);
    fs::write(home.docs().join("bad.txt"), [0u8, 159, 146, 150, 0, 1, 2, 0]).unwrap();
    fs::write(home.docs().join("empty.txt"), "").unwrap();
    let missing = home.docs().join("missing.txt");
    let mut events = Vec::new();
    let report = add(
        &home.library,
        &[missing.clone(), home.docs()],
        &Home::options(),
        &SystemClock,
        &mut |event| match event {
            AddEvent::Started { files, .. } => events.push(format!("{files} files")),
            AddEvent::Failed { path, fault, .. } => {
                assert!(fault.what.contains(path.to_str().unwrap()), "{}", fault.what);
                events.push(format!("failed {}", path.file_name().unwrap().to_str().unwrap()));
            }
            AddEvent::Done { outcome, .. } => events.push(format!("{outcome:?}")),
            AddEvent::Embedded { .. } => panic!("there is no embedder"),
            AddEvent::Publishing => events.push("publishing".into()),
        },
        &AtomicBool::new(false),
    );
    let report = home.checked(report);
    assert_eq!(report.added + report.failed.len() as u64, 5);
    assert!(report.failed.iter().any(|(path, _)| *path == missing));
    assert_eq!(home.finds("zebra"), 2);
    assert_eq!((events[0].as_str(), events.last().unwrap().as_str()), ("5 files", "publishing"));
}

#[test]
fn stopping_keeps_what_was_reported() {
    let files: Vec<_> = (0..200).map(|n| (format!("{n:03}.txt"), format!("zebra number{n}"))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let home = Home::new(&files);
    let stop = AtomicBool::new(false);
    let mut reported = Vec::new();
    let options = Home::options();
    let report = add(
        &home.library,
        &[home.docs()],
        &options,
        &SystemClock,
        &mut |event| match event {
            AddEvent::Started { .. } => stop.store(true, Ordering::Relaxed),
            AddEvent::Done { path, outcome: Outcome::Added, .. } => reported.push(path.to_owned()),
            _ => {}
        },
        &stop,
    );
    let report = home.checked(report);
    assert!(report.stopped && report.added < 200, "{report:?}");
    assert_eq!((reported.len() as u64, home.listed().len() as u64), (report.added, report.added));
    let rest = home.add();
    assert_eq!(rest.added + report.added, 200);
    assert_eq!(home.finds("zebra"), 100, "as many as were asked for");
}

#[test]
fn collections_do_not_mix() {
    let home = Home::new(&[("a.txt", "zebra")]);
    home.add();
    let options = AddOptions { collection: CollectionName::new("zoo").unwrap(), ..Home::options() };
    let report = add(&home.library, &[home.docs()], &options, &SystemClock, &mut |_| {}, &AtomicBool::new(false));
    assert_eq!(counts(&report.unwrap()), [1, 0, 0, 0, 0]);
    fs::remove_file(home.docs().join("a.txt")).unwrap();
    home.write("b.txt", "tapir");
    let report = sync(&home.library, &[home.docs()], &options, &SystemClock, &mut |_| {}, &AtomicBool::new(false));
    assert_eq!(counts(&report.unwrap()), [1, 0, 0, 0, 1]);
    assert_eq!(home.finds("zebra"), 1, "the other collection was not synced");
}

/// The writer ended while readers waited to hand over what they had read, and the run never ended.
#[test]
fn readers_that_wait_for_the_writer_do_not_wait_for_ever() {
    let home = Home::new(&[]);
    for n in 0..2_000 {
        home.write(&format!("{n}.txt"), &format!("Note {n} is about the heron."));
    }
    let (sender, receiver) = crossbeam_channel::bounded(1);
    std::thread::spawn(move || {
        let stop = AtomicBool::new(false);
        let mut progress = |event: AddEvent<'_>| {
            if let AddEvent::Done { .. } = event {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let report = add(&home.library, &[home.docs()], &Home::options(), &SystemClock, &mut progress, &stop).unwrap();
        sender.send((report.stopped, report.added)).unwrap();
    });
    let (stopped, added) = receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("the run ends");
    assert!(stopped && added > 0 && added < 2_000, "{added}");
}
