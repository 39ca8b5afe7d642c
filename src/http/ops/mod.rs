//! What keeps the server running: health, readiness, metrics, and the description of all of it.

mod docs;
mod health;
mod metrics;
mod models;
mod openapi;

pub(super) use self::docs::{docs, page, style};
pub(super) use self::health::{Health, health, ready};
pub(super) use self::metrics::{cache_metrics, metrics};
pub(super) use self::models::Models;
pub(super) use self::openapi::openapi;
