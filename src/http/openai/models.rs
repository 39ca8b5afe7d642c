//! `GET /v1/models`, and one of them.

use axum::Json;
use axum::extract::{Path, State};

use super::shapes::{Model, ModelList};
use crate::assistant::ModelFacts;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::talk::{Asked, DOCENT};
use crate::http::worker::Lane;
use crate::models::Kind;

/// Who can be asked
#[utoipa::path(
    get,
    path = "/models",
    tag = "OpenAI",
    responses((status = 200, body = ModelList, description = "`docent`, each collection, generators and embedders"))
)]
pub(in crate::http) async fn list(State(app): State<App>) -> Result<Json<ModelList>, Problem> {
    let own = app.clone();
    let data = app.worker.run(Lane::Quick, move || all(&own)).await?;
    Ok(Json(ModelList { object: "list", data }))
}

/// One of those who can be asked
#[utoipa::path(
    get,
    path = "/models/{model}",
    tag = "OpenAI",
    params(("model" = String, Path, description = "A name that `GET /v1/models` lists")),
    responses(
        (status = 200, body = Model),
    )
)]
pub(in crate::http) async fn one(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Model>, Problem> {
    let asked = Asked::read(&name)?;
    let own = app.clone();
    let work = move || match asked {
        Asked::Model(name) => own.engines.model(&name).map(|facts| Model::from(&facts)),
        Asked::Documents(_) => {
            let missing = || Fault::caller("no_such_model", format!("there is no model {name:?}"));
            all(&own)?.into_iter().find(|model| model.id == name).ok_or_else(missing)
        }
    };
    Ok(Json(app.worker.run(Lane::Quick, work).await?))
}

fn all(app: &App) -> Result<Vec<Model>> {
    let mut models = vec![documents(DOCENT.to_owned())];
    for collection in app.library.snapshot().collections()? {
        models.push(documents(format!("{DOCENT}/{}", collection.name)));
    }
    // A reranker cannot be asked anything.
    let of_shelf = app.engines.models();
    models.extend(of_shelf.iter().filter(|facts| facts.kind != Kind::Reranker).map(Model::from));
    Ok(models)
}

fn documents(id: String) -> Model {
    let owned_by = DOCENT.to_owned();
    Model { id, object: "model", created: 0, owned_by, kind: "documents", bytes: None, context: None, dimensions: None }
}

impl From<&ModelFacts> for Model {
    fn from(facts: &ModelFacts) -> Model {
        let owner = facts.repo.as_ref().and_then(|repo| repo.split_once('/')).map(|(owner, _)| owner.to_owned());
        Model {
            id: facts.name.clone(),
            object: "model",
            created: facts.installed_at.0 / 1000,
            owned_by: owner.unwrap_or_else(|| "local".to_owned()),
            kind: facts.kind.name(),
            bytes: Some(facts.bytes),
            context: facts.head.context,
            dimensions: facts.dimensions,
        }
    }
}
