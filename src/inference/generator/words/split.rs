//! Where may a token never reach across? Each family of byte-level vocabularies was made with a rule of its own.

use regex::Regex;

/// Cuts a text in several rounds, each inside the stretches of the one before.
#[derive(Debug)]
pub(super) struct Splitter {
    rounds: Vec<Round>,
}

/// What matches is a stretch, and so is what lies between.
#[derive(Debug)]
struct Round {
    matches: Regex,
    spaces: Spaces,
}

/// The last space of several belongs to the word behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spaces {
    /// This round says nothing about spaces.
    Any,
    GiveBack,
    /// Unless a line ends there.
    GiveBackInLine,
}

/// What a vocabulary's name for its rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    rounds: &'static [(&'static str, Spaces)],
    /// A word that is a token is not cut.
    pub(super) keeps_words: bool,
    /// Begins a prompt with a mark, if the file does not say.
    pub(super) begins: bool,
}

macro_rules! contractions {
    () => {
        r"'(?:s|t|re|ve|m|ll|d)"
    };
}

/// Of the first vocabularies of this kind: a word, a number or a row of signs, each with the space before it.
macro_rules! plain {
    () => {
        concat!(contractions!(), r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+")
    };
}

/// Words take any sign before them, numbers are cut, signs take the ends of lines behind them.
macro_rules! later {
    ($digits:literal) => {
        later!(concat!("(?i:", contractions!(), r")|"), r"\p{L}", r"\p{L}", $digits, "+")
    };
    ($contractions:expr, $letter:literal, $sign:literal, $digits:literal, $ends:literal) => {
        concat!(
            $contractions,
            r"[^\r\n\p{L}\p{N}]?[",
            $letter,
            "]+|",
            $digits,
            r"| ?[^\s",
            $sign,
            r"\p{N}]+[\r\n]*|\s*[\r\n]",
            $ends,
            r"|\s+"
        )
    };
}

/// A word is also cut before a capital letter.
macro_rules! cased {
    ($digits:literal, $contractions:expr) => {
        concat!(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
            $contractions,
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
            $contractions,
            "|",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+"
        )
    };
}

const PLAIN: (&str, Spaces) = (plain!(), Spaces::GiveBack);
const DIGITS: (&str, Spaces) = (r"\p{N}", Spaces::Any);
const THREE_DIGITS: (&str, Spaces) = ("[0-9]{3}", Spaces::Any);
const EAST_ASIAN: (&str, Spaces) = ("[一-龥ࠀ-一가-\u{d7ff}]+", Spaces::Any);
const NO_SENTENCE: (&str, Spaces) = (" ?[^(\\s|.,!?…。，、।۔،)]+", Spaces::Any);

const fn rule(rounds: &'static [(&'static str, Spaces)]) -> Rule {
    Rule { rounds, keeps_words: false, begins: false }
}

/// `None`: docent does not know this name.
pub(super) fn rule_named(name: &str) -> Option<Rule> {
    use Spaces::{Any, GiveBackInLine};
    Some(match name {
        "gpt-2" | "phi-2" | "mpt" | "olmo" | "jais" | "trillion" | "granite-docling" | "exaone4" | "gigachat"
        | "a.x-4.0" | "mellum" | "modern-bert" | "jina-es" | "jina-de" | "jina-v2-es" | "jina-v2-de" | "jina-v1-en"
        | "jina-v2-code" | "roberta-bpe" => rule(&[PLAIN]),
        "starcoder" | "refact" | "command-r" | "smollm" | "codeshell" | "exaone" | "minerva-7b" | "mellum2" => {
            rule(&[DIGITS, PLAIN])
        }
        "llama3" | "llama-v3" | "llama-bpe" | "falcon3" | "falcon-h1" | "pixtral" | "midm-2.0" | "lfm2"
        | "jina-v5-nano" => {
            Rule { keeps_words: true, begins: true, ..rule(&[(later!(r"\p{N}{1,3}"), GiveBackInLine)]) }
        }
        "glm4" | "glm5" => Rule { keeps_words: true, ..rule(&[(later!(r"\p{N}{1,3}"), GiveBackInLine)]) },
        "dbrx" | "smaug-bpe" | "chatglm-bpe" => rule(&[(later!(r"\p{N}{1,3}"), GiveBackInLine)]),
        "minicpm5" => {
            let rounds = &[(r"\p{N}{1,3}", Any), (later!(r"\p{N}+"), GiveBackInLine)];
            Rule { keeps_words: true, ..rule(rounds) }
        }
        "qwen2" | "deepseek-r1-qwen" | "kormo" | "f2llmv2" | "stablelm2" | "hunyuan" | "solar-open" | "megrez"
        | "grok-2" => rule(&[(later!(r"\p{N}"), GiveBackInLine)]),
        "qwen35" => rule(&[(
            later!(concat!("(?i:", contractions!(), r")|"), r"\p{L}\p{M}", r"\p{L}\p{M}", r"\p{N}", "+"),
            GiveBackInLine,
        )]),
        "ufakzeka" => rule(&[(later!("", r"\p{L}", r"\p{L}", r"\p{N}", "+"), GiveBackInLine)]),
        "bailingmoe" | "bailingmoe2" | "llada-moe" => {
            rule(&[(later!(r"'(?i:[sdmt]|ll|ve|re)|", r"\p{L}", r"\p{L}", r"\p{N}", ""), GiveBackInLine)])
        }
        "seed-coder" => rule(&[(
            concat!("(?i:", contractions!(), r")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+"),
            GiveBackInLine,
        )]),
        "tekken" => Rule { keeps_words: true, begins: true, ..rule(&[(cased!(r"\p{N}", ""), GiveBackInLine)]) },
        "gpt-4o" | "llama4" | "kanana2" | "talkie" | "minimax-m2" => {
            rule(&[(cased!(r"\p{N}{1,3}", concat!("(?i:", contractions!(), ")?")), GiveBackInLine)])
        }
        "deepseek-llm" => rule(&[
            (r"[\r\n]", Any),
            // Letters that have a capital and a small form.
            (r"\s?[\p{Lu}\p{Ll}\p{Lt}--[ა-ჿ]]+", Any),
            (r"\s?[!-/:-~！-／：-～‘-‟　-。]+", Any),
            (r"\s+$", Any),
            EAST_ASIAN,
            (r"\p{N}+", Any),
        ]),
        "deepseek-coder" => rule(&[(r"[\r\n]", Any), (r"\s?\p{L}+", Any), (r"\s?\p{P}+", Any), EAST_ASIAN, DIGITS]),
        "deepseek-v3" | "hunyuan-dense" | "joyai-llm" | "hy_v4" => rule(&[
            (r"\p{N}{1,3}", Any),
            ("[一-龥\u{3040}-ゟ゠-ヿ]+", Any),
            (
                concat!(
                    r"[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+",
                    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+"
                ),
                GiveBackInLine,
            ),
        ]),
        "falcon" => rule(&[(r"[\p{P}$+<=>^~|`]+", Any), PLAIN, THREE_DIGITS]),
        "default" => rule(&[(r"[\p{P}$+<=>^~|]+", Any), PLAIN, (r"\p{N}+", Any), THREE_DIGITS]),
        "poro-chat" | "bloom" | "gpt3-finnish" => rule(&[NO_SENTENCE]),
        "viking" => rule(&[NO_SENTENCE, DIGITS]),
        // Tokens are written in characters: only lines keep words apart.
        "gemma4" | "sarvam-moe" => rule(&[(r"\n+", Any)]),
        _ => return None,
    })
}

impl Splitter {
    pub(super) fn new(rule: Rule) -> Splitter {
        let rounds = rule.rounds.iter().map(|(pattern, spaces)| {
            let matches = Regex::new(pattern).expect("every rule is written right, which a test sees to");
            Round { matches, spaces: *spaces }
        });
        Splitter { rounds: rounds.collect() }
    }

    /// All of the text, in its order.
    pub(super) fn split<'a>(&self, text: &'a str, word: &mut dyn FnMut(&'a str)) {
        cut(&self.rounds, text, word);
    }
}

fn cut<'a>(rounds: &[Round], text: &'a str, word: &mut dyn FnMut(&'a str)) {
    if text.is_empty() {
        return;
    }
    let Some((round, rest)) = rounds.split_first() else { return word(text) };
    let mut at = 0;
    while let Some(found) = round.matches.find_at(text, at) {
        let (start, end) = (found.start(), round.end(text, found.start(), found.end()));
        cut(rest, &text[at..start], word);
        cut(rest, &text[start..end], word);
        at = end;
    }
    cut(rest, &text[at..], word);
}

impl Round {
    fn end(&self, text: &str, start: usize, end: usize) -> usize {
        let found = &text[start..end];
        let Some(last) = found.chars().next_back() else { return end };
        let ends_line = matches!(last, '\r' | '\n') && self.spaces == Spaces::GiveBackInLine;
        let is_last = end == text.len() || found.len() == last.len_utf8();
        if self.spaces == Spaces::Any || ends_line || is_last || !found.chars().all(char::is_whitespace) {
            return end;
        }
        end - last.len_utf8()
    }
}
