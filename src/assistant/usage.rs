//! What is asked most, and what each learner opened: learned while it runs, and kept over restarts.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::predict::{Order, Visit};
use crate::cache::{Cache, Entry, Key, Space, pack, unpack};
use crate::clock::Timestamp;
use crate::domain::CollectionName;
use crate::text::plain_question;

/// Counts up when what is learned is written in another way.
const VERSION: u32 = 1;
/// So many questions are counted; of more, those that are asked least are forgotten.
const MOST: usize = 512;
/// Of one learner.
const MOST_VISITS: usize = 64;
/// Written down at once at first, and then after so many more.
const RARELY: u64 = 64;
/// After so long, having been asked counts half: a week.
const HALF_LIFE: f64 = 7.0 * 24.0 * 3600.0 * 1000.0;

/// Shared by all who ask.
#[derive(Debug, Default)]
pub(super) struct Usage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_loaded: bool,
    counts: HashMap<(String, String), Count>,
    noted: u64,
    unsaved: u64,
}

/// A question that is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    text: String,
    collection: Option<String>,
    weight: f64,
    last: u64,
}

/// How often something was asked, with what is long ago counting less.
#[derive(Clone, Debug, PartialEq)]
pub struct Popular {
    pub text: String,
    pub collection: Option<CollectionName>,
    pub weight: f64,
}

impl Usage {
    pub(super) fn note(&self, cache: &Cache, text: &str, collection: Option<&CollectionName>) {
        let now = cache.clock().now();
        let mut state = self.loaded(cache);
        let collection = collection.map(ToString::to_string);
        let key = (plain_question(text), collection.clone().unwrap_or_default());
        let fresh = || Count { text: text.to_owned(), collection, weight: 0.0, last: now.0 };
        let count = state.counts.entry(key).or_insert_with(fresh);
        count.weight = count.now(now) + 1.0;
        count.last = now.0;
        if state.counts.len() > 2 * MOST {
            let kept = state.top(now, MOST);
            state.counts.retain(|_, count| kept.contains(count));
        }
        state.noted += 1;
        state.unsaved += 1;
        if state.unsaved > (state.noted / 8).min(RARELY) || state.noted == 1 {
            state.save(cache, now);
        }
    }

    /// Most asked first.
    pub(super) fn top(&self, cache: &Cache, most: usize) -> Vec<Popular> {
        let now = cache.clock().now();
        let top = self.loaded(cache).top(now, most);
        let popular = |count: Count| Popular {
            weight: count.now(now),
            text: count.text,
            collection: count.collection.and_then(|name| CollectionName::new(&name).ok()),
        };
        top.into_iter().map(popular).collect()
    }

    pub(super) fn save(&self, cache: &Cache) {
        let mut state = self.loaded(cache);
        if state.unsaved > 0 {
            state.save(cache, cache.clock().now());
        }
    }

    fn loaded(&self, cache: &Cache) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut state.is_loaded, true)
            && let Some(hit) = cache.get(Space::USAGE, &questions())
            && let Some(counts) = unpack::<Vec<Count>>(&hit.bytes)
        {
            let keyed =
                |count: Count| ((plain_question(&count.text), count.collection.clone().unwrap_or_default()), count);
            state.counts = counts.into_iter().map(keyed).collect();
        }
        state
    }
}

impl State {
    fn top(&self, now: Timestamp, most: usize) -> Vec<Count> {
        let mut counts: Vec<&Count> = self.counts.values().collect();
        counts.sort_by(|a, b| b.now(now).total_cmp(&a.now(now)).then_with(|| a.text.cmp(&b.text)));
        counts.into_iter().take(most).cloned().collect()
    }

    fn save(&mut self, cache: &Cache, now: Timestamp) {
        self.unsaved = 0;
        cache.put(Space::USAGE, questions(), "questions", entry(&self.top(now, MOST)));
    }
}

impl Count {
    fn now(&self, now: Timestamp) -> f64 {
        self.weight * 0.5f64.powf(now.0.saturating_sub(self.last) as f64 / HALF_LIFE)
    }
}

fn questions() -> Key {
    Key::of(Space::USAGE, VERSION).text("questions").finish()
}

fn of_learner(learner: &str) -> Key {
    Key::of(Space::USAGE, VERSION).text("learner").text(learner).finish()
}

fn of_order() -> Key {
    Key::of(Space::USAGE, VERSION).text("order").finish()
}

fn entry(row: &impl Serialize) -> Entry {
    Entry { bytes: pack(row), ..Entry::default() }
}

/// What a learner opened, oldest first.
pub(super) fn visits(cache: &Cache, learner: &str) -> Vec<Visit> {
    let hit = cache.get(Space::USAGE, &of_learner(learner));
    let rows = hit.and_then(|hit| unpack::<Vec<(String, u64)>>(&hit.bytes)).unwrap_or_default();
    rows.into_iter().map(|(topic, at)| Visit { topic, at: Timestamp(at) }).collect()
}

/// In which order topics are opened, by anybody.
pub(super) fn order(cache: &Cache) -> Order {
    type Rows = Vec<(String, Vec<(String, f32)>)>;
    let hit = cache.get(Space::USAGE, &of_order());
    let rows = hit.and_then(|hit| unpack::<Rows>(&hit.bytes)).unwrap_or_default();
    Order(rows.into_iter().map(|(from, to)| (from, to.into_iter().collect())).collect())
}

/// A learner opens topics.
pub(super) fn visit(cache: &Cache, learner: &str, topics: &[String]) {
    let (mut visits, mut order) = (visits(cache, learner), order(cache));
    for topic in topics {
        if let Some(last) = visits.last() {
            order.note(&last.topic, topic);
        }
        visits.push(Visit { topic: topic.clone(), at: cache.clock().now() });
    }
    let first = visits.len().saturating_sub(MOST_VISITS);
    let rows: Vec<(&str, u64)> = visits[first..].iter().map(|visit| (visit.topic.as_str(), visit.at.0)).collect();
    // Who it is stands in no name.
    cache.put(Space::USAGE, of_learner(learner), "learner", entry(&rows));
    let rows: Vec<(&String, Vec<(&String, &f32)>)> =
        order.0.iter().take(MOST).map(|(from, to)| (from, to.iter().take(MOST_VISITS).collect())).collect();
    cache.put(Space::USAGE, of_order(), "order", entry(&rows));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cache::Setup;
    use crate::clock::SystemClock;

    #[test]
    fn what_is_asked_most_is_known_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Cache::open(Setup::new(Some(folder.path().to_owned())), Arc::new(SystemClock));
        let cache = open();
        let usage = Usage::default();
        let math = CollectionName::new("math").unwrap();
        for round in 0..30 {
            usage.note(&cache, "What is a limit?", None);
            if round % 3 == 0 {
                usage.note(&cache, "what is a  limit", Some(&math));
                usage.note(&cache, &format!("only once {round}"), None);
            }
        }
        usage.save(&cache);
        drop(cache);
        let cache = open();
        let top = Usage::default().top(&cache, 3);
        assert_eq!((top[0].text.as_str(), top[0].weight.round()), ("What is a limit?", 30.0));
        assert_eq!((top[1].collection.as_ref(), top[1].weight.round()), (Some(&math), 10.0));
        assert_eq!(top.len(), 3);
    }

    #[test]
    fn counting_takes_no_more_room_than_it_should() {
        let cache = Cache::in_memory(Arc::new(SystemClock));
        let usage = Usage::default();
        for n in 0..5000 {
            usage.note(&cache, &format!("question {n}"), None);
            usage.note(&cache, "the usual one", None);
        }
        assert!(usage.0.lock().unwrap().counts.len() <= 2 * MOST);
        assert_eq!(usage.top(&cache, 1)[0].text, "the usual one");
    }

    #[test]
    fn learners_are_told_apart_and_the_order_is_everybodys() {
        let cache = Cache::in_memory(Arc::new(SystemClock));
        visit(&cache, "ana", &["a".to_owned()]);
        visit(&cache, "ana", &["b".to_owned(), "c".to_owned()]);
        visit(&cache, "rui", &["a".to_owned(), "b".to_owned()]);
        let topics = |learner| visits(&cache, learner).into_iter().map(|visit| visit.topic).collect::<Vec<_>>();
        assert_eq!(
            (topics("ana"), topics("rui")),
            (vec!["a".into(), "b".into(), "c".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!(order(&cache).0["a"]["b"], 2.0);
        (0..100).for_each(|_| visit(&cache, "ana", &["d".to_owned()]));
        assert_eq!(visits(&cache, "ana").len(), MOST_VISITS);
        assert!(cache.entries(&crate::cache::Pattern::new("*ana*"), 10).is_empty());
    }
}
