//! Which texts make the next slice, and whose are the vectors that come back? Queues and counts; no threads.

use std::collections::{HashMap, VecDeque};
use std::sync::Weak;
use std::sync::mpsc::SyncSender;

use crate::inference::Urgency;
use crate::inference::error::InferenceError;
use crate::inference::tokens::Tokens;

pub(super) type Answer = Result<Vec<Vec<f32>>, InferenceError>;

/// What one caller wants and waits for.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) texts: Vec<Tokens>,
    pub(super) urgency: Urgency,
    pub(super) answer: SyncSender<Answer>,
    /// Gone with the caller.
    pub(super) caller: Weak<()>,
}

/// One text on its way through the model.
#[derive(Debug)]
pub(super) struct Item {
    job: u64,
    index: usize,
    pub(super) tokens: Tokens,
}

#[derive(Debug)]
struct Open {
    vectors: Vec<Vec<f32>>,
    missing: usize,
    answer: SyncSender<Answer>,
    caller: Weak<()>,
}

#[derive(Debug, Default)]
pub(super) struct Desk {
    next: u64,
    open: HashMap<u64, Open>,
    /// By urgency: jobs in the order they came.
    waiting: [VecDeque<Vec<Item>>; 3],
    /// By urgency: texts of several jobs that run together, the shortest first because they are taken from the end.
    rounds: [Vec<Item>; 3],
}

/// Jobs are merged until a round has so many tokens, so that a stream of small jobs cannot hold up an early one.
const ROUND: usize = 1 << 14;

impl Desk {
    pub(super) fn arrive(&mut self, job: Job) {
        let id = self.next;
        self.next += 1;
        let missing = job.texts.len();
        let open = Open { vectors: vec![Vec::new(); missing], missing, answer: job.answer, caller: job.caller };
        if missing == 0 {
            return open.close(Ok(Vec::new()));
        }
        self.open.insert(id, open);
        let items = job.texts.into_iter().enumerate().map(|(index, tokens)| Item { job: id, index, tokens });
        self.waiting[job.urgency as usize].push_back(items.collect());
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.iter().all(VecDeque::is_empty) && self.rounds.iter().all(Vec::is_empty)
    }

    /// The next texts to run, at least one and otherwise not more than `room` tokens. Empty when there are none.
    pub(super) fn slice(&mut self, room: usize) -> Vec<Item> {
        let mut slice: Vec<Item> = Vec::new();
        for urgency in (0..self.rounds.len()).rev() {
            loop {
                if self.rounds[urgency].is_empty() && !self.next_round(urgency) {
                    break;
                }
                let mut taken = slice.iter().map(|item| item.tokens.ids.len()).sum::<usize>();
                while let Some(item) = self.rounds[urgency].pop() {
                    if self.is_abandoned(&item) {
                        continue;
                    }
                    taken += item.tokens.ids.len();
                    if taken > room && !slice.is_empty() {
                        self.rounds[urgency].push(item);
                        break;
                    }
                    slice.push(item);
                }
                if !slice.is_empty() {
                    return slice;
                }
            }
        }
        slice
    }

    pub(super) fn finish(&mut self, slice: Vec<Item>, vectors: Vec<Vec<f32>>) {
        for (item, vector) in slice.into_iter().zip(vectors) {
            let Some(open) = self.open.get_mut(&item.job) else { continue };
            open.vectors[item.index] = vector;
            open.missing -= 1;
            if open.missing == 0
                && let Some(mut open) = self.open.remove(&item.job)
            {
                let vectors = std::mem::take(&mut open.vectors);
                open.close(Ok(vectors));
            }
        }
    }

    /// Everybody who has a text in the slice is told; their other texts are not run any more.
    pub(super) fn fail(&mut self, slice: &[Item], error: &InferenceError) {
        for item in slice {
            if let Some(open) = self.open.remove(&item.job) {
                open.close(Err(error.again()));
            }
        }
    }

    fn next_round(&mut self, urgency: usize) -> bool {
        let mut tokens = 0;
        while tokens < ROUND
            && let Some(items) = self.waiting[urgency].pop_front()
        {
            tokens += items.iter().map(|item| item.tokens.ids.len()).sum::<usize>();
            self.rounds[urgency].extend(items);
        }
        self.rounds[urgency].sort_by_key(|item| item.tokens.ids.len());
        tokens > 0 || !self.rounds[urgency].is_empty()
    }

    /// Also closes the job of a caller who has gone.
    fn is_abandoned(&mut self, item: &Item) -> bool {
        match self.open.get(&item.job) {
            None => true,
            Some(open) if open.caller.strong_count() > 0 => false,
            Some(_) => {
                self.open.remove(&item.job);
                true
            }
        }
    }
}

impl Open {
    /// A caller who has gone meanwhile does not hear it.
    fn close(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}
