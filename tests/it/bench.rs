//! A bench to try the real binary on: a folder of its own, nothing of the user's environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Bench {
    folder: TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    /// Of the folder that commands run in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Bench {
        self.write(name, content);
        self
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// `docent` with these words, in the bench's folder and with its data folder.
    pub fn docent(&self, words: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docent"));
        command.args(words).current_dir(self.folder.path()).env_clear().env("DOCENT_DATA_DIR", self.data());
        // Windows opens no socket and no temporary file without these.
        for kept in ["SystemRoot", "TEMP", "TMPDIR"] {
            if let Some(value) = std::env::vars_os().find(|(name, _)| name == kept).map(|(_, value)| value) {
                command.env(kept, value);
            }
        }
        Run { command, input: String::new() }
    }
}

/// A command that was not started yet.
pub struct Run {
    pub command: Command,
    input: String,
}

impl Run {
    pub fn env(mut self, name: &str, value: impl AsRef<Path>) -> Run {
        self.command.env(name, value.as_ref());
        self
    }

    pub fn without(mut self, name: &str) -> Run {
        self.command.env_remove(name);
        self
    }

    pub fn input(mut self, text: &str) -> Run {
        self.input = text.to_owned();
        self
    }

    /// Runs to the end.
    pub fn end(mut self) -> Ended {
        use std::io::Write;
        let words = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that reads no input may be gone already.
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(self.input.as_bytes());
        drop(stdin);
        Ended { words, output: child.wait_with_output().unwrap() }
    }

    pub fn succeeds(self) -> Ended {
        self.exits(0)
    }

    pub fn exits(self, code: i32) -> Ended {
        let ended = self.end();
        assert_eq!(
            ended.output.status.code(),
            Some(code),
            "docent {}\n{}\n{}",
            ended.words,
            ended.stdout(),
            ended.stderr()
        );
        ended
    }
}

pub struct Ended {
    words: String,
    pub output: Output,
}

impl Ended {
    pub fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).expect("stdout is UTF-8")
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).expect("stderr is UTF-8")
    }

    /// The one JSON value on stdout.
    pub fn json(&self) -> Value {
        let stdout = self.stdout();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("docent {}: {error}\n{stdout}", self.words))
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ended {
        assert!(self.stdout().contains(text), "no {text:?} on stdout of {}:\n{}", self.words, self.stdout());
        self
    }

    #[track_caller]
    pub fn notes(self, text: &str) -> Ended {
        assert!(self.stderr().contains(text), "no {text:?} on stderr of {}:\n{}", self.words, self.stderr());
        self
    }

    /// The form of every error: what happened, then what to do.
    #[track_caller]
    pub fn complains(self, what: &str, hint: &str) -> Ended {
        let stderr = self.stderr();
        let lines: Vec<&str> = stderr.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("error: ") && line.contains(what));
        let at = at.unwrap_or_else(|| panic!("no error {what:?} from {}:\n{stderr}", self.words));
        let next = lines.get(at + 1).copied().unwrap_or_default();
        assert!(next.starts_with("hint: ") && next.contains(hint), "no hint {hint:?} from {}:\n{stderr}", self.words);
        assert_eq!(self.stdout(), "", "an error leaves stdout empty");
        self
    }
}
