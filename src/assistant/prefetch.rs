//! Work ahead of questions: topics and usual questions are made ready while nobody asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::assistant::ask::{Question, warm_up};
use crate::assistant::engines::Engines;
use crate::assistant::keeper::Chore;
use crate::assistant::predict::predict;
use crate::assistant::query::Query;
use crate::assistant::remember;
use crate::assistant::topics::{Topic, Topics};
use crate::assistant::usage;
use crate::clock::Clock;
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::inference::Urgency;
use crate::library::Snapshot;

/// What somebody wants to have ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// By name; none: those that the learner will probably open next.
    pub topics: Vec<String>,
    pub learner: Option<String>,
    /// How many topics at most.
    pub limit: usize,
    /// How many passages of each, where the topic does not say.
    pub k: usize,
    pub depth: Ready,
}

impl Wish {
    pub const LIMIT: usize = 3;
    pub const K: usize = 3;
    const MOST: usize = 100;
}

/// How far ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ready {
    /// The passages.
    #[default]
    Context,
    /// What a model would be shown has been read by it.
    Kv,
    /// The whole answer.
    Answer,
}

/// One thing to make ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub name: String,
    pub text: String,
    pub collection: Option<CollectionName>,
    pub k: usize,
    pub depth: Ready,
}

/// What will be done, and what need not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub accepted: Vec<Errand>,
    pub skipped: Vec<Skipped>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub name: String,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is ready.
    Fresh,
    /// There are as many before it as were asked for.
    Limit,
    Unknown,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Done {
    pub ready: Vec<String>,
    pub failed: Vec<(String, Fault)>,
    /// Nobody wanted the rest any more.
    pub stopped: bool,
    pub took: Duration,
}

/// What is to be made ready, quickly: nothing is found or written yet. Notes what the learner opened.
pub fn plan(snapshot: &Snapshot, engines: &Engines, topics: &Topics, wish: &Wish, like: &Question) -> Result<Plan> {
    if !(1..=Wish::MOST).contains(&wish.limit) || !(1..=Wish::MOST).contains(&wish.k) {
        let what =
            format!("{} topics with {} passages are asked for, 1 to {} can be had", wish.limit, wish.k, Wish::MOST);
        return Err(Fault::caller("bad_limit", what));
    }
    let known = topics.list()?;
    let names = match (&wish.learner, wish.topics.is_empty()) {
        (Some(learner), true) => predicted(engines, learner, &known, wish.limit),
        (None, true) => {
            let fault = Fault::caller("no_topics", "neither topics nor a learner were named");
            return Err(fault.hint("name topics, or a learner whose next ones are to be guessed"));
        }
        (learner, false) => {
            let opened: Vec<String> =
                wish.topics.iter().filter(|name| known.iter().any(|topic| topic.name == **name)).cloned().collect();
            if let (Some(learner), Some(cache)) = (learner, engines.cache()) {
                usage::visit(cache, learner, &opened);
            }
            wish.topics.clone()
        }
    };
    let mut plan = Plan::default();
    for name in names {
        let skip = |why| Skipped { name: name.clone(), why };
        let Some(topic) = known.iter().find(|topic| topic.name == name) else {
            plan.skipped.push(skip(Why::Unknown));
            continue;
        };
        if plan.accepted.len() + plan.skipped.iter().filter(|skipped| skipped.why == Why::Fresh).count() >= wish.limit {
            plan.skipped.push(skip(Why::Limit));
            continue;
        }
        let errand = Errand::of(topic, wish.k, wish.depth);
        if errand.is_fresh(snapshot, engines, like) {
            plan.skipped.push(skip(Why::Fresh));
        } else {
            plan.accepted.push(errand);
        }
    }
    Ok(plan)
}

/// Makes them ready one after another, and gives way to everybody who asks. What fails is said and touches nothing else.
/// `like` is a question as the settings have it.
pub fn prefetch(
    snapshot: &Snapshot,
    engines: &Engines,
    errands: &[Errand],
    like: &Question,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(usize),
    stop: &AtomicBool,
) -> Done {
    let began = clock.instant();
    let patient = engines.at(Urgency::Prefetch);
    let mut done = Done::default();
    for (at, errand) in errands.iter().enumerate() {
        if !engines.calm().wait(&|| stop.load(Ordering::Relaxed)) {
            done.stopped = true;
            break;
        }
        match errand.run(snapshot, &patient, like, clock, stop) {
            Ok(()) => done.ready.push(errand.name.clone()),
            Err(fault) => {
                tracing::info!(topic = errand.name, code = fault.code, what = fault.what, "not made ready");
                done.failed.push((errand.name.clone(), fault));
            }
        }
        progress(at + 1);
    }
    done.took = clock.instant().saturating_duration_since(began);
    done
}

/// The questions that are asked most, as errands.
pub fn popular(engines: &Engines, most: usize, k: usize, depth: Ready) -> Vec<Errand> {
    let Some(cache) = engines.cache() else { return Vec::new() };
    let errand = |popular: usage::Popular| Errand {
        name: popular.text.clone(),
        text: popular.text,
        collection: popular.collection,
        k,
        depth,
    };
    engines.usage().top(cache, most).into_iter().map(errand).collect()
}

/// What is due by itself. `most` are the questions that are made ready again after a change of the documents.
pub fn do_chore(
    chore: Chore,
    snapshot: &Snapshot,
    engines: &Engines,
    topics: &Topics,
    like: &Question,
    most: usize,
    stop: &AtomicBool,
) -> Result<Done> {
    let Some(cache) = engines.cache() else { return Ok(Done::default()) };
    let errands = match chore {
        Chore::Sweep => {
            engines.usage().save(cache);
            cache.sweep();
            return Ok(Done::default());
        }
        Chore::Topics => topics.list()?.iter().map(|topic| Errand::of(topic, like.k, Ready::Answer)).collect(),
        Chore::Popular => popular(engines, most, like.k, Ready::Answer),
    };
    let errands: Vec<Errand> =
        errands.into_iter().filter(|errand: &Errand| !errand.is_fresh(snapshot, engines, like)).collect();
    Ok(prefetch(snapshot, engines, &errands, like, cache.clock(), &mut |_| (), stop))
}

fn predicted(engines: &Engines, learner: &str, known: &[Topic], limit: usize) -> Vec<String> {
    let names: Vec<String> = known.iter().map(|topic| topic.name.clone()).collect();
    let Some(cache) = engines.cache() else { return names.into_iter().take(limit).collect() };
    predict(&usage::visits(cache, learner), &usage::order(cache), &names, cache.clock().now(), limit)
}

impl Errand {
    pub fn of(topic: &Topic, k: usize, depth: Ready) -> Errand {
        let Topic { name, query, collection, k: own } = topic.clone();
        Errand { name, text: query, collection, k: own.unwrap_or(k), depth }
    }

    fn query(&self, like: &Question) -> Query {
        Query { text: self.text.clone(), collection: self.collection.clone(), k: self.k, mode: like.mode }
    }

    /// As somebody will ask it: with as many passages as usual.
    fn question(&self, like: &Question) -> Question {
        Question { text: self.text.clone(), collection: self.collection.clone(), history: Vec::new(), ..like.clone() }
    }

    fn is_fresh(&self, snapshot: &Snapshot, engines: &Engines, like: &Question) -> bool {
        let has_context = remember::has_context(snapshot, engines, &self.query(like));
        match self.depth {
            Ready::Context => has_context,
            // Nobody knows what a generator still has in mind.
            Ready::Kv => false,
            Ready::Answer => has_context && remember::is_fresh(snapshot, engines, &self.question(like)),
        }
    }

    fn run(
        &self,
        snapshot: &Snapshot,
        engines: &Engines,
        like: &Question,
        clock: &dyn Clock,
        stop: &AtomicBool,
    ) -> Result<()> {
        remember::context(snapshot, engines, &self.query(like))?;
        let mut listener = |_| {
            if stop.load(Ordering::Relaxed) {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        };
        let question = self.question(like);
        match self.depth {
            Ready::Context => Ok(()),
            Ready::Kv if engines.calm().wait(&|| stop.load(Ordering::Relaxed)) => {
                warm_up(snapshot, engines, &question, clock, &mut listener)
            }
            Ready::Answer if engines.calm().wait(&|| stop.load(Ordering::Relaxed)) => {
                remember::ask(snapshot, engines, &question, clock, &mut listener).map(|_| ())
            }
            Ready::Kv | Ready::Answer => Ok(()),
        }
    }
}
