//! `POST /v1/chat/completions` and `POST /v1/completions`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::form::{ChatForm, Head, TextForm};
use super::options::Call;
use super::shapes::{ChatCompletion, Completion};
use super::{chat_request, completion_request};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::sse::EventJson;
use crate::http::talk::{Begun, Form, Words};

/// A long conversation.
const LARGEST: usize = 8 << 20;

/// Goes on with a conversation
///
/// `docent` answers from the documents, with `citations` beside `choices`; a generator's name means it alone. With `stream`
/// server-sent events, of which each is a `ChatChunk`; the last is `[DONE]`.
#[utoipa::path(
    post,
    path = "/chat/completions",
    tag = "OpenAI",
    request_body = chat_request::ChatRequest,
    responses(
        (
            status = 200,
            description = "The answer; events that end with `[DONE]` where a stream was asked for",
            content((ChatCompletion = "application/json"), (EventJson = "text/event-stream"))
        )
    )
)]
pub(in crate::http) async fn chat(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Call { model, wanted, stream, include_usage } = chat_request::read(&body::read(request, LARGEST).await?)?;
    let head = Head::new("chatcmpl", model, include_usage, app.clock.now());
    let words = Words::of(&app, caller, wanted).await?;
    if stream {
        return events(words, ChatForm(head)).await;
    }
    let (text, over) = Begun::whole(words).await?;
    Ok(Json::<ChatCompletion>(head.chat(text, &over)).into_response())
}

/// Goes on from a text
#[utoipa::path(
    post,
    path = "/completions",
    tag = "OpenAI",
    request_body = completion_request::CompletionRequest,
    responses(
        (
            status = 200,
            description = "What comes next; events that end with `[DONE]` where a stream was asked for",
            content((Completion = "application/json"), (EventJson = "text/event-stream"))
        )
    )
)]
pub(in crate::http) async fn completion(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Call { model, wanted, stream, include_usage } = completion_request::read(&body::read(request, LARGEST).await?)?;
    let head = Head::new("cmpl", model, include_usage, app.clock.now());
    let words = Words::of(&app, caller, wanted).await?;
    if stream {
        return events(words, TextForm(head)).await;
    }
    let (text, over) = Begun::whole(words).await?;
    Ok(Json::<Completion>(head.completion(text, &over)).into_response())
}

async fn events(words: Words, form: impl Form) -> Result<Response, Problem> {
    let body = Begun::wait(words).await?.body(form);
    Ok(([(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")], body).into_response())
}
