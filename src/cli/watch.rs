//! Did a file change? Looks again and again, for there are file systems that tell nobody.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::assistant::Depth;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Watch<'a> {
    paths: &'a [PathBuf],
    depth: Depth,
    seen: Seen,
}

/// Size and time of every file.
type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl<'a> Watch<'a> {
    /// From now on: a change while the files are read for the first time is a change.
    pub(super) fn new(paths: &'a [PathBuf], depth: Depth) -> Watch<'a> {
        Watch { paths, depth, seen: look(paths, depth) }
    }

    pub(super) fn files(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.seen.values().map(|(bytes, _)| bytes).sum()
    }

    /// `wait` says true when it was told to stop; then there is no change to wait for.
    pub(super) fn wait_for_change(&mut self, wait: &mut dyn FnMut(Duration) -> bool) -> bool {
        loop {
            if wait(PAUSE) {
                return false;
            }
            let now = look(self.paths, self.depth);
            if now != self.seen {
                self.seen = now;
                return true;
            }
        }
    }
}

fn look(paths: &[PathBuf], depth: Depth) -> Seen {
    let mut seen = Seen::new();
    let mut folders = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path.clone());
        } else {
            see(path, &mut seen);
        }
    }
    while let Some(folder) = folders.pop() {
        // What cannot be read is reported where it is added.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Links are not followed into folders: they may lead in circles.
            match kind {
                Ok(kind) if kind.is_dir() && depth == Depth::All => folders.push(path),
                Ok(kind) if kind.is_dir() => {}
                _ => see(&path, &mut seen),
            }
        }
    }
    seen
}

fn see(path: &Path, seen: &mut Seen) {
    if let Ok(metadata) = fs::metadata(path)
        && metadata.is_file()
    {
        seen.insert(path.to_owned(), (metadata.len(), metadata.modified().ok()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_changed_and_lost_files_are_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.txt");
        fs::create_dir(folder.path().join("a")).unwrap();
        let paths = [folder.path().to_owned()];
        let mut watch = Watch::new(&paths, Depth::All);
        let changes: [&dyn Fn(); 3] =
            [&|| fs::write(&file, "one").unwrap(), &|| fs::write(&file, "longer").unwrap(), &|| {
                fs::remove_file(&file).unwrap();
            }];
        for change in changes {
            let mut looks = 0;
            assert!(watch.wait_for_change(&mut |_| {
                looks += 1;
                if looks == 2 {
                    change();
                }
                looks > 5
            }));
            assert_eq!(looks, 2);
        }
    }

    #[test]
    fn nothing_changes_in_folders_that_are_not_watched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        let paths = [folder.path().to_owned()];
        let mut watch = Watch::new(&paths, Depth::Direct);
        fs::write(folder.path().join("a/b.txt"), "one").unwrap();
        fs::write(folder.path().join(".hidden"), "one").unwrap();
        let mut looks = 0;
        assert!(!watch.wait_for_change(&mut |_| {
            looks += 1;
            looks > 3
        }));
    }
}
