//! The journeys that all dialects share: a question, and a search, from a handler to a thread and back.

use std::ops::ControlFlow;

use super::app::App;
use super::guard::Caller;
use super::meters::Stage;
use super::problem::Problem;
use super::worker::{Lane, Told};
use crate::assistant::{self, Engines, Query, Question};
use crate::domain::{Answer, Event, Passage};
use crate::fault::{Fault, Result};

impl App {
    /// Answers from the documents, told as it happens. What it waits for a place counts as its time.
    pub(crate) async fn ask(&self, question: Question, caller: Caller) -> Result<Told<Event>, Problem> {
        self.ask_with(self.engines.clone(), question, caller).await
    }

    /// The same, of engines that have another generator to write.
    pub(crate) async fn ask_with(
        &self,
        engines: Engines,
        question: Question,
        caller: Caller,
    ) -> Result<Told<Event>, Problem> {
        if let Some(told) = self.remembered(&engines, &question).await? {
            return Ok(told);
        }
        let takes_turn = question.writing.is_some() && engines.generator_choice().is_some();
        if takes_turn {
            caller.take_turn(self)?;
        }
        let (app, began) = (self.clone(), self.clock.instant());
        let work = move |tell: &mut dyn FnMut(Event) -> ControlFlow<()>| {
            let waited = app.clock.instant().saturating_duration_since(began);
            let question = Question { timeout: question.timeout.saturating_sub(waited), ..question };
            let answer = assistant::ask(&app.library.snapshot(), &engines, &question, app.clock.as_ref(), tell);
            app.log_troubles();
            if let Ok(answer) = &answer {
                app.meters.answered(answer);
            }
            if takes_turn && !answer.as_ref().is_ok_and(Caller::costs) {
                caller.give_back(&app);
            }
            answer.map(|_| ())
        };
        let told = self.worker.stream(Lane::Ask, work).await;
        if takes_turn && told.is_err() {
            caller.give_back(self);
        }
        let mut told = told?;
        told.begun().await?;
        Ok(told)
    }

    /// What is remembered takes nobody's turn and nobody's place.
    async fn remembered(&self, engines: &Engines, question: &Question) -> Result<Option<Told<Event>>> {
        if self.engines.cache().is_none() {
            return Ok(None);
        }
        let (app, engines, question) = (self.clone(), engines.clone(), question.clone());
        let work = move || {
            let snapshot = app.library.snapshot();
            if !assistant::is_fresh(&snapshot, &engines, &question) {
                return Ok(None);
            }
            let mut events = Vec::new();
            let mut listen = |event| {
                events.push(event);
                ControlFlow::Continue(())
            };
            let answer = assistant::ask(&snapshot, &engines, &question, app.clock.as_ref(), &mut listen)?;
            app.meters.answered(&answer);
            Ok(Some(Told::of(events)))
        };
        self.worker.run(Lane::Quick, work).await
    }

    /// The whole answer at once. Nobody waits any longer when this is dropped.
    pub(crate) async fn answer_with(
        &self,
        engines: Engines,
        question: Question,
        caller: Caller,
    ) -> Result<Answer, Problem> {
        let mut told = self.ask_with(engines, question, caller).await?;
        while let Some(event) = told.next().await {
            if let Event::Done(answer) = event? {
                return Ok(*answer);
            }
        }
        Err(Fault::busy("server_ending", "the server is ending").hint("ask again when it is back").into())
    }

    pub(crate) async fn search(&self, query: Query) -> Result<Vec<Passage>> {
        let app = self.clone();
        let work = move || {
            let began = app.clock.instant();
            let passages = assistant::search(&app.library.snapshot(), &app.engines, &query);
            app.meters.took(Stage::Search, app.clock.instant().saturating_duration_since(began));
            app.log_troubles();
            passages
        };
        self.worker.run(Lane::Quick, work).await
    }

    /// Passages for a model of the client's own.
    pub(crate) async fn context(&self, query: Query) -> Result<Vec<Passage>> {
        let app = self.clone();
        let work = move || {
            let began = app.clock.instant();
            let found = assistant::find_context(&app.library.snapshot(), &app.engines, &query);
            app.meters.took(Stage::Context, app.clock.instant().saturating_duration_since(began));
            app.log_troubles();
            Ok(found?.0)
        };
        self.worker.run(Lane::Quick, work).await
    }
}
