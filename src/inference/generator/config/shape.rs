//! What shape has the model? Everything that tells one architecture from another, as numbers.

use std::sync::Arc;

/// A decoder of the llama family: norm, attention, norm, gated feed-forward, each added to what came in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::inference) struct Config {
    pub(in crate::inference) architecture: Architecture,
    pub(in crate::inference) hidden: usize,
    pub(in crate::inference) heads: usize,
    /// Divides `heads`.
    pub(in crate::inference) kv_heads: usize,
    /// Numbers of one head.
    pub(in crate::inference) head: usize,
    pub(in crate::inference) feed_forward: usize,
    pub(in crate::inference) vocabulary: usize,
    /// Positions it was made for.
    pub(in crate::inference) context: usize,
    pub(in crate::inference) epsilon: f32,
    pub(in crate::inference) layers: Vec<LayerConfig>,
    /// Another rotation for those that stay short.
    pub(in crate::inference) short: Option<Short>,
    pub(in crate::inference) pairs: Pairs,
    /// What a score is multiplied with before the softmax.
    pub(in crate::inference) attention_scale: f32,
    /// Scores are bent to stay below it: `cap * tanh(score / cap)`.
    pub(in crate::inference) attention_cap: Option<f32>,
    pub(in crate::inference) logits_cap: Option<f32>,
    /// What an embedding is multiplied with.
    pub(in crate::inference) embedding_scale: f32,
    pub(in crate::inference) gate: Gate,
}

impl Config {
    /// For sequences that never grow beyond so many positions: where there is nothing else outside of a window, there is no
    /// window, and what a model has for short ones is used.
    pub(in crate::inference) fn limited(mut self, context: usize) -> Config {
        self.context = self.context.min(context);
        let short = self.short.take().filter(|short| self.context <= short.positions);
        for layer in &mut self.layers {
            layer.window = layer.window.filter(|&window| window < self.context);
            if let (Some(rope), Some(short)) = (&mut layer.rope, &short) {
                *rope = short.rope.clone();
            }
        }
        self
    }
}

/// Which norms there are goes with it; which biases, and whether the output is a table of its own, the tensors in the file
/// say: q, k, v and the attention's output may have one where they are tensors of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Architecture {
    Llama,
    SmolLm3,
    Qwen2,
    Qwen3,
    /// q, k, v and gate, up are one tensor each.
    Phi3,
    Gemma2,
    Gemma3,
}

impl Architecture {
    /// Files of Mistral, SmolLM and others of that build say llama.
    pub(in crate::inference) const ALL: [Architecture; 7] = [
        Architecture::Llama,
        Architecture::SmolLm3,
        Architecture::Qwen2,
        Architecture::Qwen3,
        Architecture::Phi3,
        Architecture::Gemma2,
        Architecture::Gemma3,
    ];

    pub(in crate::inference) fn named(name: &str) -> Option<Architecture> {
        Architecture::ALL.into_iter().find(|architecture| architecture.name() == name)
    }

    /// What files call it.
    pub(in crate::inference) fn name(self) -> &'static str {
        match self {
            Architecture::Llama => "llama",
            Architecture::SmolLm3 => "smollm3",
            Architecture::Qwen2 => "qwen2",
            Architecture::Qwen3 => "qwen3",
            Architecture::Phi3 => "phi3",
            Architecture::Gemma2 => "gemma2",
            Architecture::Gemma3 => "gemma3",
        }
    }

    pub(in crate::inference) fn is_gemma(self) -> bool {
        matches!(self, Architecture::Gemma2 | Architecture::Gemma3)
    }

    /// Queries and keys are normed head by head.
    pub(in crate::inference) fn norms_heads(self) -> bool {
        matches!(self, Architecture::Qwen3 | Architecture::Gemma3)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::inference) struct LayerConfig {
    /// `None`: this layer does not know positions.
    pub(in crate::inference) rope: Option<Rope>,
    /// Sees only so many positions, its own counted.
    pub(in crate::inference) window: Option<usize>,
}

/// Rotation of the first `2 * frequencies.len()` numbers of a head.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::inference) struct Rope {
    /// Radians a position, one for each pair; scaling and factors are already in it.
    pub(in crate::inference) frequencies: Arc<[f32]>,
    /// What sine and cosine are multiplied with; 1 but for stretched contexts.
    pub(in crate::inference) magnitude: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::inference) struct Short {
    /// As long as no sequence grows beyond.
    pub(in crate::inference) positions: usize,
    pub(in crate::inference) rope: Rope,
}

/// Which two numbers turn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Pairs {
    /// 0 with 1, 2 with 3.
    Adjacent,
    /// 0 with half, 1 with half + 1.
    Halves,
}

/// Between gate and up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Gate {
    Silu,
    /// The tanh form.
    Gelu,
}
