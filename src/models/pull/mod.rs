//! A model from a hub onto the shelf: the only code that opens a connection to another machine.
//!
//! What arrives waits in a folder beside the shelf, is verified there, and becomes the model's folder in one step. What was
//! cut off goes on where it stopped, also in another process.

mod download;
mod http;
mod hub;
mod network;
mod problem;
mod remembered;

use std::fs;
use std::time::Duration;

use self::download::{Download, Wanted};
use self::http::Http;
use self::hub::{Commit, Hub};
use self::remembered::{Known, Remembered};
use super::error::{ModelsError, Result};
use super::files::{read_json, write_json};
use super::manifest::{MOST_BYTES, Manifest};
use super::staging::Staging;
use super::{Entry, FileFact, Held, Installed, Shelf, Sum, Trust, recognise};
use crate::clock::Timestamp;

pub use network::Network;
pub use problem::{Hubs, Problem};

/// Which of the hub's revisions is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The one that was pulled before, if any.
    Remembered,
    /// Whatever the hub has now; what was remembered is forgotten.
    Latest,
}

/// What is to be pulled.
#[derive(Clone, Debug)]
pub struct Order {
    pub shelf: Shelf,
    pub entry: Entry,
    pub network: Network,
    pub freshness: Freshness,
    pub now: Timestamp,
}

#[derive(Debug)]
pub enum Pulled {
    /// It was there already, and every byte of it is sound.
    Already(Installed),
    Installed(Installed),
}

/// What happens on the way.
#[derive(Clone, Debug)]
pub enum Event {
    /// The hub said what there is.
    Started { revision: String, files: usize, bytes: Option<u64> },
    /// So many bytes are there; negative where some were of no use.
    Bytes(i64),
    /// One file is there and was verified.
    File(Held),
    /// The connection or the hub failed; it is tried again after this time.
    Waiting { why: String, wait: Duration },
}

/// Waits this long, and says whether it is to be given up.
pub type Pause<'a> = &'a dyn Fn(Duration) -> bool;

pub fn pull(order: &Order, pause: Pause<'_>, listener: &mut dyn FnMut(Event)) -> Result<Pulled> {
    let Order { shelf, entry, network, freshness, .. } = order;
    if *freshness == Freshness::Remembered
        && let Ok(model) = shelf.get(&entry.name)
        && model.is_sound().is_ok()
    {
        return Ok(Pulled::Already(model));
    }
    if network.offline {
        return Err(ModelsError::Offline { name: entry.name.clone() });
    }
    let repo = entry.repo.as_deref().ok_or_else(|| ModelsError::NoRepository { name: entry.name.clone() })?;
    let staging = Staging::open(shelf, &entry.name)?;
    let known = match freshness {
        Freshness::Remembered => Remembered::read(shelf)?.of(&entry.name, repo),
        Freshness::Latest => None,
    };
    let revision = entry.revision.as_deref().or(known.as_ref().map(|known| known.revision.as_str())).unwrap_or("main");

    let hub = Hub::new(Http::new(network)?, network);
    let commit = hub.commit(repo, revision, pause, listener)?;
    let wanted = wanted(order, &commit, known.as_ref(), &hub)?;
    begin_with(&staging, &commit.sha)?;
    let bytes = wanted.iter().map(|file| file.bytes).sum();
    listener(Event::Started { revision: commit.sha.clone(), files: wanted.len(), bytes });

    let mut held = Vec::new();
    for file in &wanted {
        let url = hub.file_url(repo, &commit.sha, &file.name);
        let download = Download { hub: &hub, staging: &staging, file, url, pause, retries: network.retries };
        let file = download.run(listener)?;
        listener(Event::File(file.clone()));
        held.push(file);
    }
    let mut entry = entry.clone();
    entry.files.retain(|fact| held.iter().any(|held| held.name == fact.name));
    if let Err(error) = recognise::check(staging.folder(), &entry) {
        // Nothing of it can be taken up again.
        staging.empty()?;
        return Err(error);
    }
    staging.publish(&Manifest::new(entry.clone(), Some(commit.sha.clone()), held.clone(), order.now))?;
    Remembered::put(shelf, &entry.name, Known { repo: repo.to_owned(), revision: commit.sha, files: held })?;
    shelf.get(&entry.name).map(Pulled::Installed)
}

/// What is known about each file before it comes: the catalogue's word weighs most, then what was remembered, then the hub's.
fn wanted(order: &Order, commit: &Commit, known: Option<&Known>, hub: &Hub) -> Result<Vec<Wanted>> {
    let entry = &order.entry;
    let mut wanted = Vec::new();
    for FileFact { name, bytes, sha256, optional } in &entry.files {
        let before = known.and_then(|known| known.files.iter().find(|file| file.name == *name));
        let Some(remote) = commit.files.get(name) else {
            if *optional && before.is_none() {
                continue;
            }
            return Err(hub.missing_file(entry.repo.as_deref().unwrap_or_default(), name));
        };
        let sums: [(Option<Sum>, Trust); 3] = [
            (*sha256, Trust::Catalogue),
            (before.map(|file| file.sha256), Trust::Remembered),
            (remote.sha256, Trust::Hub),
        ];
        let mut sums = sums.into_iter().filter_map(|(sum, who)| Some((sum?, who)));
        let sum = sums.next();
        let lengths = [
            (*bytes, Trust::Catalogue),
            (before.map(|file| file.bytes), Trust::Remembered),
            (remote.bytes, Trust::Hub),
        ];
        let length = lengths.into_iter().find_map(|(bytes, who)| Some((bytes?, who)));
        // Where the hub itself says that it has another file, there is no need to bring it to find out.
        let path = || hub.file_url(entry.repo.as_deref().unwrap_or_default(), &commit.sha, name).into();
        match (sum, remote.sha256, length, remote.bytes) {
            (Some((expected, who)), Some(found), ..) if expected != found => {
                return Err(ModelsError::SumDiffers { path: path(), expected, found, who });
            }
            (_, _, Some((expected, who)), Some(found)) if expected != found => {
                return Err(ModelsError::LengthDiffers { path: path(), expected, found, who });
            }
            _ => wanted.push(Wanted { name: name.clone(), bytes: length.map(|(bytes, _)| bytes), sum }),
        }
    }
    Ok(wanted)
}

/// Parts of another commit are of no use.
fn begin_with(staging: &Staging, commit: &str) -> Result<()> {
    let note = staging.folder().join("commit.json");
    let before: Option<String> = read_json(&note, MOST_BYTES).unwrap_or_default();
    if before.as_deref() == Some(commit) {
        return Ok(());
    }
    if fs::read_dir(staging.folder()).is_ok_and(|mut entries| entries.next().is_some()) {
        staging.empty()?;
    }
    write_json(&note, &commit)
}
