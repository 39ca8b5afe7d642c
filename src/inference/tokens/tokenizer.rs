//! Text into what a model reads, and nothing of the text left out: what is too long becomes several windows.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::Tokens;
use super::file::{self, Pipeline};
use super::frame::Frame;
use super::windows::windows;
use super::words::Words;
use crate::inference::contain::contained;
use crate::inference::encoder::{Config, Family};
use crate::inference::error::{InferenceError, ModelFile};

pub(in crate::inference) struct Tokenizer {
    pipeline: Pipeline,
    words: Option<Words>,
    file: ModelFile,
    vocabulary: usize,
    single: Frame,
    pair: Frame,
    longest: usize,
}

/// What the tokenizer has to fit to.
#[derive(Clone, Copy, Debug)]
pub(in crate::inference) struct Fit<'a> {
    pub(in crate::inference) config: &'a Config,
    /// How many tokens the model reads at once, marks counted.
    pub(in crate::inference) longest: usize,
}

/// Fewer than this beside marks and prefix are not worth reading.
const LEAST_ROOM: usize = 4;

impl Tokenizer {
    pub(in crate::inference) fn load(model: &str, folder: &Path, fit: Fit<'_>) -> Result<Tokenizer, InferenceError> {
        let file = ModelFile::new(model, folder, "tokenizer.json");
        // The crate takes some things in a file for granted that a damaged one does not have.
        contained(|| load(file.clone(), fit)).unwrap_or_else(|_| Err(file.damaged("does not make a tokenizer")))
    }

    /// The tokens of a text, without marks.
    pub(in crate::inference) fn encode(&self, text: &str) -> Result<Vec<u32>, InferenceError> {
        match &self.words {
            Some(words) => words.encode(text, |word| self.encode_all(word)),
            None => self.encode_all(text),
        }
    }

    fn encode_all(&self, text: &str) -> Result<Vec<u32>, InferenceError> {
        let failed = || InferenceError::Failed {
            model: self.file.model.clone(),
            why: format!("its tokenizer stopped at a text of {} bytes", text.len()),
        };
        let encoded = contained(|| self.pipeline.encode_fast(text, false)).map_err(|_| failed())?.map_err(|error| {
            tracing::warn!(%error, model = self.file.model, "a text could not be tokenized");
            failed()
        })?;
        let ids = encoded.get_ids();
        match ids.iter().find(|&&id| id as usize >= self.vocabulary) {
            Some(id) => Err(self.file.damaged(format!("gives the token {id}, and the model has {}", self.vocabulary))),
            None => Ok(ids.to_vec()),
        }
    }

    /// The room for a text beside marks and prefix.
    pub(in crate::inference) fn room(&self, prefix: &[u32]) -> Result<usize, InferenceError> {
        self.enough(self.longest.saturating_sub(self.single.marks() + prefix.len()))
    }

    /// What a model reads to know the whole of a text, with the prefix before each window.
    pub(in crate::inference) fn whole(&self, prefix: &str, text: &str) -> Result<Vec<Tokens>, InferenceError> {
        // Together, because a prefix may become one piece with what follows.
        let together = if prefix.is_empty() { self.encode(text)? } else { self.encode(&format!("{prefix}{text}"))? };
        if together.len() + self.single.marks() <= self.longest {
            return Ok(vec![self.single.around(&together)]);
        }
        let (prefix, text) =
            if prefix.is_empty() { (Vec::new(), together) } else { (self.encode(prefix)?, self.encode(text)?) };
        let room = self.room(&prefix)?;
        let window = |part: Range<usize>| self.single.around(&[&prefix[..], &text[part]].concat());
        Ok(windows(text.len(), room).into_iter().map(window).collect())
    }

    /// What a model reads to know the whole of a question and the whole of a passage together: for each window of the
    /// question, all windows of the passage.
    pub(in crate::inference) fn pairs(
        &self,
        question: &[u32],
        passage: &[u32],
    ) -> Result<Vec<Vec<Tokens>>, InferenceError> {
        let room = self.enough(self.longest.saturating_sub(self.pair.marks()))?;
        // The passage always has half of the room: a question that needs more is read in parts.
        let asked = windows(question.len(), room - room / 2);
        let pairs = asked.into_iter().map(|part| {
            let question = &question[part];
            let passages = windows(passage.len(), room - question.len()).into_iter();
            passages.map(|part| self.pair.around_both(question, &passage[part])).collect()
        });
        Ok(pairs.collect())
    }

    fn enough(&self, room: usize) -> Result<usize, InferenceError> {
        if room < LEAST_ROOM {
            let why = format!("of the {} tokens that it reads at once, {room} are left for text", self.longest);
            return Err(self.file.unsupported(why));
        }
        Ok(room)
    }
}

fn load(file: ModelFile, fit: Fit<'_>) -> Result<Tokenizer, InferenceError> {
    let (pipeline, size) = file::read(&file)?;
    let rows = fit.config.vocabulary;
    // Tables have a few rows more than there are tokens, to be of a round size.
    if size > rows || size + size / 8 + 16 < rows {
        return Err(file.damaged(format!("tells {size} tokens apart, and the model has {rows}: it is another model's")));
    }
    let processor = pipeline.get_post_processor();
    let framed = |frame: tokenizers::Result<Frame>| {
        let frame = frame.map_err(|error| file.damaged_by("puts marks around a text in an unknown way", error))?;
        let strange = frame.ids().find(|&id| id as usize >= rows);
        match strange {
            Some(id) => Err(file.damaged(format!("has the mark {id}, and the model has {rows} tokens"))),
            None if !frame.has_first() => Err(file.damaged("puts no mark before a text")),
            None => Ok(frame),
        }
    };
    let single = framed(Frame::single(processor))?;
    let pair = framed(Frame::pair(processor))?;
    let pair = if fit.config.types == 1 || fit.config.family == Family::Roberta { pair.of_one_type() } else { pair };
    if fit.config.family == Family::Roberta {
        let padding = pipeline.token_to_id("<pad>");
        if padding.is_some_and(|id| id != fit.config.padding) {
            let why = format!("fills up with another token than config.json says, {}", fit.config.padding);
            return Err(file.damaged(why));
        }
    }
    Ok(Tokenizer { words: Words::of(&pipeline), pipeline, file, vocabulary: rows, single, pair, longest: fit.longest })
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").field("vocabulary", &self.vocabulary).field("longest", &self.longest).finish()
    }
}
