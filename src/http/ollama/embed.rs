//! `POST /api/embed`, and `POST /api/embeddings` as it was before.

use axum::Json;
use axum::extract::{Request, State};
use serde_json::json;

use super::options::{model, named};
use super::shapes::{Embedded, EmbeddedOne, nanos};
use crate::assistant::{Texts, Vectors};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::talk::{self, Asked, Fields, Refused, schemas, tokens, vectors};
use crate::inference::Role;

const MOST_TEXTS: usize = 2048;
const LARGEST: usize = 16 << 20;

/// Texts as vectors
#[utoipa::path(
    post,
    path = "/embed",
    tag = "Ollama",
    request_body = EmbedRequest,
    responses(
        (status = 200, body = Embedded, description = "A vector for each text, in order"),
    )
)]
pub(in crate::http) async fn embed(
    State(app): State<App>,
    _: Caller,
    request: Request,
) -> Result<Json<Embedded>, Problem> {
    let began = app.clock.instant();
    let texts = many(&body::read(request, LARGEST).await?)?;
    let made = made(&app, texts).await?;
    Ok(Json(Embedded {
        model: made.model,
        embeddings: made.vectors,
        total_duration: nanos(app.clock.instant().saturating_duration_since(began)),
        load_duration: 0,
        prompt_eval_count: made.tokens,
    }))
}

/// One text as a vector
#[utoipa::path(
    post,
    path = "/embeddings",
    tag = "Ollama",
    request_body = EmbedOneRequest,
    responses(
        (status = 200, body = EmbeddedOne),
    )
)]
pub(in crate::http) async fn embeddings(
    State(app): State<App>,
    _: Caller,
    request: Request,
) -> Result<Json<EmbeddedOne>, Problem> {
    let texts = one(&body::read(request, LARGEST).await?)?;
    let made = made(&app, texts).await?;
    Ok(Json(EmbeddedOne { embedding: made.vectors.into_iter().next().unwrap_or_default() }))
}

/// An empty text asks for nothing, and the model is loaded all the same.
async fn made(app: &App, mut texts: Texts) -> Result<Vectors, Problem> {
    if texts.texts.iter().all(String::is_empty) {
        texts.texts.clear();
    }
    Ok(vectors(app, texts).await?)
}

pub(super) fn many(body: &[u8]) -> talk::Result<Texts> {
    let mut fields = Fields::read(body)?;
    let name = model(&mut fields)?;
    let texts = fields.texts("input", MOST_TEXTS)?.ok_or_else(|| fields.missing("input"))?;
    if texts.len() > 1 && texts.iter().any(String::is_empty) {
        return Err(Refused::new("input", "input has an empty text"));
    }
    let dimensions = fields.whole("dimensions", 1..=i64::MAX)?.map(tokens);
    passed_over(&mut fields)?;
    Ok(Texts { texts, model: Some(embedder(&name)?), role: Role::Passage, dimensions })
}

pub(super) fn one(body: &[u8]) -> talk::Result<Texts> {
    let mut fields = Fields::read(body)?;
    let name = model(&mut fields)?;
    let prompt = fields.text("prompt")?.ok_or_else(|| fields.missing("prompt"))?;
    passed_over(&mut fields)?;
    Ok(Texts { texts: vec![prompt], model: Some(embedder(&name)?), role: Role::Passage, dimensions: None })
}

/// Of a text longer than a model reads at once every part counts, so that nothing has to be cut off.
fn passed_over(fields: &mut Fields) -> talk::Result<()> {
    fields.flag("truncate")?;
    fields.object("options").map(drop)
}

fn embedder(name: &str) -> talk::Result<String> {
    let what = "`docent` answers questions and makes no embeddings";
    Asked::model(name, what, "name an embedder; `GET /api/tags` lists what is installed")
}

schemas! {
    /// Texts that become vectors.
    EmbedRequest = (named(json!({
        "type": "object",
        "required": ["input"],
        "properties": {
            "input": {
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "maxItems": 1, "items": {"type": "string"}},
                    {"type": "array", "minItems": 2, "maxItems": MOST_TEXTS, "items": {"type": "string", "minLength": 1}}
                ]
            },
            "dimensions": {"type": ["integer", "null"], "minimum": 1, "description": "Only as many as the model makes"},
            "truncate": {"type": ["boolean", "null"]},
            "options": {"type": ["object", "null"]}
        }
    })));
    /// A text that becomes a vector.
    EmbedOneRequest = (named(json!({
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "truncate": {"type": ["boolean", "null"]},
            "options": {"type": ["object", "null"]}
        }
    })));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::talk::fields_are_read;

    #[test]
    fn every_field_of_the_schemas_is_read() {
        let right = json!({"model": "e", "input": ["a"]});
        fields_are_read::<EmbedRequest>(&right, &|sent| many(sent.to_string().as_bytes()).is_ok());
        let right = json!({"model": "e", "prompt": "a"});
        fields_are_read::<EmbedOneRequest>(&right, &|sent| one(sent.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn texts_are_read_or_refused() {
        let read = |sent: serde_json::Value| many(sent.to_string().as_bytes());
        let texts = read(json!({"name": "e:latest", "input": "a", "truncate": true, "keep_alive": "5m"})).unwrap();
        assert_eq!((texts.model.as_deref(), texts.texts.as_slice()), (Some("e"), &["a".to_owned()][..]));
        assert!(read(json!({"model": "e", "input": []})).unwrap().texts.is_empty());
        for (sent, param) in [
            (json!({"model": "e"}), "input"),
            (json!({"model": "e", "input": [1]}), "input"),
            (json!({"model": "e", "input": ["a", ""]}), "input"),
            (json!({"model": "docent", "input": "a"}), "model"),
        ] {
            assert_eq!(read(sent.clone()).unwrap_err().param.as_deref(), Some(param), "{sent}");
        }
    }
}
