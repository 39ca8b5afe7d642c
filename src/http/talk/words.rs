//! From what is wanted to what is said: the documents' answer or a generator's words, as one stream that every dialect puts
//! into its own form.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;

use super::model::Asked;
use super::turns::turns;
use super::wanted::Wanted;
use crate::assistant::{Conversation, Heard, Question, Writing, converse};
use crate::domain::{Answer, CollectionName, Event, Message, Speaker};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::worker::{Lane, Told};
use crate::inference::{Prompt, Reason};
use crate::settings::Settings;

#[derive(Debug)]
pub(in crate::http) enum Said {
    Text(String),
    /// Nothing yet.
    Waiting,
    Over(Box<Over>),
}

/// How it ended.
#[derive(Clone, Debug)]
pub(in crate::http) struct Over {
    pub ended: Ended,
    pub prompt_tokens: usize,
    pub generated_tokens: usize,
    /// Until a generator was in memory.
    pub load: Duration,
    /// From there to the first word.
    pub read: Duration,
    pub total: Duration,
    /// Where it came from the documents.
    pub answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Ended {
    /// All was said.
    Stop,
    /// As many tokens, or as much time, as were allowed.
    Length,
}

impl Ended {
    /// Both dialects call it the same.
    pub(in crate::http) fn name(self) -> &'static str {
        match self {
            Ended::Stop => "stop",
            Ended::Length => "length",
        }
    }
}

/// What is said, one by one, until it is over or goes wrong. Dropping it ends the work.
#[derive(Debug)]
pub(in crate::http) enum Words {
    OfDocuments(Told<Event>),
    OfGenerator(Told<Said>),
}

impl Words {
    pub(in crate::http) async fn of(app: &App, caller: Caller, wanted: Wanted) -> Result<Words, Problem> {
        match wanted.asked.clone() {
            Asked::Documents(collection) => {
                let question = question(&app.settings, wanted, collection)?;
                Ok(Words::OfDocuments(app.ask(question, caller).await?))
            }
            Asked::Model(name) => {
                let conversation = conversation(&app.settings, wanted, name);
                Ok(Words::OfGenerator(written(app, caller, conversation).await?))
            }
        }
    }

    pub(in crate::http) async fn next(&mut self) -> Option<Result<Said>> {
        match self {
            Words::OfDocuments(told) => told.next().await.map(|event| event.map(Said::from)),
            Words::OfGenerator(told) => told.next().await,
        }
    }
}

impl Stream for Words {
    type Item = Result<Said>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Said>>> {
        match &mut *self {
            Words::OfDocuments(told) => {
                Pin::new(told).poll_next(context).map(|event| event.map(|event| event.map(Said::from)))
            }
            Words::OfGenerator(told) => Pin::new(told).poll_next(context),
        }
    }
}

fn question(settings: &Settings, wanted: Wanted, collection: Option<CollectionName>) -> Result<Question> {
    if wanted.shape.is_some() {
        let what = "`docent` answers in sentences with their sources, and not in JSON";
        return Err(Fault::caller("no_form_for_documents", what).hint("name a generator to have its words in a form"));
    }
    let alone = |text| vec![Message { speaker: Speaker::User, text }];
    let messages = match wanted.prompt {
        Prompt::Chat(messages) => messages,
        Prompt::Text(text) => alone(text),
        Prompt::Tokens(_) => Vec::new(),
    };
    let (text, history) = turns(&messages)?;
    let question = settings.question(text);
    let writing = question.writing.map(|writing| Writing {
        max_tokens: wanted.max_tokens.unwrap_or(writing.max_tokens),
        temperature: wanted.temperature.unwrap_or(writing.temperature),
        seed: wanted.seed.unwrap_or(writing.seed),
        ..writing
    });
    let timeout = wanted.timeout.unwrap_or(question.timeout);
    Ok(Question { collection, history, writing, timeout, ..question })
}

fn conversation(settings: &Settings, wanted: Wanted, model: String) -> Conversation {
    Conversation {
        prompt: wanted.prompt,
        model: Some(model),
        max_tokens: wanted.max_tokens.unwrap_or(settings.ask_max_tokens.value.get()),
        sampling: wanted.sampling,
        stop: wanted.stop,
        shape: wanted.shape,
        timeout: wanted.timeout.unwrap_or(settings.ask_timeout.value.get()),
    }
}

/// What it waits for a place counts as its time.
async fn written(app: &App, caller: Caller, conversation: Conversation) -> Result<Told<Said>, Problem> {
    caller.take_turn(app)?;
    let (own, began) = (app.clone(), app.clock.instant());
    let work = move |tell: &mut dyn FnMut(Said) -> ControlFlow<()>| {
        let app = own;
        let waited = app.clock.instant().saturating_duration_since(began);
        let timeout = conversation.timeout.saturating_sub(waited);
        let conversation = Conversation { timeout, ..conversation };
        let written = converse(&app.engines, &conversation, app.clock.as_ref(), &mut |heard| match heard {
            Heard::Text(text) => tell(Said::Text(text)),
            Heard::Ready | Heard::Waiting => tell(Said::Waiting),
        });
        app.log_troubles();
        let written = written.inspect_err(|_| caller.give_back(&app))?;
        let ended = match written.reason {
            // Nobody hears it.
            Reason::Stopped => return Ok(()),
            Reason::End => Ended::Stop,
            Reason::Length | Reason::Deadline => Ended::Length,
        };
        let _ = tell(Said::Over(Box::new(Over {
            ended,
            prompt_tokens: written.prompt_tokens,
            generated_tokens: written.generated_tokens,
            load: written.load,
            read: written.read,
            total: written.total,
            answer: None,
        })));
        Ok(())
    };
    let told = app.worker.stream(Lane::Ask, work).await;
    if told.is_err() {
        caller.give_back(app);
    }
    Ok(told?)
}

impl From<Event> for Said {
    fn from(event: Event) -> Said {
        match event {
            Event::Sources(_) | Event::Waiting => Said::Waiting,
            Event::Text(text) => Said::Text(text),
            Event::Done(answer) => {
                let timings = answer.timings;
                Said::Over(Box::new(Over {
                    ended: if answer.complete { Ended::Stop } else { Ended::Length },
                    prompt_tokens: timings.prompt_tokens as usize,
                    generated_tokens: timings.generated_tokens as usize,
                    load: Duration::ZERO,
                    read: timings.first_token.unwrap_or(timings.total),
                    total: timings.total,
                    answer: Some(*answer),
                }))
            }
        }
    }
}
