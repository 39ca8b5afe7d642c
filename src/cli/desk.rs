//! What a command works with: the settings, the clock, the screen.

use std::sync::Arc;

use super::screen::Screen;
use crate::clock::{Clock, SystemClock};
use crate::library::{Library, LibraryError, Snapshot};
use crate::settings::Settings;

pub(super) struct Desk<'a> {
    pub settings: Settings,
    pub screen: &'a mut Screen,
    pub clock: &'static dyn Clock,
}

impl<'a> Desk<'a> {
    pub(super) fn new(settings: Settings, screen: &'a mut Screen) -> Desk<'a> {
        Desk { settings, screen, clock: &SystemClock }
    }

    /// To write; nobody else can open it meanwhile.
    pub(super) fn library(&self) -> Result<Library, LibraryError> {
        Library::open(&self.settings.data_dir.value)
    }

    /// To read, beside others who read.
    pub(super) fn library_to_read(&self) -> Result<Library, LibraryError> {
        Library::open_to_read(&self.settings.data_dir.value)
    }

    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>, LibraryError> {
        Ok(self.library_to_read()?.snapshot())
    }
}
