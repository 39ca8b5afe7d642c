//! The plain twin that every fast path is held against: one token after another through weights of f32, everything between
//! them in f64.

use std::collections::HashMap;

use candle_core::Device;
use candle_core::quantized::ggml_file::qtensor_from_ggml;

use super::fixture::candle_kind;
use crate::inference::generator::config::{Architecture, Config, Gate, Pairs, Rope};
use crate::inference::generator::file::Opened;

pub(in crate::inference) struct Reference {
    pub(in crate::inference) config: Config,
    /// Every tensor's numbers, by its name.
    pub(in crate::inference) tables: HashMap<String, Vec<f32>>,
}

/// Of every layer: keys and values of all positions so far.
#[derive(Clone, Debug, Default)]
pub(in crate::inference) struct Memory {
    layers: Vec<Vec<[Vec<f64>; 2]>>,
}

impl Reference {
    pub(in crate::inference) fn open(opened: &Opened, config: Config) -> Reference {
        let table = |tensor: &crate::gguf::Tensor| {
            let (kind, count) = (candle_kind(tensor.kind), tensor.shape.iter().product());
            let numbers = qtensor_from_ggml(kind, opened.bytes(tensor), vec![count], &Device::Cpu).unwrap();
            let numbers = numbers.dequantize(&Device::Cpu).unwrap().to_vec1().unwrap();
            (tensor.name.clone(), numbers)
        };
        Reference { config, tables: opened.contents.tensors.iter().map(table).collect() }
    }

    /// Of every position.
    pub(in crate::inference) fn logits(&self, tokens: &[u32]) -> Vec<Vec<f64>> {
        let mut memory = Memory::default();
        tokens.iter().map(|&token| self.read(token, &mut memory)).collect()
    }

    /// What follows so many tokens if the likeliest always does.
    pub(in crate::inference) fn greedy(&self, tokens: &[u32], count: usize) -> Vec<u32> {
        let mut memory = Memory::default();
        let mut logits = Vec::new();
        for &token in tokens {
            logits = self.read(token, &mut memory);
        }
        let mut written = Vec::new();
        while written.len() < count {
            let likeliest = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap() as u32;
            written.push(likeliest);
            logits = self.read(likeliest, &mut memory);
        }
        written
    }

    /// The next token of a sequence; what may come after it.
    pub(in crate::inference) fn read(&self, token: u32, memory: &mut Memory) -> Vec<f64> {
        let Config { hidden, embedding_scale, logits_cap, .. } = self.config;
        memory.layers.resize(self.config.layers.len(), Vec::new());
        let row = token as usize * hidden;
        let mut state: Vec<f64> = self.tables["token_embd.weight"][row..row + hidden]
            .iter()
            .map(|&number| f64::from(number) * f64::from(embedding_scale))
            .collect();
        for (layer, past) in memory.layers.iter_mut().enumerate() {
            let normed = self.norm(&format!("blk.{layer}.attn_norm"), &state);
            let mut seen = self.attention(layer, &normed, past);
            if self.config.architecture.is_gemma() {
                seen = self.norm(&format!("blk.{layer}.post_attention_norm"), &seen);
            }
            add(&mut state, &seen);
            let normed = self.norm(&format!("blk.{layer}.ffn_norm"), &state);
            let mut thought = self.feed_forward(layer, &normed);
            if self.config.architecture.is_gemma() {
                thought = self.norm(&format!("blk.{layer}.post_ffw_norm"), &thought);
            }
            add(&mut state, &thought);
        }
        let state = self.norm("output_norm", &state);
        let is_tied = !self.tables.contains_key("output.weight");
        let logits = self.linear(if is_tied { "token_embd" } else { "output" }, &state);
        logits.into_iter().map(|logit| capped(logit, logits_cap)).collect()
    }

    fn attention(&self, layer: usize, state: &[f64], past: &mut Vec<[Vec<f64>; 2]>) -> Vec<f64> {
        let Config { heads, kv_heads, head, attention_scale, attention_cap, .. } = self.config;
        let at = |name: &str| format!("blk.{layer}.{name}");
        let [mut queries, mut keys, values] = if self.config.architecture == Architecture::Phi3 {
            let mut all = self.linear(&at("attn_qkv"), state);
            let values = all.split_off((heads + kv_heads) * head);
            let keys = all.split_off(heads * head);
            [all, keys, values]
        } else {
            [at("attn_q"), at("attn_k"), at("attn_v")].map(|name| self.linear(&name, state))
        };
        for (numbers, norm) in [(&mut queries, "attn_q_norm"), (&mut keys, "attn_k_norm")] {
            for one in numbers.chunks_mut(head) {
                if self.config.architecture.norms_heads() {
                    one.copy_from_slice(&self.norm(&at(norm), one));
                }
                if let Some(rope) = &self.config.layers[layer].rope {
                    turn(one, past.len(), rope, self.config.pairs);
                }
            }
        }
        past.push([keys, values]);
        let first = self.config.layers[layer].window.map_or(0, |window| past.len().saturating_sub(window));
        let mut seen = vec![0.0; heads * head];
        for (one, out) in seen.chunks_mut(head).enumerate() {
            let query = &queries[one * head..][..head];
            let place = one / (heads / kv_heads) * head;
            let score = |past: &[Vec<f64>; 2]| {
                capped(dot(query, &past[0][place..][..head]) * f64::from(attention_scale), attention_cap)
            };
            let scores: Vec<f64> = past[first..].iter().map(score).collect();
            for (share, past) in softmax(&scores).into_iter().zip(&past[first..]) {
                out.iter_mut().zip(&past[1][place..]).for_each(|(out, value)| *out += share * value);
            }
        }
        self.linear(&at("attn_output"), &seen)
    }

    fn feed_forward(&self, layer: usize, state: &[f64]) -> Vec<f64> {
        let at = |name: &str| format!("blk.{layer}.{name}");
        let [gate, up] = if self.config.architecture == Architecture::Phi3 {
            let mut gate = self.linear(&at("ffn_up"), state);
            let up = gate.split_off(self.config.feed_forward);
            [gate, up]
        } else {
            [at("ffn_gate"), at("ffn_up")].map(|name| self.linear(&name, state))
        };
        let bend = match self.config.gate {
            Gate::Silu => |x: f64| x / (1.0 + (-x).exp()),
            Gate::Gelu => |x: f64| {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
                0.5 * x * (1.0 + inner.tanh())
            },
        };
        let between: Vec<f64> = gate.iter().zip(&up).map(|(&gate, up)| bend(gate) * up).collect();
        self.linear(&at("ffn_down"), &between)
    }

    fn linear(&self, name: &str, inputs: &[f64]) -> Vec<f64> {
        let weight = &self.tables[&format!("{name}.weight")];
        let row = |row: &[f32]| row.iter().zip(inputs).map(|(&weight, input)| f64::from(weight) * input).sum();
        let mut outputs: Vec<f64> = weight.chunks(inputs.len()).map(row).collect();
        if let Some(bias) = self.tables.get(&format!("{name}.bias")) {
            outputs.iter_mut().zip(bias).for_each(|(output, &bias)| *output += f64::from(bias));
        }
        outputs
    }

    fn norm(&self, name: &str, state: &[f64]) -> Vec<f64> {
        let weight = &self.tables[&format!("{name}.weight")];
        let scale = 1.0 / (dot(state, state) / state.len() as f64 + f64::from(self.config.epsilon)).sqrt();
        state.iter().zip(weight).map(|(number, &weight)| number * scale * f64::from(weight)).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(state: &mut [f64], more: &[f64]) {
    state.iter_mut().zip(more).for_each(|(state, more)| *state += more);
}

fn capped(score: f64, cap: Option<f32>) -> f64 {
    cap.map_or(score, |cap| f64::from(cap) * (score / f64::from(cap)).tanh())
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn turn(head: &mut [f64], position: usize, rope: &Rope, pairs: Pairs) {
    let count = rope.frequencies.len();
    for (pair, &frequency) in rope.frequencies.iter().enumerate() {
        let [a, b] = match pairs {
            Pairs::Adjacent => [2 * pair, 2 * pair + 1],
            Pairs::Halves => [pair, pair + count],
        };
        let (sine, cosine) = (position as f64 * f64::from(frequency)).sin_cos();
        let [sine, cosine] = [sine, cosine].map(|number| number * f64::from(rope.magnitude));
        [head[a], head[b]] = [head[a] * cosine - head[b] * sine, head[a] * sine + head[b] * cosine];
    }
}
