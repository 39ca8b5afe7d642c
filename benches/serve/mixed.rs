//! A class on one machine: everybody asks, most of them what was asked before, somebody adds notes, somebody looks after it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::{Server, spread};

const DEVICES: usize = 4000;
const COMMON: usize = 20;
const PARTS: [&str; 8] = ["pump", "valve", "heater", "probe", "filter", "laser", "motor", "sensor"];
/// Between two calls of one client, on average.
const PAUSE: Duration = Duration::from_millis(200);
const LOOKS: [&str; 5] =
    ["/rag/v1/stats", "/rag/v1/cache/performance", "/rag/v1/documents?limit=20", "/health", "/metrics"];

#[derive(Default)]
struct Seen {
    late: BTreeMap<&'static str, Vec<f64>>,
    statuses: BTreeMap<String, u64>,
    origins: BTreeMap<String, u64>,
    notes: Vec<String>,
}

pub(crate) fn run(clients: u64, seconds: u64) -> Value {
    let server = Server::start();
    fill(&server);
    let (seen, new) = (Mutex::new(Seen::default()), AtomicUsize::new(COMMON));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut memory = Vec::new();
    thread::scope(|scope| {
        for n in 0..clients {
            let (seen, new, server) = (&seen, &new, &server);
            scope.spawn(move || one(n, server, end, new, seen));
        }
        while Instant::now() < end {
            thread::sleep(Duration::from_secs(1));
            memory.push(server.memory() as f64 / 1e6);
        }
    });
    let Seen { late, statuses, origins, notes } = seen.into_inner().unwrap();
    let mut client = Client::new(server.addr);
    let is_lost = |word: &&String| {
        let found = client.call("POST", "/rag/v1/search", Some(&json!({ "query": word }))).unwrap();
        !String::from_utf8_lossy(&found.1).contains(word.as_str())
    };
    let lost = notes.iter().filter(is_lost).count();
    let minute = memory.len().div_ceil(5).min(60);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let by_minute: Vec<f64> = memory.chunks(minute).map(mean).collect();
    let late: BTreeMap<_, _> = late.into_iter().map(|(kind, late)| (kind, spread(late))).collect();
    json!({ "late_ms": late, "statuses": statuses, "origins": origins, "notes": notes.len(), "notes_lost": lost,
        "memory_mb_by_minute": by_minute })
}

fn one(n: u64, server: &Server, end: Instant, new: &AtomicUsize, seen: &Mutex<Seen>) {
    let mut client = Client::new(server.addr);
    let mut draw = Draw(n + 1);
    for call in 0.. {
        if Instant::now() >= end {
            return;
        }
        let note = format!("zq{n}x{call}");
        let ask = |device: usize| ("POST", "/rag/v1/ask", Some(json!({ "question": question(device) })));
        let (kind, (method, path, body)) = match draw.below(100) {
            0..70 => ("repeated", ask(draw.below(COMMON))),
            70..90 => ("new", ask(new.fetch_add(1, Ordering::Relaxed) % DEVICES)),
            90..95 => {
                let text = format!("The word of client {n} in call {call} is {note}. It stands in this note alone.");
                ("note", ("POST", "/rag/v1/documents", Some(json!({ "source": note, "text": text }))))
            }
            _ => ("look", ("GET", LOOKS[draw.below(LOOKS.len())], None)),
        };
        let began = Instant::now();
        let answered = client.call(method, path, body.as_ref());
        let late = began.elapsed().as_secs_f64() * 1e3;
        let mut seen = seen.lock().unwrap();
        seen.late.entry(kind).or_default().push(late);
        let status = match &answered {
            Ok((status, _)) => format!("{kind} {status}"),
            Err(error) => format!("{kind} {error}"),
        };
        *seen.statuses.entry(status).or_default() += 1;
        if let Ok((200..300, body)) = answered {
            match kind {
                "note" => seen.notes.push(note),
                "repeated" | "new" => {
                    let answer: Value = serde_json::from_slice(&body).unwrap();
                    let origin = answer["origin"].as_str().unwrap_or("none");
                    *seen.origins.entry(format!("{kind} {origin}")).or_default() += 1;
                }
                _ => {}
            }
        }
        drop(seen);
        thread::sleep(PAUSE.mul_f64(draw.below(2000) as f64 / 1000.0));
    }
}

/// A manual of many devices, in documents of forty.
fn fill(server: &Server) {
    let mut client = Client::new(server.addr);
    for first in (0..DEVICES).step_by(40) {
        let line = |n: usize| {
            format!(
                "The {} of device {n} is kept at {} degrees and looked at every {} days.\n\n",
                part(n),
                n % 90 + 5,
                n % 13 + 2
            )
        };
        let text: String = (first..first + 40).map(line).collect();
        let body = json!({ "source": format!("manual-{first}.txt"), "text": text });
        let (status, _) = client.call("POST", "/rag/v1/documents", Some(&body)).unwrap();
        assert_eq!(status, 201);
    }
}

fn part(device: usize) -> &'static str {
    PARTS[device % PARTS.len()]
}

fn question(device: usize) -> String {
    format!("At how many degrees is the {} of device {device} kept?", part(device))
}

/// Numbers that look random, and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}
