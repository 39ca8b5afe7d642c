//! Where callers come to, and a model's thread takes them from. Bounded: who comes when it is full is told at once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Pulse;
use crate::clock::Clock;

pub(super) struct Line<T> {
    state: Mutex<State<T>>,
    news: Condvar,
    clock: Arc<dyn Clock>,
    /// Held once by everybody who waits or is being served.
    places: Arc<()>,
}

struct State<T> {
    arrived: VecDeque<T>,
    is_closed: bool,
    /// The thread waits for somebody.
    is_idle: bool,
    /// When it last got on, or had something to get on with.
    beat: Instant,
}

/// A place in the line. Dropping it gives the place up.
#[derive(Debug)]
pub(super) struct Place {
    _held: Arc<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Closed,
    Full,
}

/// Whatever ends the thread that holds it, nobody waits for the thread in vain.
pub(super) struct Closes<'a, T>(pub(super) &'a Line<T>);

impl<T> Line<T> {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Line<T> {
        let state = State { arrived: VecDeque::new(), is_closed: false, is_idle: false, beat: clock.instant() };
        Line { state: Mutex::new(state), news: Condvar::new(), clock, places: Arc::new(()) }
    }

    /// For somebody who comes when fewer than `most` are there.
    pub(super) fn enter(&self, caller: T, most: usize) -> Result<Place, Refused> {
        let mut state = self.state();
        if state.is_closed {
            return Err(Refused::Closed);
        }
        if Arc::strong_count(&self.places) > most {
            return Err(Refused::Full);
        }
        if state.is_idle && state.arrived.is_empty() {
            state.beat = self.clock.instant();
        }
        state.arrived.push_back(caller);
        self.news.notify_one();
        Ok(Place { _held: Arc::clone(&self.places) })
    }

    /// Everybody who came since the last call; waits for somebody if `is_idle`. `None` when nobody will come any more.
    pub(super) fn arrivals(&self, is_idle: bool) -> Option<VecDeque<T>> {
        let mut state = self.state();
        state.beat = self.clock.instant();
        state.is_idle = is_idle;
        while is_idle && state.arrived.is_empty() && !state.is_closed {
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_idle = false;
        (!state.is_closed).then(|| std::mem::take(&mut state.arrived))
    }

    /// Nobody is let in any more, and who waits is told so: what they brought is dropped.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.arrived.clear();
        self.news.notify_one();
    }

    /// How it is with the thread.
    pub(super) fn pulse(&self) -> Pulse {
        let state = self.state();
        Pulse {
            since: self.clock.instant().saturating_duration_since(state.beat),
            is_wanted: !state.is_idle || !state.arrived.is_empty(),
            is_gone: state.is_closed,
        }
    }

    /// Nothing that is done under the lock can stop half way.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Line<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("held", &(Arc::strong_count(&self.places) - 1)).finish_non_exhaustive()
    }
}

impl<T> Drop for Closes<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn places_are_held_until_they_are_given_up() {
        let line = Line::new(Arc::new(SystemClock));
        let (first, second) = (line.enter('a', 2).unwrap(), line.enter('b', 2).unwrap());
        assert_eq!(line.enter('c', 2).unwrap_err(), Refused::Full);
        assert_eq!(line.arrivals(true), Some(VecDeque::from(['a', 'b'])));
        assert_eq!(line.enter('c', 2).unwrap_err(), Refused::Full, "who is served has a place too");
        drop(first);
        let third = line.enter('d', 2).unwrap();
        assert_eq!(line.enter('e', 2).unwrap_err(), Refused::Full);
        assert!(line.enter('e', 3).is_ok(), "for some there are more");
        drop((second, third));
        assert_eq!(line.arrivals(false), Some(VecDeque::from(['d', 'e'])));
        assert_eq!(line.arrivals(false), Some(VecDeque::new()));
    }

    #[test]
    fn whoever_waits_for_callers_is_told_that_nobody_comes() {
        let line = Arc::new(Line::new(Arc::new(SystemClock)));
        let waits = Arc::clone(&line);
        let waiting = thread::spawn(move || waits.arrivals(true));
        drop(Closes(&*line));
        assert_eq!(waiting.join().unwrap(), None);
        let dropped = Arc::new(());
        assert_eq!(line.enter(Arc::clone(&dropped), 9).unwrap_err(), Refused::Closed);
        assert_eq!(Arc::strong_count(&dropped), 1);
    }
}
