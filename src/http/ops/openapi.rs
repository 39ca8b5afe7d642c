//! `GET /openapi.json`: the whole interface, made from the handlers themselves.

use std::sync::OnceLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{health, metrics};
use crate::http::{native, ollama, openai};

/// How docent says that something cannot be done.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorJson {
    error: ErrorDetailJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorDetailJson {
    /// Short and stable.
    code: String,
    /// What happened.
    message: String,
    /// What to do about it.
    hint: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "docent",
        description = "Answers questions from your own documents, on your own machine, with no network. Fields that a call \
                       does not know are passed over.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(health::health, health::ready, metrics::metrics),
    components(schemas(ErrorJson, ErrorDetailJson)),
    modifiers(&Token)
)]
struct Api;

struct Token;

impl Modify for Token {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        api.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
        api.security = Some(vec![SecurityRequirement::default(), SecurityRequirement::new("token", [""; 0])]);
    }
}

/// What any call may be answered with.
const REFUSALS: [(&str, &str); 13] = [
    ("400", "What was sent does not fit this call"),
    ("401", "A token is wanted, or the one that was sent is wrong"),
    ("403", "Not by this name, from this page, or with this token"),
    ("404", "It is not there"),
    ("405", "This address is not called with this method"),
    ("408", "The body did not come in good time"),
    ("409", "It cannot be done as things are now"),
    ("413", "Too much at once"),
    ("422", "What was sent is in good form, and cannot be read or done"),
    ("429", "Too often; `Retry-After` says when again"),
    ("500", "docent failed"),
    ("503", "Too busy; `Retry-After` says when again"),
    ("507", "The disk is full"),
];

pub(super) fn api() -> utoipa::openapi::OpenApi {
    let own = refused(Api::openapi().nest("/rag/v1", native::api()), "ErrorJson");
    own.nest("/v1", refused(openai::api(), "OpenAiError")).nest("/api", refused(ollama::api(), "OllamaError"))
}

/// With what is said when something cannot be done.
fn refused(mut api: utoipa::openapi::OpenApi, schema: &str) -> utoipa::openapi::OpenApi {
    for item in api.paths.paths.values_mut() {
        for operation in operations(item) {
            refuse(operation, schema);
        }
    }
    api
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten()
}

fn refuse(operation: &mut Operation, schema: &str) {
    for (status, what) in REFUSALS {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
        let response = ResponseBuilder::new().description(what).content("application/json", content).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}

pub(in crate::http) async fn openapi() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| api().to_pretty_json().unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of the interface is a change that clients see: it is looked at before it is kept.
    #[test]
    fn the_interface_is_the_one_that_was_agreed() {
        let now = api().to_pretty_json().unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server/openapi.json");
        let agreed = std::fs::read_to_string(path).unwrap_or_default();
        if now != agreed {
            let fresh = std::env::temp_dir().join("docent-openapi.json");
            std::fs::write(&fresh, &now).unwrap();
            panic!("the interface has changed; if that is meant, copy {} to {path}", fresh.display());
        }
    }
}
