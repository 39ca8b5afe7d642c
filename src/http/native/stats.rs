//! `GET /rag/v1/stats`: how much there is, and how long journeys take.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::library::stats as count;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct StatsJson {
    revision: u64,
    collections: u64,
    documents: u64,
    chunks: u64,
    /// Of the original files.
    bytes: u64,
    library_bytes: u64,
    index_bytes: u64,
    /// By journey and stage: count, mean, p50, p95, p99.
    #[schema(value_type = Object)]
    latencies: Value,
    uptime_seconds: u64,
}

/// How much there is, and how long journeys take
#[utoipa::path(get, path = "/stats", tag = "operations", responses((status = 200, body = StatsJson)))]
pub(in crate::http) async fn stats(State(app): State<App>) -> Result<Json<StatsJson>, Problem> {
    let inner = app.clone();
    let stats = app.worker.run(Lane::Quick, move || Ok(count(&inner.library)?)).await?;
    Ok(Json(StatsJson {
        revision: stats.revision,
        collections: stats.collections,
        documents: stats.documents,
        chunks: stats.chunks,
        bytes: stats.bytes,
        library_bytes: stats.file_bytes,
        index_bytes: stats.lexical_bytes,
        latencies: app.meters.latencies(),
        uptime_seconds: app.uptime().as_secs(),
    }))
}
