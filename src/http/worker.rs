//! The only crossing between async and threads. Each lane has so many places, and a waiting line of bounded length: whoever
//! does not fit in is told at once to come back, so that overload is an answer and not a growing line.

use std::collections::VecDeque;
use std::fmt;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::fault::{Fault, Result};

/// Work of one kind waits for its like only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Answers that may be generated.
    Ask,
    /// Reads that take milliseconds.
    Quick,
    /// Changes of the library.
    Change,
    /// What nobody waits for.
    Ahead,
    /// Models from the hub, which takes minutes.
    Pull,
}

impl Lane {
    pub(super) const ALL: [(Lane, &str); 5] = [
        (Lane::Ask, "ask"),
        (Lane::Quick, "quick"),
        (Lane::Change, "change"),
        (Lane::Ahead, "ahead"),
        (Lane::Pull, "pull"),
    ];
}

/// How many of a lane work at once, and how many may wait for that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub work: usize,
    pub wait: usize,
}

pub(crate) struct Worker {
    /// In the order of [`Lane`].
    lanes: [Queue; 5],
    is_ending: Arc<AtomicBool>,
}

struct Queue {
    places: Places,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// One after the other: the network is what takes long.
const PULL: Places = Places { work: 1, wait: 8 };
/// One thing after another: it only fills what others leave.
const AHEAD_OF_TIME: Places = Places { work: 1, wait: 64 };
/// How much is told ahead of a client that reads slowly.
const AHEAD: usize = 256;
/// How long such a client is waited for, before it counts as gone.
const STUCK: Duration = Duration::from_secs(30);
/// How long anybody waits in a line.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

impl Worker {
    /// When `is_ending` is set, what still works is told to stop.
    pub(super) fn new(ask: Places, quick: Places, change: Places, is_ending: Arc<AtomicBool>) -> Worker {
        let queue = |places: Places| Queue {
            places,
            free: Arc::new(Semaphore::new(places.work)),
            waiting: AtomicUsize::new(0),
        };
        Worker { lanes: [ask, quick, change, AHEAD_OF_TIME, PULL].map(queue), is_ending }
    }

    /// Runs to its end, even if whoever waits for it goes away.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.enter(lane).await?;
        let work = move || {
            let _place = place;
            work()
        };
        spawn_blocking(work).await.unwrap_or_else(|_| Err(failed()))
    }

    /// Like [`Worker::run`], for work that nobody waits for: it waits for its place as long as it takes.
    pub(super) async fn later<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let free = Arc::clone(&self.lanes[lane as usize].free);
        let place = free.acquire_owned().await.map_err(|_| busy("the server is ending"))?;
        let work = move || {
            let _place = place;
            work()
        };
        spawn_blocking(work).await.unwrap_or_else(|_| Err(failed()))
    }

    /// What work tells comes one by one. It is told `Break` when the client is gone, or the server has to end.
    pub(crate) async fn stream<E: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&mut dyn FnMut(E) -> ControlFlow<()>) -> Result<()> + Send + 'static,
    ) -> Result<Told<E>> {
        let place = self.enter(lane).await?;
        let (sender, events) = mpsc::channel(AHEAD);
        let is_ending = Arc::clone(&self.is_ending);
        spawn_blocking(move || {
            let _place = place;
            let mut tell = |event| {
                if is_ending.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { send(&sender, Ok(event)) }
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut tell))).unwrap_or_else(|_| Err(failed()));
            if let Err(fault) = outcome {
                let _ = send(&sender, Err(fault));
            }
        });
        Ok(Told { here: VecDeque::new(), events: Some(events) })
    }

    /// How many work at once, if every lane is full.
    pub(super) fn most_at_work(&self) -> usize {
        self.lanes.iter().map(|queue| queue.places.work).sum()
    }

    /// How many of a lane are at work, and how many wait.
    pub(super) fn load(&self, lane: Lane) -> Places {
        let queue = &self.lanes[lane as usize];
        let work = queue.places.work.saturating_sub(queue.free.available_permits());
        Places { work, wait: queue.waiting.load(Ordering::Relaxed) }
    }

    async fn enter(&self, lane: Lane) -> Result<OwnedSemaphorePermit> {
        let queue = &self.lanes[lane as usize];
        if let Ok(place) = Arc::clone(&queue.free).try_acquire_owned() {
            return Ok(place);
        }
        let _waits = Waits::begin(queue)?;
        match timeout(LONGEST_WAIT, Arc::clone(&queue.free).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(busy("nothing became free in good time")),
        }
    }
}

/// Sends what is told; waits for a client that reads slowly, and not for one that does not read.
fn send<E>(sender: &mpsc::Sender<Result<E>>, told: Result<E>) -> ControlFlow<()> {
    match sender.try_send(told) {
        Ok(()) => ControlFlow::Continue(()),
        Err(TrySendError::Closed(_)) => ControlFlow::Break(()),
        Err(TrySendError::Full(told)) => match Handle::current().block_on(timeout(STUCK, sender.send(told))) {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        },
    }
}

fn busy(why: &str) -> Fault {
    Fault::busy("server_busy", format!("too many calls are being worked at: {why}")).hint("try again in a moment")
}

fn failed() -> Fault {
    Fault::bug("server_failed", "docent failed on this call").hint("please report it, with the request's id if you can")
}

/// A place in the line, given up when whoever has it goes away.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(queue: &'a Queue) -> Result<Waits<'a>> {
        let joined = queue
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| (now < queue.places.wait).then_some(now + 1));
        joined.map(|_| Waits(&queue.waiting)).map_err(|waiting| busy(&format!("{waiting} wait already")))
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What work tells while it goes on. Dropping it tells the work to stop.
pub(crate) struct Told<E> {
    /// What came already, and was not taken yet.
    here: VecDeque<Result<E>>,
    /// None: nothing more comes.
    events: Option<mpsc::Receiver<Result<E>>>,
}

impl<E> Told<E> {
    /// `None` when the work is done; an error is the last that comes.
    pub(crate) async fn next(&mut self) -> Option<Result<E>> {
        match (self.here.pop_front(), &mut self.events) {
            (Some(here), _) => Some(here),
            (None, Some(events)) => events.recv().await,
            (None, None) => None,
        }
    }

    /// What is all there already.
    pub(super) fn of(events: Vec<E>) -> Told<E> {
        Told { here: events.into_iter().map(Ok).collect(), events: None }
    }

    /// Waits for the first that comes. An error comes here: what is wrong from the beginning needs no stream.
    pub(super) async fn begun(&mut self) -> Result<()> {
        match self.next().await {
            Some(Err(fault)) => Err(fault),
            Some(first) => {
                self.here.push_front(first);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl<E> Unpin for Told<E> {}

impl<E> Stream for Told<E> {
    type Item = Result<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<E>>> {
        match (self.here.pop_front(), &mut self.events) {
            (Some(here), _) => Poll::Ready(Some(here)),
            (None, Some(events)) => events.poll_recv(context),
            (None, None) => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(Lane::ALL.map(|(lane, name)| (name, self.load(lane)))).finish()
    }
}

impl<E> fmt::Debug for Told<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn worker(work: usize, wait: usize) -> Worker {
        let places = Places { work, wait };
        Worker::new(places, places, places, Arc::default())
    }

    #[tokio::test]
    async fn a_full_line_is_an_answer_at_once_and_a_place_that_was_given_up_is_free() {
        let worker = Arc::new(worker(1, 1));
        let (go_on, wait) = channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let first = {
            let worker = Arc::clone(&worker);
            tokio::spawn(async move {
                let work = move || {
                    begun.send(()).unwrap();
                    wait.recv().unwrap();
                    Ok(1)
                };
                worker.run(Lane::Ask, work).await
            })
        };
        has_begun.await.unwrap();
        let mut second = Box::pin(worker.run(Lane::Ask, || Ok(2)));
        assert!(futures_now(second.as_mut()).is_none());
        assert_eq!((worker.load(Lane::Ask).work, worker.load(Lane::Ask).wait), (1, 1));
        let fault = worker.run(Lane::Ask, || Ok(3)).await.unwrap_err();
        assert_eq!((fault.whose, fault.code), (crate::fault::Whose::Busy, "server_busy"));
        // Another lane is not held up.
        assert_eq!(worker.run(Lane::Quick, || Ok(4)).await.unwrap(), 4);
        drop(second);
        assert_eq!(worker.load(Lane::Ask).wait, 0);
        go_on.send(()).unwrap();
        assert_eq!(first.await.unwrap().unwrap(), 1);
        assert_eq!(worker.run(Lane::Ask, || Ok(5)).await.unwrap(), 5);
    }

    fn futures_now<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn whoever_goes_away_is_noticed_by_the_next_word() {
        let worker = worker(1, 1);
        let (said, heard) = channel();
        let mut told = worker
            .stream(Lane::Ask, move |tell| {
                while tell(1).is_continue() {}
                said.send(()).unwrap();
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(told.next().await.unwrap().unwrap(), 1);
        drop(told);
        heard.recv_timeout(Duration::from_secs(5)).unwrap();
        // Its place is free again as soon as it has returned.
        worker.run(Lane::Ask, || Ok(())).await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_is_our_fault_and_costs_nobody_else() {
        let worker = worker(1, 8);
        let fault = worker.run::<()>(Lane::Quick, || panic!("it was told to")).await.unwrap_err();
        assert_eq!(fault.code, "server_failed");
        let mut told = worker.stream::<u8>(Lane::Quick, |_| panic!("it was told to")).await.unwrap();
        assert_eq!(told.next().await.unwrap().unwrap_err().code, "server_failed");
        assert!(told.next().await.is_none());
        assert_eq!(worker.run(Lane::Quick, || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn when_the_server_ends_work_is_told_to_stop() {
        let worker = worker(1, 0);
        let mut told = worker
            .stream(Lane::Ask, |tell| {
                while tell(()).is_continue() {}
                Err(Fault::busy("ended", "it was told to stop"))
            })
            .await
            .unwrap();
        worker.is_ending.store(true, Ordering::Relaxed);
        let mut last = None;
        while let Some(event) = told.next().await {
            last = event.err();
        }
        assert_eq!(last.unwrap().code, "ended");
    }
}
