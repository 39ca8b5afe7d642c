//! What the hub has: which commit a revision is, and which files, sizes and sums belong to it.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use serde::Deserialize;

use super::http::{Http, Trouble, problem, without_secrets};
use super::network::Network;
use super::problem::Problem;
use super::{Event, Pause};
use crate::models::Sum;
use crate::models::catalogue::is_commit;
use crate::models::error::{ModelsError, Result};

/// A list of ten thousand files is a tenth of this.
const MOST_ANSWER: u64 = 16 << 20;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(super) struct Hub {
    pub http: Http,
    endpoint: String,
    retries: u32,
}

pub(super) struct Commit {
    pub sha: String,
    pub files: BTreeMap<String, Remote>,
}

/// What the hub says about a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Remote {
    pub bytes: Option<u64>,
    /// For large files only.
    pub sha256: Option<Sum>,
}

#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
    size: Option<u64>,
}

impl Hub {
    pub(super) fn new(http: Http, network: &Network) -> Hub {
        Hub { http, endpoint: network.endpoint.trim_end_matches('/').to_owned(), retries: network.retries }
    }

    pub(super) fn file_url(&self, repo: &str, commit: &str, name: &str) -> String {
        format!("{}/{repo}/resolve/{commit}/{name}", self.endpoint)
    }

    pub(super) fn missing_file(&self, repo: &str, name: &str) -> ModelsError {
        problem(&without_secrets(&format!("{}/{repo}/{name}", self.endpoint)), Problem::NotThere)
    }

    pub(super) fn commit(
        &self,
        repo: &str,
        revision: &str,
        pause: Pause<'_>,
        listener: &mut dyn FnMut(Event),
    ) -> Result<Commit> {
        let url = format!("{}/api/models/{repo}/revision/{revision}?blobs=true", self.endpoint);
        let mut tries = Tries::new(&url, self.retries, pause);
        let text = loop {
            match self.text(&url) {
                Ok(text) => break text,
                Err(trouble) => tries.again(trouble, listener)?,
            }
        };
        let nonsense = |what: &str| problem(&without_secrets(&url), Problem::Nonsense(what.to_owned()));
        let info: Info = serde_json::from_slice(&text).map_err(|_| nonsense("it is no list of files"))?;
        if !is_commit(&info.sha) {
            return Err(nonsense("it names no commit"));
        }
        let files = info.siblings.into_iter().map(|Sibling { rfilename, size, lfs }| {
            let sha256 = lfs.as_ref().and_then(|lfs| Sum::parse(lfs.sha256.as_deref()?));
            (rfilename, Remote { bytes: lfs.and_then(|lfs| lfs.size).or(size), sha256 })
        });
        Ok(Commit { sha: info.sha, files: files.collect() })
    }

    fn text(&self, url: &str) -> Result<Vec<u8>, Trouble> {
        let answer = self.http.get(url, &[("accept", "application/json")])?;
        let length = answer.headers.number("content-length");
        let mut text = Vec::new();
        let read = answer.body.take(MOST_ANSWER + 1).read_to_end(&mut text);
        let broke_off = length.is_some_and(|length| length != text.len() as u64);
        if read.is_err() || broke_off {
            return Err(Trouble::Passing { why: "the connection broke off".to_owned(), wait: None });
        }
        if text.len() as u64 > MOST_ANSWER {
            let why = Problem::Nonsense("it is longer than any list of files".to_owned());
            return Err(problem(&without_secrets(url), why).into());
        }
        Ok(text)
    }
}

/// How often something was tried, and how long it waits until the next time.
pub(super) struct Tries<'a> {
    url: String,
    most: u32,
    failed: u32,
    pause: Pause<'a>,
}

impl<'a> Tries<'a> {
    pub(super) fn new(url: &str, retries: u32, pause: Pause<'a>) -> Tries<'a> {
        Tries { url: without_secrets(url), most: retries, failed: 0, pause }
    }

    /// It went on for a while: what failed before does not count any more.
    pub(super) fn went_on(&mut self) {
        self.failed = 0;
    }

    /// Waits where it may be tried again.
    pub(super) fn again(&mut self, trouble: Trouble, listener: &mut dyn FnMut(Event)) -> Result<()> {
        let (why, wait) = match trouble {
            Trouble::Lasting(error) => return Err(error),
            Trouble::Passing { why, wait } => (why, wait),
        };
        self.failed += 1;
        if self.failed > self.most {
            return Err(problem(&self.url, Problem::Unreachable { why, tries: self.failed }));
        }
        let doubled = FIRST_WAIT.saturating_mul(1 << (self.failed - 1).min(10)).min(LONGEST_WAIT);
        let wait = wait.unwrap_or(doubled);
        listener(Event::Waiting { why, wait });
        if (self.pause)(wait) { Err(ModelsError::Stopped) } else { Ok(()) }
    }
}
