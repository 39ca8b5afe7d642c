//! The thread that owns a model: takes slices from the desk and runs them, and makes the model anew after a panic.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Runner;
use super::desk::{Desk, Item, Job};
use crate::inference::contain::{contained, hush_this_thread};
use crate::inference::error::InferenceError;
use crate::inference::line::{Closes, Line};

pub(super) struct Owner<L> {
    pub(super) model: String,
    pub(super) threads: NonZeroUsize,
    pub(super) line: Arc<Line<Job>>,
    pub(super) load: L,
}

impl<R: Runner, L: FnMut() -> Result<R, InferenceError> + Send> Owner<L> {
    pub(super) fn work(mut self, ready: &SyncSender<Result<(), InferenceError>>) {
        let line = Arc::clone(&self.line);
        let _closes = Closes(&line);
        let loaded = self.pool().and_then(|pool| Ok((self.load(&pool)?, pool)));
        let (runner, pool) = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        // Whoever opens the model waits for this, or has gone: then the line is closed soon.
        let _ = ready.send(Ok(()));
        let mut runner = Some(runner);
        let mut desk = Desk::default();
        while let Some(arrived) = line.arrivals(desk.is_idle()) {
            arrived.into_iter().for_each(|job| desk.arrive(job));
            let room = runner.as_ref().map_or(1, |runner| runner.slice(self.threads.get()));
            let slice = desk.slice(room);
            if slice.is_empty() {
                continue;
            }
            match self.run(&mut runner, &slice, &pool) {
                Ok(vectors) => desk.finish(slice, vectors),
                Err(error) => desk.fail(&slice, &error),
            }
        }
    }

    fn run(
        &mut self,
        runner: &mut Option<R>,
        slice: &[Item],
        pool: &ThreadPool,
    ) -> Result<Vec<Vec<f32>>, InferenceError> {
        let ready = match runner.take() {
            Some(ready) => ready,
            None => self.load(pool)?,
        };
        let texts: Vec<_> = slice.iter().map(|item| &item.tokens).collect();
        let result = contained(|| pool.install(|| ready.run(&texts)));
        // After a panic it may be half changed: it goes, and the next slice has it loaded again.
        let vectors = result.map_err(|_| self.failed("it stopped in the middle of its work"))?;
        *runner = Some(ready);
        let vectors = vectors?;
        if vectors.len() != texts.len() {
            return Err(self.failed("it gave fewer vectors than texts"));
        }
        Ok(vectors)
    }

    fn load(&mut self, pool: &ThreadPool) -> Result<R, InferenceError> {
        let load = &mut self.load;
        let loaded = contained(|| pool.install(load));
        loaded.unwrap_or_else(|_| Err(self.failed("it could not be made ready")))
    }

    /// This thread is one of its threads: a single text is run right here, without waking another.
    fn pool(&self) -> Result<ThreadPool, InferenceError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(self.threads.get())
            .thread_name(|index| format!("model {index}"))
            .start_handler(|_| hush_this_thread())
            .use_current_thread();
        pool.build().map_err(|error| {
            tracing::warn!(%error, model = self.model, "no threads could be started");
            self.failed("the system gave no threads to run it")
        })
    }

    fn failed(&self, why: &str) -> InferenceError {
        InferenceError::Failed { model: self.model.clone(), why: why.to_owned() }
    }
}
