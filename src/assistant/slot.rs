//! A model's place: opened on first need, once; what went wrong then is told to everybody who comes.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::assistant::engines::{Choice, Engines};
use crate::fault::{Fault, Result};

type Open<T> = Box<dyn Fn() -> Result<Arc<T>> + Send + Sync>;

pub(super) struct Slot<T: ?Sized> {
    choice: Choice,
    open: Open<T>,
    opened: OnceLock<Result<Arc<T>>>,
}

impl<T: ?Sized> Slot<T> {
    pub(super) fn new(choice: Choice, open: impl Fn() -> Result<Arc<T>> + Send + Sync + 'static) -> Slot<T> {
        Slot { choice, open: Box::new(open), opened: OnceLock::new() }
    }

    pub(super) fn choice(&self) -> &Choice {
        &self.choice
    }

    /// What goes wrong the first time is a trouble of the engines, too.
    pub(super) fn open(&self, engines: &Engines) -> Result<Arc<T>> {
        let opened = self.opened.get_or_init(|| {
            (self.open)().map_err(|fault| {
                let again = fault.again();
                engines.trouble(fault);
                again
            })
        });
        opened.as_ref().map(Arc::clone).map_err(Fault::again)
    }

    /// `None`: nobody needed it yet.
    pub(super) fn opened(&self) -> Option<Result<Arc<T>>> {
        self.opened.get().map(|opened| opened.as_ref().map(Arc::clone).map_err(Fault::again))
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.opened.get(), Some(Ok(_)))
    }
}

impl<T: ?Sized> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("choice", &self.choice).finish_non_exhaustive()
    }
}
