//! Which files a person means by the paths given.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::fault::Fault;

/// Files in the order in which they will be reported, and what could not be walked.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub files: Vec<Found>,
    /// Folders among the given paths that were walked.
    pub roots: Vec<PathBuf>,
    pub failed: Vec<(PathBuf, Fault)>,
    seen: HashSet<PathBuf>,
    /// Folders by their real path: a symbolic link may lead back to where it stands.
    entered: HashSet<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub path: PathBuf,
    /// The absolute path, in the one spelling the library knows.
    pub source: String,
    /// As the folder says; the file may have changed when it is read.
    pub bytes: u64,
}

/// How far a folder is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// The files that stand in it.
    #[default]
    Direct,
    /// Its folders too.
    All,
}

/// A file that is named is taken whatever it is called; in a folder, hidden files and those that `readable` does not
/// know are passed over.
pub(super) fn walk(paths: &[PathBuf], depth: Depth, readable: &dyn Fn(&Path) -> bool) -> Walk {
    let mut walk = Walk::default();
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                match absolute(path) {
                    Ok(root) => walk.roots.push(root),
                    Err(fault) => {
                        walk.failed.push((path.clone(), fault));
                        continue;
                    }
                }
                walk.folder(path, depth, readable);
            }
            Ok(metadata) => walk.file(path, metadata.len()),
            Err(error) => walk.failed.push((path.clone(), unreadable(path, error))),
        }
    }
    walk
}

impl Walk {
    fn folder(&mut self, start: &Path, depth: Depth, readable: &dyn Fn(&Path) -> bool) {
        // A stack, not recursion: a folder tree may be deeper than a thread's stack.
        let mut folders = vec![start.to_owned()];
        while let Some(folder) = folders.pop() {
            match fs::canonicalize(&folder) {
                Ok(real) => {
                    if !self.entered.insert(real) {
                        continue;
                    }
                }
                Err(error) => {
                    self.failed.push((folder.clone(), unreadable(&folder, error)));
                    continue;
                }
            }
            let mut inner = Vec::new();
            for path in self.entries(&folder) {
                match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_dir() => inner.push(path),
                    Ok(metadata) if metadata.is_file() && readable(&path) => self.file(&path, metadata.len()),
                    // Pipes, sockets and devices are nobody's documents unless they are named.
                    Ok(_) => {}
                    // A link that leads nowhere, or a file that went away while we looked.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => self.failed.push((path.clone(), unreadable(&path, error))),
                }
            }
            if depth == Depth::All {
                folders.extend(inner.into_iter().rev());
            }
        }
    }

    /// What is not hidden, by name.
    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        let listed = fs::read_dir(folder).and_then(|entries| {
            for entry in entries {
                let entry = entry?;
                if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                    paths.push(entry.path());
                }
            }
            Ok(())
        });
        if let Err(error) = listed {
            self.failed.push((folder.to_owned(), unreadable(folder, error)));
        }
        paths.sort();
        paths
    }

    fn file(&mut self, path: &Path, bytes: u64) {
        match absolute(path) {
            Ok(real) if !self.seen.insert(real.clone()) => {}
            Ok(real) => match real.to_str() {
                Some(source) => self.files.push(Found { path: path.to_owned(), source: source.to_owned(), bytes }),
                None => self.failed.push((path.to_owned(), not_utf8(path))),
            },
            Err(fault) => self.failed.push((path.to_owned(), fault)),
        }
    }
}

/// The path from the root, without `.` and `..`. Links stay as they are: a person finds a document where they put it.
pub fn absolute(path: &Path) -> Result<PathBuf, Fault> {
    let whole = std::path::absolute(path).map_err(|error| unreadable(path, error))?;
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    Ok(plain)
}

fn not_utf8(path: &Path) -> Fault {
    Fault::caller("name_not_utf8", format!("cannot add {}: its name is not UTF-8", path.display())).hint("rename it")
}

fn unreadable(path: &Path, error: io::Error) -> Fault {
    let shown = path.display();
    let fault = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Fault::caller("file_not_found", format!("cannot read {shown}: no such file or folder"))
                .hint("check the path")
        }
        io::ErrorKind::PermissionDenied => {
            Fault::machine("file_not_permitted", format!("cannot read {shown}: no right to read it"))
                .hint("give this user the right to read it")
        }
        _ => Fault::machine("file_unreadable", format!("cannot read {shown}: the system could not read it"))
            .hint("check the disk, then try again"),
    };
    fault.because_of(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, paths: &[&str], depth: Depth) -> (Vec<String>, Vec<(String, &'static str)>) {
        let paths: Vec<_> = paths.iter().map(|path| folder.join(path)).collect();
        let walk = walk(&paths, depth, &|path| path.extension().is_some_and(|e| e == "txt"));
        let inside = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        let failed = walk.failed.iter().map(|(path, fault)| (inside(path), fault.code)).collect();
        (walk.files.iter().map(|found| inside(Path::new(&found.source))).collect(), failed)
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in ["b.txt", "a.txt", "sub/c.txt", "sub/deep/d.txt", ".hidden.txt", ".git/x.txt", "picture.png"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_is_walked_in_order_as_deep_as_asked() {
        let folder = tree();
        assert_eq!(names(folder.path(), &["."], Depth::Direct).0, ["a.txt", "b.txt"]);
        assert_eq!(names(folder.path(), &[""], Depth::All).0, ["a.txt", "b.txt", "sub/c.txt", "sub/deep/d.txt"]);
    }

    #[test]
    fn what_is_named_is_taken_once_whatever_its_name() {
        let folder = tree();
        let (files, failed) =
            names(folder.path(), &["picture.png", ".hidden.txt", "sub/../a.txt", "a.txt", "sub"], Depth::Direct);
        assert_eq!(files, ["picture.png", ".hidden.txt", "a.txt", "sub/c.txt"]);
        assert_eq!(failed, []);
        assert_eq!(names(folder.path(), &["nothing"], Depth::All).1, [("nothing".into(), "file_not_found")]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_loops_are_not() {
        use std::os::unix::fs::symlink;
        let folder = tree();
        symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
        symlink("nowhere", folder.path().join("dangling.txt")).unwrap();
        symlink(folder.path().join("b.txt"), folder.path().join("link.txt")).unwrap();
        let (files, failed) = names(folder.path(), &["."], Depth::All);
        assert_eq!(files, ["a.txt", "b.txt", "link.txt", "sub/c.txt", "sub/deep/d.txt"]);
        assert_eq!(failed, []);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf8_is_reported_and_the_rest_goes_on() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tree();
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "x").unwrap();
        let (files, failed) = names(folder.path(), &["."], Depth::Direct);
        assert_eq!(files, ["a.txt", "b.txt"]);
        assert_eq!(failed, [("caf\u{fffd}.txt".into(), "name_not_utf8")]);
    }
}
