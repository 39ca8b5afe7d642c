//! What is on the shelf, as Ollama's clients ask for it: `tags`, `ps`, `show`, `delete` and `version`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::form::moment;
use super::options::{model, named};
use super::shapes::{Details, Running, Shown, Tag, Tags, Version};
use crate::assistant::ModelFacts;
use crate::clock::Timestamp;
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Administrator;
use crate::http::problem::Problem;
use crate::http::talk::{self, Asked, DOCENT, Fields, schemas};
use crate::http::worker::Lane;
use crate::models::Kind;

const LARGEST: usize = 1 << 20;
/// What stays in memory as long as docent runs, stays for a hundred years.
const FOR_EVER: u64 = 100 * 365 * 24 * 3600 * 1000;

/// docent's version
#[utoipa::path(get, path = "/version", tag = "Ollama", responses((status = 200, body = Version)))]
pub(in crate::http) async fn version() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION") })
}

/// Who can be asked
#[utoipa::path(
    get,
    path = "/tags",
    tag = "Ollama",
    responses((status = 200, body = Tags, description = "`docent`, each collection, generators and embedders"))
)]
pub(in crate::http) async fn tags(State(app): State<App>) -> Result<Json<Tags>, Problem> {
    let own = app.clone();
    let work = move || {
        let mut models = vec![documents(DOCENT.to_owned(), own.clock.now())];
        for collection in own.library.snapshot().collections()? {
            models.push(documents(format!("{DOCENT}/{}", collection.name), own.clock.now()));
        }
        // A reranker cannot be asked anything.
        models.extend(own.engines.models().iter().filter(|facts| facts.kind != Kind::Reranker).map(Tag::from));
        Ok(models)
    };
    let models = app.worker.run(Lane::Quick, work).await?;
    Ok(Json(Tags { models }))
}

/// What is in memory
#[utoipa::path(get, path = "/ps", tag = "Ollama", responses((status = 200, body = Tags)))]
pub(in crate::http) async fn ps(State(app): State<App>) -> Result<Json<Tags>, Problem> {
    let own = app.clone();
    let work = move || {
        let opened = own.engines.opened();
        let facts = own.engines.models();
        let expires_at = moment(Timestamp(own.clock.now().0.saturating_add(FOR_EVER)));
        let running = |facts: &ModelFacts| {
            let context_length = Some(facts.head.context.unwrap_or_default());
            let running = Running { expires_at: Some(expires_at.clone()), size_vram: Some(0), context_length };
            Tag { running, ..Tag::from(facts) }
        };
        let is_open = |facts: &&ModelFacts| opened.iter().any(|choice| choice.name == facts.name);
        Ok(facts.iter().filter(is_open).map(running).collect())
    };
    let models = app.worker.run(Lane::Quick, work).await?;
    Ok(Json(Tags { models }))
}

/// What is known of a model
#[utoipa::path(
    post,
    path = "/show",
    tag = "Ollama",
    request_body = NamedRequest,
    responses((status = 200, body = Shown))
)]
pub(in crate::http) async fn show(State(app): State<App>, request: Request) -> Result<Json<Shown>, Problem> {
    let asked = Asked::read(&name(&body::read(request, LARGEST).await?)?)?;
    let own = app.clone();
    let work = move || match asked {
        Asked::Model(name) => own.engines.model(&name).map(|facts| shown(&facts)),
        Asked::Documents(collection) => of_documents(&own, collection),
    };
    Ok(Json(app.worker.run(Lane::Quick, work).await?))
}

/// Takes a model off the disk
#[utoipa::path(
    delete,
    path = "/delete",
    tag = "Ollama",
    request_body = NamedRequest,
    responses(
        (status = 200, description = "It is gone"),
    )
)]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    _: Administrator,
    request: Request,
) -> Result<StatusCode, Problem> {
    let what = "`docent` answers from the documents, and is no model";
    let name = name(&body::read(request, LARGEST).await?)?;
    let name = Asked::model(&name, what, "documents are removed with DELETE /rag/v1/documents/ID")?;
    let own = app.clone();
    app.worker.run(Lane::Quick, move || own.engines.remove_model(&name)).await?;
    Ok(StatusCode::OK)
}

pub(super) fn name(body: &[u8]) -> talk::Result<String> {
    let mut fields = Fields::read(body)?;
    fields.flag("verbose")?;
    model(&mut fields)
}

schemas! {
    /// A model, by its name.
    NamedRequest = (named(json!({"type": "object", "properties": {"verbose": {"type": ["boolean", "null"]}}})));
}

/// The documents, as if they were a model.
fn documents(name: String, now: Timestamp) -> Tag {
    let details = Details { format: "documents".to_owned(), family: DOCENT.to_owned(), ..Details::default() };
    let digest = blake3::hash(name.as_bytes()).to_hex().to_string();
    let families = vec![DOCENT.to_owned()];
    let details = Details { families, ..details };
    Tag { model: name.clone(), name, modified_at: moment(now), size: 0, digest, details, running: Running::default() }
}

fn of_documents(app: &App, collection: Option<CollectionName>) -> Result<Shown> {
    let name = match &collection {
        None => DOCENT.to_owned(),
        Some(collection) => {
            let there = app.library.snapshot().collections()?;
            if !there.iter().any(|summary| summary.name == *collection) {
                return Err(Fault::caller("unknown_collection", format!("there is no collection {collection}")));
            }
            format!("{DOCENT}/{collection}")
        }
    };
    let tag = documents(name, app.clock.now());
    Ok(Shown {
        modelfile: format!("FROM {}\n", tag.name),
        parameters: String::new(),
        template: String::new(),
        license: String::new(),
        details: tag.details,
        model_info: Map::from_iter([("general.architecture".to_owned(), json!(DOCENT))]),
        capabilities: vec!["completion"],
        modified_at: tag.modified_at,
    })
}

impl From<&ModelFacts> for Tag {
    fn from(facts: &ModelFacts) -> Tag {
        Tag {
            name: facts.name.clone(),
            model: facts.name.clone(),
            modified_at: moment(facts.installed_at),
            size: facts.bytes,
            digest: facts.sha256.clone(),
            details: Details::from(facts),
            running: Running::default(),
        }
    }
}

impl From<&ModelFacts> for Details {
    fn from(facts: &ModelFacts) -> Details {
        let family = facts.head.architecture.clone().unwrap_or_default();
        Details {
            parent_model: String::new(),
            format: facts.format.name().to_owned(),
            families: if family.is_empty() { Vec::new() } else { vec![family.clone()] },
            family,
            parameter_size: facts.head.parameters.map(parameter_size).unwrap_or_default(),
            quantization_level: facts.head.quantization.clone().unwrap_or_default(),
        }
    }
}

fn shown(facts: &ModelFacts) -> Shown {
    let head = &facts.head;
    let architecture = head.architecture.clone().unwrap_or_default();
    let mut model_info: Map<String, Value> = Map::new();
    let mut put = |key: String, value: Option<Value>| {
        if let Some(value) = value {
            model_info.insert(key, value);
        }
    };
    put("general.architecture".to_owned(), head.architecture.as_ref().map(|name| json!(name)));
    put("general.parameter_count".to_owned(), head.parameters.map(|count| json!(count)));
    put(format!("{architecture}.context_length"), head.context.map(|tokens| json!(tokens)));
    put(format!("{architecture}.embedding_length"), facts.dimensions.map(|numbers| json!(numbers)));
    Shown {
        modelfile: format!("FROM {}\n", facts.name),
        parameters: String::new(),
        template: head.chat_template.clone().unwrap_or_default(),
        license: facts.licence.clone().unwrap_or_default(),
        details: Details::from(facts),
        model_info,
        capabilities: vec![if facts.kind == Kind::Generator { "completion" } else { "embedding" }],
        modified_at: moment(facts.installed_at),
    }
}

/// `1.5B`, `260K`.
fn parameter_size(count: u64) -> String {
    let number = count as f64;
    let (number, unit) = match count {
        1_000_000_000.. => (number / 1e9, "B"),
        1_000_000.. => (number / 1e6, "M"),
        _ => (number / 1e3, "K"),
    };
    let digits = if number < 10.0 { 1 } else { 0 };
    format!("{number:.digits$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::talk::fields_are_read;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (count, said) in [(260_032, "260K"), (1_540_000_000, "1.5B"), (33_000_000, "33M"), (70_553_706_496, "71B")]
        {
            assert_eq!(parameter_size(count), said);
        }
    }

    #[test]
    fn every_field_of_the_schema_is_read() {
        fields_are_read::<NamedRequest>(&json!({"model": "m"}), &|sent| name(sent.to_string().as_bytes()).is_ok());
    }
}
