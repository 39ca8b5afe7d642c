//! Vectors for documents that have none of the embedder in use.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::{Holder, Line, Needs, Task, Tell};
use crate::assistant::{self, EmbedEvent, Others};
use crate::fault::Result;
use crate::wire::EmbedJson;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Embed {
    /// Removes the vectors of other embedders at once.
    pub prune: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum EmbedTold {
    Started { documents: u64 },
    Done { documents: u64 },
    Embedded { passages: u64 },
    Publishing,
}

impl Task for Embed {
    const NAME: &'static str = "embed";
    const LINE: Line = Line::Change;
    type Told = EmbedTold;
    type Done = EmbedJson;

    fn needs(&self) -> Needs {
        Needs::ToWrite
    }

    fn run(self, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, EmbedTold>) -> Result<EmbedJson> {
        let others = if self.prune { Others::Now } else { Others::UntilDone };
        let mut progress = |event| {
            let _ = tell(Some(match event {
                EmbedEvent::Started { documents } => EmbedTold::Started { documents },
                EmbedEvent::Done { documents } => EmbedTold::Done { documents },
                EmbedEvent::Embedded { passages } => EmbedTold::Embedded { passages },
                EmbedEvent::Publishing => EmbedTold::Publishing,
            }));
        };
        let report = assistant::embed(holder.library()?, &holder.engines(), others, holder.clock, &mut progress, stop)?;
        Ok(EmbedJson::from(&report))
    }
}
