//! Passages as somebody else's model is given them: quoted, numbered, and whom the numbers stand for.

use crate::domain::{Citation, Passage};
use crate::prompt::sources;

/// Nothing in the text can be taken for an instruction or for a number of ours.
pub fn context(passages: &[Passage]) -> (String, Vec<Citation>) {
    let cite = |(n, passage): (u32, &Passage)| Citation {
        n,
        document: passage.document.clone(),
        source: passage.source.clone(),
        title: passage.title.clone(),
        place: passage.place.clone(),
        quote: passage.text.clone(),
        score: passage.score,
    };
    (sources(passages), (1..).zip(passages).map(cite).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::fixture::{LAB, PULMON, library};
    use crate::assistant::{Engines, Mode, Query, search};

    #[test]
    fn every_number_of_a_context_has_its_citation() {
        let (_folder, library) = library(&[("c", "lab.txt", LAB), ("c", "pulmon.txt", PULMON)]);
        let query = Query { text: "eyewash biopsia".to_owned(), collection: None, k: 5, mode: Mode::Lexical };
        let passages = search(&library.snapshot(), &Engines::none(), &query).unwrap();
        let (text, citations) = context(&passages);
        assert_eq!(citations.len(), passages.len());
        for citation in &citations {
            assert!(text.contains(&format!("[{}] {}\n> ", citation.n, citation.title)), "{text}");
        }
        assert!(text.lines().all(|line| line.is_empty() || line.starts_with("> ") || line.starts_with('[')), "{text}");
    }
}
