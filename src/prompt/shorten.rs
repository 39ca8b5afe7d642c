//! Which stretch of a passage is shown where not all of it fits: whole sentences around the one that is nearest to the
//! question.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::Passage;
use crate::text::{Analysers, sentences};

/// The longest run of sentences with the nearest one in it of which `fits` says yes. Nothing where not even that one
/// does.
pub(super) fn shorten(
    passage: &Passage,
    question: &str,
    analysers: &mut Analysers,
    fits: impl Fn(&Range<usize>) -> bool,
) -> Option<Range<usize>> {
    let whole = 0..passage.text.len();
    if fits(&whole) {
        return Some(whole);
    }
    let sentences = quotable(passage);
    let core = nearest(passage, &sentences, question, analysers)?;
    let mut shown = sentences[core].clone();
    if !fits(&shown) {
        return None;
    }
    // What follows a sentence explains it more often than what stands before it.
    let (mut first, mut last) = (core, core);
    let (mut up, mut down) = (true, true);
    while up || down {
        down = down && last + 1 < sentences.len();
        if down {
            let longer = shown.start..sentences[last + 1].end;
            down = fits(&longer);
            if down {
                (shown, last) = (longer, last + 1);
            }
        }
        up = up && first > 0;
        if up {
            let longer = sentences[first - 1].start..shown.end;
            up = fits(&longer);
            if up {
                (shown, first) = (longer, first - 1);
            }
        }
    }
    Some(shown)
}

/// As much of the beginning as fits, to a word's end: for a text without sentences that would otherwise be lost.
pub(super) fn cut(passage: &Passage, fits: impl Fn(&Range<usize>) -> bool) -> Option<Range<usize>> {
    let text = &passage.text;
    let ends: Vec<usize> =
        text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at).chain([text.len()]).collect();
    let enough = ends.partition_point(|&end| fits(&(0..end)));
    let end = *ends.get(enough.checked_sub(1)?)?;
    (!text[..end].trim().is_empty()).then_some(0..end)
}

fn quotable(passage: &Passage) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for part in &passage.parts {
        let Some(text) = passage.text.get(part.range.clone()) else { continue };
        let inside = sentences(text, passage.language).into_iter();
        found.extend(inside.map(|range| part.range.start + range.start..part.range.start + range.end));
    }
    if found.is_empty() { sentences(&passage.text, passage.language) } else { found }
}

/// The first of those that hold most of the question's words.
fn nearest(passage: &Passage, sentences: &[Range<usize>], question: &str, analysers: &mut Analysers) -> Option<usize> {
    let analyser = analysers.of(passage.language);
    let mut asked = HashSet::new();
    analyser.for_each(question, |_, term| {
        asked.insert(term.to_owned());
    });
    let mut best = None;
    for (index, range) in sentences.iter().enumerate() {
        let mut held = HashSet::new();
        analyser.for_each(&passage.text[range.clone()], |_, term| {
            if let Some(term) = asked.get(term) {
                held.insert(term.as_str());
            }
        });
        if best.is_none_or(|(most, _)| held.len() > most) {
            best = Some((held.len(), index));
        }
    }
    best.map(|(_, index)| index)
}
