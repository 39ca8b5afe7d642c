//! What is known about a model before it is here: the words of `models.toml`, checked.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Sum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text into vectors.
    Embedder,
    /// A question and a passage into a score.
    Reranker,
    /// A prompt into text.
    Generator,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Embedder, Kind::Reranker, Kind::Generator];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Embedder => "embedder",
            Kind::Reranker => "reranker",
            Kind::Generator => "generator",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Safetensors,
    Gguf,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Safetensors => "safetensors",
            Format::Gguf => "gguf",
        }
    }
}

/// How the vectors of a text's tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    Mean,
    Cls,
}

/// A file of a model. What is not known is filled in when it is first pulled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Its path in the repository, with `/`.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sum>,
    /// The model runs without it.
    #[serde(default)]
    pub optional: bool,
}

impl FileFact {
    pub(super) fn named(name: &str, optional: bool) -> FileFact {
        FileFact { name: name.to_owned(), bytes: None, sha256: None, optional }
    }
}

/// One table of `models.toml`; what applies to another kind is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub kind: Kind,
    pub format: Format,
    /// Taken when nobody chose another of its kind.
    #[serde(default)]
    pub is_default: bool,
    /// Where the hub has it: `owner/name`.
    #[serde(default)]
    pub repo: Option<String>,
    /// A commit of the repository.
    #[serde(default)]
    pub revision: Option<String>,
    pub files: Vec<FileFact>,
    #[serde(default)]
    pub licence: Option<String>,
    #[serde(default)]
    pub languages: Vec<String>,
    /// Tokens that a generator reads at once.
    #[serde(default)]
    pub context: Option<usize>,
    /// Tokens of a text that an embedder or a reranker reads at once.
    #[serde(default)]
    pub max_tokens: Option<usize>,
    #[serde(default)]
    pub dimensions: Option<usize>,
    #[serde(default)]
    pub pooling: Option<Pooling>,
    /// Whether vectors are brought to length 1.
    #[serde(default = "yes")]
    pub normalize: bool,
    /// What stands before a question.
    #[serde(default)]
    pub query_prefix: String,
    /// What stands before a passage.
    #[serde(default)]
    pub passage_prefix: String,
    #[serde(default)]
    pub architecture: Option<String>,
    /// In place of the one in the file.
    #[serde(default)]
    pub chat_template: Option<String>,
    /// Texts that end what is generated.
    #[serde(default)]
    pub stop: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Entry {
    pub(super) fn new(name: &str, kind: Kind) -> Entry {
        Entry {
            name: name.to_owned(),
            kind,
            format: if kind == Kind::Generator { Format::Gguf } else { Format::Safetensors },
            is_default: false,
            repo: None,
            revision: None,
            files: Vec::new(),
            licence: None,
            languages: Vec::new(),
            context: None,
            max_tokens: None,
            dimensions: None,
            pooling: None,
            normalize: true,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            architecture: None,
            chat_template: None,
            stop: Vec::new(),
        }
    }

    /// What an encoder's folder may hold, and what of it must be there.
    pub(super) fn encoder_files(kind: Kind) -> Vec<FileFact> {
        const NEEDED: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
        const HELPFUL: [&str; 2] = ["tokenizer_config.json", "special_tokens_map.json"];
        const EMBEDDERS: [&str; 3] = ["sentence_bert_config.json", "modules.json", "1_Pooling/config.json"];
        let optional = HELPFUL.iter().chain(if kind == Kind::Embedder { &EMBEDDERS[..] } else { &[] });
        let needed = NEEDED.iter().map(|name| FileFact::named(name, false));
        needed.chain(optional.map(|name| FileFact::named(name, true))).collect()
    }

    /// The file whose sum stands for the model.
    pub(super) fn weights(&self) -> Option<&str> {
        let ending = match self.format {
            Format::Safetensors => ".safetensors",
            Format::Gguf => ".gguf",
        };
        self.files.iter().map(|file| file.name.as_str()).find(|name| name.ends_with(ending))
    }

    /// What all files together take, where that is known.
    pub fn bytes(&self) -> Option<u64> {
        self.files.iter().filter(|file| !file.optional).map(|file| file.bytes).sum()
    }
}
