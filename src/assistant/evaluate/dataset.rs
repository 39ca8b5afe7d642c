//! Questions with known answers, as files bring them.

use std::collections::HashMap;

use serde_json::Value;

use crate::fault::{Fault, Result};

/// Paragraphs to search, and what to ask of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dataset {
    /// Empty where the questions are for documents that are in the library already.
    pub paragraphs: Vec<String>,
    pub tasks: Vec<Task>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub question: String,
    /// Any of them will do; none when the documents do not answer the question.
    pub answers: Vec<String>,
    pub gold: Gold,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gold {
    Paragraph(usize),
    /// The document's source, or the end of it.
    Source(String),
}

/// Whether a file brings what is to be searched; otherwise it is about a library.
pub fn brings_paragraphs(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|value: Value| value.get("data").is_some())
}

impl Dataset {
    /// SQuAD-style JSON brings its paragraphs; JSON lines `{question, answers, source}` are about a library.
    pub(super) fn parse(name: &str, text: &str) -> Result<Dataset> {
        let whole: Option<Value> = serde_json::from_str(text).ok();
        let dataset = match whole {
            Some(value) if value.get("data").is_some() => squad(&value),
            // A list of questions, or a file with a single line.
            Some(Value::Array(items)) => items.iter().map(task).collect::<Option<Vec<_>>>().map(about_library),
            _ => {
                let mut tasks = Vec::new();
                for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                    let value: Option<Value> = serde_json::from_str(line).ok();
                    let Some(task) = value.as_ref().and_then(task) else {
                        let what = format!("{name}, line {}: not a question {{question, answers, source}}", number + 1);
                        return Err(Fault::caller("bad_questions", what)
                            .hint("give SQuAD-style JSON, or JSON lines with a question, its answers and its source"));
                    };
                    tasks.push(task);
                }
                Some(about_library(tasks))
            }
        };
        dataset.filter(|dataset| !dataset.tasks.is_empty()).ok_or_else(|| {
            Fault::caller("bad_questions", format!("{name} holds no questions"))
                .hint("give SQuAD-style JSON, or JSON lines with a question, its answers and its source")
        })
    }

    /// Asks the questions of a parallel file, matched by their ids or else by their order, of these paragraphs.
    pub(super) fn ask_instead(&mut self, name: &str, other: &str, text: &str) -> Result<()> {
        let ids = ids(text);
        let parallel = Dataset::parse(name, other)?;
        let by_id: HashMap<String, String> =
            ids_of(other).into_iter().zip(parallel.tasks.iter().map(|task| task.question.clone())).collect();
        if parallel.tasks.len() != self.tasks.len() && by_id.is_empty() {
            let what = format!("{name} has {} questions for {}", parallel.tasks.len(), self.tasks.len());
            return Err(Fault::caller("bad_questions", what).hint("the two files must ask the same questions"));
        }
        let mut matched = Vec::new();
        for (number, mut task) in std::mem::take(&mut self.tasks).into_iter().enumerate() {
            let question = match ids.get(number).and_then(|id| by_id.get(id)) {
                Some(question) => Some(question.clone()),
                None if ids.is_empty() => parallel.tasks.get(number).map(|task| task.question.clone()),
                None => None,
            };
            if let Some(question) = question {
                task.question = question;
                matched.push(task);
            }
        }
        if matched.is_empty() {
            return Err(Fault::caller("bad_questions", format!("{name} has none of the questions"))
                .hint("questions of parallel files are matched by their ids"));
        }
        self.tasks = matched;
        Ok(())
    }
}

fn about_library(tasks: Vec<Task>) -> Dataset {
    Dataset { paragraphs: Vec::new(), tasks }
}

fn squad(value: &Value) -> Option<Dataset> {
    let mut dataset = Dataset::default();
    for paragraph in paragraphs(value) {
        let number = dataset.paragraphs.len();
        dataset.paragraphs.push(paragraph.get("context")?.as_str()?.to_owned());
        for qa in paragraph.get("qas").and_then(Value::as_array).into_iter().flatten() {
            let answers = qa.get("answers").and_then(Value::as_array).into_iter().flatten();
            let answers = answers.filter_map(|answer| Some(answer.get("text")?.as_str()?.to_owned())).collect();
            let question = qa.get("question")?.as_str()?.to_owned();
            dataset.tasks.push(Task { question, answers, gold: Gold::Paragraph(number) });
        }
    }
    Some(dataset)
}

fn paragraphs(value: &Value) -> impl Iterator<Item = &Value> {
    let articles = value.get("data").and_then(Value::as_array).into_iter().flatten();
    articles.filter_map(|article| article.get("paragraphs")?.as_array()).flatten()
}

fn ids(text: &str) -> Vec<String> {
    ids_of(text)
}

/// The questions' ids in order; empty when one has none.
fn ids_of(text: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let qas = paragraphs(&value).filter_map(|paragraph| paragraph.get("qas")?.as_array()).flatten();
    let ids: Option<Vec<String>> = qas.map(|qa| Some(qa.get("id")?.as_str()?.to_owned())).collect();
    ids.unwrap_or_default()
}

fn task(value: &Value) -> Option<Task> {
    let answers = match value.get("answers") {
        Some(Value::Array(answers)) => {
            answers.iter().map(|answer| answer.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?
        }
        Some(Value::String(answer)) => vec![answer.clone()],
        None => Vec::new(),
        Some(_) => return None,
    };
    Some(Task {
        question: value.get("question")?.as_str()?.to_owned(),
        answers,
        gold: Gold::Source(value.get("source").and_then(Value::as_str).unwrap_or_default().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUAD: &str = r#"{"data":[{"title":"T","paragraphs":[
        {"context":"Water boils at 100 degrees.","qas":[{"id":"a","question":"When does it boil?","answers":[{"text":"100"}]}]},
        {"context":"Ice melts.","qas":[{"id":"b","question":"What melts?","answers":[{"text":"Ice"}]}]}]}]}"#;

    #[test]
    fn squad_brings_its_paragraphs() {
        let dataset = Dataset::parse("x.json", SQUAD).unwrap();
        assert_eq!(dataset.paragraphs.len(), 2);
        assert_eq!(dataset.tasks[1].gold, Gold::Paragraph(1));
        assert_eq!(dataset.tasks[0].answers, ["100"]);
    }

    #[test]
    fn a_parallel_file_is_matched_by_id() {
        let other = SQUAD
            .replace("When does it boil?", "¿Cuándo hierve?")
            .replace("\"id\":\"a\"", "\"id\":\"c\"")
            .replace("What melts?", "¿Qué se funde?");
        let mut dataset = Dataset::parse("x.json", SQUAD).unwrap();
        dataset.ask_instead("y.json", &other, SQUAD).unwrap();
        assert_eq!(dataset.tasks.len(), 1);
        assert_eq!(dataset.tasks[0].question, "¿Qué se funde?");
    }

    #[test]
    fn lines_are_about_the_library() {
        let lines =
            "{\"question\":\"q\",\"answers\":[\"a\"],\"source\":\"s.md\"}\n\n{\"question\":\"r\",\"answers\":[]}\n";
        let dataset = Dataset::parse("x.jsonl", lines).unwrap();
        assert_eq!(dataset.tasks.len(), 2);
        assert_eq!(dataset.tasks[0].gold, Gold::Source("s.md".into()));
    }

    #[test]
    fn what_is_no_dataset_is_named_with_its_line() {
        let fault = Dataset::parse("x.jsonl", "{\"question\":\"q\"}\nnonsense\n").unwrap_err();
        assert!(fault.what.contains("x.jsonl, line 2"), "{}", fault.what);
        assert!(Dataset::parse("x.json", "").is_err());
        assert!(Dataset::parse("x.json", "{\"data\":[]}").is_err());
    }
}
