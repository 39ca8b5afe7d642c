//! How often may a client have something generated? Everyone has so many turns, and they come back evenly over a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::peers::household;

#[derive(Debug)]
pub(in crate::http) struct Rate {
    /// 0: as often as it likes.
    per_minute: u32,
    clients: Mutex<HashMap<IpAddr, Turns>>,
}

#[derive(Clone, Copy, Debug)]
struct Turns {
    left: f64,
    at: Instant,
}

/// Clients that are remembered at once; those who have all their turns need not be.
const MOST_CLIENTS: usize = 10_000;
const MINUTE: f64 = 60.0;

impl Rate {
    pub(super) fn new(per_minute: usize) -> Rate {
        Rate { per_minute: u32::try_from(per_minute).unwrap_or(u32::MAX), clients: Mutex::default() }
    }

    /// Takes a turn; an error says how long until there is one again.
    pub(super) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let all = f64::from(self.per_minute);
        let mut clients = self.clients();
        if clients.len() >= MOST_CLIENTS {
            self.forget(&mut clients, now);
        }
        let turns = clients.entry(household(client)).or_insert(Turns { left: all, at: now });
        turns.left = self.left(*turns, now);
        turns.at = now;
        if turns.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - turns.left) * MINUTE / all));
        }
        turns.left -= 1.0;
        Ok(())
    }

    /// Nothing was generated after all.
    pub(super) fn give_back(&self, client: IpAddr) {
        if let Some(turns) = self.clients().get_mut(&household(client)) {
            turns.left = (turns.left + 1.0).min(f64::from(self.per_minute));
        }
    }

    fn left(&self, turns: Turns, now: Instant) -> f64 {
        let all = f64::from(self.per_minute);
        let back = now.saturating_duration_since(turns.at).as_secs_f64() * all / MINUTE;
        (turns.left + back).min(all)
    }

    /// Whoever has all turns again; and when too many have not, those who came first.
    fn forget(&self, clients: &mut HashMap<IpAddr, Turns>, now: Instant) {
        clients.retain(|_, turns| self.left(*turns, now) < f64::from(self.per_minute));
        if clients.len() >= MOST_CLIENTS {
            let mut times: Vec<Instant> = clients.values().map(|turns| turns.at).collect();
            let middle = times.len() / 2;
            let (_, median, _) = times.select_nth_unstable(middle);
            let median = *median;
            clients.retain(|_, turns| turns.at > median);
        }
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<IpAddr, Turns>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[test]
    fn turns_come_back_evenly_and_what_was_not_used_comes_back_at_once() {
        let rate = Rate::new(2);
        let (now, client) = (SystemClock.instant(), "10.0.0.1".parse().unwrap());
        assert!(rate.take(client, now).is_ok() && rate.take(client, now).is_ok());
        assert_eq!(rate.take(client, now).unwrap_err(), Duration::from_secs(30));
        assert!(rate.take("10.0.0.2".parse().unwrap(), now).is_ok(), "others have their own");
        assert!(rate.take(client, now + Duration::from_secs(29)).is_err());
        assert!(rate.take(client, now + Duration::from_secs(31)).is_ok());
        rate.give_back(client);
        assert!(rate.take(client, now + Duration::from_secs(31)).is_ok());
        let unbounded = Rate::new(0);
        assert!((0..100).all(|_| unbounded.take(client, now).is_ok()));
    }

    #[test]
    fn many_clients_take_no_more_memory_than_is_allowed() {
        let rate = Rate::new(1);
        let now = SystemClock.instant();
        for n in 0..25_000u32 {
            let _ = rate.take(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(rate.clients().len() <= MOST_CLIENTS);
    }
}
