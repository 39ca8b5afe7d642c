//! Which chunks hold the terms of a question, and how well: BM25 on one revision of the index.

use std::path::PathBuf;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::index::{Fields, contained};
use crate::domain::{ChunkNumber, CollectionName};
use crate::library::error::Result;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LexicalQuery {
    /// One group for each word of the question: the terms that stand for it, with their weights. The best of a group
    /// counts; groups add up.
    pub groups: Vec<Vec<(String, f32)>>,
    /// What a term in the title or a heading is worth, against one in the text.
    pub head_weight: f32,
    /// All collections when there is none.
    pub collection: Option<CollectionName>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub chunk: ChunkNumber,
    pub score: f32,
}

/// Below this many postings the dead ones among them are left out one by one.
const COUNTED: u32 = 256;
/// Chunks with the score of the last hit, of which the earliest should win.
const TIES: usize = 16;

pub(in super::super) struct Searcher {
    path: PathBuf,
    searcher: tantivy::Searcher,
    fields: Fields,
}

impl Searcher {
    pub(super) fn new(path: PathBuf, searcher: tantivy::Searcher, fields: Fields) -> Searcher {
        Searcher { path, searcher, fields }
    }

    /// Best first; the earlier chunk first where scores are the same.
    pub(in super::super) fn search(
        &self,
        groups: &[Vec<(String, f32)>],
        head_weight: f32,
        collection: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Hit>> {
        let groups: Vec<_> = groups.iter().flat_map(|group| self.group(group, head_weight)).collect();
        if groups.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let query = self.within(collection, BooleanQuery::union(groups));
        contained(&self.path, || {
            // The collector sets aside memory for its limit: no more than there are chunks.
            let room = limit.saturating_add(TIES).min(self.searcher.num_docs().max(1) as usize);
            let found = self.searcher.search(&query, &TopDocs::with_limit(room).order_by_score())?;
            let mut hits = Vec::with_capacity(found.len());
            for (score, address) in found {
                let numbers = self.searcher.segment_reader(address.segment_ord).fast_fields().u64("chunk")?;
                if let Some(number) = numbers.first(address.doc_id) {
                    hits.push(Hit { chunk: ChunkNumber(number), score });
                }
            }
            hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
            hits.truncate(limit);
            Ok(hits)
        })
    }

    /// The queries that stand for one word. A single term needs no choice between alternatives, and stays flat: tantivy
    /// skips what cannot be among the best only in a plain union of terms.
    fn group(&self, group: &[(String, f32)], head_weight: f32) -> Vec<Box<dyn Query>> {
        let mut alternatives: Vec<Vec<Box<dyn Query>>> = group
            .iter()
            .map(|(term, weight)| {
                let mut fields = vec![self.term(self.fields.body, term, *weight)];
                if head_weight > 0.0 {
                    fields.push(self.term(self.fields.head, term, weight * head_weight));
                }
                fields
            })
            .collect();
        if alternatives.len() == 1 {
            return alternatives.remove(0);
        }
        let alternatives: Vec<Box<dyn Query>> =
            alternatives.into_iter().map(|fields| Box::new(BooleanQuery::union(fields)) as _).collect();
        if alternatives.is_empty() { Vec::new() } else { vec![Box::new(DisjunctionMaxQuery::new(alternatives))] }
    }

    fn term(&self, field: Field, term: &str, weight: f32) -> Box<dyn Query> {
        let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
        if weight == 1.0 { Box::new(query) } else { Box::new(BoostQuery::new(Box::new(query), weight)) }
    }

    fn within(&self, collection: Option<u32>, query: BooleanQuery) -> BooleanQuery {
        let Some(collection) = collection else { return query };
        let term = Term::from_field_u64(self.fields.collection, u64::from(collection));
        let here = ConstScoreQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), 0.0);
        BooleanQuery::new(vec![(Occur::Must, Box::new(here) as _), (Occur::Must, Box::new(query))])
    }

    /// In how many chunks the term stands, in their text, title or headings. Exact when they are few.
    pub(in super::super) fn document_frequency(&self, term: &str) -> Result<u64> {
        contained(&self.path, || {
            let segments = self.searcher.segment_readers().iter();
            segments.map(|segment| self.frequency_in(segment, term)).sum()
        })
    }

    fn frequency_in(&self, segment: &SegmentReader, term: &str) -> tantivy::Result<u64> {
        let mut large = 0;
        let mut few = Vec::new();
        for field in [self.fields.body, self.fields.head] {
            let postings = segment.inverted_index(field)?;
            let term = Term::from_field_text(field, term);
            let Some(info) = postings.get_term_info(&term)? else { continue };
            if info.doc_freq > COUNTED {
                large = large.max(info.doc_freq);
                continue;
            }
            let mut postings = postings.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                few.push(postings.doc());
                postings.advance();
            }
        }
        if large > 0 {
            return Ok(u64::from(large.min(segment.num_docs())));
        }
        few.sort_unstable();
        few.dedup();
        Ok(few.into_iter().filter(|&chunk| !segment.is_deleted(chunk)).count() as u64)
    }

    pub(in super::super) fn chunk_count(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Terms in the text of an average chunk.
    pub(in super::super) fn average_terms(&self) -> Result<f32> {
        contained(&self.path, || {
            let (mut terms, mut chunks) = (0, 0);
            for segment in self.searcher.segment_readers() {
                terms += segment.inverted_index(self.fields.body)?.total_num_tokens();
                chunks += u64::from(segment.max_doc());
            }
            Ok(if chunks == 0 { 0.0 } else { terms as f32 / chunks as f32 })
        })
    }

    pub(in super::super) fn segments(&self) -> usize {
        self.searcher.segment_readers().len()
    }

    /// Touches every part that a search reads.
    pub(super) fn check(&self) -> tantivy::Result<()> {
        for segment in self.searcher.segment_readers() {
            segment.fast_fields().u64("chunk")?.first(0);
            for field in [self.fields.body, self.fields.head, self.fields.document, self.fields.collection] {
                let postings = segment.inverted_index(field)?;
                postings.terms().num_terms();
            }
            segment.get_fieldnorms_reader(self.fields.body)?;
            segment.get_fieldnorms_reader(self.fields.head)?;
        }
        Ok(())
    }
}
