//! `/rag/v1/prefetch` and `/rag/v1/cache/warm-up`: what will be asked is made ready, by a job that gives way to everybody who asks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::schema::{AllOfBuilder, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Type};

use super::words::collection;
use crate::assistant::{self, Errand, Ready, Wish};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::guard::Administrator;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::wire::{AcceptedJson, PrefetchAcceptedJson, PrefetchJson, SkippedJson, WarmQueryJson, WarmUpJson};

/// Makes topics ready: those named, or those that a learner will probably open next
#[utoipa::path(post, path = "/prefetch", tag = "topics", request_body = PrefetchJson,
    responses((status = 202, body = PrefetchAcceptedJson)))]
pub(in crate::http) async fn prefetch(
    State(app): State<App>,
    Body(asked): Body<PrefetchJson>,
) -> Result<(StatusCode, Json<PrefetchAcceptedJson>), Problem> {
    let wish = Wish {
        topics: asked.topics.unwrap_or_default(),
        learner: asked.learner,
        limit: asked.limit.unwrap_or(Wish::LIMIT),
        k: asked.k.unwrap_or(Wish::K),
        depth: asked.depth.map(Ready::from).unwrap_or_default(),
    };
    let inner = app.clone();
    let work = move || {
        let like = inner.settings.question(String::new());
        assistant::plan(&inner.library.snapshot(), &inner.engines, &inner.topics, &wish, &like)
    };
    let plan = app.worker.run(Lane::Quick, work).await?;
    let accepted = plan.accepted.iter().map(|errand| errand.name.clone()).collect();
    let job = begin(&app, plan.accepted)?;
    let skipped = plan.skipped.iter().map(SkippedJson::from).collect();
    Ok((StatusCode::ACCEPTED, Json(PrefetchAcceptedJson { job, accepted, skipped })))
}

/// `topics` or `learner`: one of them is needed.
pub(super) struct OneOfTwo;

impl Modify for OneOfTwo {
    fn modify(&self, api: &mut OpenApi) {
        let Some(known) = api.components.as_mut().and_then(|parts| parts.schemas.get_mut("PrefetchJson")) else {
            return;
        };
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let some = ArrayBuilder::new().min_items(Some(1)).items(text());
        let topics = ObjectBuilder::new().property("topics", some).required("topics");
        let learner = ObjectBuilder::new().property("learner", text()).required("learner");
        let either = AnyOfBuilder::new().item(topics).item(learner);
        let both = AllOfBuilder::new().item(known.clone()).item(either);
        *known = both.into();
    }
}

const MOST_QUERIES: usize = 10_000;
const MOST_POPULAR: usize = 500;

/// Answers ahead what will be asked: these questions, these topics, and the most asked ones
#[utoipa::path(post, path = "/cache/warm-up", tag = "cache", request_body = WarmUpJson,
    responses((status = 202, body = AcceptedJson)))]
pub(in crate::http) async fn warm_up(
    State(app): State<App>,
    _: Administrator,
    Body(asked): Body<WarmUpJson>,
) -> Result<(StatusCode, Json<AcceptedJson>), Problem> {
    let k = app.settings.search_k.value.get();
    let queries = asked.queries.unwrap_or_default();
    let top = asked.top.unwrap_or_default();
    if queries.len() > MOST_QUERIES || top > MOST_POPULAR {
        let fault = Fault::caller("bad_value", "that is too much to be made ready at once");
        return Err(fault.hint("give 10000 queries and `top` 500 at most").into());
    }
    let mut errands = Vec::new();
    for query in queries {
        let (text, name) = match query {
            WarmQueryJson::Text(text) => (text, None),
            WarmQueryJson::Query { query, collection } => (query, collection),
        };
        let collection = collection(name.as_deref())?;
        errands.push(Errand { name: text.clone(), text, collection, k, depth: Ready::Answer });
    }
    let inner = app.clone();
    let work = move || {
        for name in asked.topics.unwrap_or_default() {
            errands.push(Errand::of(&inner.topics.get(&name)?, k, Ready::Answer));
        }
        errands.extend(assistant::popular(&inner.engines, top, k, Ready::Answer));
        Ok(errands)
    };
    let errands = app.worker.run(Lane::Quick, work).await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedJson { job: begin(&app, errands)? })))
}

/// The job's name.
fn begin(app: &App, errands: Vec<Errand>) -> Result<String> {
    let job = app.jobs.begin(errands.len() as u64)?;
    let id = job.id();
    let app = app.clone();
    tokio::spawn(async move {
        let inner = app.clone();
        let work = move || {
            job.advance(0);
            let like = inner.settings.question(String::new());
            let snapshot = inner.library.snapshot();
            let mut progress = |done: usize| job.advance(done as u64);
            let (clock, stop) = (inner.clock.as_ref(), &inner.is_ending);
            let done = assistant::prefetch(&snapshot, &inner.engines, &errands, &like, clock, &mut progress, stop);
            inner.log_troubles();
            let failed: Vec<String> =
                done.failed.iter().map(|(name, fault)| format!("{name}: {}", fault.what)).collect();
            match (done.stopped, failed.is_empty()) {
                (false, true) => job.finish(Vec::new()),
                (true, _) => job.fail("the server is ending".to_owned(), Vec::new()),
                (false, false) => job.fail(failed.join("; "), Vec::new()),
            }
            Ok(())
        };
        // A job that finds no place was dropped, and says so itself.
        let _ = app.worker.later(Lane::Ahead, work).await;
    });
    Ok(id)
}
