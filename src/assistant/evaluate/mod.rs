//! How good retrieval and answers are on questions with known answers.

mod dataset;
mod scores;

use std::path::Path;

pub use scores::{Latency, RECALL_AT, Scores};

use crate::assistant::ask::{Question, ask};
use crate::assistant::query::{Mode, Query};
use crate::assistant::retrieve::search;
use crate::clock::Clock;
use crate::domain::{Because, Block, BlockKind, CollectionName, ContentHash, DocumentId, Format, Manuscript, Place};
use crate::fault::{Fault, Result};
use crate::library::{Content, Draft, Library, Snapshot, SourceFile, Writer};
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
    pub certainty: f32,
    pub limit: Option<usize>,
    /// Ask every question again with its paragraph taken out of the library.
    pub without_answers: bool,
    pub cut: Cut,
}

/// How many passages are looked at to find the rank of the right document.
const DEEP: usize = 30;

/// Runs the evaluation; `library` is asked where the file brings no paragraphs of its own.
pub fn evaluate(
    evaluation: &Evaluation<'_>,
    library: impl FnOnce() -> Result<Library>,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(usize, usize),
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
    let library = library()?;
    let mut run = Run { evaluation, tally: Tally::default(), clock };
    let snapshot = library.snapshot();
    for (number, task) in dataset.tasks.iter().enumerate() {
        progress(number, dataset.tasks.len());
        run.answerable(&snapshot, task, evaluation.collection.as_ref(), &|document| is_gold(task, document))?;
    }
    Ok(run.tally.scores())
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
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Scores> {
    let folder = tempfile::tempdir().map_err(|error| {
        Fault::machine("no_temporary_folder", "no folder for a temporary library could be made").because_of(error)
    })?;
    let library = Library::open(folder.path())?;
    let mut ids = shelve(&library, evaluation, dataset, clock)?;
    let mut run = Run { evaluation, tally: Tally::default(), clock };
    let mut analysers = Analysers::default();
    let steps = dataset.tasks.len() * if evaluation.without_answers { 2 } else { 1 };
    let snapshot = library.snapshot();
    for (number, task) in dataset.tasks.iter().enumerate() {
        progress(number, steps);
        run.answerable(&snapshot, task, None, &|(id, _)| gold_number(task).is_some_and(|number| ids[number] == *id))?;
    }
    drop(snapshot);
    if evaluation.without_answers {
        let mut done = dataset.tasks.len();
        for (number, paragraph) in dataset.paragraphs.iter().enumerate() {
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
                progress(done, steps);
                done += 1;
                run.unanswerable(&snapshot, task)?;
            }
            drop(snapshot);
            let mut writer = library.begin()?;
            ids[number] = put(&mut writer, evaluation, number, paragraph, &mut analysers, clock)?;
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

fn shelve(
    library: &Library,
    evaluation: &Evaluation<'_>,
    dataset: &Dataset,
    clock: &dyn Clock,
) -> Result<Vec<DocumentId>> {
    let mut analysers = Analysers::default();
    let mut writer = library.begin()?;
    let mut ids = Vec::new();
    for (number, paragraph) in dataset.paragraphs.iter().enumerate() {
        ids.push(put(&mut writer, evaluation, number, paragraph, &mut analysers, clock)?);
    }
    writer.publish()?;
    Ok(ids)
}

fn put(
    writer: &mut Writer<'_>,
    evaluation: &Evaluation<'_>,
    number: usize,
    paragraph: &str,
    analysers: &mut Analysers,
    clock: &dyn Clock,
) -> Result<DocumentId> {
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
    let draft = Draft::new(file, content, analysers.of(language));
    let put = writer.put(draft, clock.now())?;
    Ok(put.id().clone())
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
        let query = Query {
            text: task.question.clone(),
            collection: collection.cloned(),
            k: DEEP.max(self.evaluation.k),
            mode: Mode::Hybrid,
        };
        let mut documents: Vec<DocumentId> = Vec::new();
        let mut rank = None;
        for passage in search(snapshot, &query)? {
            if documents.contains(&passage.document) {
                continue;
            }
            if is_gold((&passage.document, &passage.source)) {
                rank = Some(documents.len() + 1);
                break;
            }
            documents.push(passage.document);
        }
        let began = self.clock.instant();
        let answer =
            ask(snapshot, &self.question(task, collection), self.clock, &mut |_| std::ops::ControlFlow::Continue(()))?;
        self.tally.took(self.clock.instant().duration_since(began));
        if task.answers.is_empty() {
            self.tally.unanswerable(!answer.is_found());
            return Ok(());
        }
        self.tally.ranked(rank);
        let quotes: Vec<&str> = answer.citations.iter().map(|citation| citation.quote.as_str()).collect();
        let text = answer.is_found().then(|| quotes.join(" "));
        self.tally.answered(text.as_deref(), quotes.len(), &task.answers);
        Ok(())
    }

    fn unanswerable(&mut self, snapshot: &Snapshot, task: &Task) -> Result<()> {
        let answer =
            ask(snapshot, &self.question(task, None), self.clock, &mut |_| std::ops::ControlFlow::Continue(()))?;
        self.tally.unanswerable(!answer.is_found());
        Ok(())
    }

    fn question(&self, task: &Task, collection: Option<&CollectionName>) -> Question {
        Question {
            text: task.question.clone(),
            collection: collection.cloned(),
            k: self.evaluation.k,
            history: Vec::new(),
            certainty: self.evaluation.certainty,
            because: Because::NoGenerator,
        }
    }
}
