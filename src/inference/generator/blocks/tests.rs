//! Is what is said to be reused exactly what was read, and does every block have one writer at most?

use proptest::prelude::*;

use super::{Blocks, Copy, Seat};

/// Like the storage of a model: a place holds what was computed there, which is all tokens up to it.
struct Store {
    blocks: Blocks,
    size: usize,
    places: Vec<Vec<u32>>,
    running: Vec<Running>,
    /// What has ended, or was read by whole blocks.
    seen: Vec<Vec<u32>>,
}

struct Running {
    seat: Seat,
    tokens: Vec<u32>,
    read: usize,
    most: usize,
}

impl Store {
    fn new(most: usize, size: usize) -> Store {
        let places = vec![Vec::new(); most * size];
        Store { blocks: Blocks::new(most, size), size, places, running: Vec::new(), seen: Vec::new() }
    }

    fn place(&self, seat: &Seat, at: usize) -> usize {
        seat.blocks[at / self.size] as usize * self.size + at % self.size
    }

    fn copy(&mut self, copy: Copy) {
        for at in 0..copy.tokens {
            let held = self.places[copy.from as usize * self.size + at].clone();
            self.places[copy.to as usize * self.size + at] = held;
        }
    }

    /// How many tokens were reused, if there was room.
    fn begin(&mut self, tokens: &[u32], most: usize) -> Option<usize> {
        let seat = self.blocks.begin(tokens, most)?;
        assert!(seat.reused < tokens.len());
        assert_eq!(seat.blocks.len(), most.max(tokens.len()).div_ceil(self.size));
        if let Some(copy) = seat.copy {
            self.copy(copy);
        }
        for at in 0..seat.reused {
            assert_eq!(self.places[self.place(&seat, at)], tokens[..=at], "it was never read, or is overwritten");
        }
        let reused = seat.reused;
        self.running.push(Running { seat, tokens: tokens.to_vec(), read: reused, most });
        Some(reused)
    }

    /// Writes as a model does, and says so.
    fn read(&mut self, number: usize, tokens: usize) {
        let to = (self.running[number].read + tokens).min(self.running[number].tokens.len());
        for at in self.running[number].read..to {
            let block = self.running[number].seat.blocks[at / self.size];
            let writers = self.running.iter().filter(|other| other.seat.blocks.contains(&block)).count();
            assert_eq!(writers, 1, "a block that others use is written");
            let place = self.place(&self.running[number].seat, at);
            self.places[place] = self.running[number].tokens[..=at].to_vec();
        }
        let running = &mut self.running[number];
        running.read = to;
        self.blocks.read(&running.seat, &running.tokens[..to]);
        self.seen.push(running.tokens[..to / self.size * self.size].to_vec());
    }

    fn roll_back(&mut self, number: usize, tokens: usize) {
        let running = &mut self.running[number];
        let to = tokens.min(running.read);
        if let Ok(copy) = self.blocks.roll_back(&mut running.seat, to) {
            running.read = to;
            running.tokens.truncate(to);
            copy.into_iter().for_each(|copy| self.copy(copy));
            let running = &self.running[number];
            for at in 0..to {
                assert_eq!(self.places[self.place(&running.seat, at)], running.tokens[..=at]);
            }
            // What was behind it is forgotten.
            self.seen.clear();
        }
    }

    fn end(&mut self, number: usize, forget: usize) {
        let running = self.running.swap_remove(number);
        let kept = running.read.saturating_sub(forget);
        self.seen.push(running.tokens[..kept].to_vec());
        self.blocks.end(running.seat, &running.tokens[..kept]);
    }

    /// The longest beginning that was read before, if nothing had to go.
    fn known(&self, tokens: &[u32]) -> usize {
        let common = |seen: &Vec<u32>| seen.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        self.seen.iter().map(common).max().unwrap_or(0).min(tokens.len() - 1)
    }

    fn check(&self) {
        let (blocks, paths) = (&self.blocks.tree, &self.blocks.paths);
        let in_tree: Vec<usize> =
            (0..blocks.nodes.len() - 1).filter(|&at| !blocks.nodes[at].tokens.is_empty()).collect();
        let mut owned = vec![0; blocks.nodes.len() - 1];
        blocks.free.iter().for_each(|&block| owned[block as usize] += 1);
        in_tree.iter().for_each(|&block| owned[block] += 1);
        for running in &self.running {
            let path = &paths[running.seat.number];
            let own = running.seat.blocks.iter().enumerate().filter(|(at, block)| path.get(*at) != Some(block));
            own.for_each(|(_, &block)| owned[block as usize] += 1);
        }
        assert!(owned.iter().all(|&owners| owners == 1), "a block is lost or has two owners: {owned:?}");
        let idle = || in_tree.iter().filter(|&&at| blocks.nodes[at].running == 0);
        assert_eq!(blocks.idle, idle().count());
        let leaves = idle().filter(|&&at| blocks.nodes[at].children.is_empty()).count();
        assert_eq!(blocks.leaves.len(), leaves);
        for node in &blocks.nodes {
            let children = || node.children.iter().map(|&child| &blocks.nodes[child as usize]);
            assert!(children().is_sorted_by(|a, b| a.tokens < b.tokens && !b.tokens.starts_with(&a.tokens)));
            assert!(children().all(|child| child.tokens.len() == self.size || child.children.is_empty()));
        }
    }
}

#[derive(Clone, Debug)]
enum Event {
    Begin {
        tokens: Vec<u32>,
        more: usize,
    },
    /// The beginning of what was there before, and something else.
    Return {
        of: usize,
        first: usize,
        then: Vec<u32>,
        more: usize,
    },
    Read {
        which: usize,
        tokens: usize,
    },
    Write {
        which: usize,
        token: u32,
    },
    RollBack {
        which: usize,
        to: usize,
    },
    End {
        which: usize,
        forget: usize,
    },
}

fn tokens() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..3u32, 1..14)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (tokens(), 0..9usize).prop_map(|(tokens, more)| Event::Begin { tokens, more }),
        3 => (any::<usize>(), any::<usize>(), tokens(), 0..9usize)
            .prop_map(|(of, first, then, more)| Event::Return { of, first, then, more }),
        6 => (any::<usize>(), 1..9usize).prop_map(|(which, tokens)| Event::Read { which, tokens }),
        3 => (any::<usize>(), 0..3u32).prop_map(|(which, token)| Event::Write { which, token }),
        1 => (any::<usize>(), 0..20usize).prop_map(|(which, to)| Event::RollBack { which, to }),
        3 => (any::<usize>(), 0..6usize).prop_map(|(which, forget)| Event::End { which, forget }),
    ]
}

fn tell(store: &mut Store, history: Vec<Event>, mut reused: impl FnMut(&Store, &[u32], Option<usize>)) {
    let mut begun: Vec<Vec<u32>> = vec![vec![0]];
    for event in history {
        let running = store.running.len();
        match event {
            Event::Begin { tokens, more } => {
                let found = store.begin(&tokens, tokens.len() + more);
                reused(store, &tokens, found);
                begun.push(tokens);
            }
            Event::Return { of, first, then, more } => {
                let earlier = &begun[of % begun.len()];
                let tokens = [&earlier[..first % (earlier.len() + 1)], &then].concat();
                let found = store.begin(&tokens, tokens.len() + more);
                reused(store, &tokens, found);
                begun.push(tokens);
            }
            Event::Read { which, tokens } if running > 0 => store.read(which % running, tokens),
            Event::Write { which, token } if running > 0 => {
                let running = &mut store.running[which % running];
                if running.read == running.tokens.len() && running.read < running.most {
                    running.tokens.push(token);
                    store.read(which % store.running.len(), 1);
                    begun.push(store.running[which % store.running.len()].tokens.clone());
                }
            }
            Event::RollBack { which, to } if running > 0 => store.roll_back(which % running, to),
            Event::End { which, forget } if running > 0 => store.end(which % running, forget),
            _ => {}
        }
        store.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_nothing_is_mixed_up_and_nothing_is_lost(
        history in prop::collection::vec(event(), 1..120),
        most in 4..24usize,
        size in 1..6usize,
    ) {
        let mut store = Store::new(most, size);
        tell(&mut store, history, |_, _, _| {});
        while !store.running.is_empty() {
            store.end(0, 0);
            store.check();
        }
        prop_assert!(store.begin(&vec![9; most * size], 0).is_some(), "everything can be had again");
        prop_assert!(store.begin(&[1], 0).is_none());
    }

    #[test]
    fn where_there_is_room_everything_read_before_is_found(
        history in prop::collection::vec(event(), 1..60),
        size in 1..6usize,
    ) {
        let mut store = Store::new(2000, size);
        let history = history.into_iter().filter(|event| !matches!(event, Event::RollBack { .. })).collect();
        tell(&mut store, history, |store, tokens, reused| assert_eq!(reused, Some(store.known(tokens))));
    }
}

fn count(from: u32, tokens: u32) -> Vec<u32> {
    (from..from + tokens).collect()
}

#[test]
fn a_running_sequence_shares_what_it_has_read() {
    let mut store = Store::new(10, 4);
    assert_eq!(store.begin(&count(0, 11), 16), Some(0));
    assert_eq!(store.begin(&count(0, 11), 12), Some(0), "nothing is read yet");
    store.read(0, 9);
    assert_eq!(store.begin(&count(0, 11), 12), Some(8));
    assert_eq!(store.running[2].seat.blocks[..2], store.running[0].seat.blocks[..2]);
    assert!(store.begin(&count(50, 8), 9).is_none(), "4 + 3 + 1 of 10 are taken");
    assert_eq!(store.begin(&count(50, 8), 8), Some(0));
    store.check();
}

#[test]
fn the_beginning_of_a_block_is_copied() {
    let mut store = Store::new(10, 4);
    store.begin(&count(0, 7), 7);
    store.read(0, 7);
    store.end(0, 0);
    let asked = [&count(0, 6)[..], &[90, 91, 92]].concat();
    assert_eq!(store.begin(&asked, 9), Some(6));
    assert_eq!(store.running[0].seat.copy.map(|copy| copy.tokens), Some(2));
    assert_eq!(store.begin(&count(0, 7), 7), Some(6), "the last one has to be read for its logits");
    assert_eq!(store.begin(&count(0, 4), 4), Some(3), "even where a whole block is known");
}

#[test]
fn who_was_not_used_for_longest_goes_first_and_from_its_end() {
    let mut store = Store::new(6, 4);
    for from in [0, 100, 200] {
        store.begin(&count(from, 8), 8);
        store.read(0, 8);
        store.end(0, 0);
    }
    store.begin(&count(0, 8), 8);
    store.end(0, 1);
    store.begin(&count(300, 3), 3);
    store.check();
    assert_eq!(store.blocks.tree.walk(&count(100, 8)).len(), 1);
    assert_eq!(store.blocks.tree.walk(&count(200, 8)).len(), 2);
    assert_eq!(store.blocks.tree.walk(&count(0, 8)).len(), 2, "it was used since");
}

#[test]
fn a_conversation_that_fills_the_memory_goes_on_where_it_was() {
    let mut store = Store::new(2, 4);
    store.begin(&count(0, 6), 6);
    store.read(0, 6);
    store.end(0, 0);
    assert_eq!(store.begin(&count(0, 8), 8), Some(6), "in the very block that had to go");
    assert_eq!(store.running[0].seat.copy, None);
    store.read(0, 2);
    store.check();
}

#[test]
fn a_shared_block_is_not_rolled_back_under_who_uses_it() {
    let mut store = Store::new(4, 4);
    store.begin(&count(0, 8), 8);
    store.read(0, 8);
    store.begin(&count(0, 9), 9);
    store.roll_back(0, 6);
    assert_eq!(store.running[0].read, 6);
    store.running[0].tokens.extend([70, 71]);
    store.read(0, 2);
    store.read(1, 1);
    store.check();
    store.roll_back(0, 2);
    assert_eq!(store.running[0].read, 8, "its first block is shared too, and there is none to exchange it for");
    store.check();
}
