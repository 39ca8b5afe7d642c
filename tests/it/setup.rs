//! Settings: four layers, and what is said when one of them is wrong.

use serde_json::Value;

use crate::bench::Bench;

fn setting<'a>(shown: &'a Value, key: &str) -> &'a Value {
    shown.as_array().unwrap().iter().find(|entry| entry["key"] == key).unwrap()
}

#[test]
fn config_show_says_who_chose_each_value() {
    let bench = Bench::new().file("data/docent.toml", "# mine\n[search]\nk = 9\n[chunk]\nwords = 100\n");
    let shown =
        bench.docent(&["config", "show", "--json", "--offline"]).env("DOCENT_CHUNK_WORDS", "150").succeeds().json();
    assert_eq!(setting(&shown, "search.k")["value"], 9);
    let file = bench.data().join("docent.toml");
    assert_eq!(setting(&shown, "search.k")["origin"], format!("{}:3", file.display()));
    assert_eq!(setting(&shown, "chunk.words")["value"], 150);
    assert_eq!(setting(&shown, "chunk.words")["origin"], "DOCENT_CHUNK_WORDS");
    assert_eq!(setting(&shown, "offline")["value"], true);
    assert_eq!(setting(&shown, "offline")["origin"], "--offline");
    assert_eq!(setting(&shown, "data_dir")["origin"], "DOCENT_DATA_DIR");
    assert_eq!(setting(&shown, "chunk.overlap")["origin"], "default");
    bench.docent(&["config", "show"]).succeeds().says("search.k").says("docent.toml:3");
}

#[test]
fn flags_choose_the_data_folder_and_the_file() {
    let bench = Bench::new().file("other.toml", "search.k = 3\n");
    let shown = bench
        .docent(&["--data-dir", "elsewhere", "--config", "other.toml", "config", "show", "--json"])
        .succeeds()
        .json();
    assert_eq!(setting(&shown, "search.k")["value"], 3);
    let folder = bench.path("elsewhere").canonicalize().unwrap_or_else(|_| bench.path("elsewhere"));
    assert!(setting(&shown, "data_dir")["value"].as_str().unwrap().ends_with("elsewhere"), "{folder:?}");
    bench.docent(&["config", "path"]).succeeds().says("docent.toml").notes("not there yet");
}

#[test]
fn the_home_folder_serves_when_nothing_is_said() {
    let bench = Bench::new();
    if cfg!(all(unix, not(target_os = "macos"))) {
        let home = bench.path("home");
        let run = bench.docent(&["config", "show"]).without("DOCENT_DATA_DIR").env("HOME", &home);
        run.succeeds().says("home/.local/share/docent");
        let run = bench.docent(&["config", "show"]).without("DOCENT_DATA_DIR");
        run.exits(2).complains("names no folder", "--data-dir");
    }
}

#[test]
fn wrong_settings_name_the_place_and_the_remedy() {
    let bench = Bench::new();
    for (toml, what, hint) in [
        ("offline = true\nserach.k = 3\n", "docent.toml:2: there is no setting \"serach.k\"", "\"search.k\""),
        ("[search]\nk = 0\n", "docent.toml:2: search.k is \"0\"", "from 1 to 100"),
        ("search.k = [1]\n", "docent.toml:1: search.k is \"[1]\"", "from 1 to 100"),
        ("\nread.max_file_bytes = \"big\"\n", "docent.toml:2: read.max_file_bytes is \"big\"", "256 MiB"),
        ("search = 5\n", "docent.toml:1: there is no setting \"search\"", "\"search.k\""),
        ("search.k = \n", "docent.toml:1: this is not TOML", "search.k = 5"),
        ("data_dir = \"x\"\n", "docent.toml:1: data_dir cannot be set", "--data-dir"),
    ] {
        bench.write("data/docent.toml", toml);
        bench.docent(&["list"]).exits(2).complains(what, hint);
    }
}

#[test]
fn wrong_variables_are_named() {
    let bench = Bench::new();
    let run = bench.docent(&["config", "show"]).env("DOCENT_SEARCH_K", "lots");
    run.exits(2).complains("DOCENT_SEARCH_K is \"lots\"", "from 1 to 100");
    let run = bench.docent(&["config", "show"]).env("DOCENT_OFLINE", "1");
    run.exits(2).complains("DOCENT_OFLINE", "DOCENT_OFFLINE");
    bench.docent(&["config", "show"]).env("DOCENT_EVAL_DATA", "anything").succeeds();
}

#[test]
fn a_named_file_has_to_be_there() {
    Bench::new().docent(&["--config", "gone.toml", "config", "show"]).exits(2).complains("gone.toml", "--config");
}
