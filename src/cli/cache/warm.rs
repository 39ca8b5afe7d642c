//! `docent cache warm FILE`: the usual questions, answered before anybody asks.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::assistant::Ready;
use crate::cli::desk::Desk;
use crate::cli::ending::Outcome;
use crate::cli::prefetch::show;
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::local::Warm;

/// More in one file are a mistake.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Text(String),
    Query { query: String, collection: Option<String> },
}

pub(super) fn run(file: &Path, depth: Ready, json: bool, desk: &mut Desk<'_>) -> Outcome {
    let (questions, k) = (questions(file)?, desk.settings.search_k.value.get());
    let done = desk.run(Warm { questions, k, depth: depth.into() })?;
    show(&done, json, desk)
}

/// Each with its collection.
fn questions(file: &Path) -> Result<Vec<(String, Option<String>)>> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Fault::caller("file_unreadable", format!("cannot read {shown}: {}", error.kind()))
            .hint("give a file with a question on each line")
            .because_of(error)
    })?;
    let lines: Vec<Line> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).map_err(|error| {
            let what = format!("{shown}:{}: this is no JSON list of questions", error.line());
            Fault::caller("bad_input", what)
                .hint("it should look like [\"a question\", {\"query\": \"another\", \"collection\": \"lab\"}]")
                .because_of(error)
        })?
    } else {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| Line::Text(line.to_owned())).collect()
    };
    if lines.is_empty() || lines.len() > MOST {
        let what = format!("{shown} holds {} questions, 1 to {MOST} can be prepared", lines.len());
        return Err(Fault::caller("bad_input", what).hint("give a file with a question on each line"));
    }
    let question = |line: Line| {
        let (text, collection) = match line {
            Line::Text(text) => (text, None),
            Line::Query { query, collection } => (query, collection),
        };
        if let Some(name) = &collection {
            CollectionName::new(name).map_err(|bad| Fault::caller("usage", bad.to_string()))?;
        }
        Ok((text, collection))
    };
    lines.into_iter().map(question).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_come_one_to_a_line_or_as_json() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("q");
        let read = |text: &str| {
            fs::write(&file, text).unwrap();
            questions(&file)
        };
        let texts = |text: &str| read(text).unwrap().into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(texts("What is it?\n\n# no question\n ¿Qué es? \n"), ["What is it?", "¿Qué es?"]);
        let found = read("[\"a\", {\"query\": \"b\", \"collection\": \"lab\"}]").unwrap();
        assert_eq!(found[1].1.as_deref(), Some("lab"));
        for (bad, code) in
            [("", "bad_input"), ("[1]", "bad_input"), ("[{\"query\":\"a\",\"collection\":\"/\"}]", "usage")]
        {
            assert_eq!(read(bad).unwrap_err().code, code, "{bad}");
        }
        assert_eq!(questions(Path::new("/no/such")).unwrap_err().code, "file_unreadable");
    }
}
