//! Pulling from a hub that misbehaves: what arrives is whole and verified, or there is a clear error and nothing is lost.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::bench::{Bench, Run};
use crate::hub::{COMMIT, GAP, Hub, Misdeed, sha256};
use crate::models::{CONFIG, TOKENIZER};

const REPO: &str = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2";
pub const NAME: &str = "paraphrase-multilingual-MiniLM-L12-v2";

/// Weights of 200 kB: enough to be cut in the middle.
pub fn weights() -> Vec<u8> {
    let head = br#"{"w":{"dtype":"F32","shape":[50000],"data_offsets":[0,200000]}}"#;
    let data = (0..200_000_u32).map(|n| (n % 251) as u8);
    [&(head.len() as u64).to_le_bytes()[..], head].concat().into_iter().chain(data).collect()
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![("config.json", CONFIG.into()), ("tokenizer.json", TOKENIZER.into()), ("model.safetensors", weights())]
}

pub fn hub() -> Hub {
    Hub::new().repo(REPO, &files())
}

fn pull(bench: &Bench, hub: &Hub) -> Run {
    let run = bench.docent(&["models", "pull", NAME, "--json"]);
    run.env("HF_ENDPOINT", hub.url()).env("DOCENT_MODELS_RETRIES", "2").env("DOCENT_MODELS_TIMEOUT", "5s")
}

pub fn installed(bench: &Bench) -> bool {
    bench.data().join("models").join(NAME).exists()
}

fn of<'a>(pulled: &'a Value, name: &str) -> &'a Value {
    pulled[0]["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap()
}

#[test]
fn a_model_is_pulled_verified_remembered_and_not_pulled_twice() {
    let (bench, hub) = (Bench::new(), hub());
    let pulled = pull(&bench, &hub).succeeds().json();
    assert_eq!((&pulled[0]["name"], &pulled[0]["revision"]), (&NAME.into(), &COMMIT.into()));
    assert_eq!(of(&pulled, "model.safetensors")["sha256"], sha256(&weights()));
    assert_eq!(of(&pulled, "model.safetensors")["trust"], "hub");
    assert_eq!(of(&pulled, "config.json")["trust"], "first_use");
    bench.docent(&["models", "verify"]).succeeds().says("sound");
    let list = bench.docent(&["models", "list", "--json"]).succeeds().json();
    assert!(list.as_array().unwrap().iter().any(|model| model["name"] == NAME && model["in_use"] == true));

    let asked = hub.asked("").len();
    assert_eq!(pull(&bench, &hub).succeeds().json()[0]["already"], true);
    assert_eq!(hub.asked("").len(), asked, "nothing is asked for that is there");
    bench.docent(&["models", "remove", NAME]).succeeds();
    let again = pull(&bench, &hub).succeeds().json();
    assert_eq!(of(&again, "config.json")["trust"], "remembered");
    assert!(hub.asked(&format!("revision/{COMMIT}")).len() == 1, "the revision that was pulled before");
}

#[test]
fn people_are_told_what_nobody_vouched_for() {
    let (bench, hub) = (Bench::new(), hub());
    let run = bench.docent(&["models", "pull", "PARAPHRASE-multilingual-minilm-l12-v2"]).env("HF_ENDPOINT", hub.url());
    let ended = run.succeeds().says("pulled paraphrase").notes("200 kB");
    ended.notes("sums: 1 announced by the hub, 2 taken as they came; all are remembered");
}

#[test]
fn a_connection_that_breaks_off_is_taken_up_where_it_broke() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(150_000), Misdeed::Cut(10_000)]);
    let ended = pull(&bench, &hub).succeeds().notes("broke off; trying again");
    assert_eq!(of(&ended.json(), "model.safetensors")["sha256"], sha256(&weights()));
    let asked = hub.asked("model.safetensors");
    let ranges: Vec<&str> = asked.iter().skip(1).map(|asked| asked.headers["range"].as_str()).collect();
    assert_eq!(ranges, ["bytes=150000-", "bytes=160000-"]);
    assert!(asked[1].headers.contains_key("if-range"));
}

#[test]
fn another_process_goes_on_where_one_was_given_up() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000)]);
    let run = pull(&bench, &hub).env("DOCENT_MODELS_RETRIES", "0");
    run.exits(1).complains("model.safetensors", "what is already here is kept");
    assert!(!installed(&bench), "half a model is no model");
    pull(&bench, &hub).succeeds();
    assert_eq!(hub.asked("model.safetensors")[1].headers["range"], "bytes=90000-");
    assert!(!bench.data().join("models/.staging").join(NAME).exists());
}

#[test]
fn a_file_that_changed_meanwhile_is_brought_anew() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000), Misdeed::NoRanges]);
    let pulled = pull(&bench, &hub).succeeds().json();
    assert_eq!(of(&pulled, "model.safetensors")["sha256"], sha256(&weights()));

    // The part is of other bytes, and the hub sends the rest of the right ones all the same.
    let bench = Bench::new();
    let hub = self::hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000)]);
    pull(&bench, &hub).env("DOCENT_MODELS_RETRIES", "0").exits(1);
    let part = bench.data().join("models/.staging").join(NAME).join("model.safetensors.part");
    std::fs::write(&part, vec![9; 90_000]).unwrap();
    pull(&bench, &hub).succeeds();
    assert_eq!(hub.asked("model.safetensors").len(), 3, "the rest, and then all of it");
}

#[test]
fn a_wrong_sum_is_refused_and_named() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Alter]);
    pull(&bench, &hub).exits(1).complains("is not the file that the hub announced", "source you trust");
    assert!(!installed(&bench));
    let changed = Hub::new().repo(REPO, &files()).misbehaves("tokenizer.json", &[]);
    pull(&bench, &changed).succeeds();
    bench.docent(&["models", "remove", NAME]).succeeds();
    changed.put(
        REPO,
        &[
            ("config.json", CONFIG.into()),
            ("tokenizer.json", b"{\"model\": 1}".to_vec()),
            ("model.safetensors", weights()),
        ],
    );
    pull(&bench, &changed).exits(1).complains("pulled before: it has 12 bytes, and 13 were expected", "--latest");
    changed.put(
        REPO,
        &[
            ("config.json", CONFIG.into()),
            ("tokenizer.json", b"{\"model\": []}".to_vec()),
            ("model.safetensors", weights()),
        ],
    );
    pull(&bench, &changed).exits(1).complains("is not the file that was pulled before", "--latest");
    let run = bench.docent(&["models", "pull", NAME, "--latest"]).env("HF_ENDPOINT", changed.url());
    run.succeeds().says("pulled");
}

#[test]
fn a_wrong_length_is_not_believed() {
    for length in [150_000, 300_000] {
        let bench = Bench::new();
        let hub = hub().misbehaves("model.safetensors", &[Misdeed::Length(length)]);
        pull(&bench, &hub).succeeds().notes("where it has");
    }
}

#[test]
fn refusals_say_what_to_do() {
    let gated: &[(&str, &str)] = &[("x-error-code", "GatedRepo")];
    for (ending, misdeed, what, hint) in [
        ("revision/main", Misdeed::Status(403, gated), "accepted its licence", "HF_TOKEN"),
        ("model.safetensors", Misdeed::Status(401, gated), "accepted its licence", "HF_TOKEN"),
        ("revision/main", Misdeed::Status(401, &[]), "asks who you are", "models.toml"),
        ("revision/main", Misdeed::Status(404, &[]), "is not there", "models.toml"),
        ("config.json", Misdeed::Status(404, &[]), "config.json is not there", "models.toml"),
        ("revision/main", Misdeed::Status(418, &[]), "status 418", "HF_ENDPOINT"),
        ("revision/main", Misdeed::Status(429, &[("retry-after", "86400")]), "86400 seconds", "run it again"),
    ] {
        let bench = Bench::new();
        let hub = hub().misbehaves(ending, &[misdeed]);
        pull(&bench, &hub).exits(1).complains(what, hint);
        assert!(!installed(&bench));
    }
    let bench = Bench::new();
    let hub = hub().misbehaves("revision/main", &[Misdeed::Status(401, &[])]);
    let run = pull(&bench, &hub).env("HF_TOKEN", "hf_secret");
    let ended = run.exits(1).complains("does not take the token", "new token");
    assert!(!ended.stderr().contains("hf_secret"));
}

#[test]
fn a_hub_that_is_busy_is_asked_again() {
    let bench = Bench::new();
    let hub = hub()
        .misbehaves("revision/main", &[Misdeed::Status(429, &[("retry-after", "0")]), Misdeed::Status(503, &[])])
        .misbehaves("model.safetensors", &[Misdeed::Status(500, &[])]);
    pull(&bench, &hub).succeeds().notes("status 429; trying again in 0.0 s").notes("status 503").notes("status 500");
}

#[test]
fn a_hub_that_says_nothing_is_given_up_and_a_slow_one_is_not() {
    let bench = Bench::new();
    let silent = hub().misbehaves("revision/main", &[Misdeed::Silence, Misdeed::Silence]);
    let run = pull(&bench, &silent).env("DOCENT_MODELS_TIMEOUT", "300ms").env("DOCENT_MODELS_RETRIES", "1");
    run.exits(1).complains("said nothing for too long, 2 times", "check the connection");
    let slow = hub().misbehaves("config.json", &[Misdeed::Trickle]);
    assert!(GAP * CONFIG.len() as u32 > Duration::from_secs(3));
    pull(&bench, &slow).env("DOCENT_MODELS_TIMEOUT", "2s").env("DOCENT_MODELS_RETRIES", "0").succeeds();
}

#[test]
fn the_token_goes_to_the_hub_and_nowhere_else() {
    let bench = Bench::new();
    let other = Hub::new();
    other.serve(&format!("/{REPO}/resolve/{COMMIT}/model.safetensors"), &weights());
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Elsewhere(other.url())]);
    pull(&bench, &hub).env("HF_TOKEN", "hf_secret").succeeds();
    assert_eq!(hub.asked("model.safetensors")[0].headers["authorization"], "Bearer hf_secret");
    let there = other.asked("model.safetensors");
    assert!(there.len() == 1 && !there[0].headers.contains_key("authorization"), "{there:?}");
}

#[test]
fn a_page_to_log_in_on_is_not_taken_for_a_model() {
    let bench = Bench::new();
    let mut files = files();
    files[1].1 = b"<html>log in</html>".to_vec();
    let hub = Hub::new().repo(REPO, &files);
    pull(&bench, &hub).exits(1).complains("tokenizer.json cannot be used as a model: line 1 is not JSON", "");
    let hub = Hub::new();
    hub.serve(&format!("/api/models/{REPO}/revision/main"), b"<html>log in</html>");
    pull(&bench, &hub).exits(1).complains("no list of files", "log in");
    assert!(!installed(&bench));
}

#[test]
fn a_gguf_where_an_encoder_is_expected_is_refused() {
    let bench = Bench::new();
    let mut files = files();
    files[2].1 = [b"GGUF".to_vec(), vec![0; 500]].concat();
    pull(&bench, &Hub::new().repo(REPO, &files)).exits(1).complains("not those of a safetensors file", "");
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Silence]);
    let mut first = pull(&bench, &hub).env("DOCENT_MODELS_TIMEOUT", "60s").command;
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    hub.wait_for("model.safetensors", 1);
    pull(&bench, &hub).exits(1).complains("another docent is bringing", "wait");
    first.kill().unwrap();
    first.wait().unwrap();
    // The lock went with it.
    pull(&bench, &hub).succeeds();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_at_once_and_keeps_what_came() {
    let bench = Bench::new();
    let hub = hub().misbehaves("model.safetensors", &[Misdeed::Cut(90_000), Misdeed::Silence]);
    let mut command = pull(&bench, &hub).env("DOCENT_MODELS_TIMEOUT", "60s").command;
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    hub.wait_for("model.safetensors", 2);
    let pressed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(pressed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    pull(&bench, &hub).succeeds();
    assert_eq!(hub.asked("model.safetensors")[2].headers["range"], "bytes=90000-");
}

#[test]
fn a_hub_that_cannot_prove_who_it_is_is_not_trusted_and_not_asked_again() {
    let (bench, hub) = (Bench::new(), hub());
    let run = pull(&bench, &hub).env("HF_ENDPOINT", hub.url().replace("http:", "https:"));
    run.exits(1).complains("the protected connection could not be made", "check the connection");
}

#[test]
fn offline_means_no_connection() {
    let (bench, hub) = (Bench::new(), hub());
    let run = bench.docent(&["--offline", "models", "pull", NAME]).env("HF_ENDPOINT", hub.url());
    run.exits(1).complains("offline", "models import");
    assert!(hub.asked("").is_empty());
    let run = bench.docent(&["models", "pull", NAME]).env("HF_ENDPOINT", hub.url()).env("DOCENT_OFFLINE", "1");
    run.exits(1).complains("offline", "DOCENT_OFFLINE");
}

#[test]
fn a_proxy_is_used_and_its_absence_is_explained() {
    let bench = Bench::new();
    let hub = hub();
    // Nothing listens where this one was.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let through =
        pull(&bench, &hub).env("http_proxy", format!("http://me:word@{gone}")).env("DOCENT_MODELS_RETRIES", "0");
    let ended = through.exits(1).complains("cannot be had", "HTTPS_PROXY");
    assert!(hub.asked("").is_empty() && !ended.stderr().contains("word"));
    let direct = pull(&bench, &hub).env("http_proxy", format!("http://{gone}")).env("NO_PROXY", "127.0.0.1");
    direct.succeeds();
    let bench = Bench::new();
    let run = pull(&bench, &hub).env("HF_ENDPOINT", "huggingface");
    run.exits(1).complains("\"huggingface\" is no address of a hub", "https://huggingface.co");
}
