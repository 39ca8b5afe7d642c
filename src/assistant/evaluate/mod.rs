//! How good retrieval and answers are on questions with known answers.

mod dataset;
mod scores;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use dataset::brings_paragraphs;
pub use scores::{Latency, RECALL_AT, Ranks, Scores};

use crate::assistant::ask::{Question, ask};
use crate::assistant::engines::Engines;
use crate::assistant::query::{Mode, Query};
use crate::assistant::retrieve::search;
use crate::assistant::stage::{Embedded, Load, Stage};
use crate::clock::Clock;
use crate::domain::{Block, BlockKind, CollectionName, ContentHash, DocumentId, Format, Language, Manuscript, Place};
use crate::fault::{Fault, Result};
use crate::library::{Content, Draft, Library, Snapshot, SourceFile};
use crate::text::{Analysers, Cut, count_words, cut, detect_language};
use dataset::{Dataset, Gold, Task};
use scores::Tally;

/// What to measure. `questions` is a parallel file whose questions are asked instead.
#[derive(Clone, Debug)]
pub struct Evaluation<'a> {
    /// Its name and its text.
    pub file: (&'a str, &'a str),
    pub questions: Option<(&'a str, &'a str)>,
    pub collection: Option<CollectionName>,
    pub k: usize,
    /// How passages are found. The others are measured beside it where there is an embedder.
    pub mode: Mode,
    pub engines: Engines,
    pub certainty: f32,
    pub limit: Option<usize>,
    /// Ask every question again with its paragraph taken out of the library.
    pub without_answers: bool,
    pub cut: Cut,
}

/// How many passages are looked at to find the rank of the right document.
const DEEP: usize = 30;

/// How many questions were asked, of how many; breaks when nobody wants to know the rest.
type Progress<'a> = &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// Runs the evaluation; `library` is asked where the file brings no paragraphs of its own.
pub fn evaluate(
    evaluation: &Evaluation<'_>,
    library: impl FnOnce() -> Result<Arc<Snapshot>>,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Scores> {
    let (name, text) = evaluation.file;
    let mut dataset = Dataset::parse(name, text)?;
    if let Some((other, questions)) = evaluation.questions {
        dataset.ask_instead(other, questions, text)?;
    }
    dataset.tasks.truncate(evaluation.limit.unwrap_or(usize::MAX));
    if !dataset.paragraphs.is_empty() {
        return with_paragraphs(evaluation, &dataset, clock, progress);
    }
    if evaluation.without_answers {
        let what = format!("{name} brings no paragraphs that could be taken out");
        return Err(Fault::caller("bad_questions", what).hint("give SQuAD-style JSON, or leave the flag out"));
    }
    let snapshot = library()?;
    let mut run = Run { evaluation, tally: Tally::default(), clock };
    for (number, task) in dataset.tasks.iter().enumerate() {
        told(progress(number, dataset.tasks.len()))?;
        run.answerable(&snapshot, task, evaluation.collection.as_ref(), &|document| is_gold(task, document))?;
    }
    Ok(run.tally.scores())
}

fn told(flow: ControlFlow<()>) -> Result<()> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Fault::caller("stopped", "it was stopped before the last question")),
    }
}

fn is_gold(task: &Task, document: (&DocumentId, &str)) -> bool {
    match &task.gold {
        Gold::Source(source) => !source.is_empty() && (document.1 == source || Path::new(document.1).ends_with(source)),
        Gold::Paragraph(_) => false,
    }
}

/// Every paragraph a document of a library that is thrown away afterwards.
fn with_paragraphs(
    evaluation: &Evaluation<'_>,
    dataset: &Dataset,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Scores> {
    let folder = tempfile::tempdir().map_err(|error| {
        Fault::machine("no_temporary_folder", "no folder for a temporary library could be made").because_of(error)
    })?;
    let library = Library::open(folder.path())?;
    let drafts = drafts(evaluation, dataset);
    let mut ids = Vec::new();
    let mut writer = library.begin()?;
    for draft in &drafts {
        ids.push(writer.put(draft.clone(), clock.now())?.id().clone());
    }
    writer.publish()?;
    drop(writer);
    let mut run = Run { evaluation, tally: Tally::default(), clock };
    let steps = dataset.tasks.len() * if evaluation.without_answers { 2 } else { 1 };
    let snapshot = library.snapshot();
    for (number, task) in dataset.tasks.iter().enumerate() {
        told(progress(number, steps))?;
        run.answerable(&snapshot, task, None, &|(id, _)| gold_number(task).is_some_and(|number| ids[number] == *id))?;
    }
    drop(snapshot);
    if evaluation.without_answers {
        let mut done = dataset.tasks.len();
        for (number, draft) in drafts.iter().enumerate() {
            let mut tasks = dataset.tasks.iter().filter(|task| gold_number(task) == Some(number)).peekable();
            if tasks.peek().is_none() {
                continue;
            }
            let mut writer = library.begin()?;
            writer.remove(&ids[number])?;
            writer.publish()?;
            drop(writer);
            let snapshot = library.snapshot();
            for task in tasks {
                told(progress(done, steps))?;
                done += 1;
                run.unanswerable(&snapshot, task)?;
            }
            drop(snapshot);
            let mut writer = library.begin()?;
            ids[number] = writer.put(draft.clone(), clock.now())?.id().clone();
            writer.publish()?;
        }
    }
    Ok(run.tally.scores())
}

fn gold_number(task: &Task) -> Option<usize> {
    match task.gold {
        Gold::Paragraph(number) => Some(number),
        Gold::Source(_) => None,
    }
}

/// Every paragraph as it is put in: once embedded, though it may be taken out and put back.
fn drafts(evaluation: &Evaluation<'_>, dataset: &Dataset) -> Vec<Draft> {
    let stop = AtomicBool::new(false);
    let stage = Stage::new(&evaluation.engines, &stop);
    let mut analysers = Analysers::default();
    let loads: Vec<Load<Draft>> = dataset
        .paragraphs
        .iter()
        .enumerate()
        .map(|(number, paragraph)| {
            let (item, language) = draft(evaluation, number, paragraph, &mut analysers);
            let stretches = match evaluation.mode {
                Mode::Lexical => Vec::new(),
                Mode::Hybrid | Mode::Vector => stage.stretches(item.chunk_texts().into_iter(), language),
            };
            Load { item, stretches }
        })
        .collect();
    let embedded = stage.embed(loads).expect("nobody stops an evaluation");
    let with = |Embedded { item, vectors }: Embedded<Draft>| match (evaluation.engines.embedder_choice(), vectors) {
        (Some(choice), Some(vectors)) => item.with_vectors(&choice.id, vectors),
        _ => item,
    };
    embedded.into_iter().map(with).collect()
}

fn draft(evaluation: &Evaluation<'_>, number: usize, paragraph: &str, analysers: &mut Analysers) -> (Draft, Language) {
    let manuscript = Manuscript {
        title: None,
        format: Format::Text,
        text: paragraph.to_owned(),
        blocks: vec![Block { range: 0..paragraph.len(), kind: BlockKind::Paragraph, place: Place::default() }],
    };
    let language = detect_language(paragraph);
    let chunks = cut(&manuscript, language, &evaluation.cut, &count_words);
    let file = SourceFile {
        collection: CollectionName::default(),
        source: format!("{number}"),
        hash: ContentHash::of(paragraph.as_bytes()),
        bytes: paragraph.len() as u64,
    };
    let content = Content { title: None, format: Format::Text, language, text: manuscript.text, chunks };
    (Draft::new(file, content, analysers.of(language)), language)
}

struct Run<'a> {
    evaluation: &'a Evaluation<'a>,
    tally: Tally,
    clock: &'a dyn Clock,
}

impl Run<'_> {
    /// Ranks documents, and asks.
    fn answerable(
        &mut self,
        snapshot: &Snapshot,
        task: &Task,
        collection: Option<&CollectionName>,
        is_gold: &dyn Fn((&DocumentId, &str)) -> bool,
    ) -> Result<()> {
        let began = self.clock.instant();
        let answer =
            ask(snapshot, &self.evaluation.engines, &self.question(task, collection), self.clock, &mut |_| {
                ControlFlow::Continue(())
            })?;
        self.tally.took(self.clock.instant().duration_since(began));
        if task.answers.is_empty() {
            self.tally.unanswerable(!answer.is_found());
            return Ok(());
        }
        for mode in self.modes(snapshot)? {
            let rank = self.rank(snapshot, task, collection, mode, is_gold)?;
            self.tally.ranked(mode, rank);
        }
        let quotes: Vec<&str> = answer.citations.iter().map(|citation| citation.quote.as_str()).collect();
        let text = answer.is_found().then(|| quotes.join(" "));
        self.tally.answered(text.as_deref(), quotes.len(), &task.answers);
        Ok(())
    }

    /// The one asked for, first; and the others, to compare it with.
    fn modes(&self, snapshot: &Snapshot) -> Result<Vec<Mode>> {
        let asked = self.evaluation.mode;
        let choice = self.evaluation.engines.embedder_choice().filter(|_| asked == Mode::Hybrid);
        let has_vectors = match choice {
            Some(choice) => snapshot.embedders()?.iter().any(|(id, _)| *id == choice.id),
            None => false,
        };
        Ok(if has_vectors { vec![asked, Mode::Lexical, Mode::Vector] } else { vec![asked] })
    }

    /// Of the right document among the documents found.
    fn rank(
        &self,
        snapshot: &Snapshot,
        task: &Task,
        collection: Option<&CollectionName>,
        mode: Mode,
        is_gold: &dyn Fn((&DocumentId, &str)) -> bool,
    ) -> Result<Option<usize>> {
        let k = DEEP.max(self.evaluation.k);
        let query = Query { text: task.question.clone(), collection: collection.cloned(), k, mode };
        let mut documents: Vec<DocumentId> = Vec::new();
        for passage in search(snapshot, &self.evaluation.engines, &query)? {
            if documents.contains(&passage.document) {
                continue;
            }
            if is_gold((&passage.document, &passage.source)) {
                return Ok(Some(documents.len() + 1));
            }
            documents.push(passage.document);
        }
        Ok(None)
    }

    fn unanswerable(&mut self, snapshot: &Snapshot, task: &Task) -> Result<()> {
        let answer = ask(snapshot, &self.evaluation.engines, &self.question(task, None), self.clock, &mut |_| {
            ControlFlow::Continue(())
        })?;
        self.tally.unanswerable(!answer.is_found());
        Ok(())
    }

    fn question(&self, task: &Task, collection: Option<&CollectionName>) -> Question {
        Question {
            collection: collection.cloned(),
            k: self.evaluation.k,
            mode: self.evaluation.mode,
            certainty: self.evaluation.certainty,
            // What is measured is which sentences are chosen.
            writing: None,
            ..Question::new(task.question.clone())
        }
    }
}
