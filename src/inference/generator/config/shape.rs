//! What shape has the model? Everything that tells one architecture from another, as numbers.

/// A decoder of the llama family: norm, attention, norm, gated feed-forward, each added to what came in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Config {
    pub(super) architecture: Architecture,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    /// Divides `heads`.
    pub(super) kv_heads: usize,
    /// Numbers of one head.
    pub(super) head: usize,
    pub(super) feed_forward: usize,
    pub(super) vocabulary: usize,
    /// Positions it was made for.
    pub(super) context: usize,
    pub(super) epsilon: f32,
    pub(super) layers: Vec<LayerConfig>,
    pub(super) pairs: Pairs,
    /// What a score is multiplied with before the softmax.
    pub(super) attention_scale: f32,
    /// Scores are bent to stay below it: `cap * tanh(score / cap)`.
    pub(super) attention_cap: Option<f32>,
    pub(super) logits_cap: Option<f32>,
    /// What an embedding is multiplied with.
    pub(super) embedding_scale: f32,
    pub(super) gate: Gate,
}

/// Which biases and norms there are, the tensors in the file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Architecture {
    Llama,
    SmolLm3,
    Qwen2,
    Qwen3,
    /// q, k, v and gate, up are one tensor each.
    Phi3,
    Gemma2,
    Gemma3,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerConfig {
    /// `None`: this layer does not know positions.
    pub(super) rope: Option<Rope>,
    /// Sees only so many positions, its own counted.
    pub(super) window: Option<usize>,
}

/// Rotation of the first `2 * frequencies.len()` numbers of a head.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rope {
    /// Radians a position, one for each pair; scaling and factors are already in it.
    pub(super) frequencies: std::sync::Arc<[f32]>,
    /// What sine and cosine are multiplied with; 1 but for stretched contexts.
    pub(super) magnitude: f32,
}

/// Which two numbers turn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    /// 0 with 1, 2 with 3.
    Adjacent,
    /// 0 with half, 1 with half + 1.
    Halves,
}

/// Between gate and up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Silu,
    /// The tanh form.
    Gelu,
}
