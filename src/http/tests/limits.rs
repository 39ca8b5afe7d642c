//! How much at once, how often, how slowly; and how it ends.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::client::{head, read};
use super::{Writes, plain, serve};
use crate::assistant::Engines;
use crate::clock::{Clock, SystemClock};
use crate::http::worker::Lane;
use crate::inference::Reason;

const ASK: &str = r#"{"question": "How much does a blue whale weigh?", "stream": true}"#;
/// No limit on how often.
const OFTEN: &str = "server.rate = 0\n";

#[test]
fn whoever_hangs_up_frees_the_place_within_a_moment() {
    for body in [ASK, r#"{"question": "How much does a blue whale weigh?"}"#] {
        let writes = Writes::new();
        let served = serve(OFTEN, writes.engines());
        let stream = served.post("/rag/v1/ask", body).open();
        writes.has_begun();
        assert_eq!(served.app.worker.load(Lane::Ask).work, 1);
        let gone = SystemClock.instant();
        drop(stream);
        assert_eq!(writes.has_ended(Duration::from_secs(5)), Reason::Stopped);
        let took = SystemClock.instant().duration_since(gone);
        assert!(took < Duration::from_millis(200), "{took:?}");
        until(|| served.app.worker.load(Lane::Ask).work == 0);
    }
}

#[test]
fn a_full_house_says_when_to_come_back() {
    let writes = Writes::new();
    let served = serve("[server]\nrate = 0\nasks = 1\nwaiting = 1\n", writes.engines());
    let first = served.post("/rag/v1/ask", ASK).open();
    writes.has_begun();
    let second = served.post("/rag/v1/ask", ASK).open();
    until(|| served.app.worker.load(Lane::Ask).wait == 1);
    let third = served.post("/rag/v1/ask", ASK).send();
    assert_eq!((third.status, third.header("retry-after")), (503, Some("1")));
    // Searching waits for nobody who asks.
    served.post("/rag/v1/search", r#"{"query": "kite"}"#).is(200);
    let metrics = served.get("/metrics").send().body;
    assert!(metrics.contains("docent_lane_waiting{lane=\"ask\"} 1\n"), "{metrics}");
    // Whoever waits and goes away leaves its place in the line.
    drop(second);
    until(|| served.app.worker.load(Lane::Ask).wait == 0);
    drop(first);
}

#[test]
fn so_many_answers_a_minute_and_then_later() {
    let writes = Writes::new();
    let served = serve("server.rate = 2\n", writes.engines());
    writes.finish();
    let ask = |body: &str| served.post("/rag/v1/ask", body).send();
    // What nothing is generated for is free.
    for _ in 0..5 {
        assert_eq!(ask(r#"{"question": "blue whale weight", "no_llm": true}"#).status, 200);
        assert_eq!(ask(r#"{"question": "Who won the cup in 1950?"}"#).status, 200);
        assert_eq!(ask(r#"{"question": ""}"#).status, 400);
    }
    // A generator that wrote nothing worked all the same.
    assert_eq!((ask(ASK).status, ask(ASK).status), (200, 200));
    let late = ask(ASK);
    assert_eq!(late.status, 429);
    let after: u64 = late.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&after), "{after}");
    assert!(late.body.contains("rate_limited"), "{}", late.body);
    served.post("/rag/v1/search", r#"{"query": "kite"}"#).is(200);
}

#[test]
fn headers_that_drip_are_not_waited_for() {
    let served = plain();
    let began = SystemClock.instant();
    let mut stream = TcpStream::connect(served.addr).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: ").unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    let took = SystemClock.instant().duration_since(began);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(!said.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&said));
    // One that says nothing at all neither.
    let mut silent = TcpStream::connect(served.addr).unwrap();
    assert_eq!(silent.read_to_end(&mut Vec::new()).unwrap_or(0), 0);
    served.get("/health").is(200);
}

#[test]
fn answers_that_were_begun_are_finished_before_the_end() {
    let writes = Writes::new();
    let mut served = serve(OFTEN, writes.engines());
    let mut stream = served.post("/rag/v1/ask", ASK).open();
    writes.has_begun();
    served.end.try_send(()).unwrap();
    let addr = served.addr;
    until(|| TcpStream::connect(addr).is_err());
    writes.write("A blue whale weighs 150 tonnes [1].");
    writes.finish();
    let answer = read(&mut stream);
    assert_eq!(answer.status, 200);
    let events = answer.events();
    assert_eq!(events.last().unwrap().0, "done", "{events:?}");
    assert_eq!(events.last().unwrap().1["origin"], "generated");
    let ended = served.ended.take().unwrap();
    served.runtime.block_on(ended).unwrap();
}

#[test]
fn an_idle_connection_does_not_hold_the_end_up() {
    let mut served = plain();
    let mut idle = TcpStream::connect(served.addr).unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").unwrap();
    let mut reader = std::io::BufReader::new(idle);
    assert_eq!(head(&mut reader).0, 200);
    assert!(!reader.fill_buf().unwrap().is_empty());
    let began = SystemClock.instant();
    served.end();
    assert!(SystemClock.instant().duration_since(began) < Duration::from_secs(5));
}

#[test]
fn health_readiness_and_counts_are_told() {
    let served = plain();
    let health = served.get("/health").is(200);
    assert_eq!(health["status"], "healthy");
    for name in ["library", "lexical", "cache", "embedder", "generator", "disk"] {
        assert!(health["checks"][name]["status"].is_string(), "{name}: {health}");
    }
    assert_eq!(served.get("/ready").is(200)["ready"], true);
    served.post("/rag/v1/search", r#"{"query": "kite"}"#).is(200);
    let stats = served.get("/rag/v1/stats").is(200);
    assert_eq!((&stats["documents"], &stats["latencies"]["search"]["count"]), (&2.into(), &1.into()));
    let metrics = served.get("/metrics").send();
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(metrics.body.contains("route=\"/rag/v1/search\",method=\"POST\",status=\"200\"} 1\n"), "{}", metrics.body);
    assert!(served.get("/docs").send().body.contains("POST /rag/v1/ask"));
    served.app.is_ending.store(true, std::sync::atomic::Ordering::Relaxed);
    let ending = served.get("/ready").send();
    assert_eq!((ending.status, ending.header("retry-after")), (503, Some("1")));
}

/// Of whatever goes on in another thread.
#[track_caller]
pub(super) fn until(is_so: impl Fn() -> bool) {
    let began: Instant = SystemClock.instant();
    while !is_so() {
        assert!(SystemClock.instant().duration_since(began) < Duration::from_secs(20), "it never came");
        std::thread::yield_now();
    }
}

#[test]
fn without_engines_nothing_is_taken_from_anybody() {
    let served = serve("server.rate = 1\n", Engines::none());
    for _ in 0..5 {
        served.post("/rag/v1/ask", r#"{"question": "How much does a blue whale weigh?"}"#).is(200);
    }
}
