//! What is needed to open a model: its folder, and what the folder does not say.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{InferenceError, ModelFile};

#[derive(Clone, Debug)]
pub struct EncoderSource {
    /// What its vectors are kept under: the name with the sum of its files.
    pub id: String,
    /// Holds `model.safetensors`, `config.json` and `tokenizer.json`; `sentence_bert_config.json` and
    /// `1_Pooling/config.json` are read where they are there.
    pub folder: PathBuf,
    /// How many tokens it reads at once, its marks counted. `None`: as its files say.
    pub max_tokens: Option<usize>,
    /// Stands before every question, for models that were trained so.
    pub query_prefix: String,
    pub passage_prefix: String,
    /// `None`: as its files say, else the mean.
    pub pooling: Option<Pooling>,
    /// Whether vectors are brought to length 1. `false` only for models whose lengths mean something.
    pub normalize: bool,
}

/// How the vectors of the tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    Mean,
    /// The first token stands for all.
    Cls,
}

/// Longer files of settings are not settings.
const LONGEST: u64 = 1 << 20;

pub(super) fn read_json<T: DeserializeOwned>(file: &ModelFile) -> Result<T, InferenceError> {
    let bytes = read_bytes(file, LONGEST)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let at = format!("is not what it should be, at line {} column {}", error.line(), error.column());
        file.damaged_by(at, error)
    })
}

pub(super) fn read_bytes(file: &ModelFile, longest: u64) -> Result<Vec<u8>, InferenceError> {
    let length = fs::metadata(&file.path).map_err(|error| file.damaged_by("cannot be opened", error))?.len();
    if length > longest {
        return Err(file.damaged(format!("is {length} bytes long, and {longest} are the most that are read")));
    }
    fs::read(&file.path).map_err(|error| file.damaged_by("cannot be read", error))
}

impl EncoderSource {
    /// How many tokens it reads at once, marks counted, where `positions` are the most that its tables allow.
    ///
    /// Sentence models declare less than their tables allow: they were trained on short texts.
    pub(super) fn longest(&self, positions: usize) -> Result<usize, InferenceError> {
        #[derive(Deserialize)]
        struct Declared {
            max_seq_length: Option<usize>,
        }
        let usual = positions.min(512);
        let longest = match self.max_tokens {
            Some(longest) => longest,
            None => {
                let file = ModelFile::new(&self.id, &self.folder, "sentence_bert_config.json");
                let declared = if file.path.exists() { read_json::<Declared>(&file)?.max_seq_length } else { None };
                declared.unwrap_or(usual)
            }
        };
        Ok(longest.min(positions))
    }

    pub(super) fn pooling(&self) -> Result<Pooling, InferenceError> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Declared {
            pooling_mode_cls_token: bool,
            pooling_mode_mean_tokens: bool,
            pooling_mode_max_tokens: bool,
            pooling_mode_mean_sqrt_len_tokens: bool,
            pooling_mode_weightedmean_tokens: bool,
            pooling_mode_lasttoken: bool,
        }
        let file = ModelFile::new(&self.id, &self.folder, "1_Pooling/config.json");
        if let Some(pooling) = self.pooling {
            return Ok(pooling);
        }
        if !file.path.exists() {
            return Ok(Pooling::Mean);
        }
        let declared: Declared = read_json(&file)?;
        let others = declared.pooling_mode_max_tokens
            || declared.pooling_mode_mean_sqrt_len_tokens
            || declared.pooling_mode_weightedmean_tokens
            || declared.pooling_mode_lasttoken;
        match (declared.pooling_mode_mean_tokens, declared.pooling_mode_cls_token, others) {
            (true, false, false) => Ok(Pooling::Mean),
            (false, true, false) => Ok(Pooling::Cls),
            _ => Err(file.unsupported("it pools its tokens in a way that docent does not know")),
        }
    }
}
