//! What a command works with: the settings, the clock, the screen.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::screen::Screen;
use crate::assistant::Engines;
use crate::cache::Cache;
use crate::clock::{Clock, SystemClock};
use crate::fault::Fault;
use crate::library::{Library, LibraryError, Snapshot};
use crate::settings::Settings;

pub(super) struct Desk<'a> {
    pub settings: Settings,
    pub screen: &'a mut Screen,
    pub clock: &'static dyn Clock,
    engines: Rc<OnceCell<Engines>>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(settings: Settings, screen: &'a mut Screen) -> Desk<'a> {
        Desk { settings, screen, clock: &SystemClock, engines: Rc::default() }
    }

    /// To write; nobody else can open it meanwhile.
    pub(super) fn library(&self) -> Result<Library, LibraryError> {
        Library::open(&self.settings.data_dir.value)
    }

    /// To read, beside others who read.
    pub(super) fn library_to_read(&self) -> Result<Library, LibraryError> {
        Library::open_to_read(&self.settings.data_dir.value)
    }

    /// The models that were chosen in the data folder.
    pub(super) fn engines(&self) -> Engines {
        let made = || self.settings.engines(&(Arc::new(SystemClock) as Arc<dyn Clock>));
        self.engines.get_or_init(made).clone()
    }

    /// The same for others who work for this command: whoever needs them first opens them for all.
    pub(super) fn shared_engines(&self) -> Rc<OnceCell<Engines>> {
        Rc::clone(&self.engines)
    }

    /// The same models, opened by themselves, with another cache.
    pub(super) fn engines_with(&self, cache: Cache) -> Engines {
        self.settings.engines_with(cache, &(Arc::new(SystemClock) as Arc<dyn Clock>))
    }

    /// What is remembered in the data folder.
    pub(super) fn cache(&self) -> Result<Cache, Fault> {
        let engines = self.engines();
        engines.cache().cloned().ok_or_else(|| Fault::bug("no_cache", "there is no cache"))
    }

    /// What is to be remembered is on disk when a command ends.
    pub(super) fn settle(&self) {
        if let Some(engines) = self.engines.get() {
            engines.settle();
        }
    }

    /// What went wrong with a model, once.
    pub(super) fn tell_troubles(&mut self) {
        let troubles = self.engines.get().map(Engines::take_troubles).unwrap_or_default();
        for trouble in troubles {
            self.screen.warning(&trouble, trouble.hint.as_deref());
        }
    }

    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>, LibraryError> {
        Ok(self.library_to_read()?.snapshot())
    }
}
