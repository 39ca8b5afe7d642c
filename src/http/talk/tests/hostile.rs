//! Bodies that nobody would send who means well: always a 4xx in the dialect's own shape, and never a panic.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use super::Home;

const CALLS: [&str; 9] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/api/generate",
    "/api/chat",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
    "/api/pull",
];

const NAMES: &str = "model|name|messages|prompt|input|role|content|type|text|stream|stream_options|options|stop|seed|\
    temperature|top_p|max_tokens|response_format|format|keep_alive|logit_bias|tools|n|num_predict|encoding_format|\
    dimensions|system|raw|timeout_ms|include_usage";

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "user|system|text|json|nobody|docent/[a-z/.]{0,6}".prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            object(inner).prop_map(Value::Object),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map(NAMES, inner, 0..8).prop_map(|map| map.into_iter().collect())
}

/// Whatever is in the body, nobody is asked who is there.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let to_nobody = object(value()).prop_map(|mut map| {
        if map.get("model").is_some_and(Value::is_string) {
            map.insert("model".to_owned(), "nobody".into());
        }
        map.remove("name");
        Value::Object(map).to_string().into_bytes()
    });
    prop_oneof![8 => to_nobody, 1 => proptest::collection::vec(any::<u8>(), 0..64)]
}

#[test]
fn every_body_is_refused_in_the_dialects_own_shape() {
    let home = Home::with(&[("DOCENT_OFFLINE", "1")]);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
    let case = (proptest::sample::select(CALLS.to_vec()), body());
    runner
        .run(&case, |(path, body)| {
            let answered = home.call(axum::http::Method::POST, path, body);
            prop_assert!(answered.status.is_client_error(), "{path}: {} {}", answered.status, answered.body);
            let error = serde_json::from_str::<Value>(&answered.body).unwrap()["error"].take();
            let said = if path.starts_with("/v1") { &error["message"] } else { &error };
            prop_assert!(said.as_str().is_some_and(|said| !said.is_empty()), "{path}: {}", answered.body);
            Ok(())
        })
        .unwrap();
}

#[test]
fn huge_and_deep_bodies_are_refused() {
    let home = Home::new();
    let long = format!("{{\"model\": \"obedient\", \"prompt\": \"{}\"}}", "x".repeat(9 << 20));
    home.call(axum::http::Method::POST, "/api/generate", long).refused(413);
    let deep = format!("{{\"model\": \"obedient\", \"prompt\": {}", "[".repeat(50_000));
    home.call(axum::http::Method::POST, "/v1/completions", deep).refused(400);
    home.call(axum::http::Method::POST, "/v1/chat/completions", "").refused(400);
    home.call(axum::http::Method::POST, "/api/chat", &b"{\"model\": \"\xff\"}"[..]).refused(400);
}
