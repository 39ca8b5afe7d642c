//! What commands ask a running server for, in the words they would use themselves.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::call::Server;
use crate::assistant::{AddEvent, AddReport, Outcome, Query, Question};
use crate::clock::Timestamp;
use crate::domain::{Answer, CollectionName, Document, DocumentId, Event, Format, Language, Passage};
use crate::fault::{Fault, Result};
use crate::wire::{
    AddEventJson, AddPathsJson, AnswerJson, AskJson, CollectionJson, DocumentJson, DocumentsJson, FailedJson, FindJson,
    FoundJson, PassagesJson, QueryJson, ReportJson,
};

/// Nothing to send.
const NOTHING: Option<&()> = None;

impl Server {
    pub(in crate::cli) fn ask(
        &self,
        question: &Question,
        listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Answer> {
        let writing = question.writing.as_ref();
        let asked = AskJson {
            question: question.text.clone(),
            collection: question.collection.as_ref().map(ToString::to_string),
            k: Some(question.k),
            mode: Some(question.mode.into()),
            stream: Some(true),
            timeout_ms: u64::try_from(question.timeout.as_millis()).ok(),
            max_tokens: writing.map(|writing| writing.max_tokens),
            temperature: writing.map(|writing| writing.temperature),
            seed: writing.map(|writing| writing.seed),
            no_llm: Some(writing.is_none()),
            ..AskJson::default()
        };
        let mut answer = None;
        self.events("/rag/v1/ask", &asked, |name, value| {
            let event = match name {
                "text" => Event::Text(value["text"].as_str().unwrap_or_default().to_owned()),
                "done" => {
                    let told = serde_json::from_value::<AnswerJson>(value).map_err(unread)?;
                    answer = Some(Answer::from(told));
                    return Ok(false);
                }
                _ => Event::Waiting,
            };
            Ok(listener(event).is_continue())
        })?;
        answer.ok_or_else(|| Fault::machine("server_gone", "the server ended before its answer").hint("ask again"))
    }

    pub(in crate::cli) fn search(&self, query: &Query) -> Result<Vec<Passage>> {
        let asked = QueryJson {
            query: query.text.clone(),
            collection: query.collection.as_ref().map(ToString::to_string),
            k: Some(query.k),
            mode: Some(query.mode.into()),
        };
        let found: PassagesJson = self.call("POST", "/rag/v1/search", Some(&asked))?;
        Ok(found.passages.into_iter().map(Passage::from).collect())
    }

    pub(in crate::cli) fn documents(&self, collection: Option<&CollectionName>) -> Result<Vec<Document>> {
        let path = match collection {
            Some(name) => format!("/rag/v1/documents?collection={}", percent(name.as_str())),
            None => "/rag/v1/documents".to_owned(),
        };
        let found: DocumentsJson = self.call("GET", &path, NOTHING)?;
        found.documents.into_iter().map(document).collect()
    }

    pub(in crate::cli) fn meant(&self, typed: &str, paths: Vec<String>) -> Result<Vec<Document>> {
        let asked = FindJson { typed: typed.to_owned(), paths };
        let found: FoundJson = self.call("POST", "/local/find", Some(&asked))?;
        found.documents.into_iter().map(document).collect()
    }

    pub(in crate::cli) fn document_text(&self, id: &DocumentId) -> Result<String> {
        self.text("GET", &format!("/rag/v1/documents/{}/text", percent(id.as_str())), NOTHING)
    }

    pub(in crate::cli) fn remove(&self, id: &DocumentId) -> Result<()> {
        self.call("DELETE", &format!("/rag/v1/documents/{}", percent(id.as_str())), NOTHING).map(|_: Value| ())
    }

    pub(in crate::cli) fn remove_collection(&self, name: &CollectionName) -> Result<()> {
        let path = format!("/rag/v1/collections/{}", percent(name.as_str()));
        self.call("DELETE", &path, NOTHING).map(|_: CollectionJson| ())
    }

    /// The server reads the files: it is on this machine, and its owner is the same.
    pub(in crate::cli) fn add(
        &self,
        paths: &[PathBuf],
        asked: AddPathsJson,
        progress: &mut dyn FnMut(AddEvent<'_>),
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<AddReport> {
        let absolute = |path: &PathBuf| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            path.to_str().map(str::to_owned).ok_or_else(|| {
                Fault::caller("file_unreadable", format!("the path {} cannot be told to the server", path.display()))
                    .hint("end the server, and run it again")
            })
        };
        let asked = AddPathsJson { paths: paths.iter().map(absolute).collect::<Result<_>>()?, ..asked };
        let mut report = None;
        let mut stopped = AddReport { stopped: true, ..AddReport::default() };
        self.events("/local/add", &asked, |_, value| {
            match serde_json::from_value::<AddEventJson>(value).map_err(unread)? {
                AddEventJson::Report { report: told } => report = Some(self::report(told)),
                event => tell(&event, progress, &mut stopped),
            }
            Ok(!is_stopped())
        })?;
        Ok(report.unwrap_or(stopped))
    }
}

fn tell(event: &AddEventJson, progress: &mut dyn FnMut(AddEvent<'_>), so_far: &mut AddReport) {
    match event {
        AddEventJson::Started { files, bytes } => progress(AddEvent::Started { files: *files, bytes: *bytes }),
        AddEventJson::Done { path, bytes, outcome } => {
            let (outcome, count) = match outcome.as_str() {
                "added" => (Outcome::Added, &mut so_far.added),
                "updated" => (Outcome::Updated, &mut so_far.updated),
                "renamed" => (Outcome::Renamed, &mut so_far.renamed),
                "removed" => (Outcome::Removed, &mut so_far.removed),
                _ => (Outcome::Unchanged, &mut so_far.unchanged),
            };
            *count += 1;
            progress(AddEvent::Done { path: Path::new(path), bytes: *bytes, outcome });
        }
        AddEventJson::Failed { bytes, what } => {
            let fault = failed(what);
            progress(AddEvent::Failed { path: Path::new(&what.path), bytes: *bytes, fault: &fault });
            so_far.failed.push((what.path.clone().into(), fault));
        }
        AddEventJson::Embedded { passages } => progress(AddEvent::Embedded { passages: *passages }),
        AddEventJson::Publishing | AddEventJson::Report { .. } => progress(AddEvent::Publishing),
    }
}

fn report(told: ReportJson) -> AddReport {
    AddReport {
        added: told.added,
        updated: told.updated,
        unchanged: told.unchanged,
        renamed: told.renamed,
        removed: told.removed,
        failed: told.failed.iter().map(|what| (PathBuf::from(&what.path), failed(what))).collect(),
        broken: None,
        stopped: told.stopped,
        documents: told.documents,
        chunks: told.chunks,
        not_embedded: told.not_embedded,
        took: Duration::try_from_secs_f64(told.seconds).unwrap_or_default(),
    }
}

fn failed(what: &FailedJson) -> Fault {
    // A code of the server's is one of ours: they are few, and a command ends soon.
    let fault = Fault::caller(what.code.clone().leak(), &what.error);
    match &what.hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

fn document(told: DocumentJson) -> Result<Document> {
    let added_at =
        told.added_at.parse::<Timestamp>().map_err(|()| unread(io::Error::from(io::ErrorKind::InvalidData)))?;
    let collection = CollectionName::new(&told.collection).map_err(unread)?;
    Ok(Document {
        id: DocumentId::new(told.id),
        source: told.source,
        title: told.title,
        format: Format::from_name(&told.format).unwrap_or(Format::Text),
        language: Language::from_tag(&told.language).unwrap_or_default(),
        collection,
        chunks: told.chunks,
        bytes: told.bytes,
        added_at,
    })
}

fn unread(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::machine("server_strange", "the server that has the library open answers in an unknown way")
        .hint("it may be of another version: end it, and start it with this one")
        .because_of(error)
}

/// As it can stand in an address.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_stand_in_an_address() {
        assert_eq!(percent("lab-2024_a.b"), "lab-2024_a.b");
        assert_eq!(percent("cálculo &/?"), "c%C3%A1lculo%20%26%2F%3F");
    }
}
