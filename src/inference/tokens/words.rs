//! Words that were met before need no tokenizing: most of any text is made of few of them.
//!
//! Only for tokenizers that never look beyond the space between two words; for others there is none of this.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::RandomState;
use serde_json::Value;

use super::file::Pipeline;
use crate::inference::error::InferenceError;

#[derive(Debug)]
pub(super) struct Words {
    /// Which of `SPACES` divide words here.
    spaces: Vec<char>,
    known: RwLock<HashMap<Box<str>, Box<[u32]>, RandomState>>,
}

const SPACES: [char; 4] = [' ', '\n', '\t', '\r'];

/// Longer words do not come again.
const LONGEST: usize = 40;

/// Some two megabytes.
const MOST: usize = 1 << 14;

impl Words {
    /// `None` for a tokenizer whose words may depend on each other.
    pub(super) fn of(pipeline: &Pipeline) -> Option<Words> {
        let normalizer = serde_json::to_value(pipeline.get_normalizer()).ok()?;
        let divider = serde_json::to_value(pipeline.get_pre_tokenizer()).ok()?;
        let added = pipeline.get_added_tokens_decoder();
        if !keeps_words_apart(&normalizer) || !divides_at_spaces(&divider) || added.values().any(|token| !token.special)
        {
            return None;
        }
        // What becomes of a line's end is written in tables that are not looked into; so it is tried.
        let ids = |text: &str| Some(pipeline.encode_fast(text, false).ok()?.get_ids().to_vec());
        let apart = ids("a b")?;
        let divides = |space: &char| {
            [format!("a{space}b"), format!("a{space} {space}b"), format!("{space}a \r\n b{space}")]
                .iter()
                .all(|text| ids(text).as_ref() == Some(&apart))
        };
        let spaces: Vec<char> = SPACES.into_iter().filter(divides).collect();
        spaces.contains(&' ').then(|| Words { spaces, known: RwLock::default() })
    }

    /// As `slow` would have it for the whole text, which is asked for what is not known only.
    pub(super) fn encode(
        &self,
        text: &str,
        slow: impl Fn(&str) -> Result<Vec<u32>, InferenceError>,
    ) -> Result<Vec<u32>, InferenceError> {
        let mut ids = Vec::with_capacity(text.len() / 4);
        let mut met = Vec::new();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            for word in self.split(text) {
                if let Some(found) = known.get(word) {
                    ids.extend_from_slice(found);
                } else {
                    let found = slow(word)?;
                    ids.extend_from_slice(&found);
                    if word.len() <= LONGEST {
                        met.push((word.into(), found.into_boxed_slice()));
                    }
                }
            }
        }
        if !met.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() + met.len() > MOST {
                known.clear();
            }
            known.extend(met.into_iter().take(MOST));
        }
        Ok(ids)
    }

    fn split<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let start = self.after_spaces(rest).unwrap_or(0);
            rest = &rest[start..];
            let spaces = rest.match_indices(&self.spaces[..]).filter(|(at, _)| *at > 0);
            let end = spaces.map(|(at, _)| at).find(|&at| self.after_spaces(&rest[at..]).is_some());
            let word;
            (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
            (!word.is_empty()).then_some(word)
        })
    }

    /// Where what follows the spaces begins. `None` if that may join the last space, as marks over letters do: then what
    /// stands before and after them is taken for one word.
    fn after_spaces(&self, text: &str) -> Option<usize> {
        let rest = text.trim_start_matches(&self.spaces[..]);
        let is_apart = rest.chars().next().is_none_or(|c| {
            c.is_ascii_graphic()
                || ('¡'..'\u{300}').contains(&c) && c != '\u{AD}'
                || (c >= '\u{370}' && (c.is_lowercase() || c.is_uppercase()))
                || matches!(c, '–' | '—' | '‘' | '’' | '“' | '”' | '„' | '…' | '•' | '€' | '→')
                || ('\u{3400}'..='\u{9FFF}').contains(&c)
        });
        is_apart.then_some(text.len() - rest.len())
    }
}

fn keeps_words_apart(normalizer: &Value) -> bool {
    match normalizer["type"].as_str() {
        Some("BertNormalizer" | "Precompiled" | "NFC" | "NFD" | "NFKC" | "NFKD" | "Lowercase" | "StripAccents") => true,
        Some("Sequence") => normalizer["normalizers"].as_array().is_some_and(|all| all.iter().all(keeps_words_apart)),
        _ => normalizer.is_null(),
    }
}

fn divides_at_spaces(divider: &Value) -> bool {
    match divider["type"].as_str() {
        Some("BertPreTokenizer" | "WhitespaceSplit") => true,
        Some("Sequence") => {
            let steps = divider["pretokenizers"].as_array().map_or(&[][..], |steps| steps);
            // What comes after sees one word at a time, and must not ask whether it is the first.
            let is_alone = |step: &Value| match step["type"].as_str() {
                Some("Metaspace") => step["prepend_scheme"] == "always",
                Some("Punctuation" | "Digits" | "WhitespaceSplit") => true,
                _ => false,
            };
            steps.first().is_some_and(|first| first["type"] == "WhitespaceSplit") && steps[1..].iter().all(is_alone)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::error::ModelFile;
    use crate::inference::tests::fixture::{Dice, Tiny};
    use crate::inference::tokens::file;

    const BITS: [&str; 30] = [
        "the", "cat", "derivada", "La", "Una", "x", ".", "¿", "«", "é", "e\u{301}", "\u{301}", "\u{345}", "\u{200D}",
        "数", "ा", "क", "🦀", "\u{AD}", "\u{0}", " ", " ", " ", "  ", "\n", "\t", "\r\n", "\u{A0}", "\u{3000}",
        "[SEP]",
    ];

    fn pipeline(tiny: &Tiny) -> Pipeline {
        let written = tiny.write();
        file::read(&ModelFile::new("tiny", written.path(), "tokenizer.json")).unwrap().0
    }

    #[test]
    fn words_by_themselves_are_the_text() {
        for tiny in [Tiny::bert(), Tiny::xlm_roberta()] {
            let pipeline = pipeline(&tiny);
            let words = Words::of(&pipeline).unwrap();
            assert_eq!(words.spaces.len(), 4);
            let slow = |text: &str| Ok(pipeline.encode_fast(text, false).unwrap().get_ids().to_vec());
            let mut dice = Dice(5);
            for _ in 0..3000 {
                let text: String = (0..dice.next() % 16).map(|_| BITS[dice.next() as usize % BITS.len()]).collect();
                assert_eq!(words.encode(&text, slow).unwrap(), slow(&text).unwrap(), "{text:?}");
            }
            let known = words.known.read().unwrap().len();
            assert!(known > 100, "{known} words were kept");
        }
    }

    #[test]
    fn spaces_that_may_be_joined_are_no_border() {
        let words = Words::of(&pipeline(&Tiny::bert())).unwrap();
        let split = |text| words.split(text).collect::<Vec<_>>();
        assert_eq!(split("  a b\t\u{301}c  \u{301}d\n\r\ne "), ["a", "b\t\u{301}c  \u{301}d", "e"]);
        assert_eq!(split(" \u{301}a b"), [" \u{301}a", "b"]);
        assert_eq!(split("   "), [""; 0]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let pipeline = pipeline(&Tiny::bert());
        let words = Words::of(&pipeline).unwrap();
        for round in 0..5 {
            let text: String = (0..10_000).map(|at| format!("{round}x{at} ")).collect();
            words.encode(&text, |_| Ok(vec![1])).unwrap();
            assert!(words.known.read().unwrap().len() <= MOST);
        }
        let long = "x".repeat(LONGEST + 1);
        words.encode(&long, |_| Ok(vec![1])).unwrap();
        assert!(!words.known.read().unwrap().contains_key(&long[..]));
    }

    #[test]
    fn tokenizers_that_look_around_are_left_alone() {
        for (pointer, value) in [
            (
                "/pre_tokenizer",
                serde_json::json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}),
            ),
            ("/pre_tokenizer/pretokenizers/1/prepend_scheme", "first".into()),
            ("/normalizer", serde_json::json!({"type": "Replace", "pattern": {"String": " "}, "content": ""})),
            ("/added_tokens/4/special", false.into()),
        ] {
            let mut tiny = Tiny::xlm_roberta();
            *tiny.tokenizer.pointer_mut(pointer).unwrap() = value;
            assert!(Words::of(&pipeline(&tiny)).is_none(), "{pointer}");
        }
    }
}
