//! From sentences of passages to text with citations.

use std::ops::Range;

use crate::domain::{BlockKind, Citation, Part, Passage};
use crate::rank::Excerpt;

/// `•`, `-`, `4.` and `b)` say nothing in a running answer.
fn is_item_mark(word: &str) -> bool {
    let mark = word.trim_end_matches(['.', ')']);
    matches!(word, "•" | "◦" | "▪" | "‣" | "–" | "-" | "*")
        || mark.len() < word.len() && mark.len() <= 2 && mark.chars().all(char::is_alphanumeric)
}

/// Sentences that follow each other in one part are quoted as one.
pub(super) fn quote(passages: &[Passage], excerpts: &[Excerpt]) -> (String, Vec<Citation>) {
    let mut quotes: Vec<(&Passage, &Part, Range<usize>, f32)> = Vec::new();
    for excerpt in excerpts {
        let passage = &passages[excerpt.passage];
        let holds = |part: &&Part| part.range.start <= excerpt.range.start && excerpt.range.end <= part.range.end;
        let part = passage.parts.iter().find(holds).expect("a sentence is found inside a part");
        match quotes.last_mut() {
            Some((_, same, range, likelihood))
                if std::ptr::eq(*same, part) && passage.text[range.end..excerpt.range.start].trim().is_empty() =>
            {
                range.end = excerpt.range.end;
                *likelihood += excerpt.likelihood;
            }
            _ => quotes.push((passage, part, excerpt.range.clone(), excerpt.likelihood)),
        }
    }
    let mut answer = String::new();
    let mut citations = Vec::new();
    for (n, (passage, part, range, likelihood)) in (1u32..).zip(quotes) {
        let is_item = part.kind == BlockKind::ListItem && range.start == part.range.start;
        let words = passage.text[range.clone()].split_whitespace().enumerate();
        let words = words.filter(|(at, word)| !(is_item && *at == 0 && is_item_mark(word))).map(|(_, word)| word);
        answer.extend(words.flat_map(|word| [word, " "]));
        answer.push_str(&format!("[{n}] "));
        citations.push(cite(n, passage, part, range, likelihood));
    }
    answer.pop();
    (answer, citations)
}

pub(super) fn cite(n: u32, passage: &Passage, part: &Part, range: Range<usize>, likelihood: f32) -> Citation {
    let mut place = part.place.clone();
    if let Some(line) = &mut place.line {
        let above = passage.text[part.range.start..range.start].bytes().filter(|byte| *byte == b'\n').count();
        *line = line.saturating_add(u32::try_from(above).unwrap_or(u32::MAX));
    }
    Citation {
        n,
        document: passage.document.clone(),
        source: passage.source.clone(),
        title: passage.title.clone(),
        place,
        quote: passage.text[range].to_owned(),
        score: likelihood,
    }
}
