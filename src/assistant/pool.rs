//! Models beside the chosen one: opened by name, one of them at a time, so that memory stays bounded whatever is asked for.
//!
//! Whoever works with the one that is open keeps it open; who wants another one waits until it is idle.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::assistant::engines::Choice;
use crate::fault::Result;

pub(super) struct Pool<T: ?Sized> {
    find: Find<T>,
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// What a name means; an error where there is no such model.
type Find<T> = Box<dyn Fn(&str) -> Result<Found<T>> + Send + Sync>;

/// A model that was found, and how it is opened.
pub(super) struct Found<T: ?Sized> {
    pub choice: Choice,
    pub open: Box<dyn FnOnce() -> Result<Arc<T>> + Send>,
}

enum State<T: ?Sized> {
    Empty,
    /// Somebody opens one.
    Opening,
    Open {
        choice: Choice,
        model: Arc<T>,
        users: usize,
    },
}

/// A model for as long as somebody works with it.
pub(super) struct Lease<T: ?Sized> {
    model: Arc<T>,
    /// None where it stays open anyway.
    _place: Option<Arc<Place<T>>>,
}

struct Place<T: ?Sized>(Arc<Pool<T>>);

/// How often whoever waits for another one's end looks whether anybody still waits for it.
const BEAT: Duration = Duration::from_millis(100);

impl<T: ?Sized> Pool<T> {
    pub(super) fn new(find: impl Fn(&str) -> Result<Found<T>> + Send + Sync + 'static) -> Pool<T> {
        Pool { find: Box::new(find), state: Mutex::new(State::Empty), changed: Condvar::new() }
    }

    pub(super) fn find(&self, name: &str) -> Result<Found<T>> {
        (self.find)(name)
    }

    /// Waits for those who work with another one, as long as it `is_wanted`; `None` when it no longer is.
    pub(super) fn lend(self: &Arc<Self>, found: Found<T>, is_wanted: &dyn Fn() -> bool) -> Option<Result<Lease<T>>> {
        let mut state = self.state();
        loop {
            if !is_wanted() {
                return None;
            }
            match &mut *state {
                State::Open { choice, model, users } if choice.id == found.choice.id => {
                    *users += 1;
                    return Some(Ok(self.lease(Arc::clone(model))));
                }
                State::Empty | State::Open { users: 0, .. } => break,
                State::Opening | State::Open { .. } => {
                    let waited = self.changed.wait_timeout(state, BEAT);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        let before = std::mem::replace(&mut *state, State::Opening);
        drop(state);
        // The memory of the one is free before the other takes its own.
        drop(before);
        let opening = Opening { pool: self, next: State::Empty };
        Some(self.open(found, opening))
    }

    fn open(self: &Arc<Self>, found: Found<T>, mut opening: Opening<'_, T>) -> Result<Lease<T>> {
        let model = (found.open)()?;
        opening.next = State::Open { choice: found.choice, model: Arc::clone(&model), users: 1 };
        drop(opening);
        Ok(self.lease(model))
    }

    fn lease(self: &Arc<Self>, model: Arc<T>) -> Lease<T> {
        Lease { model, _place: Some(Arc::new(Place(Arc::clone(self)))) }
    }

    /// The one that is open.
    pub(super) fn opened(&self) -> Option<Choice> {
        if let State::Open { choice, .. } = &*self.state() { Some(choice.clone()) } else { None }
    }

    /// Closes it if it has this name and nobody works with it.
    pub(super) fn close(&self, name: &str) {
        let mut state = self.state();
        let is_it = matches!(&*state, State::Open { choice, users: 0, .. } if choice.name == name);
        let before = if is_it { std::mem::replace(&mut *state, State::Empty) } else { return };
        drop(state);
        drop(before);
    }

    /// Nothing that is done under the lock can stop half way.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever becomes of the opening, the next one may begin.
struct Opening<'a, T: ?Sized> {
    pool: &'a Pool<T>,
    next: State<T>,
}

impl<T: ?Sized> Drop for Opening<'_, T> {
    fn drop(&mut self) {
        *self.pool.state() = std::mem::replace(&mut self.next, State::Empty);
        self.pool.changed.notify_all();
    }
}

impl<T: ?Sized> Drop for Place<T> {
    fn drop(&mut self) {
        if let State::Open { users, .. } = &mut *self.0.state() {
            *users = users.saturating_sub(1);
        }
        self.0.changed.notify_all();
    }
}

impl<T: ?Sized> Lease<T> {
    /// Of one that stays open.
    pub(super) fn of(model: Arc<T>) -> Lease<T> {
        Lease { model, _place: None }
    }
}

/// It is given back with the last of them.
impl<T: ?Sized> Clone for Lease<T> {
    fn clone(&self) -> Lease<T> {
        Lease { model: Arc::clone(&self.model), _place: self._place.clone() }
    }
}

impl<T: ?Sized> Deref for Lease<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<T: ?Sized> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("opened", &self.opened()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::fault::Fault;

    /// Counts how many of its kind are alive.
    struct Model(String, Arc<AtomicUsize>);

    impl Drop for Model {
        fn drop(&mut self) {
            self.1.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn pool(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Arc<Pool<Model>> {
        let (alive, most) = (Arc::clone(alive), Arc::clone(most));
        Arc::new(Pool::new(move |name| {
            let (name, alive, most) = (name.to_owned(), Arc::clone(&alive), Arc::clone(&most));
            let choice = Choice { name: name.clone(), id: format!("{name}@1"), languages: Vec::new() };
            let open = Box::new(move || {
                if name == "broken" {
                    return Err(Fault::machine("model_damaged", "the model broken cannot be loaded"));
                }
                assert!(name != "panics", "it was told to");
                most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                Ok(Arc::new(Model(name, alive)))
            });
            Ok(Found { choice, open })
        }))
    }

    fn counters() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
        (Arc::default(), Arc::default())
    }

    fn lend(pool: &Arc<Pool<Model>>, name: &str) -> Result<Lease<Model>> {
        pool.lend(pool.find(name).unwrap(), &|| true).unwrap()
    }

    #[test]
    fn many_names_at_once_and_never_two_models() {
        let (alive, most) = counters();
        let pool = pool(&alive, &most);
        thread::scope(|scope| {
            for n in 0..6 {
                let pool = &pool;
                scope.spawn(move || {
                    for round in 0..100 {
                        let name = ["a", "b", "c"][(n * 7 + round) % 3];
                        assert_eq!(lend(pool, name).unwrap().0, name);
                    }
                });
            }
        });
        assert_eq!((alive.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (1, 1));
        pool.close("nobody");
        assert!(pool.opened().is_some());
        pool.close(&pool.opened().unwrap().name);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn one_that_is_used_is_shared_and_not_closed() {
        let (alive, most) = counters();
        let pool = pool(&alive, &most);
        let (one, two) = (lend(&pool, "a").unwrap(), lend(&pool, "a").unwrap());
        pool.close("a");
        drop(one);
        pool.close("a");
        assert_eq!((two.0.as_str(), alive.load(Ordering::SeqCst)), ("a", 1));
        let asked = AtomicUsize::new(0);
        let is_wanted = || asked.fetch_add(1, Ordering::SeqCst) < 2;
        assert!(pool.lend(pool.find("b").unwrap(), &is_wanted).is_none(), "it waits for the other in vain");
        drop(two);
        assert_eq!(lend(&pool, "b").unwrap().0, "b");
    }

    #[test]
    fn a_failure_leaves_room_for_the_next() {
        let (alive, most) = counters();
        let pool = pool(&alive, &most);
        assert_eq!(lend(&pool, "broken").err().unwrap().code, "model_damaged");
        thread::scope(|scope| {
            let panicked = scope.spawn(|| drop(lend(&pool, "panics")));
            assert!(panicked.join().is_err());
        });
        assert!(pool.opened().is_none());
        assert_eq!(lend(&pool, "a").unwrap().0, "a");
    }
}
