//! From a word written to the word at the client, through a whole conversation of OpenAI's dialect.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::stub::{NAME, STAMPS, now};
use crate::{Server, spread};

pub(crate) fn run(clients: u64, seconds: u64) -> Value {
    let server = Server::start();
    let late = Mutex::new(Vec::new());
    let end = Instant::now() + Duration::from_secs(seconds);
    let before = server.processor();
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut client = Client::new(server.addr);
                while Instant::now() < end {
                    let mut mine = Vec::new();
                    let body = json!({ "model": NAME, "stream": true, "max_tokens": 150,
                        "messages": [{ "role": "user", "content": STAMPS }] });
                    let status = client.stream("POST", "/v1/chat/completions", Some(&body), &mut |piece| {
                        let at = now();
                        mine.extend(stamps(piece).map(|stamp| at.saturating_sub(stamp) as f64 / 1e6));
                    });
                    assert_eq!(status.unwrap(), 200);
                    late.lock().unwrap().extend(mine);
                }
            });
        }
    });
    let late = late.into_inner().unwrap();
    let each = (server.processor() - before) * 1e3 / late.len() as f64;
    json!({ "streams": clients, "processor_ms_per_token": each, "late_ms": spread(late) })
}

/// When the words in some events were written.
fn stamps(events: &[u8]) -> impl Iterator<Item = u64> {
    let text = String::from_utf8_lossy(events).into_owned();
    let words = |line: &str| {
        let event: Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
        let words = event["choices"][0]["delta"]["content"].as_str()?;
        Some(words.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u64>>())
    };
    text.lines().filter_map(words).flatten().collect::<Vec<_>>().into_iter()
}
