//! Do real files say what other careful readers found in them? Runs over a folder of files that have a
//! `NAME.reference.md` beside them, named by `DOCENT_EVAL_DATA`; without it there is nothing to compare.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Limits, Problem, is_readable_name, load, parse};

#[expect(clippy::disallowed_methods, reason = "the evaluation files lie outside of the project, where its runner says")]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCENT_EVAL_DATA").map(|data| PathBuf::from(data).join("documents"));
    if folder.is_none() {
        println!("skipped: DOCENT_EVAL_DATA names no folder of documents");
    }
    folder
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if is_readable_name(&path) && !path.to_string_lossy().ends_with(".reference.md") {
            found.push(path);
        }
    }
    found.sort();
}

fn words(text: &str) -> HashMap<String, usize> {
    let mut words = HashMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *words.entry(word.to_lowercase()).or_default() += 1;
    }
    words
}

/// Without the targets of links and without comments, which no reader sees.
fn without_links(markdown: &str) -> String {
    let (mut out, mut rest) = (String::new(), markdown);
    while let Some((at, end)) = [("](", ")"), ("<!--", "-->"), ("&", ";")]
        .into_iter()
        .filter_map(|(mark, end)| rest.find(mark).map(|at| (at, end)))
        .min()
    {
        out.push_str(&rest[..at]);
        out.push(' ');
        let length = rest[at..].find(end).filter(|length| end != ";" || *length < 8);
        rest = &rest[at + length.map_or(1, |length| length + end.len())..];
    }
    out + rest
}

fn share(of: &HashMap<String, usize>, within: &HashMap<String, usize>) -> f64 {
    let total: usize = of.values().sum();
    let shared: usize = of.iter().map(|(word, count)| count.min(within.get(word).unwrap_or(&0))).sum();
    if total == 0 { 1.0 } else { shared as f64 / total as f64 }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long each file takes is printed, never compared")]
fn real_files_say_what_their_references_say() {
    let Some(folder) = folder() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut sums: HashMap<String, (f64, f64, usize)> = HashMap::new();
    for path in paths {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let limits = Limits::default();
        let start = Instant::now();
        let result = load(&path, &limits).and_then(|bytes| parse(&name, &bytes, &limits));
        let took = start.elapsed().as_secs_f64() * 1000.0;
        let manuscript = match result {
            Ok(manuscript) => manuscript,
            Err(error) => {
                println!("{took:7.1} ms  {error}");
                assert!(!matches!(error.problem, Problem::Panicked { .. }), "{error:?}");
                continue;
            }
        };
        let mut end = 0;
        for block in &manuscript.blocks {
            assert!(block.range.start >= end && manuscript.text.get(block.range.clone()).is_some(), "{name}");
            end = block.range.end;
        }
        let reference = PathBuf::from(format!("{}.reference.md", path.display()));
        let Ok(reference) = fs::read_to_string(reference) else {
            println!(
                "{took:7.1} ms  {name}: {} blocks, {} bytes, {:?}",
                manuscript.blocks.len(),
                manuscript.text.len(),
                manuscript.title
            );
            continue;
        };
        // The references are markdown. Read as such, their headers repeat in every row, as they do in what was found.
        let rows = parse("reference.md", reference.as_bytes(), &limits).map_or(String::new(), |read| read.text);
        let (wanted, found) = (words(&without_links(&reference)), words(&manuscript.text));
        let mut allowed = words(&rows);
        wanted.iter().for_each(|(word, count)| {
            let allowed = allowed.entry(word.clone()).or_default();
            *allowed = (*allowed).max(*count);
        });
        let (recall, precision) = (share(&wanted, &found), share(&found, &allowed));
        println!(
            "{took:7.1} ms  {name}: recall {recall:.3} precision {precision:.3}, {} blocks, {:?}",
            manuscript.blocks.len(),
            manuscript.title
        );
        let sum = sums.entry(manuscript.format.to_string()).or_default();
        (sum.0, sum.1, sum.2) = (sum.0 + recall, sum.1 + precision, sum.2 + 1);
    }
    for (format, floor) in FLOORS {
        let Some((recall, precision, count)) = sums.get(format) else { continue };
        let (recall, precision) = (recall / *count as f64, precision / *count as f64);
        println!("{format}: {count} files, recall {recall:.3}, precision {precision:.3}");
        assert!(recall >= floor, "{format}: recall {recall:.3} is below {floor}");
    }
}

/// The least share of a reference's words that is found, on average over the files of a format.
const FLOORS: [(&str, f64); 5] = [("markdown", 0.99), ("html", 0.97), ("csv", 0.99), ("pdf", 0.97), ("docx", 0.9)];
