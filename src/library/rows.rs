//! How documents and chunks are written down in redb: the rows, and nothing of what they mean.
//!
//! A row never changes its shape without a new [`FORMAT`](super::tables::FORMAT): postcard has no field names.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::{
    BlockKind, Chunk, CollectionName, ContentHash, Document, DocumentId, Format, Language, Part, Place,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DocumentRow {
    pub source: String,
    pub title: String,
    /// False when the title is only the file's name.
    pub titled: bool,
    pub format: String,
    pub language: String,
    pub collection: u32,
    pub hash: [u8; 32],
    pub bytes: u64,
    pub text_bytes: u64,
    pub first_chunk: u64,
    pub chunks: u32,
    pub added_at: u64,
}

impl DocumentRow {
    pub(super) fn chunk_numbers(&self) -> std::ops::Range<u64> {
        self.first_chunk..self.first_chunk + u64::from(self.chunks)
    }

    pub(super) fn language(&self) -> Language {
        Language::from_tag(&self.language).unwrap_or_default()
    }

    pub(super) fn hash(&self) -> ContentHash {
        ContentHash(self.hash)
    }

    pub(super) fn to_document(&self, number: u64, collection: CollectionName) -> Document {
        Document {
            id: id_of(number),
            source: self.source.clone(),
            title: self.title.clone(),
            format: Format::from_name(&self.format).unwrap_or(Format::Text),
            language: self.language(),
            collection,
            chunks: self.chunks,
            bytes: self.bytes,
            added_at: Timestamp(self.added_at),
        }
    }
}

/// Ids are numbers that are never used twice, so one table finds a document both ways.
pub(super) fn id_of(number: u64) -> DocumentId {
    DocumentId::new(format!("d{number}"))
}

pub(super) fn number_of(id: &DocumentId) -> Option<u64> {
    let digits = id.as_str().strip_prefix('d')?;
    // "d007" and "d+7" are not how `id_of` writes 7.
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChunkRow {
    pub document: u64,
    pub start: u64,
    pub end: u64,
    /// Characters of the document's text before `start`.
    pub char_start: u64,
    pub headings: Vec<String>,
    pub parts: Vec<PartRow>,
}

impl ChunkRow {
    pub(super) fn of(document: u64, char_start: u64, chunk: &Chunk) -> ChunkRow {
        ChunkRow {
            document,
            start: chunk.range.start as u64,
            end: chunk.range.end as u64,
            char_start,
            headings: chunk.headings.clone(),
            parts: chunk.parts.iter().map(PartRow::of).collect(),
        }
    }

    pub(super) fn to_chunk(&self) -> Chunk {
        let parts: Vec<Part> = self.parts.iter().map(PartRow::to_part).collect();
        Chunk {
            range: self.start as usize..self.end as usize,
            place: parts.first().map(|part| part.place.clone()).unwrap_or_default(),
            headings: self.headings.clone(),
            parts,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartRow {
    start: u64,
    end: u64,
    kind: KindRow,
    place: PlaceRow,
}

impl PartRow {
    fn of(part: &Part) -> PartRow {
        let kind = match part.kind {
            BlockKind::Heading(level) => KindRow::Heading(level),
            BlockKind::Paragraph => KindRow::Paragraph,
            BlockKind::ListItem => KindRow::ListItem,
            BlockKind::TableRow => KindRow::TableRow,
            BlockKind::Code => KindRow::Code,
        };
        let place = PlaceRow::of(&part.place);
        PartRow { start: part.range.start as u64, end: part.range.end as u64, kind, place }
    }

    fn to_part(&self) -> Part {
        let kind = match self.kind {
            KindRow::Heading(level) => BlockKind::Heading(level),
            KindRow::Paragraph => BlockKind::Paragraph,
            KindRow::ListItem => BlockKind::ListItem,
            KindRow::TableRow => BlockKind::TableRow,
            KindRow::Code => BlockKind::Code,
        };
        Part { range: self.start as usize..self.end as usize, kind, place: self.place.to_place() }
    }
}

/// New kinds go to the end: postcard knows them by their order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum KindRow {
    Heading(u8),
    Paragraph,
    ListItem,
    TableRow,
    Code,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlaceRow {
    page: Option<u32>,
    line: Option<u32>,
    slide: Option<u32>,
    sheet: Option<String>,
    row: Option<u32>,
    section: Option<String>,
}

impl PlaceRow {
    fn of(place: &Place) -> PlaceRow {
        let Place { page, line, slide, sheet, row, section } = place.clone();
        PlaceRow { page, line, slide, sheet, row, section }
    }

    fn to_place(&self) -> Place {
        let PlaceRow { page, line, slide, sheet, row, section } = self.clone();
        Place { page, line, slide, sheet, row, section }
    }
}

/// What one revision did, for an index that has to catch up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChangeRow {
    /// New, or with new content or a new title. Their chunks of earlier revisions are gone.
    pub written: Vec<u64>,
    pub removed: Vec<u64>,
}

/// How much there is in one language of one collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TallyRow {
    pub documents: u64,
    pub chunks: u64,
    pub bytes: u64,
}

/// What is kept of one embedder's vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EmbedderRow {
    /// Never used twice.
    pub number: u32,
    pub dimensions: u32,
    pub documents: u64,
    pub vectors: u64,
}

pub(super) fn encode(row: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(row).expect("rows are plain data that postcard can always write")
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, redb::Error> {
    postcard::from_bytes(bytes).map_err(|error| redb::Error::Corrupted(format!("a row cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_only_as_they_are_written() {
        assert_eq!(number_of(&id_of(12)), Some(12));
        for other in ["12", "d", "d012", "d+1", "d-1", "D1", "d1 ", "d99999999999999999999"] {
            assert_eq!(number_of(&DocumentId::new(other)), None, "{other}");
        }
    }
}
