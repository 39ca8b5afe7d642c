//! A small library for the tests of this room.

use tempfile::TempDir;

use crate::clock::Timestamp;
use crate::domain::{Block, BlockKind, CollectionName, ContentHash, Format, Manuscript, Place};
use crate::library::{Content, Draft, Library, SourceFile};
use crate::text::{Analysers, Cut, count_words, cut, detect_language};

/// Documents as (collection, source, text); every line of a text is a paragraph.
pub(super) fn library(documents: &[(&str, &str, &str)]) -> (TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    put(&library, documents);
    (folder, library)
}

/// More of them, or others under the same sources.
pub(super) fn put(library: &Library, documents: &[(&str, &str, &str)]) {
    let mut analysers = Analysers::default();
    let mut writer = library.begin().unwrap();
    for (collection, source, text) in documents {
        let mut blocks = Vec::new();
        let mut start = 0;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let range = start..start + line.trim_end().len();
            blocks.push(Block { range, kind: BlockKind::Paragraph, place: Place::line(number) });
            start += line.len();
        }
        let manuscript = Manuscript { title: None, format: Format::Text, text: (*text).to_owned(), blocks };
        let language = detect_language(text);
        let chunks = cut(&manuscript, language, &Cut { limit: 60, overlap: 10 }, &count_words);
        let file = SourceFile {
            collection: CollectionName::new(collection).unwrap(),
            source: (*source).to_owned(),
            hash: ContentHash::of(text.as_bytes()),
            bytes: text.len() as u64,
        };
        let content = Content { title: None, format: Format::Text, language, text: manuscript.text, chunks };
        writer.put(Draft::new(file, content, analysers.of(language)), Timestamp(0)).unwrap();
    }
    writer.publish().unwrap();
}

pub(super) const LAB: &str = "The laboratory opens at eight in the morning and closes at six.\n\
    If a chemical gets into the eyes, rinse them at the eyewash for fifteen minutes. Then tell the supervisor.\n\
    Gloves are changed when they are torn. Coats are washed once a week.\n";
pub(super) const PULMON: &str = "El cáncer de pulmón de células no pequeñas es el más frecuente.\n\
    La biopsia confirma el diagnóstico. Se toma una muestra de tejido y se estudia al microscopio.\n\
    El tabaco causa la mayoría de los casos. El radón es la segunda causa.\n";
pub(super) const CALCULO: &str = "A derivada mede a taxa de variação de uma função em um ponto.\n\
    A regra da cadeia serve para derivar funções compostas. Leibniz criou a notação dy/dx.\n\
    O limite descreve o comportamento de uma função perto de um ponto.\n";
