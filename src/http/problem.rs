//! From a fault to what a client is answered: one table of statuses, and each dialect's own shape.
//!
//! A handler returns a [`Problem`] without knowing who asked; [`shaped`] writes it in the words of the dialect that was
//! spoken.

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::talk::Param;
use crate::fault::{Fault, Whose};

/// Whose words an answer is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Native,
    OpenAi,
    Ollama,
}

impl Dialect {
    pub(super) fn of(path: &str) -> Dialect {
        let under = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match path {
            _ if under("/v1") => Dialect::OpenAi,
            _ if under("/api") => Dialect::Ollama,
            _ => Dialect::Native,
        }
    }

    /// The body of an error.
    pub(crate) fn error(self, fault: &Fault) -> Value {
        let Fault { code, what, hint, whose, .. } = fault;
        let hint = hint.as_deref().unwrap_or(match whose {
            Whose::Caller => "`/docs` shows what each call takes",
            Whose::Busy => "try again in a moment",
            Whose::Machine | Whose::Bug => "whoever runs the server finds more in its log",
        });
        let told = || format!("{what} ({hint})");
        match self {
            Dialect::Native => json!({"error": {"code": code, "message": what, "hint": hint}}),
            Dialect::OpenAi => {
                let kind = match status(fault) {
                    StatusCode::UNAUTHORIZED => "authentication_error",
                    StatusCode::FORBIDDEN => "permission_error",
                    StatusCode::NOT_FOUND => "not_found_error",
                    StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
                    status if status.is_server_error() => "server_error",
                    _ => "invalid_request_error",
                };
                let param =
                    fault.source().and_then(|source| source.downcast_ref::<Param>()).map(|param| param.0.as_str());
                json!({"error": {"message": told(), "type": kind, "param": param, "code": openai_code(code)}})
            }
            Dialect::Ollama => json!({"error": told()}),
        }
    }
}

/// What programs look for that were written for OpenAI's.
fn openai_code(code: &str) -> &str {
    match code {
        "no_such_model" | "model_not_installed" | "wrong_kind_of_model" | "unknown_collection" => "model_not_found",
        "prompt_too_long" | "question_too_long" => "context_length_exceeded",
        "rate_limited" => "rate_limit_exceeded",
        "no_token" | "wrong_token" => "invalid_api_key",
        code => code,
    }
}

/// A fault on its way to a client.
#[derive(Debug)]
pub(crate) struct Problem {
    fault: Box<Fault>,
    after: Option<Duration>,
}

impl Problem {
    /// To be tried again after so long.
    pub(super) fn after(fault: Fault, time: Duration) -> Problem {
        Problem { fault: Box::new(fault), after: Some(time) }
    }
}

impl<F: Into<Fault>> From<F> for Problem {
    fn from(fault: F) -> Problem {
        Problem { fault: Box::new(fault.into()), after: None }
    }
}

/// Not in any shape yet: [`shaped`] finds the fault beside it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = status(&self.fault);
        let mut response = status.into_response();
        let after = self.after.or_else(|| matches!(status.as_u16(), 429 | 503).then_some(SOON));
        if let Some(after) = after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Told(std::sync::Arc::new(*self.fault)));
        response
    }
}

#[derive(Clone)]
struct Told(std::sync::Arc<Fault>);

/// When something is busy, and nobody knows for how long.
const SOON: Duration = Duration::from_secs(1);

/// The fault that a response is about.
pub(super) fn fault_of(response: &Response) -> Option<&Fault> {
    response.extensions().get::<Told>().map(|told| &*told.0)
}

/// A problem in the words of the dialect; what is none, as it is. The router's own refusals have no body yet.
pub(super) fn shaped(response: Response, dialect: Dialect) -> Response {
    let refused = match response.status() {
        _ if fault_of(&response).is_some() => None,
        StatusCode::NOT_FOUND if is_bare(&response) => Some(unknown_address()),
        StatusCode::METHOD_NOT_ALLOWED if is_bare(&response) => {
            let fault = Fault::caller("wrong_method", "this address is not called with this method");
            Some(fault.hint("`/docs` shows with which"))
        }
        // The framework's own, about what stands in an address.
        status if status.is_client_error() && is_plain_text(&response) => {
            let fault = Fault::caller("bad_address", "what stands in the address does not fit this call");
            Some(fault.hint("`/docs` shows what fits"))
        }
        _ => return response,
    };
    let (mut parts, _) = response.into_parts();
    if let Some(fault) = refused {
        parts.extensions.insert(Told(std::sync::Arc::new(fault)));
    }
    let Some(Told(fault)) = parts.extensions.get::<Told>() else { return Response::from_parts(parts, Body::empty()) };
    let body = dialect.error(fault).to_string();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

fn is_bare(response: &Response) -> bool {
    !response.headers().contains_key(CONTENT_TYPE)
}

fn is_plain_text(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

pub(super) fn unknown_address() -> Fault {
    Fault::caller("unknown_address", "there is nothing at this address").hint("`/docs` shows what there is")
}

/// The one table of statuses. What is not in it goes by whose fault it is.
pub(crate) fn status(fault: &Fault) -> StatusCode {
    match fault.code {
        "unknown_address"
        | "unknown_collection"
        | "no_such_collection"
        | "no_such_document"
        | "no_such_job"
        | "unknown_topic"
        | "unknown_entry"
        | "no_such_model"
        | "model_not_installed"
        | "no_such_topic"
        | "no_such_recipe"
        | "no_such_entry"
        | "wrong_kind_of_model"
        | "unknown_namespace" => StatusCode::NOT_FOUND,
        "no_token" | "wrong_token" => StatusCode::UNAUTHORIZED,
        "not_permitted" | "wrong_host" | "wrong_origin" | "offline" => StatusCode::FORBIDDEN,
        "wrong_method" => StatusCode::METHOD_NOT_ALLOWED,
        "body_late" => StatusCode::REQUEST_TIMEOUT,
        "library_changed" | "model_in_use" => StatusCode::CONFLICT,
        "body_too_large" | "file_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        // In good form, and still nothing that whoever is asked can do.
        "no_question" | "no_form_for_documents" | "bad_dimensions" | "format_unsupported" => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        "wrong_content_type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "disk_full" => StatusCode::INSUFFICIENT_STORAGE,
        code => match fault.whose {
            // What a document holds, and not what was said about it.
            Whose::Caller if code.starts_with("file_") => StatusCode::UNPROCESSABLE_ENTITY,
            Whose::Caller => StatusCode::BAD_REQUEST,
            Whose::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Whose::Machine | Whose::Bug => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_at_fault_decides_the_status() {
        for (fault, expected) in [
            (Fault::caller("empty_question", "x"), 400),
            (Fault::caller("unknown_collection", "x"), 404),
            (Fault::caller("file_damaged", "x"), 422),
            (Fault::busy("server_busy", "x"), 503),
            (Fault::busy("rate_limited", "x"), 429),
            (Fault::bug("anything", "x"), 500),
        ] {
            assert_eq!(status(&fault).as_u16(), expected, "{}", fault.code);
        }
    }

    #[test]
    fn whoever_is_to_come_back_is_told_when() {
        let response = Problem::from(Fault::busy("server_busy", "x")).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        let late = Problem::after(Fault::busy("rate_limited", "x"), Duration::from_millis(5100)).into_response();
        assert_eq!((late.status().as_u16(), &late.headers()[RETRY_AFTER]), (429, &HeaderValue::from_static("6")));
    }

    #[test]
    fn each_dialect_has_a_shape_of_its_own() {
        let fault = Fault::caller("bad_k", "k is 0").hint("1 to 100");
        assert_eq!(Dialect::Native.error(&fault)["error"]["hint"], "1 to 100");
        assert_eq!(Dialect::OpenAi.error(&fault)["error"]["type"], "invalid_request_error");
        assert_eq!(Dialect::Ollama.error(&fault)["error"], "k is 0 (1 to 100)");
        for (path, dialect) in [
            ("/v1/chat/completions", Dialect::OpenAi),
            ("/v1x", Dialect::Native),
            ("/api/tags", Dialect::Ollama),
            ("/rag/v1/ask", Dialect::Native),
            ("/", Dialect::Native),
        ] {
            assert_eq!(Dialect::of(path), dialect, "{path}");
        }
    }
}
