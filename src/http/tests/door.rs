//! Who comes in.

use super::{KEY, plain, serve};
use crate::assistant::Engines;

#[test]
fn names_and_pages_of_others_stay_outside() {
    let served = plain();
    for host in ["evil.example", "evil.example:7700", "localhost.evil.example", ""] {
        served.get("/health").header("host", host).refused(403, "wrong_host");
        served.post("/rag/v1/ask", "{}").header("host", host).refused(403, "wrong_host");
    }
    served.get("/health").header("host", "127.0.0.1").header("host", "evil.example").refused(403, "wrong_host");
    for origin in ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"] {
        served.post("/rag/v1/ask", r#"{"question": "x"}"#).header("origin", origin).refused(403, "wrong_origin");
        served.get("/rag/v1/documents").header("origin", origin).refused(403, "wrong_origin");
        let preflight = super::Call::new(served.addr, "OPTIONS", "/rag/v1/ask").header("origin", origin);
        let answer = preflight.header("access-control-request-method", "POST").send();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None));
    }
    served.get("/rag/v1/documents").header("sec-fetch-site", "cross-site").refused(403, "wrong_origin");
    // Its own page may.
    let own = format!("http://{}", served.addr);
    served.post("/rag/v1/ask", r#"{"question": "kite"}"#).header("origin", &own).is(200);
}

#[test]
fn a_page_that_was_named_may_come_in() {
    let served = serve("server.origins = \"https://lab.example\"\n", Engines::none());
    let answer = super::Call::new(served.addr, "OPTIONS", "/rag/v1/ask")
        .header("origin", "https://lab.example")
        .header("access-control-request-method", "POST")
        .send();
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://lab.example"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
    let answer = served.get("/rag/v1/documents").header("origin", "https://lab.example").send();
    assert_eq!((answer.status, answer.header("vary")), (200, Some("origin")));
    served.get("/rag/v1/documents").header("origin", "https://other.example").refused(403, "wrong_origin");
}

#[test]
fn tokens_open_what_they_are_for() {
    let served = serve("[server]\ntoken = \"the users own\"\nadmin_token = \"the admins own\"\n", Engines::none());
    let with = |path: &str, token: &str| served.get(path).header("authorization", &format!("Bearer {token}"));
    served.get("/rag/v1/documents").refused(401, "no_token");
    served.get("/metrics").refused(401, "no_token");
    served.get("/nothing").refused(401, "no_token");
    let answer = served.get("/rag/v1/documents").send();
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    with("/rag/v1/documents", "the users owm").refused(401, "wrong_token");
    with("/rag/v1/documents", "").refused(401, "no_token");
    served.get("/rag/v1/documents").header("authorization", "Basic dGhlIHVzZXJz").refused(401, "no_token");
    for token in ["the users own", "the admins own", KEY] {
        with("/rag/v1/documents", token).is(200);
    }
    for open in ["/health", "/ready", "/openapi.json"] {
        served.get(open).is(200);
        with(open, "wrong").is(200);
    }
    // The settings that handlers see hold no token.
    assert!(served.app.settings.server_token.value.get().is_none());
}

#[test]
fn only_the_owner_names_paths() {
    let served = plain();
    let file = served.folder.path().join("mine.txt");
    std::fs::write(&file, "A wren weighs ten grams.").unwrap();
    let task = serde_json::json!({
        "paths": [file], "folder": served.folder.path(), "collection": null, "recursive": false, "sync": false,
    });
    let body = task.to_string();
    served.post("/local/add", body.as_str()).refused(404, "unknown_address");
    served.post("/local/find", "{}").header("authorization", "Bearer guess").refused(404, "unknown_address");
    let forwarded = served.post("/local/add", body.as_str()).header("authorization", &format!("Bearer {KEY}"));
    forwarded.header("x-forwarded-for", "1.2.3.4").refused(404, "unknown_address");
    let answer = served.post("/local/add", body.as_str()).header("authorization", &format!("Bearer {KEY}")).send();
    let (name, done) = answer.events().pop().unwrap();
    assert_eq!((name.as_str(), &done["report"]["added"]), ("done", &1.into()), "{answer:?}");
    let owner = |path: &str, body: &str| served.post(path, body).header("authorization", &format!("Bearer {KEY}"));
    owner("/local/nothing", "{}").refused(404, "unknown_address");
    owner("/local/text", "{").refused(400, "bad_task");
    let answer = owner("/local/has-collection", r#"{"name": "none"}"#).send();
    let (name, fault) = answer.events().pop().unwrap();
    assert_eq!((name.as_str(), fault["code"].as_str()), ("failed", Some("no_such_collection")), "{answer:?}");
}

#[test]
fn every_answer_says_what_browsers_should_know_and_has_a_name() {
    let served = plain();
    for path in ["/health", "/", "/docs", "/nothing", "/rag/v1/documents"] {
        let answer = served.get(path).send();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() > 5), "{path}");
        assert!(answer.header("access-control-allow-origin").is_none(), "{path}");
    }
    let named = served.get("/health").header("x-request-id", "mine-1").send();
    assert_eq!(named.header("x-request-id"), Some("mine-1"));
}
