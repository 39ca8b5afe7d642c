//! list, show, remove, backup, restore, doctor: on an empty library and on a damaged one.

use crate::bench::Bench;

#[test]
fn an_empty_library_is_no_error() {
    let bench = Bench::new();
    let ended = bench.docent(&["list"]).succeeds().notes("there are no documents yet").notes("docent add");
    assert_eq!(ended.stdout(), "");
    assert_eq!(bench.docent(&["list", "--json"]).succeeds().stdout().trim(), "[]");
    bench.docent(&["show", "nothing"]).exits(1).complains("\"nothing\"", "docent list");
    bench.docent(&["remove", "nothing"]).exits(1).complains("\"nothing\"", "docent list");
    bench.docent(&["list", "--collection", "none"]).exits(1).complains("no collection none", "docent add");
}

#[test]
fn doctor_finds_nothing_wrong_before_anything_was_added() {
    let bench = Bench::new();
    let report = bench.docent(&["doctor", "--json"]).succeeds().json();
    assert_eq!(report["ok"], true);
    let checks = report["checks"].as_array().unwrap();
    for name in ["data folder", "disk", "library", "processor", "memory", "port"] {
        let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        assert!(check["ok"].is_boolean() && check["detail"].is_string(), "{check}");
    }
    assert!(!bench.data().exists(), "a doctor changes nothing");
}

#[test]
fn doctor_says_what_to_do_about_a_damaged_library() {
    let bench = Bench::new().file("data/library.redb", "this was a library once");
    let report = bench.docent(&["doctor", "--json"]).exits(1).json();
    assert_eq!(report["ok"], false);
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "library").unwrap();
    assert!(check["hint"].as_str().unwrap().len() > 10, "{check}");
    bench.docent(&["list"]).exits(1).complains("library.redb", "");
}

#[test]
fn a_backup_is_not_overwritten_by_accident() {
    let bench = Bench::new();
    let written = bench.docent(&["backup", "copy.docent", "--json"]).succeeds().json();
    assert_eq!(written["bytes"], std::fs::metadata(bench.path("copy.docent")).unwrap().len());
    bench.docent(&["backup", "copy.docent"]).exits(1).complains("copy.docent", "--force");
    bench.docent(&["backup", "--force", "copy.docent"]).succeeds();
    bench.write("other.docent", "no backup");
    bench.docent(&["restore", "other.docent"]).exits(1).complains("other.docent", "docent backup");
    bench.docent(&["restore", "gone.docent"]).exits(1).complains("gone.docent", "check the path");
}
