//! A vocabulary out of a `tokenizer.json`, where a model comes with one: the crate that defined the format cuts the text.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::models::bpe::BPE;
use tokenizers::{
    AddedToken, DecoderWrapper, ModelWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    TokenizerImpl,
};

use super::bytes::{self, Writing};
use super::pieces::{Pieces, Use};
use super::vocabulary::{Coder, Vocabulary, defined, ends, found};
use crate::inference::contain::contained;
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::source::read_bytes;

type Pipeline =
    TokenizerImpl<ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

pub(super) struct FromFile {
    pipeline: Pipeline,
    file: ModelFile,
}

/// Vocabularies of hundreds of thousands of tokens take less than 40 MB.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Parts<M> {
    model: M,
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
    post_processor: Option<PostProcessorWrapper>,
    decoder: Option<Value>,
    #[serde(default)]
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    #[serde(flatten)]
    token: AddedToken,
}

pub(super) fn read(file: &ModelFile, template: &str) -> Result<Vocabulary, InferenceError> {
    let text = read_bytes(file, LONGEST)?;
    // The crate takes some things in a file for granted that a damaged one does not have.
    contained(|| build(file, &text, template)).unwrap_or_else(|_| Err(file.damaged("does not make a tokenizer")))
}

fn build(file: &ModelFile, text: &[u8], template: &str) -> Result<Vocabulary, InferenceError> {
    // Most are of this kind, and read as such they are not copied twice on the way; what is wrong with others is said below.
    if let Ok(Parts { model, normalizer, pre_tokenizer, post_processor, decoder, added_tokens }) =
        serde_json::from_slice::<Parts<BPE>>(text)
    {
        let model = ModelWrapper::BPE(model);
        let parts = Parts { model, normalizer, pre_tokenizer, post_processor, decoder, added_tokens };
        return assemble(file, parts, template);
    }
    let parts: Parts<ModelWrapper> = serde_json::from_slice(text).map_err(|error| {
        let at = format!("is not a tokenizer, at line {} column {}", error.line(), error.column());
        file.damaged_by(at, error)
    })?;
    assemble(file, parts, template)
}

fn assemble(file: &ModelFile, parts: Parts<ModelWrapper>, template: &str) -> Result<Vocabulary, InferenceError> {
    let mut added = parts.added_tokens;
    added.sort_by_key(|added| added.id);
    let uses: Vec<Use> = added.iter().map(|added| used(&added.token, template)).collect();
    for (added, used) in added.iter_mut().zip(&uses) {
        // The crate leaves these alone, so that nobody's text becomes one.
        added.token.special |= *used != Use::Whole;
    }
    let damaged = |error: tokenizers::Error| file.damaged_by("does not make a tokenizer", error);
    let mut pipeline = Pipeline::new(parts.model);
    pipeline.with_normalizer(parts.normalizer).map_err(damaged)?;
    pipeline.with_pre_tokenizer(parts.pre_tokenizer);
    pipeline.with_post_processor(parts.post_processor);
    pipeline.add_tokens(added.iter().map(|added| added.token.clone())).map_err(damaged)?;
    pipeline.set_encode_special_tokens(true);
    if let Some(wrong) = added.iter().find(|added| pipeline.token_to_id(&added.token.content) != Some(added.id)) {
        return Err(file.damaged(format!("gives the token {:?} a number that is not its own", wrong.token.content)));
    }
    let decoder = parts.decoder.map(|decoder| decoder.to_string()).unwrap_or_default();
    let pieces = pieces(file, &pipeline, &added, &uses, &decoder)?;
    let takes = |text: &[u8]| {
        let added = added.iter().find(|added| added.token.content.as_bytes() == text);
        added.map_or((false, false), |added| (added.token.lstrip, added.token.rstrip))
    };
    let (marks, _) = found(&pieces, false, takes);
    let framed = pipeline.encode_fast("", true).map_err(damaged)?;
    let begins = framed.get_ids().first().is_some_and(|&id| matches!(pieces.used(id), Use::Mark | Use::Spoken));
    let first_space = decoder.contains("\"Strip\"")
        || decoder.contains("\"Metaspace\"") && !decoder.contains("\"prepend_scheme\":\"never\"");
    let coder = Coder::File(Box::new(FromFile { pipeline, file: file.clone() }));
    Ok(Vocabulary { pieces, coder, marks, whole: Default::default(), first_space, begins })
}

fn used(token: &AddedToken, template: &str) -> Use {
    let used = if token.special { Use::Mark } else { defined(&token.content, template) };
    if ends(&token.content, used) { Use::Mark } else { used }
}

/// By number, as far as there are numbers; what lies between is nothing.
fn pieces(
    file: &ModelFile,
    pipeline: &Pipeline,
    added: &[Added],
    uses: &[Use],
    decoder: &str,
) -> Result<Pieces, InferenceError> {
    let mut tokens: Vec<(u32, String)> = pipeline.get_vocab(true).into_iter().map(|(text, id)| (id, text)).collect();
    tokens.sort_unstable();
    let last = tokens.last().map_or(0, |(id, _)| *id as usize);
    if tokens.is_empty() || last > tokens.len() * 2 + 1024 {
        return Err(file.damaged(format!("has {} tokens and gives one the number {last}", tokens.len())));
    }
    let writing = if decoder.contains("\"ByteLevel\"") { Writing::ByteLevel } else { Writing::Spaced };
    let has_bytes = decoder.contains("\"ByteFallback\"");
    let mut pieces = Pieces::default();
    let mut buffer = Vec::new();
    for (id, text) in &tokens {
        while pieces.len() < *id as usize {
            pieces.push(b"", Use::Nothing).map_err(|_| file.damaged("has more tokens than there can be"))?;
        }
        if pieces.len() > *id as usize {
            return Err(file.damaged(format!("gives the number {id} to several tokens")));
        }
        buffer.clear();
        let added = added.binary_search_by_key(id, |added| added.id).ok();
        let used = match (added, bytes::named_byte(text).filter(|_| has_bytes)) {
            (Some(at), _) => {
                buffer.extend_from_slice(text.as_bytes());
                uses[at]
            }
            (None, Some(byte)) => {
                buffer.push(byte);
                Use::Apart
            }
            (None, None) => {
                writing.read(text, &mut buffer);
                Use::Text
            }
        };
        pieces.push(&buffer, used).map_err(|_| file.damaged("has more tokens than there can be"))?;
    }
    Ok(pieces)
}

impl FromFile {
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, InferenceError> {
        let failed = || InferenceError::Failed {
            model: self.file.model.clone(),
            why: format!("its tokenizer stopped at a text of {} bytes", text.len()),
        };
        let encoded = contained(|| self.pipeline.encode_fast(text, false)).map_err(|_| failed())?.map_err(|error| {
            tracing::warn!(%error, model = self.file.model, "a text could not be tokenized");
            failed()
        })?;
        Ok(encoded.get_ids().to_vec())
    }
}

impl fmt::Debug for FromFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFile").field("file", &self.file).finish_non_exhaustive()
    }
}
