//! Does the house keep its own rules? Floors, where outside crates may be named, sizes, headers, leftovers.

mod code;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use rules::check;

/// One file as the rules see it: its path with `/` from the repository's root.
pub struct Source {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[test]
fn the_house_is_tidy() {
    let sources = sources(&["src", "tests", "benches", "fuzz/fuzz_targets"]);
    assert!(sources.iter().any(|source| source.path == "src/domain.rs"), "the house was found");
    let findings = check(&sources);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// What is found in one file with this content.
fn found(path: &str, text: &str) -> Vec<String> {
    check(&[Source { path: path.to_owned(), text: text.to_owned() }])
}

#[track_caller]
fn finds(path: &str, text: &str, expected: &str) {
    let findings = found(path, &format!("//! A question.\n{text}"));
    assert!(findings.len() == 1 && findings[0].contains(expected), "expected {expected:?}: {findings:?}");
}

#[track_caller]
fn accepts(path: &str, text: &str) {
    let findings = found(path, &format!("//! A question.\n{text}"));
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn rooms_use_lower_floors_only() {
    finds(
        "src/text/words.rs",
        "use crate::library::Library;",
        "src/text/words.rs:2: text (floor 1) uses library (floor 2)",
    );
    finds(
        "src/read/pdf.rs",
        "use crate::{domain::Place, library::Library};",
        "read uses library, a room on its own floor",
    );
    finds("src/library/mod.rs", "fn f() { crate::assistant::ask() }", "library (floor 2) uses assistant (floor 3)");
    finds("src/domain/place.rs", "use crate::text::{words, stems};", "domain (floor 0) uses text (floor 1)");
    finds("src/read/pdf.rs", "use super::super::library::Library;", "leaves its room through super");
    finds("src/read/mod.rs", "use super::library::Library;", "leaves its room through super");
    finds("src/read/pdf.rs", "use crate::cellar::Wine;", "cellar is on no floor");
    accepts(
        "src/rank/extract.rs",
        "use crate::text::words;\nuse super::marks;\nmod tests { use super::super::marks; }",
    );
    accepts("src/cli/ask.rs", "use crate::settings::Settings;\nuse crate::{assistant, library::{self, Snapshot}};");
    accepts("src/text/words.rs", "// crate::library is above\nconst S: &str = \"crate::library\";\n/* crate::cli */");
}

#[test]
fn outside_things_stay_in_their_rooms() {
    finds("src/assistant/add.rs", "use redb::Database;", "redb may be named in src/library/, src/cache/disk only");
    finds("src/library/store.rs", "use tantivy::Index;", "tantivy may be named in src/library/lexical");
    finds("src/text/words.rs", "fn f() { let t = std::time::Instant::now(); }", "Instant::now");
    finds("src/cli/ask.rs", "fn f() { std::env::var(\"HOME\"); }", "env::var");
    finds("src/cli/ask.rs", "fn f() { unsafe { g() } }", "unsafe");
    finds("src/assistant/ask.rs", "fn f() { println!(\"x\"); }", "println!");
    accepts("src/library/lexical/index.rs", "use tantivy::Index;");
    accepts("src/library/store.rs", "use redb::Database; // tantivy::Index\nfn redbird() {}");
}

#[test]
fn files_are_short_headed_and_finished() {
    let long = "fn f() {}\n".repeat(400);
    finds("src/text/words.rs", &long, "401 lines");
    let findings = found("src/text/words.rs", "use std::fmt;\n");
    assert!(findings.len() == 1 && findings[0].contains("opens with no //! line"), "{findings:?}");
    finds("src/text/words.rs", concat!("// TO", "DO: later"), concat!("TO", "DO"));
    finds("src/text/words.rs", concat!("const P: &str = \"/wo", "rk/x\";"), "path of somebody's machine");
    accepts("src/text/words.rs", &"fn f() {}\n".repeat(399));
}

#[test]
fn unwrap_is_for_tests() {
    finds("src/text/words.rs", "fn f() { g().unwrap(); }", "src/text/words.rs:2: unwrap() outside tests");
    accepts("src/text/words.rs", "fn f() { g().unwrap_or(1); }\n#[cfg(test)]\nmod tests { fn t() { g().unwrap(); } }");
    accepts("src/library/tests/crash.rs", "fn t() { g().unwrap(); }");
    accepts("tests/it/words.rs", "fn t() { g().unwrap(); }");
    let declared = Source {
        path: "src/rank/mod.rs".into(),
        text: "//! A question.\nmod marks;\n#[cfg(test)]\nmod fixture;\n".into(),
    };
    let fixture =
        Source { path: "src/rank/fixture.rs".into(), text: "//! A question.\nfn f() { g().unwrap(); }".into() };
    let marks = Source { path: "src/rank/marks.rs".into(), text: "//! A question.\nfn f() { g().unwrap(); }".into() };
    let findings = check(&[declared, fixture, marks]);
    assert!(findings.len() == 1 && findings[0].starts_with("src/rank/marks.rs"), "{findings:?}");
}
