//! Questions and searches.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::documents::named;
use super::{Holder, Line, Task, Tell};
use crate::assistant::{self, Query, Question, Writing};
use crate::domain::{Event, Turn};
use crate::fault::Result;
use crate::wire::{AnswerJson, ModeJson, PassageJson, TurnJson};

/// A question; the text of its answer is told as it comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    question: String,
    collection: Option<String>,
    k: usize,
    mode: ModeJson,
    history: Vec<TurnJson>,
    certainty: f32,
    timeout: Duration,
    writing: Option<WritingJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct WritingJson {
    prompt_tokens: usize,
    max_tokens: usize,
    temperature: f32,
    seed: u64,
}

impl From<&Question> for Ask {
    fn from(question: &Question) -> Ask {
        let Question { text, collection, k, mode, history, certainty, timeout, writing } = question.clone();
        let turn = |turn: Turn| TurnJson { question: turn.question, answer: turn.answer };
        let writing = writing.map(|Writing { prompt_tokens, max_tokens, temperature, seed }| WritingJson {
            prompt_tokens,
            max_tokens,
            temperature,
            seed,
        });
        Ask {
            question: text,
            collection: collection.map(|name| name.to_string()),
            k,
            mode: mode.into(),
            history: history.into_iter().map(turn).collect(),
            certainty,
            timeout,
            writing,
        }
    }
}

impl Ask {
    fn question(self) -> Result<Question> {
        let writing = self.writing.map(|WritingJson { prompt_tokens, max_tokens, temperature, seed }| Writing {
            prompt_tokens,
            max_tokens,
            temperature,
            seed,
        });
        Ok(Question {
            text: self.question,
            collection: self.collection.as_deref().map(named).transpose()?,
            k: self.k,
            mode: self.mode.into(),
            history: self.history.into_iter().map(Turn::from).collect(),
            certainty: self.certainty,
            timeout: self.timeout,
            writing,
        })
    }
}

impl Task for Ask {
    const NAME: &'static str = "ask";
    const LINE: Line = Line::Ask;
    type Told = String;
    type Done = AnswerJson;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, tell: Tell<'_, String>) -> Result<AnswerJson> {
        let (snapshot, question) = (holder.library()?.snapshot(), self.question()?);
        let mut listen = |event| match event {
            Event::Text(text) => tell(Some(text)),
            Event::Waiting => tell(None),
            Event::Sources(_) | Event::Done(_) => ControlFlow::Continue(()),
        };
        let answer = assistant::ask(&snapshot, &holder.engines(), &question, holder.clock, &mut listen)?;
        (holder.answered)(&answer);
        Ok(AnswerJson::from(&answer))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Search {
    query: String,
    collection: Option<String>,
    k: usize,
    mode: ModeJson,
}

impl From<&Query> for Search {
    fn from(query: &Query) -> Search {
        let Query { text, collection, k, mode } = query.clone();
        Search { query: text, collection: collection.map(|name| name.to_string()), k, mode: mode.into() }
    }
}

impl Task for Search {
    const NAME: &'static str = "search";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Vec<PassageJson>;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Vec<PassageJson>> {
        let collection = self.collection.as_deref().map(named).transpose()?;
        let query = Query { text: self.query, collection, k: self.k, mode: self.mode.into() };
        let passages = assistant::search(&holder.library()?.snapshot(), &holder.engines(), &query)?;
        Ok(PassageJson::list(&passages))
    }
}
