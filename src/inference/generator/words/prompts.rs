//! A prompt into tokens: a conversation through the model's template, a text as it stands; and nothing that people wrote
//! is taken for a mark.

use super::file;
use super::forms;
use super::masks::Masks;
use super::notes::Notes;
use super::pieces::Use;
use super::template::{Around, Refusal, Template, Turn};
use super::vocabulary::{self, Coder, Vocabulary};
use crate::domain::{Message, Speaker};
use crate::gguf::Contents;
use crate::inference::Prompt;
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::generator::GeneratorSource;

#[derive(Debug)]
pub(in crate::inference::generator) struct Words {
    vocabulary: Vocabulary,
    template: Result<Template, Refusal>,
    /// Stands before every prompt that does not begin with it.
    begins: Option<u32>,
    first: String,
    last: String,
    ends: Vec<u32>,
    stop: Vec<String>,
    file: ModelFile,
}

impl Words {
    /// Needs the notes that begin with `tokenizer.`, and `general.name`.
    pub(in crate::inference::generator) fn load(
        contents: &Contents,
        source: &GeneratorSource,
    ) -> Result<Words, InferenceError> {
        let file = ModelFile { model: source.id.clone(), path: source.weights.clone() };
        let notes = Notes { contents, file: &file };
        let written = match &source.chat_template {
            Some(template) => Some(template.as_str()),
            None => notes.text("tokenizer.chat_template")?,
        };
        let vocabulary = match &source.tokenizer {
            Some(path) => {
                let file = ModelFile { model: source.id.clone(), path: path.clone() };
                file::read(&file, written.unwrap_or_default())?
            }
            None => vocabulary::read(notes, written.unwrap_or_default())?,
        };
        let form = forms::form(&vocabulary.marks);
        let mut stop = source.stop.clone();
        if written.is_none() {
            tracing::info!(model = source.id, "the model has no chat template, so its marks decide");
            stop.extend(form.stop.iter().map(|text| (*text).to_owned()));
        }
        let template = Template::new(written.unwrap_or(form.template));
        let size = vocabulary.pieces.len();
        let named = |text: &[u8]| vocabulary.marks.get(text).map(|mark| mark.id);
        let begin = notes.token("tokenizer.ggml.bos_token_id", size)?.or_else(|| named(b"<s>"));
        let end = notes.token("tokenizer.ggml.eos_token_id", size)?.or_else(|| named(b"</s>"));
        let begins = notes.truth("tokenizer.ggml.add_bos_token")?.unwrap_or(vocabulary.begins);
        let called = |id: Option<u32>| {
            let bytes = id.map_or(&b""[..], |id| vocabulary.pieces.bytes(id));
            String::from_utf8_lossy(bytes).into_owned()
        };
        let mut ends: Vec<u32> = end.into_iter().collect();
        for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
            ends.extend(notes.token(key, size)?);
        }
        ends.extend(named_ends(&vocabulary));
        ends.sort_unstable();
        ends.dedup();
        let (first, last) = (called(begin), called(end));
        let begins = begin.filter(|_| begins);
        Ok(Words { vocabulary, template, begins, first, last, ends, stop, file })
    }

    /// What the model reads before it writes.
    pub(in crate::inference::generator) fn prompt(&self, prompt: &Prompt) -> Result<Vec<u32>, InferenceError> {
        match prompt {
            Prompt::Text(text) => {
                let mut ids: Vec<u32> = self.begins.into_iter().collect();
                self.plain(text, &mut ids)?;
                Ok(ids)
            }
            Prompt::Tokens(ids) => match ids.iter().find(|&&id| id as usize >= self.vocabulary()) {
                Some(id) => {
                    let why = format!("its prompt has the token {id}, and there are {}", self.vocabulary());
                    Err(self.file.unsupported(why))
                }
                None => Ok(ids.clone()),
            },
            Prompt::Chat(messages) => {
                let template = self.template.as_ref().map_err(|refusal| self.file.unsupported(refusal.text()))?;
                self.chat(template, messages)
            }
        }
    }

    /// The tokens of a text by itself.
    pub(in crate::inference::generator) fn count(&self, text: &str) -> usize {
        let mut ids = Vec::new();
        // As many as there could be, for a text that cannot be read at all.
        self.plain(text, &mut ids).map_or(text.len(), |()| ids.len())
    }

    /// Tokens that say that all is said.
    pub(in crate::inference::generator) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Texts that say so: the source's, and those of a form that has no marks for it.
    pub(in crate::inference::generator) fn stop(&self) -> &[String] {
        &self.stop
    }

    /// How many tokens there are.
    pub(in crate::inference::generator) fn vocabulary(&self) -> usize {
        self.vocabulary.pieces.len()
    }

    /// The bytes a token adds to a text.
    pub(in crate::inference::generator) fn text(&self, id: u32) -> &[u8] {
        self.vocabulary.pieces.text(id)
    }

    /// Whether a text that comes behind this token, or behind none, has a space before it that nobody meant.
    pub(super) fn adds_space_behind(&self, last: Option<u32>) -> bool {
        self.vocabulary.first_space && last.is_none_or(|id| self.is_mark(id))
    }

    pub(in crate::inference::generator) fn is_mark(&self, id: u32) -> bool {
        matches!(self.vocabulary.pieces.used(id), Use::Mark | Use::Spoken)
    }

    /// The bytes a token is known by, also those of marks.
    #[cfg(test)]
    pub(super) fn written(&self, id: u32) -> &[u8] {
        self.vocabulary.pieces.bytes(id)
    }

    fn chat(&self, template: &Template, messages: &[Message]) -> Result<Vec<u32>, InferenceError> {
        let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
        let masks = Masks::new(&texts, &self.vocabulary.marks)
            .map_err(|_| self.file.unsupported("its prompt has every character in it that there is"))?;
        let turns: Vec<Turn<'_>> = messages
            .iter()
            .zip(masks.masked())
            .map(|(message, text)| Turn { role: role(message.speaker), content: text })
            .collect();
        let around = Around { first: &self.first, last: &self.last };
        let rendered = match template.render(&turns, around) {
            Ok(text) if says_system(&text, &turns) => Ok(text),
            first => {
                // Many templates know no system message, and many want the speakers to take turns.
                let joined = joined(&turns);
                let turns: Vec<Turn<'_>> =
                    joined.iter().map(|(role, text)| Turn { role, content: text.as_str() }).collect();
                match (template.render(&turns, around), first) {
                    (Ok(text), _) | (Err(_), Ok(text)) => Ok(text),
                    (Err(_), Err(refusal)) => Err(refusal),
                }
            }
        };
        let text = rendered.map_err(|refusal| self.file.unsupported(refusal.text()))?;
        let mut ids = Vec::with_capacity(text.len() / 3);
        self.marked(&text, &masks, &mut ids)?;
        if let Some(first) = self.begins
            && ids.first() != Some(&first)
        {
            ids.insert(0, first);
        }
        Ok(ids)
    }

    /// What a template wrote: marks are marks.
    fn marked(&self, text: &str, masks: &Masks, ids: &mut Vec<u32>) -> Result<(), InferenceError> {
        let mut at = 0;
        while let Some(found) = self.vocabulary.marks.find(text.as_bytes(), at) {
            let before = &text[at..found.start];
            let before = if found.mark.takes_before { before.trim_end() } else { before };
            self.plain(&masks.unmask(before), ids)?;
            ids.push(found.mark.id);
            let behind = &text[found.end..];
            at = if found.mark.takes_behind { text.len() - behind.trim_start().len() } else { found.end };
        }
        self.plain(&masks.unmask(&text[at..]), ids)
    }

    /// What people wrote: nothing is a mark.
    fn plain(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), InferenceError> {
        let mut at = 0;
        while let Some(found) = self.vocabulary.whole.find(text.as_bytes(), at) {
            self.encode(&text[at..found.start], ids)?;
            ids.push(found.mark.id);
            at = found.end;
        }
        self.encode(&text[at..], ids)
    }

    fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), InferenceError> {
        if text.is_empty() {
            return Ok(());
        }
        let pieces = &self.vocabulary.pieces;
        match &self.vocabulary.coder {
            Coder::BytePairs(coder) => coder.encode(text, pieces, ids),
            Coder::Sentences(coder) => coder.encode(text, pieces, ids),
            Coder::File(coder) => ids.extend(coder.encode(text)?),
        }
        Ok(())
    }
}

fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

/// Some templates leave out what they do not know, without a word.
fn says_system(text: &str, turns: &[Turn<'_>]) -> bool {
    turns.iter().filter(|turn| turn.role == "system").all(|turn| text.contains(turn.content.trim()))
}

/// The system's words before the user's first, and one turn for those that follow each other.
fn joined(turns: &[Turn<'_>]) -> Vec<(&'static str, String)> {
    let mut system = String::new();
    let mut joined: Vec<(&'static str, String)> = Vec::new();
    for turn in turns {
        if turn.role == "system" {
            system.push_str(turn.content.trim());
            system.push_str("\n\n");
            continue;
        }
        match joined.last_mut() {
            Some((role, text)) if *role == turn.role => {
                text.push_str("\n\n");
                text.push_str(turn.content);
            }
            _ => joined.push((turn.role, turn.content.to_owned())),
        }
    }
    if !system.is_empty() {
        match joined.iter_mut().find(|(role, _)| *role == "user") {
            Some((_, text)) => text.insert_str(0, &system),
            None => joined.insert(0, ("user", system.trim_end().to_owned())),
        }
    }
    joined
}

/// Those that are known by their names.
fn named_ends(vocabulary: &Vocabulary) -> Vec<u32> {
    let pieces = &vocabulary.pieces;
    let text = |id: u32| std::str::from_utf8(pieces.bytes(id)).unwrap_or_default();
    let ends = |id: &u32| pieces.used(*id) != Use::Text && vocabulary::ends(text(*id), pieces.used(*id));
    let mut ids: Vec<u32> = (0..pieces.len() as u32).filter(ends).collect();
    // Where tools are called by a mark of their own, this one only divides what is said.
    let has = |name: &str| ids.iter().any(|&id| text(id) == name);
    if has("<|return|>") && has("<|call|>") || has("<|calls|>") && has("<|flush|>") {
        ids.retain(|&id| text(id) != "<|end|>");
    }
    ids
}
