//! The rules of the house, and how each is checked.

use super::Source;
use super::code::code_only;

const FLOORS: [(&str, u32); 20] = [
    ("clock", 0),
    ("domain", 0),
    ("fault", 0),
    ("machine", 0),
    ("gguf", 1),
    ("prompt", 1),
    ("rank", 1),
    ("simd", 1),
    ("text", 1),
    ("cache", 2),
    ("inference", 2),
    ("library", 2),
    ("models", 2),
    ("read", 2),
    ("assistant", 3),
    ("cli", 4),
    ("http", 4),
    ("local", 4),
    ("settings", 4),
    ("wire", 4),
];

/// The rooms of this floor do not know each other.
const ENGINES: u32 = 2;

/// What comes from outside, and the only places that may name it.
const OUTSIDE: &[(&[&str], &[&str])] = &[
    (&["tokio", "axum", "tower", "hyper", "hyper_util", "tokio_stream", "futures_core"], &["src/http/"]),
    (&["rustls", "tokio_rustls"], &["src/http/"]),
    (&["utoipa"], &["src/http/", "src/wire/"]),
    (&["candle_core", "candle_nn", "candle_transformers", "tokenizers"], &["src/inference/"]),
    (&["rayon"], &["src/inference/", "src/library/"]),
    (&["redb"], &["src/library/", "src/cache/disk"]),
    (&["tantivy"], &["src/library/lexical"]),
    (&["postcard"], &["src/library/", "src/cache/"]),
    (&["lru"], &["src/cache/memory.rs"]),
    (&["ureq", "hf_hub"], &["src/models/pull"]),
    (&["sha2"], &["src/models/"]),
    (&["memmap2"], &["src/inference/", "src/simd/pages.rs"]),
    (&["safetensors"], &["src/inference/"]),
    (&["llguidance", "toktrie"], &["src/inference/generator/"]),
    (&["half"], &["src/inference/", "src/simd/"]),
    (&["minijinja", "minijinja_contrib"], &["src/inference/generator/", "src/assistant/recipes"]),
    (&["html5ever", "quick_xml", "zip", "hayro_syntax", "hayro_interpret", "csv"], &["src/read/"]),
    (&["encoding_rs", "chardetng"], &["src/read/"]),
    (&["whatlang", "rust_stemmers"], &["src/text/"]),
    (&["unicode_normalization"], &["src/text/", "src/read/pdf/"]),
    (&["clap", "clap_complete", "indicatif", "anstream", "anstyle", "ctrlc"], &["src/cli/"]),
    (&["terminal_size", "unicode_width", "tracing_subscriber"], &["src/cli/"]),
    (&["rustix"], &["src/machine.rs"]),
    (&["libc"], &["src/machine/heaps.rs"]),
    (&["toml_edit"], &["src/settings/", "src/models/catalogue", "src/assistant/recipes"]),
    (&["env::var", "env::var_os", "env::vars", "env::vars_os"], &["src/settings/environment.rs"]),
    (&["SystemTime::now", "Instant::now"], &["src/clock.rs"]),
    (&["spawn_blocking"], &["src/http/worker.rs"]),
    (&["unsafe"], &["src/simd/", "src/inference/mapped.rs", "src/machine/heaps.rs"]),
    (&["println!", "print!", "eprintln!", "eprint!"], &["src/cli/"]),
];

const MOST_LINES: usize = 400;

const LEFTOVERS: [(&str, &str); 5] = [
    (concat!("TO", "DO"), "is left over"),
    (concat!("FIX", "ME"), "is left over"),
    (concat!("/wo", "rk/"), "is the path of somebody's machine"),
    (concat!("/ro", "ot/"), "is the path of somebody's machine"),
    (concat!("/tm", "p/"), "is the path of somebody's machine"),
];

/// One line per finding: `path:line: what is wrong`.
pub fn check(sources: &[Source]) -> Vec<String> {
    let test_files = test_files(sources);
    let mut findings = Vec::new();
    for source in sources {
        let path = &source.path;
        let mut find = |line: usize, what: String| findings.push(format!("{path}:{line}: {what}"));
        if !source.text.starts_with("//!") {
            find(1, "opens with no //! line that says what question it answers".into());
        }
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            find(lines, format!("{lines} lines, look for the second idea"));
        }
        for (number, line) in (1..).zip(source.text.lines()) {
            for (leftover, what) in LEFTOVERS {
                if line.contains(leftover) {
                    find(number, format!("{leftover} {what}"));
                }
            }
        }
        if !path.starts_with("src/") {
            continue;
        }
        let code = code_only(&source.text);
        let tests_begin = if test_files.contains(path) { 0 } else { tests_begin(&code) };
        for (number, line) in (1..).zip(code.lines()) {
            let in_tests = number >= tests_begin;
            if line.contains(".unwrap()") && !in_tests {
                find(number, "unwrap() outside tests".into());
            }
            for (names, places) in OUTSIDE {
                for name in names.iter().filter(|name| names_it(line, name)) {
                    let is_test_tool = in_tests && !name.contains("redb") && !name.contains("tantivy");
                    if !places.iter().any(|place| path.starts_with(place)) && !is_test_tool {
                        find(number, format!("{name} may be named in {} only", places.join(", ")));
                    }
                }
            }
        }
        floors(path, &code, tests_begin, &mut find);
    }
    findings
}

fn floors(path: &str, code: &str, tests_begin: usize, find: &mut dyn FnMut(usize, String)) {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let room = inside.split('/').next().unwrap_or_default();
    // lib.rs names every room and main.rs the top one: that is what they are for.
    let Some(floor) = floor(room) else { return };
    for (line, used) in rooms_used(code) {
        match self::floor(&used) {
            None => find(line, format!("{used} is on no floor")),
            Some(other) if other > floor => {
                find(line, format!("{room} (floor {floor}) uses {used} (floor {other})"));
            }
            Some(other) if other == floor && floor == ENGINES && used != room => {
                find(line, format!("{room} uses {used}, a room on its own floor"));
            }
            Some(_) => {}
        }
    }
    let depth = inside.split('/').count();
    for (number, line) in (1..).zip(code.lines()) {
        let inner = usize::from(line.contains("mod tests") || number >= tests_begin.max(1) && tests_begin > 0);
        let reach = "super::".repeat(depth + inner);
        if line.contains(&reach) {
            find(number, "leaves its room through super; say crate::room".into());
        }
    }
}

fn floor(room: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// Every room after `crate::`, in groups too, with its line.
fn rooms_used(code: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // $crate, or the end of a longer word.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = code[at + "crate::".len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => used.extend(heads(group).into_iter().map(|room| (line, room))),
            None => used.push((line, word(rest))),
        }
    }
    used
}

/// `domain::Place, library::{self, Snapshot}}` → `domain`, `library`.
fn heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut expects = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects = true,
            c if expects && !c.is_whitespace() => {
                heads.push(word(&group[at..]));
                expects = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// A crate is named by `name::`, a macro or keyword by itself.
fn names_it(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || (c == ':' && !name.contains("::")));
        let is_crate = !name.contains("::") && !name.ends_with('!') && name != "unsafe" && name != "spawn_blocking";
        let ends = if is_crate {
            after.starts_with("::")
        } else {
            !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        };
        starts && ends
    })
}

/// Tests stand last in a file.
fn tests_begin(code: &str) -> usize {
    let lines: Vec<&str> = code.lines().collect();
    let begins = |pair: &[&str]| pair[0].trim() == "#[cfg(test)]" && pair[1].contains("mod ") && pair[1].contains('{');
    lines.windows(2).position(begins).map_or(usize::MAX, |line| line + 1)
}

/// Files that are compiled for tests only: by their name, or because their parent says so.
fn test_files(sources: &[Source]) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for Source { path, text } in sources {
        if path.split('/').any(|part| part.trim_end_matches(".rs").ends_with("tests")) {
            files.push(path.clone());
        }
        let folder = match path.strip_suffix("/mod.rs") {
            Some(folder) => folder,
            None => path.trim_end_matches(".rs"),
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            if let Some(name) = pair[1].trim_start_matches("pub(crate) ").strip_prefix("mod ")
                && let Some(name) = name.strip_suffix(';')
            {
                files.push(format!("{folder}/{name}.rs"));
                files.push(format!("{folder}/{name}/mod.rs"));
            }
        }
    }
    files
}
