//! OpenAI's dialect.

use serde_json::{Value, json};

use super::{EYES, Home};

fn chat(model: &str, text: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}]})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

const CHAT: &str = "/v1/chat/completions";

#[test]
fn the_documents_answer_with_citations_beside_choices() {
    let home = Home::without_generator();
    for model in ["docent", "docent/default"] {
        let answer = home.post(CHAT, &chat(model, EYES)).ok();
        let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(text.contains("fifteen minutes"), "{answer}");
        assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!(model)));
        assert!(answer["citations"][0]["quote"].as_str().unwrap().contains("fifteen minutes"), "{answer}");
        assert_eq!((&answer["language"], &answer["complete"]), (&json!("en"), &json!(true)));
    }
    let events = home.post(CHAT, &with(chat("docent", EYES), "stream", json!(true))).events();
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let last = events.last().unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert!(last["citations"][0]["quote"].as_str().unwrap().contains("fifteen minutes"));
    let answer = home.post("/v1/completions", &json!({"model": "docent", "prompt": EYES})).ok();
    assert!(answer["choices"][0]["text"].as_str().unwrap().contains("fifteen minutes"), "{answer}");
}

#[test]
fn a_generator_answers_by_its_name() {
    let home = Home::new();
    let body = with(chat("obedient", "one two three"), "max_tokens", json!(17));
    let answer = home.post(CHAT, &body).ok();
    assert_eq!(answer["choices"][0]["message"]["content"], "one two three");
    assert_eq!(answer["usage"], json!({"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}));
    assert!(answer.get("citations").is_none());
    assert_eq!(home.generator.limits.lock().unwrap()[0].max_tokens, 17);

    let streamed = with(body, "stream", json!(true));
    let streamed = with(streamed, "stream_options", json!({"include_usage": true}));
    let events = home.post(CHAT, &streamed).events();
    let said: Vec<&str> = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(said, ["", "one ", "two ", "three"]);
    assert_eq!(events.last().unwrap()["usage"]["total_tokens"], 7);
    let cut = home.post("/v1/completions", &json!({"model": "obedient", "prompt": "so far !cut"})).ok();
    assert_eq!((&cut["choices"][0]["finish_reason"], &cut["object"]), (&json!("length"), &json!("text_completion")));
}

#[test]
fn what_goes_wrong_has_a_status_or_ends_the_stream() {
    let home = Home::new();
    for stream in [false, true] {
        let call = |text: &str| home.post(CHAT, &with(chat("obedient", text), "stream", json!(stream)));
        let busy = call("!busy");
        assert_eq!(
            (busy.refused(503)["code"].as_str(), &busy.headers["retry-after"]),
            (Some("model_busy"), &"1".parse().unwrap())
        );
        assert_eq!(call("!long").refused(400)["code"], "context_length_exceeded");
        assert_eq!(call("!fail").refused(500)["type"], "server_error");
    }
    assert_eq!(home.post(CHAT, &chat("obedient", "so far !fail")).refused(500)["code"], "model_failed");
    let events = home.post(CHAT, &with(chat("obedient", "so far !fail"), "stream", json!(true))).events();
    assert_eq!(events[2]["choices"][0]["delta"]["content"], "far ");
    assert_eq!(events[3]["error"]["code"], "model_failed");
    assert_eq!(events.len(), 4);
}

#[test]
fn mistakes_name_the_field() {
    let home = Home::new();
    let error = home.post(CHAT, &with(chat("obedient", "x"), "temperature", json!("hot"))).refused(400);
    assert_eq!((&error["param"], &error["type"]), (&json!("temperature"), &json!("invalid_request_error")));
    let error = home.post(CHAT, &chat("nobody", "x")).refused(404);
    assert!(error["message"].as_str().unwrap().contains("nobody"), "{error}");
    assert_eq!(home.post(CHAT, &chat("docent/nowhere", EYES)).refused(404)["code"], "model_not_found");
    assert_eq!(home.post(CHAT, &chat("docent", " ")).refused(422)["code"], "no_question");
    let form = with(chat("docent", EYES), "response_format", json!({"type": "json_object"}));
    assert_eq!(home.post(CHAT, &form).refused(422)["code"], "no_form_for_documents");
    home.get(CHAT).refused(405);
    home.get("/v1/nothing").refused(404);
    let error = home.post("/v1/embeddings", &json!({"model": "obedient", "input": "x"})).refused(404);
    assert_eq!(error["code"], "model_not_found");
}

#[test]
fn models_are_listed_and_found() {
    let home = Home::new();
    let list = home.get("/v1/models").ok();
    let names: Vec<&str> = list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(names, ["docent", "docent/default"]);
    for name in ["docent", "docent/default", "docent%2Fdefault"] {
        assert_eq!(home.get(&format!("/v1/models/{name}")).ok()["object"], "model");
    }
    home.get("/v1/models/docent/nowhere").refused(404);
    home.get("/v1/models/nobody").refused(404);
}

#[test]
fn whoever_hangs_up_frees_the_place() {
    let home = Home::new();
    let took = home.hang_up(CHAT, &with(chat("obedient", "!endless"), "stream", json!(true)));
    assert!(took.as_millis() < 200, "{took:?}");
}
