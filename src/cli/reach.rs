//! Who carries out a task: this process, or a running server that has the library open. What comes of it is the same.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::desk::Desk;
use super::through::Server;
use crate::assistant::{Engines, Topics};
use crate::clock::{Clock, SystemClock};
use crate::fault::{Fault, Result};
use crate::library::{Library, LibraryError};
use crate::local::{CacheTrouble, Documents, Find, Holder, Needs, Task, Tell};
use crate::settings::Settings;
use crate::wire::DocumentJson;

pub(super) enum Reach {
    Here(Box<Here>),
    There(Server),
}

/// All that a task may need.
pub(super) struct Here {
    library: Option<Library>,
    settings: Settings,
    engines: Rc<OnceCell<Engines>>,
    topics: Topics,
    clock: &'static dyn Clock,
}

impl Desk<'_> {
    /// One task, to its end.
    pub(super) fn run<T: Task>(&self, task: T) -> Result<T::Done> {
        let reach = self.reach(task.needs())?;
        let done = reach.run(task)?;
        reach.close()?;
        Ok(done)
    }

    /// For tasks that need no more than this.
    pub(super) fn reach(&self, needs: Needs) -> Result<Reach> {
        let folder = &self.settings.data_dir.value;
        let opened = match needs {
            Needs::Nothing => Ok(None),
            Needs::Folder if Library::is_in_use(folder) => Err(LibraryError::InUse { folder: folder.clone() }),
            Needs::Folder => Ok(None),
            Needs::ToRead => Library::open_to_read(folder).map(Some),
            Needs::ToWrite => Library::open(folder).map(Some),
        };
        match opened {
            Ok(library) => Ok(self.here(library, self.shared_engines())),
            Err(error) => match (self.server(&error), needs) {
                (Some(server), _) => {
                    tracing::info!("a running server has the library open: it is asked instead");
                    Ok(Reach::There(server))
                }
                // Another command has it, and leaves what lies beside it alone.
                (None, Needs::Folder) => Ok(self.here(None, self.shared_engines())),
                (None, _) => Err(error.into()),
            },
        }
    }

    /// Another library than the data folder's.
    pub(super) fn reach_with(&self, library: Library, engines: Engines) -> Reach {
        self.here(Some(library), Rc::new(OnceCell::from(engines)))
    }

    fn here(&self, library: Option<Library>, engines: Rc<OnceCell<Engines>>) -> Reach {
        let (settings, topics) = (self.settings.clone(), Topics::of(&self.settings.data_dir.value));
        Reach::Here(Box::new(Here { library, settings, engines, topics, clock: self.clock }))
    }

    /// The server, where it is what has the library open.
    pub(super) fn server(&self, error: &LibraryError) -> Option<Server> {
        let is_open_elsewhere = matches!(error, LibraryError::InUse { .. });
        is_open_elsewhere.then(|| Server::find(&self.settings.data_dir.value)).flatten()
    }
}

impl Here {
    fn engines(&self) -> Engines {
        let made = || self.settings.engines(&(Arc::new(SystemClock) as Arc<dyn Clock>));
        self.engines.get_or_init(made).clone()
    }

    fn run<T: Task>(&self, task: T, stop: &AtomicBool, tell: Tell<'_, T::Told>) -> Result<T::Done> {
        let holder = Holder {
            settings: &self.settings,
            engines: &|| self.engines(),
            library: self.library.as_ref(),
            topics: &self.topics,
            clock: self.clock,
            is_here: true,
            answered: &|_| (),
        };
        task.run(&holder, stop, tell)
    }
}

impl Reach {
    /// Waits for it, however long it takes.
    pub(super) fn run<T: Task>(&self, task: T) -> Result<T::Done> {
        let done = self.hear(task, &AtomicBool::new(false), &mut |_| ControlFlow::Continue(()))?;
        done.ok_or_else(|| Fault::bug("task_left", "a task was left that was to be waited for"))
    }

    /// Tells what happens on the way. `None` when the listener broke, or `stop` was set, and a server does the rest or leaves
    /// it.
    pub(super) fn hear<T: Task>(
        &self,
        task: T,
        stop: &AtomicBool,
        listener: &mut dyn FnMut(T::Told) -> ControlFlow<()>,
    ) -> Result<Option<T::Done>> {
        let mut tell = |told: Option<T::Told>| {
            let flow = told.map_or(ControlFlow::Continue(()), &mut *listener);
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { flow }
        };
        match self {
            Reach::Here(here) => here.run(task, stop, &mut tell).map(Some),
            Reach::There(server) => server.run(&task, &mut tell),
        }
    }

    /// What is written is written when this returns.
    pub(super) fn close(self) -> Result<()> {
        match self {
            Reach::Here(here) => here.library.map_or(Ok(()), Library::close).map_err(Fault::from),
            Reach::There(_) => Ok(()),
        }
    }

    pub(super) fn is_empty(&self) -> Result<bool> {
        Ok(self.run(Documents { collection: None })?.is_empty())
    }

    /// What is wrong with the cache, and what to do.
    pub(super) fn cache_trouble(&self) -> Result<Option<(String, &'static str)>> {
        let hint = match self {
            Reach::Here(_) => "what another docent remembers can be seen through it alone",
            Reach::There(_) => "nothing that is asked fails for that",
        };
        Ok(self.run(CacheTrouble {})?.map(|trouble| (trouble, hint)))
    }

    /// What a person means by an id, the beginning of one, a source, or the path of a file.
    pub(super) fn find_one(&self, typed: &str) -> Result<DocumentJson> {
        // Files are known by their absolute paths; a file that is gone has no other.
        let path = std::path::absolute(typed).unwrap_or_default();
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let paths = [real, path].map(|path| path.to_string_lossy().into_owned()).to_vec();
        let mut found = self.run(Find { typed: typed.to_owned(), paths })?;
        match found.len() {
            0 => Err(Fault::caller("no_such_document", format!("there is no document {typed:?}"))
                .hint("`docent list` shows every document with its id and its source")),
            1 => Ok(found.remove(0)),
            _ => {
                let ids: Vec<String> =
                    found.iter().take(5).map(|document| format!("{} ({})", document.id, document.collection)).collect();
                Err(Fault::caller("ambiguous_document", format!("{typed:?} stands for {} documents", found.len()))
                    .hint(format!("name one of them by its id: {}", ids.join(", "))))
            }
        }
    }
}
