//! `/rag/v1/cache`: what is remembered, how well that goes, and what administrators may do about it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::words::count;
use crate::assistant;
use crate::cache::{Cache, Clear, Pattern, Wish, performance};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::guard::Administrator;
use crate::http::ops::cache_metrics;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::wire::{
    CacheChangeJson, CacheConfigJson, CacheEntriesJson, CacheEntryJson, CacheHealthJson, CacheStatusJson, ClearJson,
    ClearedJson, PerformanceJson,
};

async fn look<T: Send + 'static>(app: &App, work: impl FnOnce(&Cache) -> Result<T> + Send + 'static) -> Result<T> {
    let inner = app.clone();
    let work = move || match inner.engines.cache() {
        Some(cache) => work(cache),
        None => {
            Err(Fault::caller("no_cache", "nothing is remembered here").hint("see the settings that begin with cache"))
        }
    };
    app.worker.run(Lane::Quick, work).await
}

/// What is in the cache, by tier and namespace
#[utoipa::path(get, path = "/cache/status", tag = "cache", responses((status = 200, body = CacheStatusJson)))]
pub(in crate::http) async fn status(State(app): State<App>) -> Result<Json<CacheStatusJson>, Problem> {
    Ok(Json(look(&app, |cache| Ok(CacheStatusJson::from(&cache.status()))).await?))
}

/// How well the cache does, and what would make it better
#[utoipa::path(get, path = "/cache/performance", tag = "cache", responses((status = 200, body = PerformanceJson)))]
pub(in crate::http) async fn perform(State(app): State<App>) -> Result<Json<PerformanceJson>, Problem> {
    Ok(Json(look(&app, |cache| Ok(PerformanceJson::from(&performance(&cache.status())))).await?))
}

/// What is counted of the cache, for Prometheus
#[utoipa::path(get, path = "/cache/metrics", tag = "cache",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(in crate::http) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let text = look(&app, |cache| {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = cache_metrics(&cache.status(), &mut out);
        Ok(out)
    })
    .await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Whether the cache works
#[utoipa::path(get, path = "/cache/health", tag = "cache", responses((status = 200, body = CacheHealthJson)))]
pub(in crate::http) async fn health(State(app): State<App>) -> Result<Json<CacheHealthJson>, Problem> {
    Ok(Json(look(&app, |cache| Ok(CacheHealthJson::new(cache.trouble()))).await?))
}

/// How long what is kept, and how much of it
#[utoipa::path(get, path = "/cache/config", tag = "cache", responses((status = 200, body = CacheConfigJson)))]
pub(in crate::http) async fn config(State(app): State<App>) -> Result<Json<CacheConfigJson>, Problem> {
    Ok(Json(look(&app, |cache| Ok(CacheConfigJson::from(&cache.config()))).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
pub(in crate::http) struct Which {
    /// With `*` for anything.
    pattern: Option<String>,
    /// So many at most: 1000.
    #[serde(default, deserialize_with = "count")]
    limit: Option<usize>,
}

const MOST_ENTRIES: usize = 1000;

/// Entries by name
#[utoipa::path(get, path = "/cache/entries", tag = "cache", params(Which), responses((status = 200, body = CacheEntriesJson)))]
pub(in crate::http) async fn entries(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<CacheEntriesJson>, Problem> {
    let most = which.limit.unwrap_or(MOST_ENTRIES).min(MOST_ENTRIES);
    let pattern = which.pattern.as_deref().map_or_else(Pattern::everything, Pattern::new);
    let entries = look(&app, move |cache| {
        let found = cache.entries(&pattern, most);
        Ok(found.iter().map(|entry| CacheEntryJson::new(entry, None)).collect())
    });
    Ok(Json(CacheEntriesJson { entries: entries.await? }))
}

/// One entry, with what it says
#[utoipa::path(get, path = "/cache/entries/{key}", tag = "cache", params(("key" = String, Path)),
    responses((status = 200, body = CacheEntryJson)))]
pub(in crate::http) async fn entry(
    State(app): State<App>,
    Path(key): Path<String>,
) -> Result<Json<CacheEntryJson>, Problem> {
    let found = look(&app, move |cache| {
        let Some((entry, bytes)) = cache.find(&key) else {
            return Err(Fault::caller("unknown_entry", format!("the cache has no entry {key:?}"))
                .hint("`GET /rag/v1/cache/entries` lists what there is"));
        };
        Ok(CacheEntryJson::new(&entry, assistant::remembered_text(&entry.space, &bytes)))
    });
    Ok(Json(found.await?))
}

/// Throws away what fits; everything where nothing is said
#[utoipa::path(post, path = "/cache/clear", tag = "cache", request_body = ClearJson, responses((status = 200, body = ClearedJson)))]
pub(in crate::http) async fn clear(
    State(app): State<App>,
    _: Administrator,
    Body(asked): Body<ClearJson>,
) -> Result<Json<ClearedJson>, Problem> {
    let what = Clear {
        pattern: asked.pattern.as_deref().map_or_else(Pattern::everything, Pattern::new),
        space: asked.namespace,
        expired_only: asked.expired_only.unwrap_or_default(),
    };
    Ok(Json(look(&app, move |cache| Ok(ClearedJson::from(cache.clear(&what)))).await?))
}

/// Changes for how long and how much is kept; what is not named stays
#[utoipa::path(post, path = "/cache/config", tag = "cache", request_body = CacheChangeJson,
    responses((status = 200, body = CacheConfigJson, description = "As it is now")))]
pub(in crate::http) async fn change(
    State(app): State<App>,
    _: Administrator,
    Body(asked): Body<CacheChangeJson>,
) -> Result<Json<CacheConfigJson>, Problem> {
    let wish = Wish {
        ttl: asked.ttl.unwrap_or_default().into_iter().collect(),
        memory: asked.memory_bytes,
        disk: asked.disk_bytes,
    };
    Ok(Json(look(&app, move |cache| Ok(CacheConfigJson::from(&cache.change(&wish)?))).await?))
}
