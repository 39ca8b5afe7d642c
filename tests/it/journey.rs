//! From files to cited answers, as a person types it.

use serde_json::{Value, json};

use crate::bench::Bench;

const HEART: &str = "# The heart\n\nThe heart of an adult beats about 100,000 times a day.\n\n\
                     The left ventricle pumps blood into the aorta.\n";
const SPILLS: &str = "# Derrames\n\nUn derrame de ácido se neutraliza con bicarbonato de sodio.\n\n\
                      Después se lava la superficie con agua.\n";

fn library() -> Bench {
    let bench = Bench::new().file("notes/heart.md", HEART).file("notes/lab/derrames.md", SPILLS);
    bench.docent(&["add", "notes", "--recursive"]).succeeds().says("2 added");
    bench
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn has_keys(value: &Value, expected: &[&str]) {
    for key in expected {
        assert!(value.get(key).is_some(), "no {key} in {:?}", keys(value));
    }
}

#[test]
fn add_reports_what_became_of_every_file() {
    let bench = Bench::new().file("a.md", HEART).file("b.txt", SPILLS).file("empty.txt", "");
    let report = bench.docent(&["add", "a.md", "b.txt", "empty.txt", "gone.txt", "--json"]).exits(3).json();
    has_keys(&report, &["added", "updated", "unchanged", "removed", "failed", "documents", "chunks", "seconds"]);
    assert_eq!((&report["added"], &report["documents"]), (&json!(2), &json!(2)));
    let mut failed: Vec<&str> =
        report["failed"].as_array().unwrap().iter().map(|failed| failed["path"].as_str().unwrap()).collect();
    failed.sort_unstable();
    assert_eq!(failed, ["empty.txt", "gone.txt"]);
    assert!(report["failed"][0]["error"].as_str().unwrap().contains(".txt"));

    bench.write("a.md", format!("{HEART}\nIt has four chambers.\n"));
    let ended = bench.docent(&["add", "a.md", "b.txt", "-v"]).succeeds().says("1 updated").says("1 unchanged");
    ended.notes("updated a.md").notes("unchanged b.txt");
}

#[test]
fn folders_inside_folders_are_added_when_asked() {
    let bench = Bench::new().file("notes/heart.md", HEART).file("notes/lab/derrames.md", SPILLS);
    bench.docent(&["add", "notes"]).succeeds().says("1 added");
    bench.docent(&["add", "notes", "--recursive"]).succeeds().says("1 added").says("1 unchanged");
}

#[test]
fn sync_removes_what_is_gone() {
    let bench = library();
    std::fs::remove_file(bench.path("notes/heart.md")).unwrap();
    let report = bench.docent(&["sync", "notes", "--json"]).succeeds().json();
    assert_eq!((&report["removed"], &report["documents"]), (&json!(1), &json!(1)));
}

#[test]
fn documents_are_listed_shown_and_removed() {
    let bench = library();
    let documents = bench.docent(&["list", "--json"]).succeeds().json();
    let documents = documents.as_array().unwrap();
    assert_eq!(documents.len(), 2);
    let fields = ["id", "source", "title", "format", "language", "collection", "chunks", "bytes", "added_at"];
    has_keys(&documents[0], &fields);
    // Read by several threads: the order in which they were added is nobody's promise.
    let of = |name: &str| documents.iter().find(|found| found["source"].as_str().unwrap().ends_with(name)).unwrap();
    assert_eq!(of("derrames.md")["language"], "es");
    let id = of("heart.md")["id"].as_str().unwrap();
    bench.docent(&["list"]).succeeds().says("The heart").says("markdown").says("heart.md");

    bench.docent(&["show", id]).succeeds().says("100,000 times").says("English");
    bench.docent(&["show", "notes/lab/derrames.md"]).succeeds().says("bicarbonato");
    let shown = bench.docent(&["show", id, "--json"]).succeeds().json();
    assert!(shown[0]["text"].as_str().unwrap().contains("aorta"));

    bench.docent(&["remove", id, "nothing"]).exits(1).complains("nothing", "docent list");
    let removed = bench.docent(&["remove", id, "--json"]).succeeds().json();
    assert_eq!(removed[0]["id"].as_str(), Some(id));
    assert_eq!(bench.docent(&["list", "--json"]).succeeds().json().as_array().unwrap().len(), 1);
    assert!(bench.path("notes/heart.md").exists(), "files stay");
}

#[test]
fn collections_are_apart() {
    let bench = Bench::new().file("heart.md", HEART).file("derrames.md", SPILLS);
    bench.docent(&["add", "heart.md", "--collection", "biology"]).succeeds();
    bench.docent(&["add", "derrames.md"]).env("DOCENT_ADD_COLLECTION", "lab").succeeds();
    let found = bench.docent(&["list", "--collection", "lab", "--json"]).succeeds().json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    bench.docent(&["search", "aorta", "--collection", "lab"]).exits(4);
    bench.docent(&["search", "aorta"]).succeeds().says("The heart");
    bench.docent(&["ask", "what is the aorta?", "--collection", "none"]).exits(1).complains("none", "biology");
    bench.docent(&["remove", "--collection", "biology"]).succeeds().says("with 1 document\n");
    bench.docent(&["search", "aorta"]).exits(4);
}

#[test]
fn search_finds_passages_with_their_places() {
    let bench = library();
    let found = bench.docent(&["search", "left ventricle", "--json"]).succeeds().json();
    let best = &found[0];
    has_keys(best, &["rank", "score", "document", "source", "title", "place", "text", "start", "end"]);
    assert_eq!(best["rank"], 1);
    assert!(best["text"].as_str().unwrap().contains("aorta"));
    let (start, end) = (best["start"].as_u64().unwrap(), best["end"].as_u64().unwrap());
    assert_eq!(end - start, best["text"].as_str().unwrap().chars().count() as u64);

    let one = bench.docent(&["search", "heart blood ácido", "-k", "1", "--json"]).succeeds().json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    bench.docent(&["search", "left ventricle", "--mode", "lexical"]).succeeds().says("aorta");
    bench.docent(&["search", "left ventricle", "--mode", "vector"]).exits(1).complains("embedder", "lexical");
    bench.docent(&["search", "zyxwvut"]).exits(4);
    bench.docent(&["search", "x", "-k", "0"]).exits(2).complains("'0'", "");
}

#[test]
fn answers_are_cited_in_the_words_of_the_documents() {
    let bench = library();
    let answer = bench.docent(&["ask", "¿Con qué se neutraliza un derrame de ácido?", "--json"]).succeeds().json();
    has_keys(&answer, &["answer", "origin", "because", "complete", "language", "citations", "timings", "model"]);
    assert_eq!(answer["unsupported"], json!([]));
    assert_eq!((&answer["origin"], &answer["because"]), (&json!("extracted"), &json!("no_generator")));
    assert_eq!((&answer["language"], &answer["complete"]), (&json!("es"), &json!(true)));
    assert!(answer["answer"].as_str().unwrap().contains("bicarbonato de sodio"), "{answer}");
    let citation = &answer["citations"][0];
    has_keys(citation, &["n", "document", "source", "title", "place", "quote", "score"]);
    assert!(SPILLS.contains(citation["quote"].as_str().unwrap()), "a quote is exactly what the document says");
    has_keys(&answer["timings"], &["retrieve_ms", "first_token_ms", "total_ms", "prompt_tokens", "generated_tokens"]);

    let asked =
        bench.docent(&["ask", "How often does the heart beat in a day?", "--no-llm", "--json"]).succeeds().json();
    assert_eq!(asked["because"], "asked");
    let run =
        bench.docent(&["ask", "How often does the heart beat in a day?", "--timeout", "15s", "--max-tokens", "64"]);
    run.succeeds().says("100,000").says("[1] The heart").says("“");
    for wrong in [["--timeout", "999ms"], ["--timeout", "11m"], ["--temperature", "3"], ["--max-tokens", "0"]] {
        bench.docent(&["ask", "Why?", wrong[0], wrong[1]]).exits(2).complains(wrong[1], "");
    }
}

#[test]
fn what_the_documents_do_not_answer_is_said_in_the_askers_language() {
    let bench = library();
    let question = "¿Quién ganó la copa mundial de fútbol de 1978?";
    let answer = bench.docent(&["ask", question, "--json"]).exits(4).json();
    assert_eq!((&answer["because"], &answer["citations"]), (&json!("nothing_found"), &json!([])));
    assert_eq!(answer["language"], "es");
    bench.docent(&["ask", question]).exits(4).says("documentos");
    Bench::new().docent(&["ask", "anything at all?"]).exits(4).notes("docent add");
}

#[test]
fn a_conversation_can_be_piped() {
    let bench = library();
    let lines = "How often does the heart beat in a day?\n/sources\n/nonsense\n\n/collection nowhere\n/new\n/sources\n/quit\nunheard\n";
    let ended = bench.docent(&["chat"]).input(lines).succeeds();
    assert!(!ended.stdout().contains('›'), "no prompt in a pipe: {}", ended.stdout());
    assert!(!ended.stdout().contains("unheard"));
    ended
        .says("100,000")
        .says("heart.md")
        .says("a new conversation")
        .says("no sources")
        .notes("/nonsense")
        .notes("nowhere");
}

#[test]
fn a_backup_brings_a_library_back() {
    let bench = library();
    bench.docent(&["backup", "copy.docent"]).succeeds().says("copy.docent");
    let restored = bench.docent(&["--data-dir", "other", "restore", "copy.docent", "--json"]).succeeds().json();
    assert_eq!(restored["documents"], 2);
    bench.docent(&["--data-dir", "other", "ask", "Where does the left ventricle pump blood?"]).succeeds().says("aorta");
    bench.docent(&["--data-dir", "other", "doctor"]).succeeds().says("finds every passage");
}

#[test]
fn quality_is_measured_by_the_product_itself() {
    let squad = json!({"data": [{"title": "T", "paragraphs": [
        {"context": HEART, "qas": [{"id": "a", "question": "How often does the heart beat in a day?",
            "answers": [{"text": "100,000 times"}]}]},
        {"context": SPILLS, "qas": [{"id": "b", "question": "¿Con qué se neutraliza un derrame de ácido?",
            "answers": [{"text": "bicarbonato de sodio"}]}]}]}]});
    let bench = Bench::new().file("qa.json", squad.to_string());
    let scores = bench.docent(&["eval", "qa.json", "--json", "--unanswerable"]).succeeds().json();
    has_keys(&scores, &["questions", "recall_at", "mrr", "ndcg_at_10", "answer", "latency_ms"]);
    assert_eq!((&scores["questions"], &scores["recall_at"]["1"]), (&json!(2), &json!(1.0)));
    has_keys(&scores["answer"], &["exact", "f1"]);
    has_keys(&scores["latency_ms"], &["p50", "p95", "p99"]);
    bench.docent(&["eval", "qa.json", "--limit", "1"]).succeeds().says("questions").says("100.0 %");
    bench.docent(&["eval", "gone.json"]).exits(1).complains("gone.json", "");
    assert!(!bench.data().exists(), "the temporary library is not the user's");
}

#[test]
fn the_demo_answers_in_three_languages_and_touches_nothing() {
    let bench = Bench::new();
    let answers = bench.docent(&["demo", "--json"]).succeeds().json();
    let answers = answers.as_array().unwrap();
    let (last, answered) = answers.split_last().unwrap();
    for (answer, gold) in answered.iter().zip(["20 %", "veinte", "laterais", "10 litres", "bicarbonate"]) {
        has_keys(answer, &["question", "answer", "origin", "citations"]);
        assert!(answer["answer"].as_str().unwrap().contains(gold), "{answer}");
        assert!(!answer["citations"].as_array().unwrap().is_empty(), "{answer}");
    }
    let mut languages: Vec<&str> = answers.iter().map(|answer| answer["language"].as_str().unwrap()).collect();
    languages.dedup();
    assert_eq!(languages, ["es", "pt", "en", "pt"]);
    assert_eq!(last["because"], "nothing_found");
    bench.docent(&["demo"]).succeeds().says("[1] Laboratory Safety Manual · page").notes("no network");
    assert!(!bench.data().exists());
}
