//! How does a file come into memory without blocking, without surprise, and whole?

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::{Limits, Problem, ReadError};

/// The bytes of a regular file, as they were at one moment.
pub fn load(path: &Path, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    load_watching(path, limits, &mut || {}).map_err(|problem| problem.of(path.display().to_string()))
}

/// `after_reading` runs between the read and the check that the file stayed the same.
fn load_watching(path: &Path, limits: &Limits, after_reading: &mut dyn FnMut()) -> Result<Vec<u8>, Problem> {
    // Opening a pipe would wait for its writer, so its kind is asked first, and asked again of what was opened.
    regular(&std::fs::metadata(path).map_err(from_io)?)?;
    for _ in 0..2 {
        let mut file = File::open(path).map_err(from_io)?;
        let before = file.metadata().map_err(from_io)?;
        regular(&before)?;
        if before.len() > limits.file_bytes {
            return Err(Problem::TooLarge { bytes: before.len(), limit: limits.file_bytes });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0) + 1);
        (&mut file).take(limits.file_bytes + 1).read_to_end(&mut bytes).map_err(from_io)?;
        after_reading();
        let after = file.metadata().map_err(from_io)?;
        let same = bytes.len() as u64 == before.len()
            && before.len() == after.len()
            && before.modified().ok() == after.modified().ok();
        if same {
            return if bytes.is_empty() { Err(Problem::Empty) } else { Ok(bytes) };
        }
    }
    Err(Problem::Changed)
}

fn regular(metadata: &Metadata) -> Result<(), Problem> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(Problem::NotAFile("a folder"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Err(Problem::NotAFile("a pipe"));
        }
        if kind.is_socket() {
            return Err(Problem::NotAFile("a socket"));
        }
    }
    Err(Problem::NotAFile("a device"))
}

fn from_io(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Problem::Missing,
        io::ErrorKind::PermissionDenied => Problem::NoRights,
        _ => Problem::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load_in(name: &str, limits: &Limits, make: impl FnOnce(&Path)) -> Result<Vec<u8>, ReadError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        make(&path);
        load(&path, limits)
    }

    #[test]
    fn a_file_comes_whole() {
        let bytes = load_in("a.txt", &Limits::default(), |path| fs::write(path, "hola").unwrap()).unwrap();
        assert_eq!(bytes, b"hola");
    }

    #[test]
    fn what_is_not_a_readable_file_says_what_it_is() {
        let limits = Limits::default();
        let problem = |result: Result<Vec<u8>, ReadError>| result.unwrap_err().problem.to_string();
        assert_eq!(problem(load_in("missing.txt", &limits, |_| {})), "no such file");
        assert_eq!(
            problem(load_in("folder", &limits, |path| fs::create_dir(path).unwrap())),
            "it is a folder, not a file"
        );
        assert_eq!(problem(load_in("empty.txt", &limits, |path| fs::write(path, "").unwrap())), "the file is empty");
        assert_eq!(problem(load(Path::new("/dev/null"), &limits)), "it is a device, not a file");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_without_a_writer_does_not_block() {
        let error = load_in("pipe", &Limits::default(), |path| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        });
        assert_eq!(error.unwrap_err().problem.to_string(), "it is a pipe, not a file");
    }

    #[test]
    fn a_sparse_giant_is_refused_by_its_size() {
        let error = load_in("giant.txt", &Limits::default(), |path| {
            File::create(path).unwrap().set_len(5 << 30).unwrap();
        });
        assert!(matches!(error.unwrap_err().problem, Problem::TooLarge { bytes, .. } if bytes == 5 << 30));
    }

    #[test]
    fn a_file_that_changes_is_read_again_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        fs::write(&path, "one").unwrap();
        let mut reads = 0;
        let bytes = load_watching(&path, &Limits::default(), &mut || {
            reads += 1;
            if reads == 1 {
                fs::write(&path, "one two").unwrap();
            }
        });
        assert_eq!((bytes.unwrap().as_slice(), reads), (b"one two".as_slice(), 2));
    }

    #[test]
    fn a_file_that_keeps_changing_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        fs::write(&path, "x").unwrap();
        let mut content = String::from("x");
        let result = load_watching(&path, &Limits::default(), &mut || {
            content.push('x');
            fs::write(&path, &content).unwrap();
        });
        assert_eq!(result.unwrap_err().to_string(), "changed while it was read");
    }
}
