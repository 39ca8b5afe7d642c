//! Which topics will a learner open next? From what they opened before, and from the order in which others did.

use std::collections::HashMap;

use crate::clock::Timestamp;

/// A topic that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub topic: String,
    pub at: Timestamp,
}

/// How often one topic came after another, by anybody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order(pub HashMap<String, HashMap<String, f32>>);

const HOUR: u64 = 3_600_000;
/// After so long a visit counts half.
const HALF_LIFE: f32 = 48.0 * HOUR as f32;
/// What one's own steps count against another's.
const OWN: f32 = 3.0;
/// What is worth how much: what usually comes next decides, habits break ties. Compared on a class that walks through a
/// course: see the tests.
const WEIGHTS: Weights = Weights { order: 1.0, frequency: 0.2, hour: 0.1 };

#[derive(Clone, Copy, Debug)]
struct Weights {
    order: f32,
    frequency: f32,
    hour: f32,
}

impl Order {
    pub(super) fn note(&mut self, from: &str, to: &str) {
        if from != to {
            *self.0.entry(from.to_owned()).or_default().entry(to.to_owned()).or_default() += 1.0;
        }
    }
}

/// The likeliest first, and no more than `limit`; `topics` are those of the course, in its order. Without any history these
/// are its first ones.
pub fn predict(visits: &[Visit], order: &Order, topics: &[String], now: Timestamp, limit: usize) -> Vec<String> {
    by(WEIGHTS, visits, order, topics, now, limit)
}

fn by(
    weights: Weights,
    visits: &[Visit],
    order: &Order,
    topics: &[String],
    now: Timestamp,
    limit: usize,
) -> Vec<String> {
    let Some(last) = visits.last() else { return topics.iter().take(limit).cloned().collect() };
    let mut after: HashMap<&str, f32> = HashMap::new();
    for pair in visits.windows(2).filter(|pair| pair[0].topic == last.topic && pair[1].topic != last.topic) {
        *after.entry(&pair[1].topic).or_default() += OWN;
    }
    for (topic, count) in order.0.get(&last.topic).into_iter().flatten() {
        *after.entry(topic).or_default() += count;
    }
    // As if the course's own order had been walked once.
    let place = topics.iter().position(|topic| *topic == last.topic);
    if let Some(next) = place.and_then(|place| topics.get(place + 1)) {
        *after.entry(next).or_default() += 1.0;
    }
    let (mut frequency, mut hour) = (HashMap::<&str, f32>::new(), HashMap::<&str, f32>::new());
    for visit in visits {
        let age = now.0.saturating_sub(visit.at.0);
        let weight = 0.5f32.powf(age as f32 / HALF_LIFE);
        *frequency.entry(&visit.topic).or_default() += weight;
        let (then, today) = (visit.at.0 / HOUR % 24, now.0 / HOUR % 24);
        if then.abs_diff(today).min(24 - then.abs_diff(today)) <= 1 {
            *hour.entry(&visit.topic).or_default() += weight;
        }
    }
    let share = |of: &HashMap<&str, f32>, topic: &str| {
        let all: f32 = of.values().sum();
        if all > 0.0 { of.get(topic).copied().unwrap_or_default() / all } else { 0.0 }
    };
    let mut scored: Vec<(f32, usize, &String)> = topics
        .iter()
        .enumerate()
        .map(|(at, topic)| {
            let score = weights.order * share(&after, topic)
                + weights.frequency * share(&frequency, topic)
                + weights.hour * share(&hour, topic);
            // Of those nobody knows anything about, the nearest ahead.
            let ahead = place.map_or(at, |place| (at + topics.len() - place) % topics.len());
            (score, ahead, topic)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().take(limit).map(|(.., topic)| topic.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(topic: usize, hours: u64) -> Visit {
        Visit { topic: format!("t{topic}"), at: Timestamp(hours * HOUR) }
    }

    fn course(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("t{n}")).collect()
    }

    #[test]
    fn nobody_known_gets_the_beginning_and_others_what_comes_next() {
        let (topics, order) = (course(10), Order::default());
        assert_eq!(predict(&[], &order, &topics, Timestamp(0), 3), ["t0", "t1", "t2"]);
        assert_eq!(predict(&[visit(4, 1)], &order, &topics, Timestamp(HOUR), 1), ["t5"]);
        let mut habits = Order::default();
        (0..9).for_each(|_| habits.note("t4", "t8"));
        assert_eq!(predict(&[visit(4, 1)], &habits, &topics, Timestamp(HOUR), 1), ["t8"]);
        let own = [visit(4, 1), visit(2, 2), visit(4, 3)];
        assert_eq!(predict(&own, &order, &topics, Timestamp(4 * HOUR), 1), ["t2"]);
        assert!(predict(&own, &order, &[], Timestamp(0), 3).is_empty());
        assert_eq!(predict(&own, &order, &topics, Timestamp(0), 99).len(), 10);
    }

    /// Numbers that look random and are the same in every run.
    struct Draw(u64);

    impl Draw {
        fn share(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    /// Thirty learners walk through a course of twenty topics over two weeks: mostly ahead, now and then back to what is
    /// hard, in the evening to what they repeat.
    fn hits(weights: Weights) -> f64 {
        let (topics, mut order, mut draw) = (course(20), Order::default(), Draw(5));
        let (mut hit, mut all) = (0, 0);
        let mut places = [0usize; 30];
        let mut visits: Vec<Vec<Visit>> = vec![Vec::new(); 30];
        for step in 0..40u64 {
            for learner in 0..30 {
                let hour = step / 3 * 24 + [9, 15, 20][(step % 3) as usize];
                let now = Timestamp(hour * HOUR);
                let chance = draw.share();
                let next = if step % 3 == 2 && chance < 0.5 {
                    // The hard one of this learner.
                    (learner * 7) % 20
                } else if chance < 0.75 {
                    places[learner] = (places[learner] + 1) % 20;
                    places[learner]
                } else if chance < 0.9 {
                    places[learner] = (places[learner] + 2) % 20;
                    places[learner]
                } else {
                    (draw.share() * 20.0) as usize
                };
                let next = format!("t{next}");
                if step > 5 {
                    all += 1;
                    hit += usize::from(by(weights, &visits[learner], &order, &topics, now, 3).contains(&next));
                }
                if let Some(last) = visits[learner].last() {
                    order.note(&last.topic, &next);
                }
                visits[learner].push(Visit { topic: next, at: now });
            }
        }
        f64::from(hit as u32) / f64::from(all as u32)
    }

    #[test]
    fn what_is_used_predicts_a_class_best() {
        let of = |order, frequency, hour| hits(Weights { order, frequency, hour });
        let (order, frequency, hour) = (of(1.0, 0.0, 0.0), of(0.0, 1.0, 0.0), of(0.0, 0.0, 1.0));
        let used = hits(WEIGHTS);
        println!("hit among three: order {order:.3}, frequency {frequency:.3}, hour {hour:.3}, used {used:.3}");
        assert!(used >= order && used > frequency && used > hour, "{used} of {order} {frequency} {hour}");
        assert!(used > 0.5, "{used}");
    }
}
