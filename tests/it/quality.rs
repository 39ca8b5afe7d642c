//! How good are passages and answers? Floors below what was measured, so that a change that costs quality is seen.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bench::Bench;

const DEMO: [&str; 5] =
    ["calculo-derivadas.html", "cancer-de-pulmon.md", "farmacos.csv", "lab-safety.pdf", "questions.json"];

#[track_caller]
fn at_least(scores: &Value, pointer: &str, floor: f64) {
    let value = scores.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
    assert!(value >= floor, "{pointer} is {value}, and {floor} was promised: {scores:#}");
}

#[test]
fn the_demonstration_s_documents_answer_its_questions() {
    let bench = Bench::new();
    for name in DEMO {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name);
        let folder = if name == "questions.json" { "" } else { "notes/" };
        bench.write(&format!("{folder}{name}"), std::fs::read(path).unwrap());
    }
    bench.docent(&["add", "notes"]).succeeds();
    let scores = bench.docent(&["eval", "questions.json", "--json"]).succeeds().json();
    assert_eq!(scores["questions"], 28);
    at_least(&scores, "/recall_at/1", 0.9);
    at_least(&scores, "/answer/contains", 0.9);
    at_least(&scores, "/answer/refused", 1.0);
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
#[expect(clippy::disallowed_methods, reason = "the evaluation files lie outside of the project, where its runner says")]
fn evaluation_data() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCENT_EVAL_DATA").map(|data| PathBuf::from(data).join("qa"));
    if folder.is_none() {
        println!("skipped: DOCENT_EVAL_DATA names no folder of questions");
    }
    folder
}

#[test]
fn parallel_paragraphs_are_found_and_answered_in_four_languages() {
    let Some(folder) = evaluation_data() else { return };
    let bench = Bench::new();
    for (language, recall, contains) in [("en", 0.94, 0.75), ("es", 0.93, 0.70), ("de", 0.90, 0.65), ("ro", 0.90, 0.70)]
    {
        let file = folder.join(format!("xquad.{language}.json"));
        let file = file.to_str().expect("the folder's name is UTF-8");
        let scores = bench.docent(&["eval", file, "--unanswerable", "--json"]).succeeds().json();
        at_least(&scores, "/recall_at/1", recall);
        at_least(&scores, "/answer/contains", contains);
        at_least(&scores, "/answer/refused", 0.6);
    }
}
