//! `POST /api/pull` from a hub that misbehaves: told in Ollama's shape as it comes, given up when nobody listens, brought once
//! however many ask.

use std::io::Read;

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::hub::{COMMIT, Hub, Misdeed};
use crate::models_pull::{NAME, hub, installed, weights};
use crate::server::Server;

fn serve(bench: &Bench, hub: &Hub, timeout: &str, retries: &str) -> Server {
    let run = bench.docent(&["serve", "--addr", "127.0.0.1:0"]).env("HF_ENDPOINT", hub.url());
    Server::of(run.env("DOCENT_MODELS_TIMEOUT", timeout).env("DOCENT_MODELS_RETRIES", retries).command)
}

fn body() -> String {
    json!({"model": NAME}).to_string()
}

/// The lines of a stream. The sizes of its chunks stand between them.
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn pull(server: &Server) -> Vec<Value> {
    let (status, text) = server.text("POST", "/api/pull", &body());
    assert_eq!(status, 200, "{text}");
    lines(&text)
}

fn status(line: &Value) -> &str {
    line["status"].as_str().unwrap_or_default()
}

#[test]
fn progress_is_told_as_ollamas_clients_read_it() {
    let (bench, hub) = (Bench::new(), hub());
    let server = serve(&bench, &hub, "5s", "2");
    let told = pull(&server);
    let statuses: Vec<&str> = told.iter().map(status).collect();
    assert_eq!(statuses[0], "pulling manifest", "{statuses:?}");
    assert!(statuses.ends_with(&["verifying sha256 digest", "writing manifest", "success"]), "{statuses:?}");
    let coming: Vec<&Value> = told.iter().filter(|line| line.get("completed").is_some()).collect();
    assert!(!coming.is_empty(), "{told:?}");
    for line in &coming {
        assert_eq!((status(line), &line["digest"]), (format!("pulling {}", &COMMIT[..12]).as_str(), &json!(COMMIT)));
        assert!(line["completed"].as_u64().unwrap() <= line["total"].as_u64().unwrap(), "{line}");
    }
    assert!(coming[0]["total"].as_u64().unwrap() > weights().len() as u64);
    assert!(installed(&bench));
    let tags = server.get("/api/tags").1;
    assert!(tags["models"].as_array().unwrap().iter().any(|model| model["name"].as_str().unwrap().starts_with(NAME)));

    let asked = hub.asked("").len();
    assert_eq!(status(pull(&server).last().unwrap()), "success");
    let whole = json!({"model": NAME, "stream": false}).to_string();
    assert_eq!(server.call("POST", "/api/pull", &whole), (200, json!({"status": "success"})));
    assert_eq!(hub.asked("").len(), asked, "it is there");
}

#[test]
fn what_goes_wrong_in_the_middle_is_the_last_line() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000)]);
    let server = serve(&bench, &hub, "5s", "0");
    let told = pull(&server);
    assert_eq!(status(&told[0]), "pulling manifest", "{told:?}");
    let error = told.last().unwrap()["error"].as_str().unwrap();
    assert!(error.contains("model.safetensors") && error.contains("is kept"), "{error}");
    assert!(told.iter().all(|line| status(line) != "success") && !installed(&bench));
    assert_eq!(status(pull(&server).last().unwrap()), "success");
    assert_eq!(hub.asked("model.safetensors")[1].headers["range"], "bytes=90000-");
}

#[test]
fn what_is_wrong_from_the_beginning_has_a_status() {
    let bench = Bench::new();
    let hub = hub().misbehaves("revision/main", &[Misdeed::Status(404, &[])]);
    let server = serve(&bench, &hub, "5s", "0");
    let (status, told) = server.call("POST", "/api/pull", &body());
    assert!((400..500).contains(&status) && told["error"].is_string(), "{status} {told}");
    assert_eq!(server.call("POST", "/api/pull", r#"{"model": "no-such-model"}"#).0, 404);
}

#[test]
fn a_client_that_hangs_up_ends_it_and_keeps_what_came() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000), Misdeed::Silence]);
    let server = serve(&bench, &hub, "60s", "5");
    let mut stream = server.open("POST", "/api/pull", &body());
    let mut first = [0; 16];
    stream.read_exact(&mut first).unwrap();
    hub.wait_for("model.safetensors", 2);
    drop(stream);
    let busy = "docent_lane_busy{lane=\"pull\"} ";
    while !server.text("GET", "/metrics", "").1.contains(&format!("{busy}0")) {}
    assert!(!installed(&bench));
    assert_eq!(status(pull(&server).last().unwrap()), "success");
    assert_eq!(hub.asked("model.safetensors")[2].headers["range"], "bytes=90000-");
}

#[test]
fn two_who_want_the_same_are_told_of_one() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Silence]);
    let server = serve(&bench, &hub, "3s", "2");
    let first = server.open("POST", "/api/pull", &body());
    hub.wait_for("model.safetensors", 1);
    let second = server.open("POST", "/api/pull", &body());
    for mut stream in [first, second] {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(status(lines(&text).last().unwrap()), "success", "{text}");
    }
    assert_eq!(hub.asked("config.json").len(), 1);
    assert_eq!(hub.asked("model.safetensors").len(), 2);
}
