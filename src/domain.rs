//! What docent talks about: documents, chunks, places, passages, questions, answers.
//! Knows nothing of storage, models, wire formats or the terminal; every border has its own shapes.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::clock::Timestamp;

mod language;
mod names;
mod place;

pub use language::Language;
pub use names::{CollectionName, ContentHash, DocumentId, InvalidName};
pub use place::Place;

/// What a reader found in a file: its whole text, and the blocks that text is made of.
///
/// Blocks are in reading order, do not overlap, lie on character borders of `text`, and together cover everything
/// that is worth finding. What lies between two blocks is white space or separators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manuscript {
    pub title: Option<String>,
    pub format: Format,
    pub text: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Bytes of [`Manuscript::text`].
    pub range: Range<usize>,
    pub kind: BlockKind,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// 1 is the outermost level.
    Heading(u8),
    Paragraph,
    ListItem,
    /// One row, its cells already joined into readable text (`header: value` where there is a header).
    TableRow,
    Code,
}

/// What kind of file a text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    Text,
    Markdown,
    Html,
    Csv,
    Json,
    Pdf,
    Docx,
}

impl Format {
    pub const ALL: [Format; 7] =
        [Format::Text, Format::Markdown, Format::Html, Format::Csv, Format::Json, Format::Pdf, Format::Docx];

    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Pdf => "pdf",
            Format::Docx => "docx",
        }
    }

    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One document of the library, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub id: DocumentId,
    /// Where it came from: an absolute path, or the name a client gave.
    pub source: String,
    pub title: String,
    pub format: Format,
    pub language: Language,
    pub collection: CollectionName,
    pub chunks: u32,
    /// Size of the original file.
    pub bytes: u64,
    pub added_at: Timestamp,
}

/// A stretch of a document's text that is found and cited as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Bytes of the document's text. Neighbouring chunks may share sentences.
    pub range: Range<usize>,
    pub place: Place,
    /// From the outermost heading to the nearest.
    pub headings: Vec<String>,
    /// The blocks it is made of, or what of them is in it. In reading order.
    pub parts: Vec<Part>,
}

/// A block, or a piece of one, inside a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Bytes of the same text that the chunk's range counts in.
    pub range: Range<usize>,
    pub kind: BlockKind,
    pub place: Place,
}

/// A chunk's number, unique in one library and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkNumber(pub u64);

/// A chunk that was found for a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    pub chunk: ChunkNumber,
    pub score: f32,
    pub document: DocumentId,
    pub source: String,
    pub title: String,
    pub language: Language,
    pub place: Place,
    pub headings: Vec<String>,
    pub text: String,
    /// What the text is made of, in bytes of it.
    pub parts: Vec<Part>,
    /// Characters (Unicode scalar values) of the document's text.
    pub range: Range<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// With `[n]` behind what citation n supports. Empty of citations when nothing answers the question.
    pub text: String,
    pub origin: Origin,
    /// False when time or the allowed length ran out, or the asker went away, before the end.
    pub complete: bool,
    pub language: Language,
    pub citations: Vec<Citation>,
    /// What of the text no source says, in characters (Unicode scalar values) of it.
    pub unsupported: Vec<Range<usize>>,
    pub timings: Timings,
    /// The generator's name, where one wrote the answer.
    pub model: Option<String>,
    /// How it was made, where it is a remembered one.
    pub remembered: Option<Remembered>,
}

impl Answer {
    /// Whether the documents held anything to answer from.
    pub fn is_found(&self) -> bool {
        !self.citations.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Generated,
    Extracted(Because),
    /// Made before, and still right.
    Remembered(Tier),
}

/// Where it was remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    Memory,
    Disk,
}

impl Tier {
    pub fn name(self) -> &'static str {
        match self {
            Tier::Memory => "memory",
            Tier::Disk => "disk",
        }
    }
}

/// How a remembered answer came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Why it was put together from sentences; none where a model wrote it.
    pub because: Option<Because>,
    pub at: Timestamp,
    /// The question it was made for, where that is another than was asked now.
    pub question: Option<String>,
}

/// Why an answer was put together from sentences instead of being written by a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// No generator is installed.
    NoGenerator,
    /// The caller asked for it (`--no-llm`).
    Asked,
    /// Nothing in the documents answers the question.
    NothingFound,
    /// Too many others waited for the generator.
    Busy,
    /// The generator could not be opened, or wrote nothing that could be used.
    Failed,
    /// The generator had not written a word when time was running out.
    Late,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    pub n: u32,
    pub document: DocumentId,
    pub source: String,
    pub title: String,
    pub place: Place,
    /// Exactly as it stands in the document.
    pub quote: String,
    pub score: f32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    pub retrieve: Duration,
    pub first_token: Option<Duration>,
    pub total: Duration,
    pub prompt_tokens: u32,
    pub generated_tokens: u32,
}

/// A question that was asked before in the same conversation, and what it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub question: String,
    pub answer: String,
}

/// What somebody says in a conversation with a generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub speaker: Speaker,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// What the generator is told to be.
    System,
    User,
    Assistant,
}

/// What happens while a question is being answered: the sources once, then text many times, and once that it is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Sources(Vec<Passage>),
    Text(String),
    /// Nothing yet; said several times a second, so that whoever does not want to wait any longer can break.
    Waiting,
    Done(Box<Answer>),
}
