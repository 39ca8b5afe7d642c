//! What keeps the server running: health, readiness, metrics, and the description of all of it.

mod health;

pub(super) use self::health::health;
