//! Which sentence answers in a passage of another language: words cannot say, so the meanings of the sentences are compared
//! with that of the question.

use std::time::Duration;

use crate::assistant::apart::apart;
use crate::assistant::engines::Engines;
use crate::rank::{Excerpt, Reading};

/// More are not in a passage that was cut for reading.
const MOST_SENTENCES: usize = 24;
/// A sentence beside the best that is this near to it in cosine is quoted too.
const AS_NEAR: f32 = 0.03;

/// The best of the first reading, in reading order. Nothing when the embedder fails, or is late.
pub(super) fn sentences_by_meaning(
    engines: &Engines,
    question: &str,
    reading: &Reading<'_>,
    patience: Duration,
) -> Option<Vec<Excerpt>> {
    let ranges = &reading.sentences[..reading.sentences.len().min(MOST_SENTENCES)];
    let texts: Vec<String> = ranges.iter().map(|range| reading.text[range.clone()].to_owned()).collect();
    if texts.is_empty() {
        return None;
    }
    let asked = engines.embed_question(question).wait(engines, patience)?;
    let embedder = engines.clone();
    let coming = apart(move || {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        embedder.embed_new(&texts)
    });
    let vectors = engines.in_time(&coming, patience)?;
    let cosines: Vec<f32> =
        vectors.iter().map(|vector| vector.iter().zip(&asked).map(|(a, b)| a * b).sum::<f32>()).collect();
    let best = (0..cosines.len()).max_by(|&a, &b| cosines[a].total_cmp(&cosines[b]))?;
    let beside = [best.checked_sub(1), Some(best + 1)].into_iter().flatten();
    let also = beside.filter(|&at| cosines.get(at).is_some_and(|cosine| *cosine >= cosines[best] - AS_NEAR));
    let mut chosen: Vec<usize> = also.chain([best]).collect();
    chosen.sort_unstable();
    let excerpt =
        |at: usize| Excerpt { passage: 0, range: ranges[at].clone(), likelihood: cosines[at].clamp(0.0, 1.0) };
    Some(chosen.into_iter().map(excerpt).collect())
}
