//! What every handler works with: the settings, the library, the models, the clock, and the way to the threads.

use std::fmt;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::guard::Guard;
use super::jobs::Jobs;
use super::meters::Meters;
use super::ollama::Pulls;
use super::ops::{Health, Models};
use super::worker::{Lane, Places, Worker};
use crate::assistant::{Engines, Topics};
use crate::clock::Clock;
use crate::fault::Result;
use crate::library::{Library, Snapshot};
use crate::settings::{Secret, Settings};

/// Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub settings: Settings,
    pub library: Library,
    pub engines: Engines,
    pub clock: Arc<dyn Clock>,
    pub worker: Worker,
    pub jobs: Arc<Jobs>,
    pub meters: Meters,
    pub guard: Guard,
    pub health: Health,
    pub models: Models,
    pub topics: Topics,
    pub pulls: Pulls,
    /// Places for what is coming in: it takes disk.
    pub uploads: Semaphore,
    /// Set once.
    pub is_ending: Arc<AtomicBool>,
    began: Instant,
}

/// Reads and changes beyond these wait: more at once are not done sooner.
const READS_PER_CORE: usize = 2;
const WAITING_READS: usize = 1024;
const CHANGES: Places = Places { work: 2, wait: 64 };
const UPLOADS: usize = 16;
/// For what the runtime does by itself, such as looking a name up.
const SPARE: usize = 2;

impl App {
    /// `own_key` is what the owner of the data folder shows.
    pub(super) fn new(
        mut settings: Settings,
        library: Library,
        engines: Engines,
        clock: Arc<dyn Clock>,
        own_key: &str,
    ) -> Result<App> {
        let guard = Guard::new(&settings, own_key)?;
        // From here on only their sums are known.
        settings.server_token.value = Secret::default();
        settings.server_admin_token.value = Secret::default();
        let cores = thread::available_parallelism().map_or(2, NonZero::get);
        let asks = Places { work: settings.server_asks.value.get(), wait: settings.server_waiting.value.get() };
        let reads = Places { work: cores * READS_PER_CORE, wait: WAITING_READS };
        let is_ending = Arc::<AtomicBool>::default();
        Ok(App(Arc::new(Inner {
            worker: Worker::new(asks, reads, CHANGES, Arc::clone(&is_ending)),
            jobs: Arc::new(Jobs::new()),
            meters: Meters::default(),
            guard,
            health: Health::default(),
            models: Models::of(&engines),
            pulls: Pulls::default(),
            topics: Topics::of(&settings.data_dir.value),
            uploads: Semaphore::new(UPLOADS),
            is_ending,
            began: clock.instant(),
            settings,
            library,
            engines,
            clock,
        })))
    }

    /// Looks something up in what is published now.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let snapshot = self.library.snapshot();
        self.worker.run(Lane::Quick, move || look(&snapshot)).await
    }

    pub(super) fn uptime(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.began)
    }

    /// A thread for each that may be at work in any lane, and for each upload that is written to disk: none of them waits for a
    /// thread that another kind of work has.
    pub(super) fn most_threads(&self) -> usize {
        self.worker.most_at_work() + UPLOADS + SPARE
    }

    /// What went wrong with a model, once, for whoever runs the server.
    pub(crate) fn log_troubles(&self) {
        for fault in self.engines.take_troubles() {
            tracing::warn!(code = fault.code, hint = fault.hint, "{}", fault.what);
        }
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("library", &self.library).field("worker", &self.worker).finish_non_exhaustive()
    }
}
