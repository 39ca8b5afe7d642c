//! `GET /health`.

use axum::Json;
use serde_json::{Value, json};

pub(in crate::http) async fn health() -> Json<Value> {
    Json(json!({"status": "healthy", "version": env!("CARGO_PKG_VERSION")}))
}
