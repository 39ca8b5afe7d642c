//! What is remembered, what is made ready, and who may throw it away.

use std::sync::Arc;

use serde_json::{Value, json};

use super::limits::until;
use super::{Call, KEY, Served, Writes, serve};
use crate::assistant::Engines;
use crate::cache::Cache;
use crate::clock::SystemClock;

fn cached(engines: Engines) -> Engines {
    engines.with_cache(Cache::in_memory(Arc::new(SystemClock)))
}

const ASK: &str = r#"{"question": "How much does a blue whale weigh?"}"#;

fn job(served: &Served, id: &Value) -> Value {
    let path = format!("/rag/v1/jobs/{}?stream=true", id.as_str().unwrap());
    served.get(&path).send().events().last().unwrap().1.clone()
}

#[test]
fn the_same_question_is_answered_from_memory_and_a_change_makes_it_new() {
    let served = serve("", cached(Engines::none()));
    let first = served.post("/rag/v1/ask", ASK).is(200);
    assert_eq!(first["origin"], "extracted");
    let second = served.post("/rag/v1/ask", r#"{"question": "how much does a blue whale weigh"}"#).is(200);
    assert_eq!((&second["origin"], &second["because"]), (&json!("remembered"), &json!("no_generator")));
    assert_eq!((&second["answer"], &second["remembered"]["tier"]), (&first["answer"], &json!("memory")));
    let streamed =
        served.post("/rag/v1/ask", r#"{"question": "How much does a blue whale weigh?", "stream": true}"#).send();
    assert_eq!(streamed.events().last().unwrap().1["origin"], "remembered");
    let found = served.get("/rag/v1/cache/performance").is(200);
    assert_eq!(found["cache_performance"]["cache_hits"], 2, "{found}");
    for name in ["hit_rate", "total_requests", "cache_misses", "memory_bytes", "disk_bytes", "saved_ms"] {
        assert!(found["cache_performance"][name].is_number(), "{name}: {found}");
    }
    assert!(found["performance_insights"]["cache_efficiency"].is_string(), "{found}");
    served.post("/rag/v1/documents", r#"{"source": "other", "text": "Nothing about animals."}"#).is(201);
    let upheld = served.post("/rag/v1/ask", ASK).is(200);
    assert_eq!((&upheld["origin"], &upheld["answer"]), (&json!("remembered"), &first["answer"]));
    served.post("/rag/v1/documents", r#"{"source": "whale.txt", "text": "A blue whale weighs 190 tonnes."}"#).is(200);
    assert_eq!(served.post("/rag/v1/ask", ASK).is(200)["origin"], "extracted");
}

#[test]
fn remembered_answers_are_free_also_when_there_are_no_turns_left() {
    let writes = Writes::new();
    let served = serve("server.rate = 1\n", cached(writes.engines()));
    writes.write("A blue whale weighs 150 tonnes [1].");
    writes.finish();
    assert_eq!(served.post("/rag/v1/ask", ASK).is(200)["origin"], "generated");
    // It is told before it is written down.
    until(|| served.post("/rag/v1/ask", ASK).send().status == 200);
    for _ in 0..3 {
        assert_eq!(served.post("/rag/v1/ask", ASK).is(200)["origin"], "remembered");
    }
    // And they give nobody a turn that was spent.
    served.post("/rag/v1/ask", r#"{"question": "How many eggs does the red kite lay?"}"#).refused(429, "rate_limited");
}

#[test]
fn everything_that_is_remembered_can_be_seen() {
    let served = serve("", cached(Engines::none()));
    served.post("/rag/v1/ask", ASK).is(200);
    let entries = served.get("/rag/v1/cache/entries?pattern=answer:*").is(200);
    let key = entries["entries"][0]["key"].as_str().unwrap().to_owned();
    let path = key.replace('/', "%2F").replace(':', "%3A");
    let entry = served.get(&format!("/rag/v1/cache/entries/{path}")).is(200);
    assert!(entry["content"].as_str().unwrap().contains("150 tonnes"), "{entry}");
    served.get("/rag/v1/cache/entries/none").refused(404, "unknown_entry");
    assert_eq!(served.get("/rag/v1/cache/health").is(200)["status"], "healthy");
    assert!(served.get("/rag/v1/cache/status").is(200)["namespaces"]["answer"].is_object());
    let metrics = served.get("/rag/v1/cache/metrics").send().body;
    assert!(metrics.contains("docent_cache_misses_total{namespace=\"answer\"} 1\n"), "{metrics}");
    assert!(served.get("/metrics").send().body.contains("docent_cache_puts_total{namespace=\"answer\"} 1\n"));
}

#[test]
fn only_administrators_change_the_cache() {
    let toml = "[server]\ntoken = \"the users own\"\nadmin_token = \"the admins own\"\n";
    let served = serve(toml, cached(Engines::none()));
    let with = |path: &str, token: &str, body: &str| {
        served.post(path, body).header("authorization", &format!("Bearer {token}"))
    };
    with("/rag/v1/ask", "the users own", ASK).is(200);
    for path in ["/rag/v1/cache/clear", "/rag/v1/cache/config", "/rag/v1/cache/warm-up"] {
        with(path, "the users own", "{}").refused(403, "not_permitted");
        served.post(path, "{}").refused(401, "no_token");
    }
    let cleared = with("/rag/v1/cache/clear", "the admins own", r#"{"pattern": "answer:*"}"#).is(200);
    assert_eq!(cleared["memory"], 1);
    let body = r#"{"ttl": {"answer": 60}}"#;
    assert_eq!(with("/rag/v1/cache/config", KEY, body).is(200)["ttl"]["answer"], 60);
    for bad in [r#"{"ttl": {"answer": -1}}"#, r#"{"ttl": {"nothing": 5}}"#, r#"{"memory_bytes": -5}"#, r#"{"ttl": 5}"#]
    {
        let answer = with("/rag/v1/cache/config", KEY, bad).send();
        assert!((400..500).contains(&answer.status), "{bad}: {answer:?}");
    }
}

#[test]
fn topics_are_made_ready_before_anybody_asks() {
    let served = serve("", cached(Engines::none()));
    let call = |method: &str, body: &str| Call::new(served.addr, method, "/rag/v1/topics/whales").body(body);
    call("GET", "").refused(404, "unknown_topic");
    let topic = call("PUT", r#"{"query": "How much does a blue whale weigh?"}"#).is(201);
    assert_eq!(topic["name"], "whales");
    call("PUT", r#"{"query": "How much does a blue whale weigh?", "k": 5}"#).is(200);
    call("PUT", r#"{"query": ""}"#).refused(400, "bad_topic");
    call("PUT", r#"{"query": "x", "collection": "a/b"}"#).refused(400, "bad_collection");
    assert_eq!(served.get("/rag/v1/topics").is(200)["topics"][0]["k"], 5);

    let body = r#"{"topics": ["whales", "unknown"], "depth": "answer"}"#;
    let accepted = served.post("/rag/v1/prefetch", body).is(202);
    assert_eq!((&accepted["accepted"], &accepted["skipped"][0]["why"]), (&json!(["whales"]), &json!("unknown")));
    assert_eq!(job(&served, &accepted["job"])["state"], "done");
    assert_eq!(served.post("/rag/v1/ask", ASK).is(200)["origin"], "remembered");
    served.post("/rag/v1/prefetch", r#"{"limit": 0}"#).refused(400, "bad_limit");
    served.post("/rag/v1/prefetch", r#"{"depth": "deep"}"#).refused(400, "bad_json");

    let warm = r#"{"queries": ["How many eggs does the red kite lay?", {"query": "krill"}], "topics": ["whales"]}"#;
    let accepted = served.post("/rag/v1/cache/warm-up", warm).is(202);
    let done = job(&served, &accepted["job"]);
    assert_eq!((&done["state"], &done["total"]), (&json!("done"), &json!(3)));
    let body = r#"{"question": "How many eggs does the red kite lay?"}"#;
    assert_eq!(served.post("/rag/v1/ask", body).is(200)["origin"], "remembered");
    served.post("/rag/v1/cache/warm-up", r#"{"topics": ["none"]}"#).refused(404, "unknown_topic");
    served.post("/rag/v1/cache/warm-up", r#"{"top": 501}"#).refused(400, "bad_value");
    call("DELETE", "").is(200);
    call("DELETE", "").refused(404, "unknown_topic");
}
