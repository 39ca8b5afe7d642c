//! The room as its callers see it, and what becomes of it when the disk or the process fails.

mod backups;
mod faults;
mod journeys;
mod opening;
mod random;
mod vectors;

use std::path::Path;

use super::*;
use crate::clock::Timestamp;
use crate::domain::{BlockKind, Chunk, ChunkNumber, CollectionName, ContentHash, Format, Language, Part, Place};
use crate::text::Analyser;

/// A document whose paragraphs, apart by blank lines, are its chunks.
fn draft(collection: &CollectionName, source: &str, text: &str) -> Draft {
    draft_with(collection, source, text, None)
}

fn draft_with(collection: &CollectionName, source: &str, text: &str, title: Option<&str>) -> Draft {
    let mut chunks = Vec::new();
    let mut at = 0;
    for paragraph in text.split("\n\n") {
        if !paragraph.is_empty() {
            let place = Place::line(chunks.len() as u32 + 1);
            let part = Part { range: at..at + paragraph.len(), kind: BlockKind::Paragraph, place: place.clone() };
            let parts = vec![part];
            chunks.push(Chunk { range: at..at + paragraph.len(), place, headings: vec!["Heading".into()], parts });
        }
        at += paragraph.len() + 2;
    }
    let file = SourceFile {
        collection: collection.clone(),
        source: source.to_owned(),
        hash: ContentHash::of(text.as_bytes()),
        bytes: text.len() as u64,
    };
    let content = Content {
        title: title.map(str::to_owned),
        format: Format::Text,
        language: Language::English,
        text: text.to_owned(),
        chunks,
    };
    Draft::new(file, content, &mut Analyser::new(Language::English))
}

fn shelf(name: &str) -> CollectionName {
    CollectionName::new(name).unwrap()
}

/// Adds documents to the default collection and publishes them.
fn add(library: &Library, documents: &[(&str, &str)]) -> Vec<Put> {
    let mut writer = library.begin().unwrap();
    let put = documents
        .iter()
        .map(|(source, text)| writer.put(draft(&CollectionName::default(), source, text), Timestamp(7)).unwrap())
        .collect();
    writer.publish().unwrap();
    put
}

/// The texts of the chunks that hold a word, as written: best first.
fn found(library: &Library, word: &str) -> Vec<String> {
    found_in(library, word, None)
}

fn found_in(library: &Library, word: &str, collection: Option<CollectionName>) -> Vec<String> {
    let snapshot = library.snapshot();
    let term = Analyser::new(Language::English).joined(word);
    let query = LexicalQuery { groups: vec![vec![(term, 1.0)]], head_weight: 0.5, collection };
    let hits = snapshot.search(&query, 1000).unwrap();
    hits.iter().map(|hit| snapshot.chunk(hit.chunk).unwrap().expect("a hit is a chunk of the library").text).collect()
}

fn sources(library: &Library) -> Vec<String> {
    let mut sources: Vec<_> =
        library.snapshot().documents(None).unwrap().into_iter().map(|document| document.source).collect();
    sources.sort();
    sources
}

/// What must hold of every library at every time.
fn assert_sound(library: &Library) {
    let snapshot = library.snapshot();
    let figures = stats(library).unwrap();
    assert!(figures.agree(), "{figures:?}");
    let mut chunks = 0;
    let mut bytes = 0;
    for document in snapshot.documents(None).unwrap() {
        let text = snapshot.text(&document.id).unwrap().unwrap();
        bytes += document.bytes;
        chunks += u64::from(document.chunks);
        for number in snapshot.chunks_of(&document.id).unwrap() {
            let chunk = snapshot.chunk(ChunkNumber(number)).unwrap().unwrap();
            assert_eq!(chunk.document, document);
            assert_eq!(chunk.text, text[chunk.chunk.range.clone()]);
            let characters = chunk.characters.start as usize..chunk.characters.end as usize;
            let counted: String = text.chars().skip(characters.start).take(characters.len()).collect();
            assert_eq!(chunk.text, counted);
        }
    }
    assert_eq!((figures.chunks, figures.bytes), (chunks, bytes));
}

fn open(folder: &Path) -> Library {
    let library = Library::open(folder).unwrap();
    assert_sound(&library);
    library
}
