//! `docent bench`: figures of this machine, kept and compared.

use serde_json::Value;

use crate::bench::Bench;

#[test]
fn searches_are_measured_kept_and_compared() {
    let bench = Bench::new().file("notes.md", "# Water\n\nWater boils at ninety degrees on a high mountain.\n");
    bench.docent(&["add", "notes.md"]).succeeds();
    let report = bench.docent(&["bench", "search", "--json", "--out", "kept.json"]).succeeds().json();
    let kept: Value = serde_json::from_slice(&std::fs::read(bench.path("kept.json")).unwrap()).unwrap();
    assert_eq!(kept, report);
    let result = &report["results"][0];
    assert_eq!(
        (&result["suite"], &result["name"], &result["unit"]),
        (&"search".into(), &"search_lexical".into(), &"ms".into())
    );
    let figure = |name: &str| result[name].as_f64().unwrap_or_else(|| panic!("no {name} in {result}"));
    assert!(figure("min") > 0.0 && figure("min") <= figure("median") && figure("median") <= figure("p95"));
    assert!(figure("p95") <= figure("p99") && figure("p99") <= figure("max") && figure("n") > 1.0);
    assert!(report["machine"]["cores"].as_u64() > Some(0) && report["machine"]["kernels"].is_string());
    bench.docent(&["bench", "search", "--compare", "kept.json"]).succeeds().says("search_lexical").says(" × of ");
}

#[test]
fn what_cannot_be_measured_says_why() {
    let bench = Bench::new().file("texts.json", "[\"one\"]").file("wrong.json", "{\"one\": 1}").file("none.json", "[]");
    bench.docent(&["bench", "embed"]).exits(1).complains("no embedder", "models pull");
    bench.docent(&["bench", "embed", "--model", "no-such-model"]).exits(1).complains("no-such-model", "models");
    bench.docent(&["bench", "search"]).exits(1).complains("library is empty", "docent add");
    let all = bench.docent(&["bench"]).succeeds().says("cache_memory_hit").says("cache_disk_hit");
    all.notes("left out: no embedder").notes("left out: the library is empty");
    bench.docent(&["bench", "--input", "gone.json"]).exits(1).complains("gone.json", "list of texts");
    bench.docent(&["bench", "--input", "wrong.json"]).exits(1).complains("wrong.json", "[\"one text\"");
    bench.docent(&["bench", "--input", "none.json"]).exits(1).complains("holds no text", "at least one");
    bench.docent(&["bench", "search", "--compare", "texts.json"]).exits(1).complains("texts.json", "--out");
    bench.docent(&["bench", "swimming"]).exits(2);
}

/// With a real model in a folder: its name is the variable's value.
#[test]
#[expect(clippy::disallowed_methods, reason = "where a real model lies is its runner's choice")]
fn a_real_embedder_is_measured() {
    let Some(folder) = std::env::var_os("DOCENT_TEST_MODEL") else { return };
    let bench = Bench::new().file("texts.json", "[\"Water boils.\", \"El agua hierve.\", \"A água ferve.\"]");
    let folder = folder.to_str().unwrap();
    let words = ["bench", "embed", "--model", folder, "--input", "texts.json", "--vectors", "vectors.json", "--json"];
    let report = bench.docent(&words).succeeds().json();
    let names: Vec<&str> =
        report["results"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.starts_with(&["embed_batch", "embed_one", "embed_load"]), "{names:?}");
    let vectors: Vec<Vec<f64>> = serde_json::from_slice(&std::fs::read(bench.path("vectors.json")).unwrap()).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        assert!((vector.iter().map(|number| number * number).sum::<f64>() - 1.0).abs() < 1e-4);
    }
}

#[test]
fn a_generator_is_measured_where_there_is_one() {
    let bench = Bench::new().file("notes.gguf", "this is no model");
    bench.docent(&["bench", "llm"]).exits(1).complains("no generator", "models pull");
    bench.docent(&["bench", "llm", "--model", "nobody"]).exits(1).complains("nobody", "");
    bench.docent(&["bench", "llm", "--model", "notes.gguf"]).exits(1).complains("notes", "");
    bench.docent(&["bench", "llm", "--model", "notes.gguf", "--prefill", "0"]).exits(2).complains("'0'", "");
}
