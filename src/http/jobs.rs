//! Work that goes on after its call was answered: what is known of it, for as long as anybody may ask.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::fault::{Fault, Result};
use crate::wire::{JobJson, JobState};

#[derive(Debug)]
pub(crate) struct Jobs {
    known: Mutex<HashMap<u64, watch::Sender<JobJson>>>,
    next: AtomicU64,
}

/// Done or not; of those that are done, the oldest are forgotten.
const MOST_KNOWN: usize = 512;
const MOST_UNFINISHED: usize = 64;

impl Jobs {
    pub(super) fn new() -> Jobs {
        Jobs { known: Mutex::default(), next: AtomicU64::new(1) }
    }

    /// A job that nobody works at yet.
    pub(crate) fn begin(self: &Arc<Self>, total: u64) -> Result<Job> {
        let mut known = self.known();
        let unfinished = known.values().filter(|job| !is_over(job.borrow().state)).count();
        if unfinished >= MOST_UNFINISHED {
            return Err(Fault::busy("too_many_jobs", format!("{unfinished} jobs are not done yet"))
                .hint("wait until some are; `GET /rag/v1/jobs/{id}` tells"));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let job =
            JobJson { id: name(number), state: JobState::Waiting, done: 0, total, error: None, documents: Vec::new() };
        if known.len() >= MOST_KNOWN {
            let oldest = known.iter().filter(|(_, job)| is_over(job.borrow().state)).map(|(number, _)| *number).min();
            oldest.map(|number| known.remove(&number));
        }
        known.insert(number, watch::Sender::new(job));
        Ok(Job { jobs: Arc::clone(self), number })
    }

    pub(super) fn get(&self, id: &str) -> Result<JobJson> {
        Ok(self.watch(id)?.borrow().clone())
    }

    /// Changes as the job goes on.
    pub(super) fn watch(&self, id: &str) -> Result<watch::Receiver<JobJson>> {
        let number = id.strip_prefix('j').and_then(|number| number.parse().ok());
        let found = number.and_then(|number: u64| self.known().get(&number).map(watch::Sender::subscribe));
        found.ok_or_else(|| {
            Fault::caller("no_such_job", format!("there is no job {id:?}"))
                .hint("jobs are forgotten when the server ends, and the oldest when there are many")
        })
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut JobJson)) {
        if let Some(job) = self.known().get(&number) {
            job.send_modify(change);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u64, watch::Sender<JobJson>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Done | JobState::Failed)
}

fn name(number: u64) -> String {
    format!("j{number}")
}

/// For whoever works at it. One that is dropped without a word has failed.
#[derive(Debug)]
pub(crate) struct Job {
    jobs: Arc<Jobs>,
    number: u64,
}

impl Job {
    pub(crate) fn id(&self) -> String {
        name(self.number)
    }

    pub(crate) fn advance(&self, done: u64) {
        self.jobs.change(self.number, |job| {
            job.state = JobState::Running;
            job.done = done;
        });
    }

    pub(crate) fn finish(self, documents: Vec<String>) {
        self.jobs.change(self.number, |job| {
            job.state = JobState::Done;
            job.done = job.total;
            job.documents = documents;
        });
    }

    /// `documents` are there all the same.
    pub(crate) fn fail(self, error: String, documents: Vec<String>) {
        self.jobs.change(self.number, |job| {
            job.state = JobState::Failed;
            job.error = Some(error);
            job.documents = documents;
        });
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.jobs.change(self.number, |job| {
            if !is_over(job.state) {
                job.state = JobState::Failed;
                job.error = Some("the server gave it up".to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_known_until_it_is_forgotten() {
        let jobs = Arc::new(Jobs::new());
        let job = jobs.begin(3).unwrap();
        let id = job.id();
        assert_eq!(jobs.get(&id).unwrap().state, JobState::Waiting);
        job.advance(2);
        assert_eq!((jobs.get(&id).unwrap().state, jobs.get(&id).unwrap().done), (JobState::Running, 2));
        job.finish(vec!["d1".to_owned()]);
        assert_eq!((jobs.get(&id).unwrap().state, jobs.get(&id).unwrap().done), (JobState::Done, 3));
        for _ in 0..MOST_KNOWN {
            jobs.begin(1).unwrap().finish(Vec::new());
        }
        assert_eq!(jobs.get(&id).unwrap_err().code, "no_such_job");
        for wrong in ["", "j", "jx", "1", "j99999999999999999999", "../j1"] {
            assert!(jobs.get(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_dropped_has_failed_and_too_many_are_refused() {
        let jobs = Arc::new(Jobs::new());
        let id = jobs.begin(1).unwrap().id();
        assert_eq!(jobs.get(&id).unwrap().state, JobState::Failed);
        let many: Vec<Job> = (0..MOST_UNFINISHED).map(|_| jobs.begin(1).unwrap()).collect();
        assert_eq!(jobs.begin(1).unwrap_err().code, "too_many_jobs");
        drop(many);
        assert!(jobs.begin(1).is_ok());
    }
}
