//! What is a task, who carries it out, and how does it travel?

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Add, Ask, Backup, CacheClear, CacheEntries, CacheGet, CacheStatus, CacheTrouble, Documents, Embed, Evaluate, Find,
    HasCollection, Prefetch, Remove, Search, Text, TopicSet, TopicsList, TopicsRemove, Warm,
};
use crate::assistant::{Engines, Topics};
use crate::clock::Clock;
use crate::domain::Answer;
use crate::fault::{Fault, Result, Whose};
use crate::library::Library;
use crate::settings::Settings;
use crate::wire::FailedJson;

/// Sent and answered as JSON.
pub trait Task: Serialize + DeserializeOwned + Send + 'static {
    /// What it is called on its way.
    const NAME: &'static str;
    /// Where a server lines it up.
    const LINE: Line;
    /// What is told while it goes on.
    type Told: Serialize + DeserializeOwned + Send + 'static;
    /// What comes of it.
    type Done: Serialize + DeserializeOwned + Send + 'static;

    /// What it cannot begin without: most look something up.
    fn needs(&self) -> Needs {
        Needs::ToRead
    }

    /// `tell` breaks when nobody listens any more, and then `stop` is set, too; told nothing, it only asks.
    fn run(self, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, Self::Told>) -> Result<Self::Done>;
}

pub type Tell<'a, T> = &'a mut dyn FnMut(Option<T>) -> ControlFlow<()>;

/// What of the library a task cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// Nothing of the library itself, but what lies beside it in the data folder.
    Folder,
    ToRead,
    ToWrite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Milliseconds.
    Quick,
    /// A person waits, maybe for a generator.
    Ask,
    /// The library is changed, or copied.
    Change,
    /// It gives way to whoever asks.
    Ahead,
}

/// Whoever has the data folder.
pub struct Holder<'a> {
    pub settings: &'a Settings,
    /// Opened when they are first needed.
    pub engines: &'a dyn Fn() -> Engines,
    /// As far as the task needs it.
    pub library: Option<&'a Library>,
    pub topics: &'a Topics,
    pub clock: &'a dyn Clock,
    /// Whether it was asked for in this process: relative paths mean the same then.
    pub is_here: bool,
    /// Counts answers.
    pub answered: &'a dyn Fn(&Answer),
}

impl Holder<'_> {
    pub(super) fn engines(&self) -> Engines {
        (self.engines)()
    }

    pub(super) fn library(&self) -> Result<&Library> {
        self.library.ok_or_else(|| Fault::bug("no_library", "the library was not opened for this"))
    }
}

impl fmt::Debug for Holder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("library", &self.library).field("is_here", &self.is_here).finish_non_exhaustive()
    }
}

/// A task whose kind was read from its name.
pub trait Any: Send {
    fn line(&self) -> Line;

    fn run(self: Box<Self>, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, Value>) -> Result<Value>;
}

impl<T: Task> Any for T {
    fn line(&self) -> Line {
        T::LINE
    }

    fn run(self: Box<Self>, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, Value>) -> Result<Value> {
        let mut told = |told: Option<T::Told>| tell(told.and_then(|told| serde_json::to_value(told).ok()));
        let done = T::run(*self, holder, stop, &mut told)?;
        serde_json::to_value(done).map_err(|error| {
            Fault::bug("task_unsaid", format!("what came of {} cannot be told", T::NAME)).because_of(error)
        })
    }
}

macro_rules! tasks {
    ($($task:ty),*) => {
        /// The task of this name. `None`: there is no such.
        pub fn read(name: &str, sent: &[u8]) -> Option<Result<Box<dyn Any>>> {
            match name {
                $(<$task>::NAME => Some(sent_as::<$task>(sent)),)*
                _ => None,
            }
        }
    };
}

tasks!(
    Add,
    Ask,
    Backup,
    CacheClear,
    CacheEntries,
    CacheGet,
    CacheStatus,
    CacheTrouble,
    Documents,
    Embed,
    Evaluate,
    Find,
    HasCollection,
    Prefetch,
    Remove,
    Search,
    Text,
    TopicSet,
    TopicsList,
    TopicsRemove,
    Warm
);

fn sent_as<T: Task>(sent: &[u8]) -> Result<Box<dyn Any>> {
    let task = serde_json::from_slice::<T>(sent).map_err(|error| {
        Fault::caller("bad_task", format!("this is not how {} is sent", T::NAME))
            .hint("it may be of another version: end the server, and start it with this one")
            .because_of(error)
    })?;
    Ok(Box::new(task))
}

/// A fault on its way to another process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FaultJson {
    whose: String,
    pub code: String,
    pub what: String,
    pub hint: Option<String>,
}

const WHOSE: [(Whose, &str); 4] =
    [(Whose::Caller, "caller"), (Whose::Machine, "machine"), (Whose::Busy, "busy"), (Whose::Bug, "bug")];

impl From<&Fault> for FaultJson {
    fn from(fault: &Fault) -> FaultJson {
        let whose = WHOSE.iter().find(|(whose, _)| *whose == fault.whose).map_or("bug", |(_, name)| name);
        let (code, what) = (fault.code.to_owned(), fault.what.clone());
        FaultJson { whose: whose.to_owned(), code, what, hint: fault.hint.clone() }
    }
}

impl FaultJson {
    /// What was wrong with one of many.
    pub(super) fn of(failed: &FailedJson) -> FaultJson {
        let FailedJson { path: _, error, code, hint } = failed.clone();
        FaultJson { whose: "caller".to_owned(), code, what: error, hint }
    }
}

impl From<FaultJson> for Fault {
    fn from(told: FaultJson) -> Fault {
        let whose = WHOSE.iter().find(|(_, name)| *name == told.whose).map_or(Whose::Bug, |(whose, _)| *whose);
        // A code of another docent's is one of ours: they are few, and a command ends soon.
        let fault = Fault::new(whose, told.code.leak(), told.what);
        match told.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_known_by_their_names() {
        assert!(read("nothing", b"{}").is_none());
        assert_eq!(read("text", br#"{"id": "d1"}"#).unwrap().unwrap().line(), Line::Quick);
        for hostile in [&b""[..], b"{", b"[]", b"{\"id\": 5}", b"\xff"] {
            assert_eq!(read("text", hostile).unwrap().err().unwrap().code, "bad_task");
        }
    }

    #[test]
    fn a_fault_arrives_as_it_left() {
        for fault in [Fault::caller("bad_k", "k is 0").hint("1 to 100"), Fault::busy("x", "y"), Fault::bug("a", "b")] {
            let sent = serde_json::to_string(&FaultJson::from(&fault)).unwrap();
            let came = Fault::from(serde_json::from_str::<FaultJson>(&sent).unwrap());
            assert_eq!(
                (came.whose, came.code, &came.what, &came.hint),
                (fault.whose, fault.code, &fault.what, &fault.hint)
            );
        }
    }
}
