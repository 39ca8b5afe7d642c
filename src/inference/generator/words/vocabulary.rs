//! A vocabulary out of a file's notes: its tokens, what they are for, and how text is cut into them.

use super::byte_pairs::{BytePairs, Starts};
use super::bytes::{self, Writing};
use super::file::FromFile;
use super::marks::{Mark, Marks};
use super::merges::Merges;
use super::notes::Notes;
use super::pieces::{Pieces, Use};
use super::sentences::{self, Sentences};
use super::split::{self, Splitter};
use crate::inference::error::InferenceError;

#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) pieces: Pieces,
    pub(super) coder: Coder,
    /// What only a template may say.
    pub(super) marks: Marks,
    /// What is found in any text before it is cut.
    pub(super) whole: Marks,
    /// A text as tokens begins with a space that was not written.
    pub(super) first_space: bool,
    /// Whether a prompt begins with a mark, if the file does not say.
    pub(super) begins: bool,
}

#[derive(Debug)]
pub(super) enum Coder {
    BytePairs(BytePairs),
    Sentences(Sentences),
    File(Box<FromFile>),
}

/// Texts of tokens that end what a model says, whatever the file says they are.
const ENDS: [&str; 14] = [
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|calls|>",
    "<|flush|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eom_id|>",
    "<end_of_turn>",
    "<turn|>",
    "<end_of_utterance>",
    "<｜end▁of▁sentence｜>",
];

/// The same, unless they are a part of any text: some vocabularies have them for web pages.
const ENDS_IF_MARKS: [&str; 6] = ["</s>", "<eos>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]"];

pub(super) fn read(notes: Notes<'_>, template: &str) -> Result<Vocabulary, InferenceError> {
    let model = notes.text("tokenizer.ggml.model")?;
    let model = model.ok_or_else(|| notes.file.damaged("has no vocabulary"))?;
    let tokens = notes.texts("tokenizer.ggml.tokens")?.unwrap_or_default();
    if tokens.is_empty() {
        return Err(notes.file.damaged("has a vocabulary without tokens"));
    }
    match model {
        "gpt2" | "gemma4" => byte_pairs(notes, tokens, template, model == "gemma4"),
        "llama" => scored(notes, tokens, template),
        other => {
            let why = format!("its vocabulary is of the kind {:?}", shortened(other));
            Err(notes.file.unsupported(why))
        }
    }
}

fn byte_pairs(
    notes: Notes<'_>,
    tokens: &[String],
    template: &str,
    is_written_in_characters: bool,
) -> Result<Vocabulary, InferenceError> {
    let name = if is_written_in_characters { "gemma4" } else { notes.text("tokenizer.ggml.pre")?.unwrap_or("default") };
    let rule = split::rule_named(name).or_else(|| {
        let (rule, model) = (shortened(name), &notes.file.model);
        tracing::warn!(rule, model, "words are divided as in gpt-2, because this rule is not known");
        split::rule_named("gpt-2")
    });
    let rule = rule.ok_or_else(|| notes.file.unsupported("its words are divided in an unknown way"))?;
    let characters = matches!(name, "gemma4" | "sarvam-moe");
    let writing = if characters { Writing::Spaced } else { Writing::ByteLevel };
    let (mut pieces, named) = pieces(notes, tokens, template, writing)?;
    let lines = notes.texts("tokenizer.ggml.merges")?;
    let lines = lines.ok_or_else(|| notes.file.damaged("has a vocabulary without pairs"))?;
    pieces.index();
    let starts = match (characters, rule.keeps_words) {
        (true, _) => Starts::Characters,
        (false, true) => Starts::BytesOfUnknownWords,
        (false, false) => Starts::Bytes,
    };
    let mut single = named;
    for byte in 0..=255 {
        if !characters {
            single[usize::from(byte)] = pieces.find(&[byte]);
        }
    }
    let coder = BytePairs {
        splitter: Splitter::new(rule),
        merges: Merges::new(lines, &pieces, writing),
        bytes: single,
        starts,
        unknown: notes.token("tokenizer.ggml.unknown_token_id", pieces.len())?,
    };
    let (marks, whole) = found(&pieces, false, |_| (false, false));
    let begins = rule.begins || name == "gemma4";
    Ok(Vocabulary { pieces, coder: Coder::BytePairs(coder), marks, whole, first_space: false, begins })
}

fn scored(notes: Notes<'_>, tokens: &[String], template: &str) -> Result<Vocabulary, InferenceError> {
    let (mut pieces, named) = pieces(notes, tokens, template, Writing::Spaced)?;
    let scores = notes.floats("tokenizer.ggml.scores")?;
    let scores = scores.ok_or_else(|| notes.file.damaged("has a vocabulary without scores"))?;
    if scores.len() < pieces.len() {
        let why = format!("has {} scores for {} tokens", scores.len(), pieces.len());
        return Err(notes.file.damaged(why));
    }
    pieces.index();
    let first_space = notes.truth("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
    let longest = (0..pieces.len() as u32).map(|id| pieces.bytes(id).len()).max().unwrap_or_default();
    let coder = Sentences {
        orders: scores.iter().map(|&score| sentences::order(score)).collect(),
        bytes: named,
        unknown: notes.token("tokenizer.ggml.unknown_token_id", pieces.len())?,
        begins_with_space: first_space,
        longest,
    };
    // These were trained with marks that swallow the line's end behind them, which no note says.
    let name = notes.text("general.name")?.unwrap_or_default().to_lowercase();
    let swallows = name.contains("phi-3") || name.contains("phi3");
    let is_open = |text: &[u8]| matches!(text, b"<s>" | b"<unk>" | b"<|endoftext|>");
    let (marks, whole) = found(&pieces, true, |text| (false, swallows && !is_open(text)));
    Ok(Vocabulary { pieces, coder: Coder::Sentences(coder), marks, whole, first_space, begins: true })
}

/// The tokens, and which of them are the bytes that are named.
#[expect(clippy::type_complexity, reason = "two lists of one walk through the tokens")]
fn pieces(
    notes: Notes<'_>,
    tokens: &[String],
    template: &str,
    writing: Writing,
) -> Result<(Pieces, Box<[Option<u32>; 256]>), InferenceError> {
    let types = notes.integers("tokenizer.ggml.token_type")?;
    if types.is_some_and(|types| types.len() < tokens.len()) {
        return Err(notes.file.damaged("does not say of every token what it is"));
    }
    let mut pieces = Pieces::default();
    let mut named = Box::new([None; 256]);
    let mut buffer = Vec::new();
    for (id, text) in (0..).zip(tokens) {
        let kind = types.map(|types| types[id as usize]);
        let mut used = match kind {
            Some(2) => Use::Nothing,
            Some(3) => Use::Mark,
            Some(4) => defined(text, template),
            Some(5) => Use::Nothing,
            Some(_) => Use::Text,
            None if is_mark(text) || matches!(text.as_str(), "<s>" | "</s>" | "<unk>") => Use::Mark,
            None => Use::Text,
        };
        if ends(text, used) && used != Use::Mark {
            used = Use::Mark;
        }
        // A vocabulary that writes its spaces has names for bytes.
        let byte = if kind == Some(6) || writing == Writing::Spaced { bytes::named_byte(text) } else { None };
        buffer.clear();
        match (byte, used) {
            (Some(byte), Use::Text | Use::Whole | Use::Nothing) => {
                used = Use::Apart;
                buffer.push(byte);
                named[usize::from(byte)].get_or_insert(id);
            }
            (_, Use::Text) => {
                if !writing.read(text, &mut buffer) {
                    used = Use::Apart;
                }
            }
            (_, Use::Whole) if writing == Writing::Spaced => {
                writing.read(text, &mut buffer);
            }
            _ => buffer.extend_from_slice(text.as_bytes()),
        }
        pieces.push(&buffer, used).map_err(|_| notes.file.damaged("has more tokens than there can be"))?;
    }
    Ok((pieces, named))
}

/// What its maker added to a vocabulary is a mark where a template has it, else a part of text.
pub(super) fn defined(text: &str, template: &str) -> Use {
    let is_enclosed = (text.starts_with('<') && text.ends_with('>')) || (text.starts_with('[') && text.ends_with(']'));
    if is_mark(text) || is_enclosed && template.contains(text) { Use::Spoken } else { Use::Whole }
}

fn is_mark(text: &str) -> bool {
    let enclosed = |open, close| text.len() > 4 && text.starts_with(open) && text.ends_with(close);
    enclosed("<|", "|>") || enclosed("<｜", "｜>") || matches!(text, "<start_of_turn>" | "<end_of_turn>")
}

/// Whether a token ends what a model says.
pub(super) fn ends(text: &str, used: Use) -> bool {
    ENDS.contains(&text) || matches!(used, Use::Mark | Use::Spoken) && ENDS_IF_MARKS.contains(&text)
}

/// What a template may say, and what is found in any text. `takes` says whether the spaces before and behind a mark go
/// with it.
pub(super) fn found(pieces: &Pieces, is_spaced: bool, takes: impl Fn(&[u8]) -> (bool, bool)) -> (Marks, Marks) {
    let (mut marks, mut whole) = (Marks::default(), Marks::default());
    for id in 0..pieces.len() as u32 {
        let text = pieces.bytes(id);
        match pieces.used(id) {
            Use::Mark | Use::Spoken => {
                let (takes_before, takes_behind) = takes(text);
                marks.insert(text, Mark { id, takes_before, takes_behind });
            }
            // Spaces are joined by their scores.
            Use::Whole if !(is_spaced && text.starts_with(b" ")) => {
                whole.insert(text, Mark { id, takes_before: false, takes_behind: false });
            }
            Use::Whole | Use::Text | Use::Apart | Use::Nothing => {}
        }
    }
    (marks, whole)
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}
