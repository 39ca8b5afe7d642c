//! What is remembered between commands: shown, thrown away, filled ahead, and never in the way.

use std::fs;

use crate::bench::Bench;

const LAB: &str = "The laboratory opens at eight in the morning.\n\nIf a chemical gets into the eyes, rinse them at the eyewash \
                   for fifteen minutes.\n\nGloves are changed when they are torn.\n";
const EYES: &str = "How long do I rinse my eyes at the eyewash?";

fn bench() -> Bench {
    let bench = Bench::new().file("lab.txt", LAB);
    bench.docent(&["add", "lab.txt"]).succeeds();
    bench
}

#[test]
fn a_question_that_was_asked_before_is_remembered_until_the_documents_change() {
    let bench = bench();
    let first = bench.docent(&["ask", EYES, "--json"]).succeeds().json();
    assert_eq!((first["origin"].as_str(), first.get("remembered")), (Some("extracted"), None));
    let again = bench.docent(&["ask", "how long do I rinse my eyes at the eyewash", "--json"]).succeeds().json();
    assert_eq!((again["origin"].as_str(), again["because"].as_str()), (Some("remembered"), Some("no_generator")));
    assert_eq!(
        (again["remembered"]["tier"].as_str(), again["remembered"]["made"].as_str()),
        (Some("disk"), Some("extracted"))
    );
    assert_eq!((&again["answer"], &again["citations"]), (&first["answer"], &first["citations"]));
    bench.write("other.txt", "Coats are washed once a week.");
    bench.docent(&["add", "other.txt"]).succeeds();
    let upheld = bench.docent(&["ask", EYES, "--json"]).succeeds().json();
    assert_eq!(
        (&upheld["origin"], &upheld["answer"]),
        (&"remembered".into(), &first["answer"]),
        "nothing to do with it"
    );
    bench.write("lab.txt", "If a chemical gets into the eyes, rinse them at the eyewash for twenty minutes.");
    bench.docent(&["add", "lab.txt"]).succeeds();
    assert_eq!(bench.docent(&["ask", EYES, "--json"]).succeeds().json()["origin"], "extracted");
    assert_eq!(bench.docent(&["ask", EYES, "--json"]).succeeds().json()["origin"], "remembered");
    let off = bench.docent(&["ask", EYES, "--json"]).env("DOCENT_CACHE_ANSWER", "0s").succeeds().json();
    assert_eq!(off["origin"], "extracted");
}

#[test]
fn what_is_remembered_can_be_seen_and_thrown_away() {
    let bench = bench();
    assert_eq!(bench.docent(&["cache", "entries", "--json"]).succeeds().stdout().trim(), "[]");
    bench.docent(&["cache", "get", "nothing"]).exits(1).complains("\"nothing\"", "docent cache entries");
    bench.docent(&["ask", EYES]).succeeds();
    bench.docent(&["ask", EYES]).succeeds();
    bench.docent(&["search", "gloves", "--json"]).succeeds();
    let status = bench.docent(&["cache", "status", "--json"]).succeeds().json();
    assert_eq!(status["namespaces"]["answer"]["disk_hits"], 1, "{status}");
    assert_eq!(status["cache_performance"]["cache_hits"], 1);
    assert_eq!((status["config"]["ttl"]["search"].as_u64(), status["disk"]["trouble"].is_null()), (Some(600), true));
    assert!(status["performance_insights"]["cache_efficiency"].is_string());
    bench.docent(&["cache", "status"]).succeeds().says("answer").says("remembered");
    let entries = bench.docent(&["cache", "entries", "answer:*", "--json"]).succeeds().json();
    let key = entries[0]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("answer:all/how-long-do-i-rinse"), "{key}");
    bench.docent(&["cache", "get", &key]).succeeds().says("fifteen minutes").says("lab.txt");
    let one = bench.docent(&["cache", "get", &key, "--json"]).succeeds().json();
    assert!(one["content"].as_str().unwrap().contains(EYES) && one["tiers"][0] == "disk", "{one}");
    assert_eq!(bench.docent(&["cache", "clear", "--expired", "--json"]).succeeds().json()["disk"], 0);
    assert_eq!(bench.docent(&["cache", "clear", "context:*", "--json"]).succeeds().json()["disk"], 0);
    assert_eq!(bench.docent(&["cache", "clear", "answer:*", "--json"]).succeeds().json()["disk"], 1);
    bench.docent(&["cache", "clear"]).succeeds().says("removed");
    assert_eq!(bench.docent(&["ask", EYES, "--json"]).succeeds().json()["origin"], "extracted");
}

#[test]
fn whatever_happens_to_the_file_questions_are_answered() {
    let bench = bench();
    bench.docent(&["ask", EYES]).succeeds();
    let file = bench.data().join("cache.redb");
    fs::write(&file, "this was a cache once").unwrap();
    bench.docent(&["ask", EYES, "--json"]).succeeds().says("extracted");
    bench.docent(&["ask", EYES, "--json"]).succeeds().says("remembered");
    assert_eq!(fs::read(bench.data().join("cache.damaged.redb")).unwrap(), b"this was a cache once");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    bench.docent(&["ask", EYES, "--json"]).succeeds().says("extracted");
    bench.docent(&["cache", "status"]).succeeds().notes("cannot be used");
    let report = bench.docent(&["doctor", "--json"]).exits(1).json();
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "cache").unwrap();
    assert!(check["ok"] == false && check["hint"].is_string(), "{check}");
}

#[test]
fn topics_are_set_and_made_ready() {
    let bench = bench();
    bench.docent(&["topics", "list"]).succeeds().notes("no topics yet");
    bench.docent(&["topics", "set", "a/b", "--query", "x"]).exits(1).complains("a/b", "short name");
    bench.docent(&["topics", "set", "eyes", "--query", EYES]).succeeds().says("made topic eyes");
    let set = bench.docent(&["topics", "set", "gloves", "--query", "When are gloves changed?", "-k", "2", "--json"]);
    assert_eq!(set.succeeds().json()["k"], 2);
    let listed = bench.docent(&["topics", "list", "--json"]).succeeds().json();
    assert_eq!(
        (listed[0]["name"].as_str(), listed[1]["query"].as_str()),
        (Some("eyes"), Some("When are gloves changed?"))
    );
    bench.docent(&["prefetch"]).exits(2);
    let done = bench.docent(&["prefetch", "eyes", "nothing", "--depth", "answer", "--json"]).exits(3).json();
    assert_eq!((&done["ready"][0], &done["skipped"][0]["why"]), (&"eyes".into(), &"unknown".into()), "{done}");
    let again = bench.docent(&["prefetch", "eyes", "--depth", "answer", "--json"]).succeeds().json();
    assert_eq!(again["skipped"][0]["why"], "fresh");
    bench.docent(&["ask", EYES, "--json"]).succeeds().says("remembered");
    bench.docent(&["prefetch", "--learner", "ana"]).succeeds().says("gloves");
    bench.docent(&["topics", "remove", "eyes"]).succeeds().says("removed topic eyes");
    bench.docent(&["topics", "remove", "eyes"]).exits(1).complains("eyes", "gloves");
    bench.write("usual.txt", "# usual\nWhen are gloves changed?\nWhen does the laboratory open in the morning?\n");
    let warmed = bench.docent(&["cache", "warm", "usual.txt", "--json"]).succeeds().json();
    assert_eq!(warmed["ready"].as_array().unwrap().len(), 2);
    bench.docent(&["ask", "When are gloves changed?", "--json"]).succeeds().says("remembered");
    bench.docent(&["cache", "warm", "gone.txt"]).exits(1).complains("gone.txt", "each line");
}
