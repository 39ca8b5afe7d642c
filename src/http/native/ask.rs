//! `POST /rag/v1/ask`: one question, one cited answer, at once or as it comes.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::words::collection;
use crate::assistant::{Question, Writing};
use crate::domain::{Event, Turn};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::sse::{self, EventJson};
use crate::http::worker::Lane;
use crate::wire::{AnswerJson, AskJson, PassageJson};

/// Answers a question from the documents, with citations; with `stream` as server-sent events `sources`, `text`, `done`, `error`
#[utoipa::path(post, path = "/ask", tag = "questions", request_body = AskJson,
    responses((status = 200, content((AnswerJson = "application/json"), (EventJson = "text/event-stream")))))]
pub(in crate::http) async fn ask(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<AskJson>,
) -> Result<Response, Problem> {
    let streams = asked.stream.unwrap_or_default();
    let engines = match asked.model.clone() {
        None => app.engines.clone(),
        Some(name) => {
            let inner = app.clone();
            app.worker.run(Lane::Quick, move || inner.engines.writing_with(&name)).await?
        }
    };
    let question = question(asked, &app)?;
    if !streams {
        return Ok(Json(AnswerJson::from(&app.answer_with(engines, question, caller).await?)).into_response());
    }
    let told = app.ask_with(engines, question, caller).await?;
    Ok(sse::stream(told, |event| match event {
        Ok(Event::Sources(passages)) => Some(sse::event("sources", &json!({"passages": PassageJson::list(&passages)}))),
        Ok(Event::Text(text)) => Some(sse::event("text", &json!({"text": text}))),
        Ok(Event::Done(answer)) => Some(sse::event("done", &AnswerJson::from(answer.as_ref()))),
        Ok(Event::Waiting) => None,
        Err(fault) => Some(sse::error(&fault)),
    }))
}

const LONGEST_TIMEOUT: u64 = 600_000;
const LONGEST_HISTORY: usize = 100;
const MOST_TOKENS: usize = 8192;

fn question(asked: AskJson, app: &App) -> Result<Question> {
    let set = app.settings.question(asked.question);
    let within = |name: &str, is_fine: bool, bounds: &str| match is_fine {
        true => Ok(()),
        false => Err(Fault::caller("bad_value", format!("{name} is out of bounds")).hint(format!("give {bounds}"))),
    };
    within("timeout_ms", asked.timeout_ms.is_none_or(|ms| (1..=LONGEST_TIMEOUT).contains(&ms)), "1 to 600000")?;
    within("max_tokens", asked.max_tokens.is_none_or(|n| (1..=MOST_TOKENS).contains(&n)), "1 to 8192")?;
    within("temperature", asked.temperature.is_none_or(|t| (0.0..=2.0).contains(&t)), "a number from 0 to 2")?;
    let history = asked.history.unwrap_or_default();
    within("history", history.len() <= LONGEST_HISTORY, "the last 100 questions and answers at most")?;
    let writing = set.writing.filter(|_| !asked.no_llm.unwrap_or_default()).map(|writing| Writing {
        max_tokens: asked.max_tokens.unwrap_or(writing.max_tokens),
        temperature: asked.temperature.unwrap_or(writing.temperature),
        seed: asked.seed.unwrap_or(writing.seed),
        ..writing
    });
    Ok(Question {
        collection: collection(asked.collection.as_deref())?,
        k: asked.k.unwrap_or(set.k),
        mode: asked.mode.map_or(set.mode, Into::into),
        timeout: asked.timeout_ms.map_or(set.timeout, std::time::Duration::from_millis),
        history: history.into_iter().map(Turn::from).collect(),
        writing,
        ..set
    })
}
