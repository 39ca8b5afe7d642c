//! What all who ask share: the memory tier, the namespaces, and what is counted. One lock, held for nanoseconds.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::key::Key;
use super::memory::{Held, Memory};
use super::space::Space;
use super::stamp::{Age, micros};
use super::tally::Tally;
use crate::clock::Timestamp;
use crate::domain::Tier;

pub(super) struct Core {
    pub memory: Memory,
    pub rooms: Vec<Room>,
    ghosts: Ghosts,
}

/// A namespace and what became of what was asked of it.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub space: Space,
    pub tally: Tally,
}

/// What a look into memory came to.
pub(super) enum Seen {
    Here { held: Held, is_stale: bool },
    TooOld(Duration),
    Nothing,
}

/// A namespace that nobody declared lasts for so long.
const UNDECLARED: Duration = Duration::from_secs(3600);
/// More are a mistake of whoever names them, and share one.
const MOST_ROOMS: usize = 256;
const OTHERS: &str = "others";

impl Core {
    pub(super) fn new(most: u64, spaces: Vec<Space>) -> Core {
        let rooms = spaces.into_iter().map(|space| Room { space, tally: Tally::default() }).collect();
        Core { memory: Memory::new(most), rooms, ghosts: Ghosts::default() }
    }

    /// A namespace's place in the list; a new one for a new name.
    pub(super) fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.rooms.iter().position(|room| room.space.name == name) {
            return place;
        }
        if name != OTHERS && (self.rooms.len() >= MOST_ROOMS || !Space::is_name(name)) {
            return self.place(OTHERS);
        }
        self.rooms.push(Room { space: Space::new(name).lasting(UNDECLARED), tally: Tally::default() });
        self.rooms.len() - 1
    }

    pub(super) fn look(&mut self, place: usize, key: &Key, now: Timestamp) -> Seen {
        let Core { memory, rooms, .. } = self;
        let room = &mut rooms[place];
        let Some(held) = memory.get(key) else { return Seen::Nothing };
        match held.stamp.age(now, &room.space) {
            Age::Expired(late) => {
                room.tally.expirations += 1;
                memory.remove(key);
                Seen::TooOld(late)
            }
            age => {
                held.uses = held.uses.saturating_add(1);
                Seen::Here { held: held.clone(), is_stale: age == Age::Stale }
            }
        }
    }

    pub(super) fn count_hit(&mut self, place: usize, tier: Tier, held: &Held, is_stale: bool, took: Option<Duration>) {
        let tally = &mut self.rooms[place].tally;
        tally.hit(tier, took);
        tally.stale_hits += u64::from(is_stale);
        tally.negative_hits += u64::from(held.stamp.is_negative);
        tally.saved = tally.saved.saturating_add(held.stamp.cost.saturating_sub(took.map_or(0, micros)));
    }

    /// `late`: it was there, and too old by so much.
    pub(super) fn count_miss(&mut self, place: usize, key: &Key, late: Option<Duration>) {
        let was_driven_out = late.is_none() && self.ghosts.take(key);
        let tally = &mut self.rooms[place].tally;
        tally.misses += 1;
        tally.driven_out += u64::from(was_driven_out);
        if let Some(late) = late {
            tally.expired += 1;
            tally.late.add(late);
        }
    }

    /// Into memory; what has to go for it is gone for good where there is no disk.
    pub(super) fn put(&mut self, key: Key, held: Held, has_disk: bool) -> bool {
        let Core { memory, rooms, ghosts } = self;
        memory.put(key, held, |key, gone| {
            rooms[gone.space].tally.memory_evictions += 1;
            if !has_disk || !rooms[gone.space].space.on_disk {
                ghosts.add(key);
            }
        })
    }

    pub(super) fn bound(&mut self, most: u64) {
        let Core { memory, rooms, .. } = self;
        memory.bound(most, |_, gone| rooms[gone.space].tally.memory_evictions += 1);
    }

    /// The disk had no room for these; they may be in memory still.
    pub(super) fn driven_out(&mut self, gone: &[(Key, String)]) {
        for (key, name) in gone {
            let place = self.place(Space::of(name));
            self.rooms[place].tally.disk_evictions += 1;
            if self.memory.peek(key).is_none() {
                self.ghosts.add(key);
            }
        }
    }

    /// How many were too old.
    pub(super) fn sweep(&mut self, now: Timestamp) -> u64 {
        let Core { memory, rooms, .. } = self;
        let mut gone = vec![0; rooms.len()];
        for (_, held) in memory.iter() {
            gone[held.space] += u64::from(is_over(held, &rooms[held.space].space, now));
        }
        let swept = memory.retain(|held| !is_over(held, &rooms[held.space].space, now));
        rooms.iter_mut().zip(gone).for_each(|(room, gone)| room.tally.expirations += gone);
        swept
    }
}

fn is_over(held: &Held, space: &Space, now: Timestamp) -> bool {
    matches!(held.stamp.age(now, space), Age::Expired(_))
}

/// Keys of entries that had to make room: who asks for one of them would have found it in a larger cache.
#[derive(Default)]
struct Ghosts {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

const MOST_GHOSTS: usize = 16_384;

impl Ghosts {
    fn add(&mut self, key: &Key) {
        if self.known.insert(key.number()) {
            self.order.push_back(key.number());
        }
        if self.order.len() > MOST_GHOSTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn take(&mut self, key: &Key) -> bool {
        // Its place in the order goes when its time comes.
        self.known.remove(&key.number())
    }
}

impl Held {
    pub(super) fn new(space: usize, name: Arc<str>, bytes: Arc<[u8]>, stamp: super::stamp::Stamp) -> Held {
        Held { space, name, bytes, stamp, uses: 0 }
    }
}
