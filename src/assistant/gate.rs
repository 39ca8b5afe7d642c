//! How many bytes may be on their way at once, so that memory stays bounded whatever the corpus.

use std::sync::{Condvar, Mutex, PoisonError};

pub(super) struct Gate {
    room: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    inside: u64,
    closed: bool,
}

impl Gate {
    pub(super) fn new(room: u64) -> Gate {
        Gate { room, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits for room; false when the gate was closed. What is larger than all the room goes through alone.
    pub(super) fn enter(&self, bytes: u64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed && state.inside > 0 && state.inside + bytes > self.room {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.inside += bytes;
        !state.closed
    }

    pub(super) fn leave(&self, bytes: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.inside = state.inside.saturating_sub(bytes);
        drop(state);
        self.changed.notify_all();
    }

    /// Nobody waits, or gets in, from here on.
    pub(super) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_than_the_room_is_inside_and_giants_go_alone() {
        let gate = Gate::new(10);
        let (inside, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for n in 0..8u64 {
                let (gate, inside, most) = (&gate, &inside, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = (n * 31 + round * 7) % 14 + 1;
                        assert!(gate.enter(bytes));
                        let now = inside.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        // A giant has the gate to itself.
                        assert!(now <= 10 || now == bytes, "{now} with {bytes}");
                        most.fetch_max(now, Ordering::SeqCst);
                        inside.fetch_sub(bytes, Ordering::SeqCst);
                        gate.leave(bytes);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) > 10, "no giant ever passed");
    }

    #[test]
    fn closing_lets_nobody_wait() {
        let gate = Gate::new(1);
        assert!(gate.enter(1));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.enter(1));
            gate.close();
            assert!(!waiting.join().unwrap());
        });
    }
}
