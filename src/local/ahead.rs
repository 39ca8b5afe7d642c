//! What will be asked is made ready.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::documents::named;
use super::{Holder, Line, Task, Tell};
use crate::assistant::{self, Errand, Plan, Wish};
use crate::fault::Result;
use crate::wire::{DepthJson, PrefetchedJson};

/// Topics by their names, or those that a learner will probably open next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prefetch {
    pub topics: Vec<String>,
    pub learner: Option<String>,
    pub limit: usize,
    pub k: usize,
    pub depth: DepthJson,
}

impl Task for Prefetch {
    const NAME: &'static str = "prefetch";
    const LINE: Line = Line::Ahead;
    type Told = ();
    type Done = PrefetchedJson;

    fn run(self, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, ()>) -> Result<PrefetchedJson> {
        let Prefetch { topics, learner, limit, k, depth } = self;
        let wish = Wish { topics, learner, limit, k, depth: depth.into() };
        let like = holder.settings.question(String::new());
        let snapshot = holder.library()?.snapshot();
        let plan = assistant::plan(&snapshot, &holder.engines(), holder.topics, &wish, &like)?;
        carry_out(&plan, holder, stop, tell)
    }
}

/// Questions, each with its collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Warm {
    pub questions: Vec<(String, Option<String>)>,
    pub k: usize,
    pub depth: DepthJson,
}

impl Task for Warm {
    const NAME: &'static str = "warm";
    const LINE: Line = Line::Ahead;
    type Told = ();
    type Done = PrefetchedJson;

    fn run(self, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, ()>) -> Result<PrefetchedJson> {
        let (k, depth) = (self.k, self.depth.into());
        let errand = |(text, collection): (String, Option<String>)| {
            let collection = collection.as_deref().map(named).transpose()?;
            Ok(Errand { name: text.clone(), text, collection, k, depth })
        };
        let accepted = self.questions.into_iter().map(errand).collect::<Result<_>>()?;
        carry_out(&Plan { accepted, skipped: Vec::new() }, holder, stop, tell)
    }
}

/// To its end, one after another.
fn carry_out(plan: &Plan, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, ()>) -> Result<PrefetchedJson> {
    let like = holder.settings.question(String::new());
    let snapshot = holder.library()?.snapshot();
    let mut progress = |_| {
        let _ = tell(None);
    };
    let (engines, clock) = (holder.engines(), holder.clock);
    let done = assistant::prefetch(&snapshot, &engines, &plan.accepted, &like, clock, &mut progress, stop);
    Ok(PrefetchedJson::new(&plan.skipped, &done))
}
