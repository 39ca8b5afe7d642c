//! What a folder of an encoder says about itself: which kind it is, how it pools, how much it reads.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Why;
use crate::models::{Kind, Pooling};

/// What the folder's own notes say.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::models) struct Facts {
    pub kind: Kind,
    pub dimensions: Option<usize>,
    pub max_tokens: Option<usize>,
    pub pooling: Option<Pooling>,
    pub query_prefix: String,
    pub passage_prefix: String,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    architectures: Vec<String>,
    #[serde(default)]
    model_type: String,
    hidden_size: Option<usize>,
}

#[derive(Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PoolingConfig {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PromptConfig {
    prompts: Prompts,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Prompts {
    query: String,
    passage: String,
    document: String,
}

/// `read` gives a file of the folder, or none.
pub(in crate::models) fn facts(read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Facts, Why> {
    let config: Config = note(read, "config.json")?.ok_or("there is no config.json")?;
    if !matches!(config.model_type.as_str(), "bert" | "roberta" | "xlm-roberta") {
        let found = if config.model_type.is_empty() { "no model_type".to_owned() } else { config.model_type };
        return Err(format!("config.json says {found:?}; docent runs \"bert\", \"roberta\" and \"xlm-roberta\""));
    }
    let scores = config.architectures.iter().any(|name| name.ends_with("ForSequenceClassification"));
    let sentences: Option<SentenceConfig> = note(read, "sentence_bert_config.json")?;
    let prompts: PromptConfig = note(read, "config_sentence_transformers.json")?.unwrap_or_default();
    let pooling: Option<PoolingConfig> = note(read, "1_Pooling/config.json")?;
    let pooling = match pooling {
        None => None,
        Some(PoolingConfig { pooling_mode_mean_tokens: true, .. }) => Some(Pooling::Mean),
        Some(PoolingConfig { pooling_mode_cls_token: true, .. }) => Some(Pooling::Cls),
        Some(_) => return Err("1_Pooling/config.json asks for a pooling that is neither mean nor cls".to_owned()),
    };
    let Prompts { query, passage, document } = prompts.prompts;
    Ok(Facts {
        kind: if scores { Kind::Reranker } else { Kind::Embedder },
        dimensions: config.hidden_size,
        max_tokens: sentences.and_then(|config| config.max_seq_length).filter(|&tokens| tokens > 0),
        pooling,
        query_prefix: query,
        passage_prefix: if passage.is_empty() { document } else { passage },
    })
}

fn note<T: DeserializeOwned>(read: &dyn Fn(&str) -> Option<Vec<u8>>, name: &str) -> Result<Option<T>, Why> {
    let Some(bytes) = read(name) else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| format!("{name}: line {} is not as expected", error.line()))
}
