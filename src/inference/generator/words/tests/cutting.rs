//! Is text cut as it should be? Against the plainest way to do the same, and against the crate that defined it.

use std::sync::LazyLock;

use proptest::prelude::*;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior};

use super::super::split::{Splitter, rule_named};
use super::fixture::{self, byte_pairs, load, sentences};

const HELLO: [(&str, &str); 5] = [("l", "l"), ("h", "e"), ("he", "ll"), (" ", "w"), ("hell", "o")];

#[test]
fn pairs_are_joined_in_the_order_of_their_list() {
    let words = load(&byte_pairs("gpt-2", &HELLO, &[]));
    assert_eq!(fixture::text(&words, "hello w"), [260, 259]);
    // The first pair goes first, wherever it stands.
    assert_eq!(fixture::text(&words, "hellllo"), [258, 256, u32::from(b'o')]);
    assert_eq!(fixture::text(&words, "ñ"), [0xc3, 0xb1]);
    assert!(fixture::text(&words, "").is_empty());
}

#[test]
fn a_word_that_is_a_token_stays_whole_where_the_rule_says_so() {
    let pairs = [("a", "b"), ("b", "c"), ("a", "bc")];
    // "abc" is never reached by pairs: "ab" goes first.
    assert_eq!(fixture::text(&load(&byte_pairs("qwen2", &pairs, &[])), "abc"), [256, u32::from(b'c')]);
    let words = load(&byte_pairs("llama-bpe", &pairs, &[]));
    assert_eq!(fixture::text(&words, "abc"), [258]);
}

#[test]
fn pieces_are_joined_by_their_scores_and_bytes_stand_in_for_strange_characters() {
    let pieces = [(" ", -1.0), ("a", -2.0), ("b", -3.0), (" a", -9.0), ("ab", -4.0), ("  ", -5.0)];
    let words = load(&sentences(&pieces, &[]));
    let first = 259;
    assert_eq!(fixture::text(&words, "ab"), [1, first, first + 4]);
    assert_eq!(fixture::text(&words, "a a"), [1, first + 3, first + 3]);
    assert_eq!(fixture::text(&words, "\u{2581}b"), [1, first + 5, first + 2], "a written space is a space");
    assert_eq!(fixture::text(&words, "é"), [1, first, 3 + 0xc3, 3 + 0xa9]);
    assert_eq!(words.count("ab"), 2);
    assert_eq!(words.count(""), 0);
}

#[test]
fn no_text_takes_quadratic_time() {
    let pairs: Vec<(String, String)> = (0..10).map(|n| ("a".repeat(1 << n), "a".repeat(1 << n))).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(left, right)| (left.as_str(), right.as_str())).collect();
    let pieces: Vec<(String, f32)> = (0..10).map(|n| ("a".repeat(1 << n), -1.0)).collect();
    let pieces: Vec<(&str, f32)> = pieces.iter().map(|(text, score)| (text.as_str(), *score)).collect();
    let tables = [load(&byte_pairs("qwen2", &pairs, &[])), load(&sentences(&pieces, &[("<|x|>", 3)]))];
    for words in &tables {
        for unit in ["a", " ", "\n", "!", "é", "<|", "\u{2581}"] {
            let text = unit.repeat(300_000 / unit.len());
            assert!(words.count(&text) > 0);
        }
    }
}

/// The first of the best pairs is joined, again and again.
fn plainly(word: &str, order: impl Fn(&str) -> Option<f32>) -> Vec<String> {
    let mut parts: Vec<String> = word.chars().map(String::from).collect();
    loop {
        let pairs = parts.windows(2).enumerate();
        let ranked = pairs.filter_map(|(at, pair)| order(&pair.concat()).map(|score| (score, at)));
        let Some((_, at)) = ranked.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) else { return parts };
        let right = parts.remove(at + 1);
        parts[at].push_str(&right);
    }
}

proptest! {
    #[test]
    fn joining_is_always_the_best_pair_first(
        text in "[abc]{0,40}",
        pieces in proptest::collection::btree_map("[abc]{2,4}", -5i8..0, 0..20),
    ) {
        let mut all: Vec<(&str, f32)> = vec![("a", 0.0), ("b", 0.0), ("c", 0.0)];
        all.extend(pieces.iter().map(|(text, score)| (text.as_str(), f32::from(*score))));
        let mut contents = sentences(&all, &[]);
        contents.notes.insert("tokenizer.ggml.add_space_prefix".to_owned(), crate::gguf::Value::Bool(false));
        let words = load(&contents);
        let expected = plainly(&text, |joined| pieces.get(joined).map(|score| -f32::from(*score)));
        let got: Vec<String> = fixture::text(&words, &text)[1..]
            .iter()
            .map(|&id| String::from_utf8(words.text(id).to_vec()).unwrap())
            .collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn words_are_divided_as_by_the_rules_that_vocabularies_were_made_with(
        text in r"(?s)([a-zA-ZñÉßǅ]{1,3}|[ \t\n\r\u{a0}\u{3000}]{1,3}|[0-9٣Ⅷ]{1,4}|['’!?,.…/]{1,3}|(?i:'(s|LL|ve|d))|[日本語가ไ\u{301}😀\u{17f}ª]|.){0,12}",
    ) {
        for (name, splitter, originals) in RULES.iter() {
            let mut got = Vec::new();
            splitter.split(&text, &mut |word| got.push(word.to_owned()));
            let mut parts = PreTokenizedString::from(text.as_str());
            for split in originals {
                split.pre_tokenize(&mut parts).unwrap();
            }
            let expected: Vec<&str> = parts
                .get_splits(OffsetReferential::Original, OffsetType::Byte)
                .into_iter()
                .map(|(part, _, _)| part)
                .filter(|part| !part.is_empty())
                .collect();
            prop_assert_eq!(&got, &expected, "{}", name);
        }
    }
}

static RULES: LazyLock<Vec<(&str, Splitter, Vec<Split>)>> = LazyLock::new(|| {
    let split = |round: &&str| {
        let pattern = SplitPattern::Regex((*round).to_owned());
        Split::new(pattern, SplitDelimiterBehavior::Isolated, false).unwrap()
    };
    let rule = |(name, rounds): &(&'static str, &[&str])| {
        (*name, Splitter::new(rule_named(name).unwrap()), rounds.iter().map(split).collect())
    };
    ORIGINALS.iter().map(rule).collect()
});

const FIRST: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// As the models' own files have them, which look ahead instead of giving a space back.
const ORIGINALS: &[(&str, &[&str])] = &[
    ("gpt-2", &[FIRST]),
    ("smollm", &[r"\p{N}", FIRST]),
    (
        "llama-bpe",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "qwen2",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "qwen35",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "tekken",
        &[
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "gpt-4o",
        &[
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "deepseek-v3",
        &[
            r"\p{N}{1,3}",
            "[一-龥\u{3040}-ゟ゠-ヿ]+",
            r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##,
        ],
    ),
];

#[test]
fn every_rule_can_be_read() {
    let names = [
        "gpt-2",
        "smollm",
        "llama-bpe",
        "glm4",
        "dbrx",
        "minicpm5",
        "qwen2",
        "qwen35",
        "ufakzeka",
        "bailingmoe",
        "seed-coder",
        "tekken",
        "gpt-4o",
        "deepseek-llm",
        "deepseek-coder",
        "deepseek-v3",
        "falcon",
        "default",
        "bloom",
        "viking",
        "gemma4",
    ];
    for name in names {
        let splitter = Splitter::new(rule_named(name).unwrap());
        for text in ["", " ", "It's  12345 words,\n\nñandú 日本 ...  ", "\r\n\t x"] {
            let mut all = String::new();
            splitter.split(text, &mut |word| {
                assert!(!word.is_empty());
                all.push_str(word);
            });
            assert_eq!(all, text, "{name}");
        }
    }
    assert_eq!(rule_named("of tomorrow"), None);
}
