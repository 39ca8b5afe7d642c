//! What does `tokenizer.json` say? Its parts become a pipeline without truncation and padding, which are not its to decide.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokenizers::models::{ModelWrapper, TrainerWrapper};
use tokenizers::{
    AddedToken, DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, Result, Token,
    TokenizerImpl,
};

use super::unigram::{self, Unigram};
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::source::read_bytes;

pub(super) type Pipeline =
    TokenizerImpl<Pieces, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Vocabularies of hundreds of thousands of pieces take less than 20 MB.
const LONGEST: u64 = 64 << 20;

/// Enough to know which kind the model is, without keeping it.
#[derive(Deserialize)]
struct Glance {
    model: Kind,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    name: Option<String>,
    #[serde(default)]
    byte_fallback: bool,
}

#[derive(Deserialize)]
struct Parts<M> {
    model: M,
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
    post_processor: Option<PostProcessorWrapper>,
    #[serde(default)]
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    #[serde(flatten)]
    token: AddedToken,
}

/// Reads the file, and gives with the pipeline how many tokens it can tell apart.
pub(super) fn read(file: &ModelFile) -> std::result::Result<(Pipeline, usize), InferenceError> {
    let text = read_bytes(file, LONGEST)?;
    let glance: Glance = parse(&text, file)?;
    let is_unigram = glance.model.name.as_deref() == Some("Unigram") && !glance.model.byte_fallback;
    let built = if is_unigram {
        let parts = parse::<Parts<unigram::Written>>(&text, file)?;
        drop(text);
        build(parts, |written| Unigram::new(written).map(Pieces::Unigram))
    } else {
        let parts = parse::<Parts<ModelWrapper>>(&text, file)?;
        drop(text);
        build(parts, |model| Ok(Pieces::Any(Box::new(model))))
    };
    let (pipeline, wrong) = built.map_err(|error| file.damaged_by("does not make a tokenizer", error))?;
    if let Some(token) = wrong {
        return Err(file.damaged(format!("gives the token {token:?} a number that is not its own")));
    }
    let size = pipeline.get_vocab_size(true);
    Ok((pipeline, size))
}

fn parse<T: DeserializeOwned>(text: &[u8], file: &ModelFile) -> std::result::Result<T, InferenceError> {
    serde_json::from_slice(text).map_err(|error| {
        let at = format!("is not a tokenizer, at line {} column {}", error.line(), error.column());
        file.damaged_by(at, error)
    })
}

/// Also the first added token whose number is not the one that is written, if there is one.
fn build<M>(parts: Parts<M>, model: impl FnOnce(M) -> Result<Pieces>) -> Result<(Pipeline, Option<String>)> {
    let mut pipeline = Pipeline::new(model(parts.model)?);
    pipeline.with_normalizer(parts.normalizer)?;
    pipeline.with_pre_tokenizer(parts.pre_tokenizer);
    pipeline.with_post_processor(parts.post_processor);
    let mut added = parts.added_tokens;
    added.sort_by_key(|added| added.id);
    pipeline.add_tokens(added.iter().map(|added| added.token.clone()))?;
    // A document that spells out a mark has written text, not a mark.
    pipeline.set_encode_special_tokens(true);
    let wrong = added.iter().find(|added| pipeline.token_to_id(&added.token.content) != Some(added.id));
    let wrong = wrong.map(|added| added.token.content.clone());
    Ok((pipeline, wrong))
}

/// What cuts words into pieces.
pub(super) enum Pieces {
    Unigram(Unigram),
    Any(Box<ModelWrapper>),
}

impl Model for Pieces {
    type Trainer = TrainerWrapper;

    fn tokenize(&self, word: &str) -> Result<Vec<Token>> {
        match self {
            Pieces::Unigram(model) => model.tokenize(word),
            Pieces::Any(model) => model.tokenize(word),
        }
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        match self {
            Pieces::Unigram(model) => model.token_to_id(token),
            Pieces::Any(model) => model.token_to_id(token),
        }
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        match self {
            Pieces::Unigram(model) => model.id_to_token(id),
            Pieces::Any(model) => model.id_to_token(id),
        }
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        match self {
            Pieces::Unigram(model) => model.get_vocab(),
            Pieces::Any(model) => model.get_vocab(),
        }
    }

    fn get_vocab_size(&self) -> usize {
        match self {
            Pieces::Unigram(model) => model.get_vocab_size(),
            Pieces::Any(model) => model.get_vocab_size(),
        }
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> Result<Vec<PathBuf>> {
        match self {
            Pieces::Unigram(model) => model.save(folder, prefix),
            Pieces::Any(model) => model.save(folder, prefix),
        }
    }

    fn get_trainer(&self) -> TrainerWrapper {
        match self {
            Pieces::Unigram(model) => model.get_trainer(),
            Pieces::Any(model) => model.get_trainer(),
        }
    }
}
