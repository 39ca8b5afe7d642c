//! The shelf as a person uses it: list, import, verify, use, export, remove.

use serde_json::Value;

use crate::bench::Bench;

/// The smallest file that is a safetensors file.
pub fn tiny_weights(fill: u8) -> Vec<u8> {
    let head = br#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    [&(head.len() as u64).to_le_bytes()[..], head, &[fill; 16]].concat()
}

pub const CONFIG: &str = r#"{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 2}"#;
pub const TOKENIZER: &str = r#"{"model": {}}"#;

/// As [`encoder`], and its name again.
pub fn encoder_folder<'a>(bench: &Bench, name: &'a str) -> &'a str {
    encoder(bench, name);
    name
}

/// Files of an encoder that nobody can run, and that looks like one.
fn encoder(bench: &Bench, folder: &str) {
    bench.write(&format!("{folder}/config.json"), CONFIG);
    bench.write(&format!("{folder}/tokenizer.json"), TOKENIZER);
    bench.write(&format!("{folder}/model.safetensors"), tiny_weights(1));
}

fn model<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|model| model["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn the_list_names_every_model_before_any_is_here() {
    let bench = Bench::new();
    let list = bench.docent(&["models", "list", "--json"]).succeeds().json();
    assert_eq!(list.as_array().unwrap().len(), 18);
    let default = model(&list, "paraphrase-multilingual-MiniLM-L12-v2");
    assert_eq!(
        (&default["default"], &default["installed"], &default["state"]),
        (&true.into(), &false.into(), &"available".into())
    );
    assert!(default["licence"].is_string() && default["languages"].as_array().unwrap().len() > 40);
    bench.docent(&["models", "list"]).succeeds().says("Qwen2.5-1.5B-Instruct").notes("docent models pull");
    assert!(!bench.data().exists(), "a list changes nothing");
}

#[test]
fn a_model_is_imported_verified_carried_and_removed() {
    let bench = Bench::new();
    encoder(&bench, "mine");
    bench.docent(&["models", "import", "mine"]).succeeds().says("imported mine, embedder");
    let list = bench.docent(&["models", "list", "--json"]).succeeds().json();
    let mine = model(&list, "mine");
    assert_eq!((&mine["state"], &mine["in_use"]), (&"in_use".into(), &true.into()));
    assert!(mine["bytes"].as_u64() > Some(0) && mine["memory_bytes"].as_u64() > mine["bytes"].as_u64());
    bench.docent(&["models", "verify"]).succeeds().says("sound").says("mine");
    bench.docent(&["models", "use", "MINE"]).succeeds().says("using mine as embedder");

    let written = bench.docent(&["models", "export", "mine", "-o", "mine.models", "--json"]).succeeds().json();
    assert_eq!(written["bytes"], std::fs::metadata(bench.path("mine.models")).unwrap().len());
    bench.docent(&["models", "export", "mine", "-o", "mine.models"]).exits(1).complains("mine.models", "--force");
    let removed = bench.docent(&["models", "remove", "mine", "--json"]).succeeds().json();
    assert_eq!(removed[0]["name"], "mine");
    bench.docent(&["models", "verify"]).succeeds().notes("no models are installed");
    bench.docent(&["models", "import", "mine.models", "--name", "other"]).succeeds().says("imported other");
    bench.docent(&["models", "verify", "other", "--json"]).succeeds();
}

#[test]
fn weights_that_the_catalogue_knows_are_known_in_any_folder() {
    let bench = Bench::new();
    encoder(&bench, "download (1)");
    bench.docent(&["models", "import", "download (1)", "--name", "first", "--json"]).succeeds();
    let manifest = std::fs::read_to_string(bench.data().join("models/first/docent-model.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let weights =
        manifest["files"].as_array().unwrap().iter().find(|file| file["name"] == "model.safetensors").unwrap();
    let (sum, bytes) = (weights["sha256"].as_str().unwrap(), &weights["bytes"]);
    let entry = format!(
        "[known]\nkind = \"embedder\"\nrepo = \"some/known\"\nformat = \"safetensors\"\nlanguages = [\"pt\"]\n\
         files = [{{ name = \"config.json\" }}, {{ name = \"tokenizer.json\" }},\n\
         {{ name = \"model.safetensors\", bytes = {bytes}, sha256 = \"{sum}\" }}]\n"
    );
    bench.write("data/models.toml", entry);
    bench.docent(&["models", "import", "download (1)"]).succeeds().says("imported known, embedder");
    bench.write("download (1)/model.safetensors", tiny_weights(2));
    bench.docent(&["models", "import", "download (1)", "--name", "third"]).succeeds().says("imported third");
    let list = bench.docent(&["models", "list", "--json"]).succeeds().json();
    assert_eq!(model(&list, "known")["languages"], serde_json::json!(["pt"]));
    assert_eq!(model(&list, "third")["languages"], serde_json::json!([]));
}

#[test]
fn damage_is_found_and_comes_with_what_mends_it() {
    let bench = Bench::new();
    encoder(&bench, "mine");
    bench.docent(&["models", "import", "mine"]).succeeds();
    bench.write("data/models/mine/model.safetensors", tiny_weights(2));
    let verified = bench.docent(&["models", "verify", "--json"]).exits(1).json();
    assert_eq!(verified[0]["sound"], false);
    let states: Vec<&Value> = verified[0]["files"].as_array().unwrap().iter().map(|file| &file["state"]).collect();
    assert_eq!(states, ["sound", "sound", "altered"]);
    bench
        .docent(&["models", "export", "mine", "-o", "x"])
        .exits(1)
        .complains("model.safetensors", "docent models pull");
    bench.write("data/models/mine/model.safetensors", "short");
    bench.docent(&["models", "use", "mine"]).exits(1).complains("cut short", "docent models pull mine");
    bench.docent(&["models", "list"]).succeeds().says("damaged");
    bench.write("data/models/mine/docent-model.json", "{");
    bench.docent(&["models", "verify"]).exits(1).notes("docent-model.json").notes("hint: remove");
}

#[test]
fn names_that_are_not_there_are_explained() {
    let bench = Bench::new();
    bench.docent(&["models", "use", "all-MiniLM-L6-v2"]).exits(1).complains("not installed", "docent models pull");
    bench.docent(&["models", "remove", "all-MiniLM-L9-v2"]).exits(1).complains("all-MiniLM-L9-v2", "all-MiniLM-L6-v2");
    bench.docent(&["models", "import", "gone.gguf"]).exits(1).complains("gone.gguf", "check the path");
    bench.docent(&["models", "import", "x", "--name", "../x"]).exits(1).complains("../x", "letters, digits");
    bench.docent(&["models"]).exits(2);
}

#[test]
fn a_bad_local_catalogue_costs_the_models_commands_only() {
    let bench =
        Bench::new().file("data/models.toml", "[mine]\nkind = \"embeder\"\n").file("notes/a.txt", "A red kite.");
    bench.docent(&["models", "list"]).exits(1).complains("models.toml:2", "embedder, reranker, generator");
    bench.docent(&["add", "notes"]).succeeds();
    bench.docent(&["search", "kite"]).succeeds().says("red kite");
}
