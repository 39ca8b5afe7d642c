//! Ollama's dialect.

use axum::http::Method;
use serde_json::{Value, json};

use super::{EYES, Home};

fn chat(model: &str, text: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}]})
}

#[test]
fn the_documents_answer_with_citations_in_the_last_line() {
    let home = Home::without_generator();
    let answered = home.post("/api/chat", &chat("docent:latest", EYES));
    assert_eq!(answered.headers["content-type"], "application/x-ndjson");
    let lines = answered.lines();
    let text: String = lines.iter().map(|line| line["message"]["content"].as_str().unwrap()).collect();
    assert!(text.contains("fifteen minutes"), "{lines:?}");
    let (last, before) = lines.split_last().unwrap();
    assert!(before.iter().all(|line| line["done"] == false && line.get("citations").is_none()));
    assert_eq!((&last["done"], &last["done_reason"]), (&json!(true), &json!("stop")));
    assert!(last["citations"][0]["quote"].as_str().unwrap().contains("fifteen minutes"), "{last}");
    let whole = home.post("/api/generate", &json!({"model": "docent", "prompt": EYES, "stream": false})).ok();
    assert!(whole["response"].as_str().unwrap().contains("fifteen minutes") && whole["citations"].is_array());
}

#[test]
fn a_generator_answers_by_its_name_in_lines() {
    let home = Home::new();
    let lines = home.post("/api/generate", &json!({"model": "obedient", "prompt": "one two"})).lines();
    let said: Vec<&str> = lines.iter().map(|line| line["response"].as_str().unwrap()).collect();
    assert_eq!(said, ["one ", "two", ""]);
    assert_eq!((&lines[2]["eval_count"], &lines[2]["prompt_eval_count"]), (&json!(2), &json!(2)));
    assert!(lines[2]["total_duration"].is_u64() && lines[2]["created_at"].as_str().unwrap().ends_with('Z'));
    let mut body = chat("obedient", "one two !cut");
    body["stream"] = json!(false);
    body["options"] = json!({"num_predict": 9, "temperature": 0, "stop": ["x"]});
    let whole = home.post("/api/chat", &body).ok();
    assert_eq!((&whole["message"]["role"], &whole["done_reason"]), (&json!("assistant"), &json!("length")));
    let limits = home.generator.limits.lock().unwrap();
    assert_eq!((limits[1].max_tokens, limits[1].stop.len(), limits[1].sampling.temperature), (9, 1, 0.0));
}

#[test]
fn nothing_to_answer_loads_the_model() {
    let home = Home::new();
    let loaded = home.post("/api/generate", &json!({"model": "obedient"})).lines();
    assert_eq!((loaded.len(), &loaded[0]["done_reason"]), (1, &json!("load")));
    let loaded = home.post("/api/chat", &json!({"model": "docent", "messages": [], "stream": false})).ok();
    assert_eq!(loaded["done_reason"], "load");
    home.post("/api/generate", &json!({"model": "nobody"})).refused(404);
    assert!(home.generator.limits.lock().unwrap().is_empty(), "nothing was written");
}

#[test]
fn what_goes_wrong_has_a_status_or_is_the_last_line() {
    let home = Home::new();
    assert!(home.post("/api/chat", &chat("obedient", "!long")).refused(400).is_string());
    home.post("/api/chat", &chat("obedient", "!busy")).refused(503);
    home.post("/api/chat", &chat("nobody", "x")).refused(404);
    let lines = home.post("/api/chat", &chat("obedient", "so far !fail")).lines();
    assert_eq!((lines.len(), &lines[1]["message"]["content"]), (3, &json!("far ")));
    assert!(lines[2]["error"].as_str().unwrap().contains("obedient"), "{}", lines[2]);
    let wrong = home.post("/api/generate", &json!({"model": "obedient", "prompt": 7})).refused(400);
    assert!(wrong.as_str().unwrap().starts_with("prompt is 7"), "{wrong}");
}

#[test]
fn the_shelf_is_shown_and_kept() {
    let home = Home::with(&[("DOCENT_OFFLINE", "1")]);
    let tags = home.get("/api/tags").ok();
    let names: Vec<&str> = tags["models"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["docent", "docent/default"]);
    assert_eq!(tags["models"][0]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(home.get("/api/version").ok()["version"], env!("CARGO_PKG_VERSION"));
    assert!(home.get("/api/ps").ok()["models"].is_array());
    assert_eq!(home.post("/api/show", &json!({"model": "docent"})).ok()["capabilities"], json!(["completion"]));
    home.post("/api/show", &json!({"model": "docent/nowhere"})).refused(404);
    home.post("/api/show", &json!({"name": "nobody"})).refused(404);
    let offline = home.post("/api/pull", &json!({"model": "all-MiniLM-L6-v2"})).refused(403);
    assert!(offline.as_str().unwrap().contains("offline"), "{offline}");
    home.post("/api/pull", &json!({"model": "no-such-model", "stream": false})).refused(404);
    let delete = |name: &str| home.call(Method::DELETE, "/api/delete", json!({"model": name}).to_string());
    delete("nobody").refused(404);
    delete("docent").refused(404);
}

#[test]
fn pulling_and_deleting_is_for_administrators() {
    let home = Home::with(&[
        ("DOCENT_SERVER_TOKEN", "for-everybody-here"),
        ("DOCENT_SERVER_ADMIN_TOKEN", "for-few-of-us-only"),
    ]);
    let call = |token: &str| {
        let mut request = Home::request(Method::POST, "/api/pull", json!({"model": "no-such-model"}).to_string());
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let routes = crate::http::router(&home.app);
        home.runtime.block_on(async { tower::ServiceExt::oneshot(routes, request).await.unwrap().status().as_u16() })
    };
    assert_eq!((call("for-everybody-here"), call("for-few-of-us-only"), call("guessed")), (403, 404, 401));
}

#[test]
fn whoever_hangs_up_frees_the_place() {
    let home = Home::new();
    let took = home.hang_up("/api/generate", &json!({"model": "obedient", "prompt": "!endless"}));
    assert!(took.as_millis() < 200, "{took:?}");
}
