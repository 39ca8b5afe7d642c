//! Work on a thread of its own, and waiting for it: no longer than there is time, and no longer than anybody listens.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use crate::clock::Clock;
use crate::domain::Event;

/// The thread is left to itself when nobody waits any longer.
pub(super) fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = bounded(1);
    thread::spawn(move || {
        let _ = sender.send(work());
    });
    receiver
}

/// What came of waiting.
pub(super) enum Came<T> {
    Here(T),
    /// Time is up.
    Late,
    /// The listener broke.
    Gone,
    /// Nothing will come any more.
    Lost,
}

/// How often whoever waits is asked whether they still do.
pub(super) const BEAT: Duration = Duration::from_millis(100);

pub(super) fn wait<T>(
    coming: &Receiver<T>,
    until: Instant,
    clock: &dyn Clock,
    listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Came<T> {
    loop {
        let left = until.saturating_duration_since(clock.instant());
        match coming.recv_timeout(left.min(BEAT)) {
            Ok(here) => return Came::Here(here),
            Err(RecvTimeoutError::Disconnected) => return Came::Lost,
            Err(RecvTimeoutError::Timeout) if left <= BEAT => return Came::Late,
            Err(RecvTimeoutError::Timeout) => {
                if listener(Event::Waiting).is_break() {
                    return Came::Gone;
                }
            }
        }
    }
}
