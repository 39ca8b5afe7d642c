//! A document on its way into the library, with everything that can be computed before the writer's turn.

use super::vectors::{ChunkVectors, Offered};
use crate::domain::{Chunk, CollectionName, ContentHash, Format, Language};
use crate::text::Analyser;

/// What is written for one file. Built by [`Draft::new`], so that its terms are always those of its chunks.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) file: SourceFile,
    pub(super) content: Content,
    pub(super) terms: Vec<Terms>,
    pub(super) vectors: Vec<Offered>,
}

/// Where a document comes from.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub collection: CollectionName,
    /// An absolute path, or the name a client gave.
    pub source: String,
    pub hash: ContentHash,
    /// Size of the original file.
    pub bytes: u64,
}

/// What a reader and the text room made of it.
#[derive(Clone, Debug)]
pub struct Content {
    /// The document's own title; without one its file name serves.
    pub title: Option<String>,
    pub format: Format,
    pub language: Language,
    pub text: String,
    pub chunks: Vec<Chunk>,
}

/// What the index knows of a chunk: terms separated by single spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    pub head: String,
    pub body: String,
}

impl Draft {
    /// `analyser` must be one for `content.language`.
    pub fn new(file: SourceFile, content: Content, analyser: &mut Analyser) -> Draft {
        let title = title_of(content.title.as_deref(), &file.source);
        let mut heads = Heads::new(&title, analyser);
        let terms = content
            .chunks
            .iter()
            .map(|chunk| {
                let text = content.text.get(chunk.range.clone()).unwrap_or_default();
                Terms { head: heads.of(&chunk.headings, analyser), body: analyser.joined(text) }
            })
            .collect();
        Draft { file, content, terms, vectors: Vec::new() }
    }

    /// What an embedder made of [`Draft::chunk_texts`]: an entry for each chunk, in the same order. Several embedders may
    /// have read the same document; what cannot be kept is refused when the draft is put into a library.
    pub fn with_vectors(mut self, embedder: &str, vectors: Vec<ChunkVectors>) -> Draft {
        self.vectors.retain(|offered| offered.embedder != embedder);
        self.vectors.push(Offered::new(embedder, &vectors, self.content.chunks.len()));
        self
    }

    pub fn chunk_texts(&self) -> Vec<&str> {
        let text = |range: &std::ops::Range<usize>| self.content.text.get(range.clone()).unwrap_or_default();
        self.content.chunks.iter().map(|chunk| text(&chunk.range)).collect()
    }

    /// About how much memory and disk it takes.
    pub fn weight(&self) -> usize {
        let terms: usize = self.terms.iter().map(|terms| terms.body.len() + terms.head.len() + 96).sum();
        let vectors: usize = self.vectors.iter().map(Offered::weight).sum();
        self.content.text.len() + terms + vectors + 512
    }

    pub fn text_bytes(&self) -> usize {
        self.content.text.len()
    }

    pub(super) fn title(&self) -> String {
        title_of(self.content.title.as_deref(), &self.file.source)
    }
}

/// Analyses a document's title and headings once for all the chunks that share them.
pub(super) struct Heads {
    title: String,
    last: Option<(Vec<String>, String)>,
}

impl Heads {
    pub(super) fn new(title: &str, analyser: &mut Analyser) -> Heads {
        Heads { title: analyser.joined(title), last: None }
    }

    pub(super) fn of(&mut self, headings: &[String], analyser: &mut Analyser) -> String {
        if let Some((same, head)) = &self.last
            && same == headings
        {
            return head.clone();
        }
        let mut head = self.title.clone();
        for heading in headings {
            let terms = analyser.joined(heading);
            // A document whose title is its first heading does not count it twice.
            if terms.is_empty() || terms == self.title {
                continue;
            }
            if !head.is_empty() {
                head.push(' ');
            }
            head.push_str(&terms);
        }
        self.last = Some((headings.to_vec(), head.clone()));
        head
    }
}

/// The document's own title, or the name of its file without folders and extension.
pub(super) fn title_of(own: Option<&str>, source: &str) -> String {
    if let Some(title) = own.map(str::trim).filter(|title| !title.is_empty()) {
        return title.to_owned();
    }
    let name = source.rsplit(['/', '\\']).next().unwrap_or(source);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_title_is_called_like_its_file() {
        assert_eq!(title_of(Some("  Own "), "/a/b.txt"), "Own");
        assert_eq!(title_of(Some(" "), "/a/acta de reunión.txt"), "acta de reunión");
        assert_eq!(title_of(None, "/a/.hidden"), ".hidden");
        assert_eq!(title_of(None, r"C:\a\b.tar.gz"), "b.tar");
        assert_eq!(title_of(None, "note"), "note");
    }
}
