//! What commands print is the same, whether they open the library themselves or a running server has it open.

use serde_json::Value;

use crate::bench::Bench;
use crate::meaning::encoder;
use crate::server::Server;

const QUESTIONS: &str = r#"{"question": "How much does a blue whale weigh?", "answers": ["150 tonnes"], "source": "whale.txt"}
{"question": "How many eggs does the red kite lay?", "answers": ["three eggs"], "source": "kite.txt"}
"#;
const SQUAD: &str = r#"{"data": [{"paragraphs": [{"context": "The heart beats 100,000 times a day.", "qas": [
    {"id": "1", "question": "How often does the heart beat?", "answers": [{"text": "100,000 times"}]}]}]}]}"#;

/// Numbers of a clock, and where something was found: no two runs have the same.
const VARIES: [&str; 15] = [
    "bytes",
    "seconds",
    "timings",
    "latency_ms",
    "at",
    "made",
    "expires",
    "added_at",
    "tier",
    "tiers",
    "uses",
    "cost_ms",
    "id",
    "document",
    "since",
];

/// What a command came to.
#[derive(Debug, PartialEq)]
struct Came {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// The same library twice; one of them is served.
struct Twice {
    alone: Bench,
    served: Bench,
    _server: Server,
}

impl Twice {
    fn new() -> Twice {
        let bench = || {
            let bench = Bench::new()
                .file("notes/kite.txt", "The red kite nests in old oak trees. It lays three eggs.")
                .file("notes/whale.txt", "A blue whale weighs 150 tonnes. It eats krill.")
                .file("questions.jsonl", QUESTIONS)
                .file("squad.json", SQUAD)
                .file("usual.txt", "What does the blue whale eat?\n")
                .file("more/moon.md", "# The moon\n\nIt has no air.")
                .file("more/picture.png", b"\x89PNG\r\n\x1a\n");
            // One after the other: together, whichever is read first comes first.
            for note in ["notes/kite.txt", "notes/whale.txt"] {
                bench.docent(&["add", note]).succeeds();
            }
            encoder(&bench, "tiny");
            bench.docent(&["models", "import", "tiny"]).succeeds();
            bench.docent(&["models", "use", "tiny"]).end();
            bench
        };
        let (alone, served) = (bench(), bench());
        let server = Server::start(&served, &[]);
        Twice { alone, served, _server: server }
    }

    fn run(bench: &Bench, words: &[&str], input: &str) -> Came {
        let ended = bench.docent(words).input(input).end();
        let here = bench.path("").display().to_string();
        let here = here.trim_end_matches('/');
        let plain = |text: String| text.replace(here, "HERE");
        let stdout = match serde_json::from_str::<Value>(&ended.stdout()) {
            Ok(mut value) => {
                settle(&mut value);
                format!("{value:#}")
            }
            // "in 0.1 s", and the like.
            Err(_) => ended.stdout(),
        };
        Came { code: ended.output.status.code(), stdout: plain(stdout), stderr: plain(ended.stderr()) }
    }

    #[track_caller]
    fn same(&self, words: &[&str]) -> Value {
        self.same_for(words, "")
    }

    #[track_caller]
    fn same_for(&self, words: &[&str], input: &str) -> Value {
        let (alone, served) = (Twice::run(&self.alone, words, input), Twice::run(&self.served, words, input));
        assert_eq!(alone, served, "docent {words:?}");
        serde_json::from_str(&served.stdout).unwrap_or_default()
    }
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if VARIES.contains(&name.as_str()) {
                    *value = Value::Null;
                } else {
                    settle(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Which fields there are, and of which kind.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let inside: Vec<String> = fields.iter().map(|(name, value)| format!("{name}:{}", shape(value))).collect();
            format!("{{{}}}", inside.join(","))
        }
        Value::Array(_) => "[]".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Number(_) => "number".to_owned(),
        other => other.to_string(),
    }
}

#[test]
fn documents_are_looked_at_and_changed() {
    let both = Twice::new();
    assert_eq!(both.same(&["embed", "--json"])["documents"], 2);
    assert_eq!(both.same(&["embed", "--prune", "--json"])["documents"], 0);
    assert_eq!(both.same(&["list", "--json"]).as_array().unwrap().len(), 2);
    both.same(&["list", "--collection", "none", "--json"]);
    both.same(&["search", "krill", "--json"]);
    both.same(&["search", "xyzzy", "--json"]);
    both.same(&["search", "--collection", "none", "krill"]);
    let answer = both.same(&["ask", "How much does a blue whale weigh?", "--json"]);
    assert!(answer["answer"].as_str().unwrap().contains("150 tonnes"), "{answer}");
    both.same(&["ask", "How many eggs does the kite lay?"]);
    both.same(&["ask", "Who won the cup in 1950?"]);
    both.same(&["ask", ""]);
    let report = both.same(&["add", "--json", "more", "more/picture.png", "gone.txt"]);
    assert_eq!((&report["added"], &report["failed"][0]["path"]), (&1.into(), &"gone.txt".into()), "{report}");
    both.same(&["show", "more/moon.md", "--json"]);
    both.same(&["show", "nothing"]);
    std::fs::remove_file(both.alone.path("more/moon.md")).unwrap();
    std::fs::remove_file(both.served.path("more/moon.md")).unwrap();
    assert_eq!(both.same(&["sync", "more", "--json"])["removed"], 1);
    let written = both.same(&["backup", "copy.docent", "--json"]);
    assert_eq!(written["file"], "copy.docent");
    both.same(&["backup", "copy.docent"]);
    assert!(both.served.path("copy.docent").exists());
    both.same(&["remove", "notes/kite.txt", "nothing"]);
    assert_eq!(both.same(&["remove", "notes/kite.txt", "--json"]).as_array().unwrap().len(), 1);
    both.same(&["remove", "--collection", "default", "--json"]);
    assert_eq!(both.same(&["list", "--json"]), Value::Array(Vec::new()));
}

#[test]
fn what_is_remembered_is_seen_and_thrown_away() {
    let both = Twice::new();
    for question in ["What does the blue whale eat?", "What does the blue whale eat?", "Where does the kite nest?"] {
        both.same(&["ask", question, "--json"]);
    }
    let entries = both.same(&["cache", "entries", "answer:*", "--json"]);
    assert_eq!(entries.as_array().unwrap().len(), 2, "{entries}");
    let key = entries[0]["key"].as_str().unwrap();
    let one = both.same(&["cache", "get", key, "--json"]);
    assert!(one["content"].is_string(), "{one}");
    both.same(&["cache", "get", "nothing"]);
    // Counts are of one process here, and of many there.
    let [alone, served] =
        [&both.alone, &both.served].map(|bench| shape(&bench.docent(&["cache", "status", "--json"]).succeeds().json()));
    assert_eq!(alone, served);
    assert!(served.contains("cache_performance") && served.contains("config"), "{served}");
    both.served.docent(&["cache", "status"]).succeeds().says("remembered");
    let warmed = both.same(&["cache", "warm", "usual.txt", "--json"]);
    assert_eq!(warmed["ready"].as_array().unwrap().len(), 1);
    both.same(&["cache", "warm", "gone.txt"]);
    both.same(&["cache", "clear", "--expired", "--json"]);
    for bench in [&both.alone, &both.served] {
        bench.docent(&["cache", "clear"]).succeeds().says("removed");
        let again = bench.docent(&["ask", "Where does the kite nest?", "--json"]).succeeds().json();
        assert_eq!(again["origin"], "extracted", "{again}");
    }
}

#[test]
fn topics_are_set_and_made_ready() {
    let both = Twice::new();
    both.same(&["topics", "list", "--json"]);
    both.same(&["topics", "list"]);
    both.same(&["topics", "set", "whales", "--query", "What does the blue whale eat?"]);
    both.same(&["topics", "set", "kites", "--query", "Where does the kite nest?", "-k", "2", "--json"]);
    both.same(&["topics", "set", "kites", "--query", "Where does the red kite nest?"]);
    both.same(&["topics", "set", "a/b", "--query", "x"]);
    assert_eq!(both.same(&["topics", "list", "--json"])[1]["query"], "Where does the red kite nest?");
    let done = both.same(&["prefetch", "whales", "nothing", "--depth", "answer", "--json"]);
    assert_eq!((&done["ready"][0], &done["skipped"][0]["why"]), (&"whales".into(), &"unknown".into()), "{done}");
    assert_eq!(both.same(&["prefetch", "whales", "--depth", "answer", "--json"])["skipped"][0]["why"], "fresh");
    both.same(&["prefetch", "--learner", "ana", "--limit", "2", "--json"]);
    both.same(&["topics", "remove", "whales", "nothing"]);
    both.same(&["topics", "remove", "whales"]);
    assert_eq!(both.same(&["topics", "list", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn conversations_and_measurements_go_on() {
    let both = Twice::new();
    let talk = "How much does a blue whale weigh?\nWhat does it eat?\n/sources\n/collection none\n/collection default\n\
                /new\nWho won the cup in 1950?\n/quit\n";
    both.same_for(&["chat"], talk);
    both.same_for(&["chat", "--collection", "none"], talk);
    let scores = both.same(&["eval", "questions.jsonl", "--json"]);
    assert_eq!((&scores["questions"], &scores["recall_at"]["1"]), (&2.into(), &1.0.into()), "{scores}");
    let scores = both.same(&["eval", "squad.json", "--json"]);
    assert_eq!(scores["recall_at"]["1"], 1.0, "{scores}");
    both.same(&["eval", "questions.jsonl", "--collection", "none"]);
    both.same(&["eval", "questions.jsonl", "--unanswerable"]);
}

#[test]
fn what_cannot_be_done_under_a_server_says_what_to_do() {
    let both = Twice::new();
    both.same(&["backup", "copy.docent", "--json"]);
    let refused = both.served.docent(&["restore", "copy.docent"]).exits(1);
    refused.complains("cannot be replaced under it", "end the server (process");
    both.alone.docent(&["restore", "copy.docent"]).succeeds();
}
