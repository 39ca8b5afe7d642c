//! From a file's notes to a shape.

use super::notes::Notes;
use super::ropes::ropes;
use super::shape::{Architecture, Config, Gate, LayerConfig, Pairs};
use super::tensors;
use super::windows::windows;
use crate::gguf::Contents;
use crate::inference::error::{InferenceError, ModelFile};

const MOST_LAYERS: usize = 1 << 10;
const MOST_HIDDEN: usize = 1 << 16;
const MOST_HEADS: usize = 1 << 10;
const MOST_HEAD: usize = 1 << 11;
const MOST_FEED_FORWARD: usize = 1 << 20;
const MOST_CONTEXT: usize = 1 << 28;

impl Config {
    /// All that makes the architecture differ from another, and every tensor as large as it has to be.
    pub(in crate::inference) fn read(contents: &Contents, file: &ModelFile) -> Result<Config, InferenceError> {
        let name = contents.text("general.architecture").ok_or_else(|| file.damaged("names no architecture"))?;
        let architecture = Architecture::named(name)
            .ok_or_else(|| file.unsupported(format!("its architecture is {name:?}, which docent does not know")))?;
        let notes = Notes { contents, file, architecture };
        refuse_unknown(&notes)?;

        let hidden = notes.count("embedding_length", 1..=MOST_HIDDEN)?;
        let heads = notes.count("attention.head_count", 1..=MOST_HEADS)?;
        let kv_heads = notes.maybe_count("attention.head_count_kv", 1..=MOST_HEADS)?.unwrap_or(heads);
        if heads % kv_heads != 0 {
            return Err(file.damaged(format!("{heads} heads cannot share {kv_heads} heads of keys and values")));
        }
        let head = head(&notes, hidden, heads)?;
        let context = notes.count("context_length", 1..=MOST_CONTEXT)?;
        let layers = notes.count("block_count", 1..=MOST_LAYERS)?;
        let epsilon = notes.number("attention.layer_norm_rms_epsilon", 1e-12..=0.1)?;
        let windows = windows(&notes, layers)?;
        let ropes = ropes(&notes, head, context)?;
        let layers = (0..layers).map(|layer| LayerConfig {
            rope: match architecture {
                Architecture::SmolLm3 if layer % 4 == 3 => None,
                Architecture::Gemma3 if windows.is_local(layer) => Some(ropes.local.clone()),
                _ => Some(ropes.everywhere.clone()),
            },
            window: windows.of(layer).filter(|&window| window < context),
        });
        let config = Config {
            architecture,
            hidden,
            heads,
            kv_heads,
            head,
            feed_forward: notes.count("feed_forward_length", 1..=MOST_FEED_FORWARD)?,
            vocabulary: tensors::vocabulary(contents, file)?,
            context,
            epsilon: epsilon.ok_or_else(|| file.damaged("says no attention.layer_norm_rms_epsilon"))? as f32,
            layers: layers.collect(),
            short: ropes.short,
            pairs: pairs(architecture),
            attention_scale: attention_scale(&notes, hidden, heads, head)?,
            attention_cap: cap(&notes, "attn_logit_softcapping", 50.0)?,
            logits_cap: cap(&notes, "final_logit_softcapping", 30.0)?,
            embedding_scale: if architecture.is_gemma() { (hidden as f32).sqrt() } else { 1.0 },
            gate: if architecture.is_gemma() { Gate::Gelu } else { Gate::Silu },
        };
        tensors::check(&config, contents, file)?;
        Ok(config)
    }
}

/// What changes a model's numbers and is not known for these architectures: better refused than passed over.
fn refuse_unknown(notes: &Notes<'_>) -> Result<(), InferenceError> {
    if notes.value("expert_count").is_some() && notes.maybe_count("expert_count", 0..=1 << 16)? != Some(0) {
        return Err(notes.unsupported("it is a mixture of experts"));
    }
    for (name, neutral) in [
        ("logit_scale", 1.0),
        ("residual_scale", 1.0),
        ("embedding_scale", 1.0),
        ("attention.clamp_kqv", 0.0),
        ("attention.max_alibi_bias", 0.0),
        ("rope.scaling.yarn_ext_factor", 1.0),
        ("rope.scaling.yarn_log_multiplier", 0.0),
    ] {
        if notes.number(name, f64::MIN..=f64::MAX)?.is_some_and(|number| number != neutral) {
            return Err(notes.unsupported(&format!("it has a {}", notes.key(name))));
        }
    }
    if notes.contents.flag(&notes.key("attention.causal")) == Some(false) {
        return Err(notes.unsupported("its words look ahead"));
    }
    Ok(())
}

/// Numbers of one head.
fn head(notes: &Notes<'_>, hidden: usize, heads: usize) -> Result<usize, InferenceError> {
    let head = match notes.maybe_count("attention.key_length", 2..=MOST_HEAD)? {
        Some(head) => head,
        None if hidden.is_multiple_of(heads) && hidden / heads <= MOST_HEAD => hidden / heads,
        None => return Err(notes.file.damaged(format!("{hidden} numbers cannot be shared among {heads} heads"))),
    };
    if head % 2 != 0 {
        return Err(notes.file.damaged(format!("a head of {head} numbers has no pairs")));
    }
    for name in ["attention.value_length", "attention.key_length_swa", "attention.value_length_swa"] {
        if notes.maybe_count(name, 1..=MOST_HEAD)?.is_some_and(|length| length != head) {
            return Err(notes.unsupported(&format!("{} differs from the length of a key", notes.key(name))));
        }
    }
    Ok(head)
}

/// Who converts a llama puts the numbers that turn together beside each other; the others stay as they were trained.
fn pairs(architecture: Architecture) -> Pairs {
    match architecture {
        Architecture::Llama | Architecture::SmolLm3 => Pairs::Adjacent,
        _ => Pairs::Halves,
    }
}

fn attention_scale(notes: &Notes<'_>, hidden: usize, heads: usize, head: usize) -> Result<f32, InferenceError> {
    if let Some(scale) = notes.number("attention.scale", 0.0..=1e3)?.filter(|&scale| scale > 0.0) {
        return Ok(scale as f32);
    }
    // The largest Gemmas were trained with another scale, and their files do not say so but for the number of layers.
    let largest = match notes.architecture {
        Architecture::Gemma2 => Some(46),
        Architecture::Gemma3 => Some(62),
        _ => None,
    };
    let is_largest = largest.is_some() && notes.maybe_count("block_count", 1..=MOST_LAYERS)? == largest;
    Ok(1.0 / (if is_largest { hidden / heads } else { head } as f32).sqrt())
}

/// Only Gemma has caps. `usual`: where a file of Gemma 2 does not say; 0 is none.
fn cap(notes: &Notes<'_>, name: &str, usual: f64) -> Result<Option<f32>, InferenceError> {
    let usual = if notes.architecture == Architecture::Gemma2 { usual } else { 0.0 };
    let cap = notes.number(name, 0.0..=1e6)?.unwrap_or(usual);
    if cap > 0.0 && !notes.architecture.is_gemma() {
        return Err(notes.unsupported(&format!("it has a {}", notes.key(name))));
    }
    Ok((cap > 0.0).then_some(cap as f32))
}
