//! When the same thing is wanted by many at once, one makes it and the others follow: from the beginning, as it comes.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::key::Key;

/// What is being made. Clones are the same.
pub struct Flights<E>(Arc<Mutex<HashMap<Key, Flight<E>>>>);

struct Flight<E> {
    told: Vec<E>,
    followers: Vec<Sender<E>>,
    /// Held by everybody who follows still.
    here: Arc<()>,
}

#[derive(Debug)]
pub enum Seat<E> {
    /// Makes it, and tells the others.
    Leads(Lead<E>),
    Follows(Following<E>),
}

/// The others wait until this goes away; when it goes without having told everything, one of them has to begin again.
#[derive(Debug)]
pub struct Lead<E> {
    flights: Flights<E>,
    key: Key,
}

/// Everything the leader tells, from the beginning; the channel ends where the leader does.
#[derive(Debug)]
pub struct Following<E> {
    pub told: Receiver<E>,
    _here: Arc<()>,
}

impl<E: Clone> Flights<E> {
    pub fn join(&self, key: Key) -> Seat<E> {
        let mut flights = self.lock();
        let Some(flight) = flights.get_mut(&key) else {
            flights.insert(key, Flight { told: Vec::new(), followers: Vec::new(), here: Arc::default() });
            drop(flights);
            return Seat::Leads(Lead { flights: self.clone(), key });
        };
        let (sender, told) = unbounded();
        for event in &flight.told {
            let _ = sender.send(event.clone());
        }
        flight.followers.push(sender);
        Seat::Follows(Following { told, _here: Arc::clone(&flight.here) })
    }

    /// Whether somebody makes it now.
    pub fn is_on(&self, key: &Key) -> bool {
        self.lock().contains_key(key)
    }
}

impl<E: Clone> Lead<E> {
    pub fn tell(&self, event: E) {
        if let Some(flight) = self.flights.lock().get_mut(&self.key) {
            flight.followers.retain(|follower| follower.send(event.clone()).is_ok());
            flight.told.push(event);
        }
    }

    /// How many wait for what it makes.
    pub fn followers(&self) -> usize {
        self.flights.lock().get(&self.key).map_or(0, |flight| Arc::strong_count(&flight.here) - 1)
    }
}

impl<E> Drop for Lead<E> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

impl<E> Flights<E> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Flight<E>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Clone for Flights<E> {
    fn clone(&self) -> Flights<E> {
        Flights(Arc::clone(&self.0))
    }
}

impl<E> Default for Flights<E> {
    fn default() -> Flights<E> {
        Flights(Arc::default())
    }
}

impl<E> fmt::Debug for Flights<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("on", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::of("n", 1).text(text).finish()
    }

    #[test]
    fn followers_hear_everything_from_the_beginning_and_that_it_ended() {
        let flights = Flights::<u32>::default();
        let Seat::Leads(lead) = flights.join(key("a")) else { panic!() };
        lead.tell(1);
        let Seat::Follows(early) = flights.join(key("a")) else { panic!("a second one leads") };
        assert!(matches!(flights.join(key("b")), Seat::Leads(_)), "something else is made by itself");
        lead.tell(2);
        let Seat::Follows(late) = flights.join(key("a")) else { panic!() };
        assert_eq!((lead.followers(), flights.is_on(&key("a")), flights.is_on(&key("c"))), (2, true, false));
        drop(early);
        assert_eq!(lead.followers(), 1);
        lead.tell(3);
        drop(lead);
        assert_eq!(late.told.iter().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(matches!(flights.join(key("a")), Seat::Leads(_)), "another try");
    }
}
