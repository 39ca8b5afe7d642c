//! `POST /api/generate` and `POST /api/chat`.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::form::{ChatForm, GenerateForm, Head, line};
use super::options::{Call, Only};
use super::requests::{self, GenerateRequest, OllamaChatRequest};
use super::shapes::{Chatted, End, Generated, nanos};
use crate::assistant::load;
use crate::fault::Result;
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::talk::{Asked, Begun, Form, Wanted, Words};
use crate::http::worker::Lane;

/// A long conversation.
const LARGEST: usize = 8 << 20;
pub(super) const LINES: &str = "application/x-ndjson";

/// Answers a prompt
///
/// `docent` answers from the documents, with `citations` in the last line. Without a prompt the model is loaded.
#[utoipa::path(
    post,
    path = "/generate",
    tag = "Ollama",
    request_body = GenerateRequest,
    responses(
        (
            status = 200,
            description = "Lines, or one object where `stream` is false",
            content((Generated = "application/json"), (Generated = "application/x-ndjson"))
        )
    )
)]
pub(in crate::http) async fn generate(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Call { model, wanted, stream, only } = requests::generate(&body::read(request, LARGEST).await?)?;
    let head = Head { model, clock: Arc::clone(&app.clock) };
    if let Some(only) = only {
        let end = loaded(&app, wanted, only).await?;
        return Ok(one(stream, head.generated(String::new(), Some(end))));
    }
    let words = Words::of(&app, caller, wanted).await?;
    if stream {
        return lines(words, GenerateForm(head)).await;
    }
    let (text, over) = Begun::whole(words).await?;
    Ok(Json::<Generated>(head.generated(text, Some(End::from(&over)))).into_response())
}

/// Goes on with a conversation
///
/// `docent` answers from the documents, with `citations` in the last line. Without messages the model is loaded.
#[utoipa::path(
    post,
    path = "/chat",
    tag = "Ollama",
    request_body = OllamaChatRequest,
    responses(
        (
            status = 200,
            description = "Lines, or one object where `stream` is false",
            content((Chatted = "application/json"), (Chatted = "application/x-ndjson"))
        )
    )
)]
pub(in crate::http) async fn chat(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Call { model, wanted, stream, only } = requests::chat(&body::read(request, LARGEST).await?)?;
    let head = Head { model, clock: Arc::clone(&app.clock) };
    if let Some(only) = only {
        let end = loaded(&app, wanted, only).await?;
        return Ok(one(stream, head.chatted(String::new(), Some(end))));
    }
    let words = Words::of(&app, caller, wanted).await?;
    if stream {
        return lines(words, ChatForm(head)).await;
    }
    let (text, over) = Begun::whole(words).await?;
    Ok(Json::<Chatted>(head.chatted(text, Some(End::from(&over)))).into_response())
}

async fn lines(words: Words, form: impl Form) -> Result<Response, Problem> {
    let body = Begun::wait(words).await?.body(form);
    Ok(([(CONTENT_TYPE, LINES), (CACHE_CONTROL, "no-cache")], body).into_response())
}

fn one(streams: bool, whole: impl serde::Serialize) -> Response {
    if streams { ([(CONTENT_TYPE, LINES)], line(&whole)).into_response() } else { Json(whole).into_response() }
}

/// A generator in memory, or no longer. The documents always are there.
async fn loaded(app: &App, wanted: Wanted, only: Only) -> Result<End, Problem> {
    let timeout = wanted.timeout.unwrap_or(app.settings.ask_timeout.value.get());
    let took = match (wanted.asked, only) {
        (Asked::Documents(_), _) => Duration::ZERO,
        (Asked::Model(name), Only::Unload) => {
            let own = app.clone();
            let unload = move || {
                let name = own.engines.model(&name)?.name;
                own.engines.close(&name);
                Ok(())
            };
            app.worker.run(Lane::Quick, unload).await?;
            Duration::ZERO
        }
        (Asked::Model(name), Only::Load) => {
            let own = app.clone();
            let work = move |tell: &mut dyn FnMut(Option<Duration>) -> ControlFlow<()>| {
                let took = load(&own.engines, &name, timeout, own.clock.as_ref(), &mut || tell(None));
                own.log_troubles();
                // Nobody is there when nothing comes.
                let _ = took?.map(|took| tell(Some(took)));
                Ok(())
            };
            let mut told = app.worker.stream(Lane::Ask, work).await?;
            let mut took = Duration::ZERO;
            while let Some(event) = told.next().await {
                took = event?.unwrap_or(took);
            }
            took
        }
    };
    let done_reason = Some(match only {
        Only::Load => "load",
        Only::Unload => "unload",
    });
    Ok(End { done_reason, total_duration: Some(nanos(took)), load_duration: Some(nanos(took)), ..End::default() })
}
