//! Questions and searches, whole and as they come.

use serde_json::json;

use super::{Writes, plain, serve};

#[test]
fn a_question_is_answered_with_citations() {
    let served = plain();
    let answer = served.post("/rag/v1/ask", r#"{"question": "How much does a blue whale weigh?"}"#).is(200);
    assert!(answer["answer"].as_str().unwrap().contains("150 tonnes"), "{answer}");
    assert_eq!((&answer["origin"], &answer["because"]), (&json!("extracted"), &json!("no_generator")));
    assert_eq!(answer["citations"][0]["quote"], "A blue whale weighs 150 tonnes.");
    assert_eq!(answer["citations"][0]["source"], "whale.txt");
    for name in ["complete", "language", "timings", "model"] {
        assert!(answer.get(name).is_some(), "{name}");
    }
    for name in ["retrieve_ms", "first_token_ms", "total_ms", "prompt_tokens", "generated_tokens"] {
        assert!(answer["timings"].get(name).is_some(), "{name}");
    }
    let nothing = served.post("/rag/v1/ask", r#"{"question": "Who won the cup in 1950?"}"#).is(200);
    assert_eq!((&nothing["because"], &nothing["citations"]), (&json!("nothing_found"), &json!([])));
}

#[test]
fn a_stream_tells_sources_then_text_then_the_whole_answer() {
    let writes = Writes::new();
    let served = serve("", writes.engines());
    for word in ["A blue whale ", "weighs 150 ", "tonnes [1]."] {
        writes.write(word);
    }
    writes.finish();
    let body = r#"{"question": "How much does a blue whale weigh?", "stream": true}"#;
    let answer = served.post("/rag/v1/ask", body).send();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    let events = answer.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("sources", "done"));
    assert!(names[1..names.len() - 1].iter().all(|name| *name == "text") && names.len() > 2, "{names:?}");
    assert_eq!(events[0].1["passages"][0]["rank"], 1);
    let text: String = events.iter().filter_map(|(_, value)| value["text"].as_str()).collect();
    let done = &events[events.len() - 1].1;
    assert_eq!((&done["origin"], &done["model"]), (&json!("generated"), &json!("writes")));
    assert_eq!(done["answer"], text);
}

#[test]
fn passages_are_found_and_put_into_a_context() {
    let served = plain();
    let found = served.post("/rag/v1/search", r#"{"query": "kite eggs", "k": 1, "mode": "lexical"}"#).is(200);
    let passage = &found["passages"][0];
    assert_eq!(
        (&passage["rank"], &passage["source"], &passage["text"]),
        (&json!(1), &json!("kite.txt"), &json!(super::KITE))
    );
    let context = served.post("/rag/v1/context", r#"{"query": "kite eggs", "k": 1}"#).is(200);
    assert!(context["context"].as_str().unwrap().starts_with("[1] kite\n> "), "{context}");
    assert_eq!(context["citations"][0]["n"], 1);
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_reason() {
    let served = plain();
    for (body, status, code) in [
        (json!({"question": ""}), 400, "empty_question"),
        (json!({"question": "x".repeat(4001)}), 400, "question_too_long"),
        (json!({"question": "x", "k": 0}), 400, "bad_k"),
        (json!({"question": "x", "k": 101}), 400, "bad_k"),
        (json!({"question": "x", "collection": "none"}), 404, "unknown_collection"),
        (json!({"question": "x", "collection": "../x"}), 400, "bad_collection"),
        (json!({"question": "x", "model": "gpt"}), 404, "no_such_model"),
        (json!({"question": "x", "timeout_ms": 0}), 400, "bad_value"),
        (json!({"question": "x", "timeout_ms": 600_001}), 400, "bad_value"),
        (json!({"question": "x", "temperature": 2.1}), 400, "bad_value"),
        (json!({"question": "x", "max_tokens": 0}), 400, "bad_value"),
        (json!({"question": "x", "mode": "vector"}), 400, "no_embedder"),
        (json!({"question": "x", "mode": "magic"}), 400, "bad_json"),
        (json!({"question": "x", "k": -1}), 400, "bad_json"),
        (json!({"question": "x", "history": vec![json!({"question": "a", "answer": "b"}); 101]}), 400, "bad_value"),
        (json!({"question": 5}), 400, "bad_json"),
        (json!({}), 400, "bad_json"),
        (json!([]), 400, "bad_json"),
        (json!(null), 400, "bad_json"),
    ] {
        // In a stream, too: what is wrong from the beginning has a status.
        let mut streamed = body.clone();
        if let Some(fields) = streamed.as_object_mut() {
            fields.insert("stream".to_owned(), json!(true));
        }
        served.post("/rag/v1/ask", body.to_string()).refused(status, code);
        served.post("/rag/v1/ask", streamed.to_string()).refused(status, code);
    }
    served.post("/rag/v1/search", r#"{"query": "x", "mode": "vector"}"#).refused(400, "no_embedder");
    served.post("/rag/v1/search", r#"{"query": "x", "collection": "none"}"#).refused(404, "unknown_collection");
    served.post("/rag/v1/context", r#"{"query": " "}"#).refused(400, "empty_question");
}
