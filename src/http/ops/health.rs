//! `GET /health`: is everything as it should be? Everything is looked at, once a second at most, however many ask.

use std::sync::atomic::Ordering;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::models::State;
use crate::fault::Fault;
use crate::http::app::App;
use crate::http::worker::Lane;
use crate::inference::Pulse;
use crate::library::stats;
use crate::machine;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct HealthJson {
    /// `healthy`, `degraded` or `unhealthy`.
    status: &'static str,
    version: &'static str,
    checks: ChecksJson,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct ChecksJson {
    library: CheckJson,
    lexical: CheckJson,
    cache: CheckJson,
    embedder: CheckJson,
    generator: CheckJson,
    disk: CheckJson,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct CheckJson {
    /// `ok`, `none`, `loading`, `degraded` or `failed`.
    status: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// What was seen last.
#[derive(Debug, Default)]
pub(in crate::http) struct Health {
    seen: RwLock<Option<Seen>>,
    /// Whoever has it looks; the others take what was seen before.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Seen {
    at: Instant,
    status: StatusCode,
    body: Bytes,
}

const FRESH: Duration = Duration::from_secs(1);
/// A step of a large model takes seconds on a small machine, and not so many.
const STUCK: Duration = Duration::from_secs(10);
/// Less than this and the next documents may not fit.
const LITTLE_DISK: u64 = 500_000_000;

/// Whether everything works
#[utoipa::path(get, path = "/health", tag = "operations", security(()),
    responses((status = 200, body = HealthJson), (status = 503, body = HealthJson, description = "It cannot answer")))]
pub(in crate::http) async fn health(Extract(app): Extract<App>) -> Response {
    let now = app.clock.instant();
    let last = app.health.last();
    let seen = match last {
        Some(seen) if now.saturating_duration_since(seen.at) < FRESH => seen,
        Some(seen) => match app.health.looking.try_lock() {
            Ok(_looking) => look(&app, now).await,
            Err(_) => seen,
        },
        None => {
            let _looking = app.health.looking.lock().await;
            match app.health.last() {
                Some(seen) => seen,
                None => look(&app, now).await,
            }
        }
    };
    let mut response = (seen.status, seen.body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if seen.status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

impl Health {
    fn last(&self) -> Option<Seen> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn look(app: &App, at: Instant) -> Seen {
    let inner = app.clone();
    let looked = app.worker.run(Lane::Quick, move || Ok(checks(&inner))).await;
    let health = looked.unwrap_or_else(|fault| {
        // Nobody has time to look: that is an answer, too.
        let unknown = || check("degraded", "too much to do to look", None);
        let checks = ChecksJson {
            library: failed(fault),
            lexical: unknown(),
            cache: unknown(),
            embedder: unknown(),
            generator: unknown(),
            disk: unknown(),
        };
        HealthJson { status: "unhealthy", version: env!("CARGO_PKG_VERSION"), checks }
    });
    let status = if health.status == "unhealthy" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let body = Bytes::from(serde_json::to_vec(&health).unwrap_or_default());
    let seen = Seen { at, status, body };
    *app.health.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(seen.clone());
    seen
}

fn checks(app: &App) -> HealthJson {
    let (library, lexical) = library(app);
    let pulses = app.engines.pulses();
    let embedder = model(app.models.embedder(), pulses.embedder);
    let generator = model(app.models.generator(), pulses.generator);
    let checks = ChecksJson { library, lexical, cache: cache(app), embedder, generator, disk: disk(app) };
    let vital = [&checks.library, &checks.lexical];
    let all = [vital[0], vital[1], &checks.cache, &checks.embedder, &checks.generator, &checks.disk];
    let status = if vital.iter().any(|check| check.status == "failed") {
        "unhealthy"
    } else if all.iter().any(|check| matches!(check.status, "failed" | "degraded")) {
        "degraded"
    } else {
        "healthy"
    };
    HealthJson { status, version: env!("CARGO_PKG_VERSION"), checks }
}

/// Both are really read.
fn library(app: &App) -> (CheckJson, CheckJson) {
    let stats = match stats(&app.library) {
        Ok(stats) => stats,
        Err(error) => return (failed(error.into()), check("degraded", "it was not looked at", None)),
    };
    let library = check("ok", &format!("{} documents, {} passages", stats.documents, stats.chunks), None);
    let lexical = match app.library.snapshot().document_frequency("a") {
        Err(error) => failed(error.into()),
        Ok(_) if stats.agree() => check("ok", "finds every passage", None),
        Ok(_) => {
            let detail = format!("finds {} of {} passages", stats.lexical_chunks, stats.chunks);
            check("degraded", &detail, Some("start the server again: the index is then mended"))
        }
    };
    (library, lexical)
}

fn cache(app: &App) -> CheckJson {
    match app.engines.cache() {
        None => check("none", "nothing is remembered", None),
        Some(cache) => match cache.trouble() {
            None => check("ok", "remembers in memory and on disk", None),
            Some(trouble) => check("degraded", &trouble, Some("nothing fails for that; see `docent cache status`")),
        },
    }
}

fn model(state: State, pulse: Option<Pulse>) -> CheckJson {
    match state {
        State::None => check("none", "none was chosen; docent works without", None),
        State::Loading => check("loading", "it is being opened", None),
        State::Ready => pulse.map_or_else(|| check("ok", "open", None), running),
        State::Failed => check("failed", "it could not be opened", Some("`docent doctor` on the server says why")),
    }
}

/// Busy, idle, stuck or dead?
fn running(Pulse { since, is_wanted, is_gone }: Pulse) -> CheckJson {
    let ago = since.as_millis();
    if is_gone {
        return check("failed", "the thread that runs it has ended", Some("start the server again; its log says why"));
    }
    if is_wanted && since >= STUCK {
        let detail = format!("work waits, and its last step was {ago} ms ago");
        return check("degraded", &detail, Some("where that goes on, start the server again"));
    }
    check("ok", &format!("open, last step {ago} ms ago"), None)
}

fn disk(app: &App) -> CheckJson {
    match machine::free_disk(&app.settings.data_dir.value) {
        None => check("ok", "free space is not known on this system", None),
        Some(free) if free < LITTLE_DISK => {
            check("degraded", &format!("only {free} bytes are free"), Some("make room, or move the data folder"))
        }
        Some(free) => check("ok", &format!("{free} bytes are free"), None),
    }
}

fn check(status: &'static str, detail: &str, hint: Option<&str>) -> CheckJson {
    CheckJson { status, detail: detail.to_owned(), hint: hint.map(str::to_owned) }
}

fn failed(fault: Fault) -> CheckJson {
    CheckJson { status: "failed", detail: fault.what, hint: fault.hint }
}

/// Whether it has begun and is not ending: models are open, or failed and are done without
#[utoipa::path(get, path = "/ready", tag = "operations", security(()), responses(
    (status = 200, description = "It is ready"), (status = 503, description = "Not yet, or not any more")))]
pub(in crate::http) async fn ready(Extract(app): Extract<App>) -> Response {
    let mut waiting = Vec::new();
    for (name, state) in [("embedder", app.models.embedder()), ("generator", app.models.generator())] {
        if state == State::Loading {
            waiting.push(name);
        }
    }
    let is_ending = app.is_ending.load(Ordering::Relaxed);
    let is_ready = waiting.is_empty() && !is_ending;
    let told = Json(json!({"ready": is_ready, "waiting_for": waiting, "ending": is_ending}));
    match is_ready {
        true => told.into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], told).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_not_stuck_and_stuck_is_not_dead() {
        let pulse = |seconds, is_wanted, is_gone| {
            let told = running(Pulse { since: Duration::from_secs(seconds), is_wanted, is_gone });
            (told.status, told.detail)
        };
        assert_eq!(pulse(2, true, false), ("ok", "open, last step 2000 ms ago".to_owned()));
        assert_eq!(pulse(3600, false, false).0, "ok", "nobody wants anything of it");
        let (status, detail) = pulse(10, true, false);
        assert!(status == "degraded" && detail.contains("10000 ms ago"), "{detail}");
        assert_eq!(pulse(0, true, true).0, "failed");
    }
}
