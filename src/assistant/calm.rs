//! Is anybody waiting for an answer? Whoever works ahead of questions waits until nobody does.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Calm {
    waiting: Mutex<usize>,
    changed: Condvar,
}

/// Somebody waits as long as this is there.
pub(super) struct Asker<'a>(&'a Calm);

/// How often whoever waits for calm looks whether it should stop.
const BEAT: Duration = Duration::from_millis(100);

impl Calm {
    pub(super) fn enter(&self) -> Asker<'_> {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Asker(self)
    }

    /// Returns when nobody waits, or when it is to stop; then false.
    pub(super) fn wait(&self, is_over: &dyn Fn() -> bool) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if is_over() {
                return false;
            }
            if *waiting == 0 {
                return true;
            }
            waiting = self.changed.wait_timeout(waiting, BEAT).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(1);
        self.0.changed.notify_all();
    }
}
