//! Whoever comes and goes, and whenever: does it change what anybody gets?

use proptest::prelude::*;

use super::super::callers::{KEPT, MOST_CALLERS};
use super::fake::{Bench, Order, alone, heard, prompt};
use crate::inference::Urgency::{self, Add, Ask, Prefetch};

#[derive(Clone, Debug)]
enum Event {
    Come { name: u32, own: usize, tokens: usize, most: usize, urgency: Urgency },
    Step,
    Leave(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let urgency = prop_oneof![Just(Ask), Just(Ask), Just(Add), Just(Prefetch)];
    prop_oneof![
        2 => (1..4u32, 0..9usize, 1..90usize, 1..30usize, urgency)
            .prop_map(|(name, own, tokens, most, urgency)| Event::Come { name, own, tokens, most, urgency }),
        6 => Just(Event::Step),
        1 => any::<usize>().prop_map(Event::Leave),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn everybody_gets_what_they_would_get_alone(
        events in prop::collection::vec(event(), 1..80),
        room in 130..600usize,
    ) {
        let bench = Bench::new(room, &[]);
        let mut tickets = Vec::new();
        for event in events {
            match event {
                Event::Come { name, own, tokens, most, urgency } if tickets.len() < MOST_CALLERS - KEPT => {
                    let prompt = [prompt(name, tokens), vec![own as u32; own]].concat();
                    tickets.push((bench.queue(&prompt, most, urgency), prompt, most));
                }
                Event::Leave(which) if !tickets.is_empty() => drop(tickets.swap_remove(which % tickets.len())),
                // Orders that nobody waits for yet are for the steps that come.
                _ => bench.order(Order::Run),
            }
        }
        drop(bench.orders);
        for (ticket, prompt, most) in tickets {
            prop_assert_eq!(heard(ticket).0, alone(&prompt, most));
        }
    }
}
