//! The forward pass through candle, readable from top to bottom: what every faster one is tested against, the path on
//! graphics processors, and the one for shapes that nothing faster takes.

use std::borrow::Cow;

use candle_core::utils::{cuda_is_available, metal_is_available};
use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{LayerNorm, Linear, Module};
use rayon::prelude::*;

use super::config::{Activation, Config};
use super::embeddings::Embeddings;
use super::weights::{self, Weights};
use crate::inference::error::InferenceError;
use crate::inference::source::Pooling;
use crate::inference::tokens::Tokens;

#[derive(Debug)]
pub(in crate::inference) struct Reference {
    device: Device,
    layers: Vec<Block>,
    hidden: usize,
    heads: usize,
    activation: Activation,
}

#[derive(Debug)]
struct Block {
    query: Linear,
    key: Linear,
    value: Linear,
    attention: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    output_norm: LayerNorm,
}

impl Reference {
    pub(in crate::inference) fn load(
        config: &Config,
        weights: &Weights,
        device: &Device,
    ) -> std::result::Result<Result<Reference>, InferenceError> {
        let mut layers = Vec::with_capacity(config.layers);
        for index in 0..config.layers {
            let block = Block::load(&weights.layer(index)?, config, device);
            // What was taken over is not needed twice.
            weights.release();
            match block {
                Ok(block) => layers.push(block),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Reference {
            device: device.clone(),
            layers,
            hidden: config.hidden,
            heads: config.heads,
            activation: config.activation,
        }))
    }

    pub(in crate::inference) fn is_on_processor(&self) -> bool {
        self.device.is_cpu()
    }

    /// One pooled vector for each text.
    ///
    /// On processors every text goes by itself, without padding: nothing is wasted, and nothing of a vector can depend on
    /// what it is computed beside. Graphics processors are idle unless they are given many texts at once.
    pub(in crate::inference) fn pooled(
        &self,
        batch: &[&Tokens],
        pooling: Pooling,
        embeddings: &Embeddings,
    ) -> Result<Vec<Vec<f32>>> {
        if self.device.is_cpu() {
            let one = |tokens: &&Tokens| self.padded(&[*tokens], pooling, embeddings);
            let vectors: Result<Vec<_>> = batch.par_iter().map(one).collect();
            Ok(vectors?.into_iter().flatten().collect())
        } else {
            self.padded(batch, pooling, embeddings)
        }
    }

    /// All texts at once, filled up to the longest; what was filled in is masked.
    pub(super) fn padded(&self, batch: &[&Tokens], pooling: Pooling, embeddings: &Embeddings) -> Result<Vec<Vec<f32>>> {
        let (texts, hidden) = (batch.len(), self.hidden);
        let longest = batch.iter().map(|tokens| tokens.ids.len()).max().unwrap_or(0);
        let mut rows = vec![0.0f32; texts * longest * hidden];
        let mut mask = vec![f32::NEG_INFINITY; texts * longest];
        let mut share = vec![0.0f32; texts * longest];
        for (index, tokens) in batch.iter().enumerate() {
            let length = tokens.ids.len();
            embeddings.write(tokens, &mut rows[index * longest * hidden..][..length * hidden]);
            mask[index * longest..][..length].fill(0.0);
            match pooling {
                Pooling::Mean => share[index * longest..][..length].fill(1.0 / length as f32),
                Pooling::Cls => share[index * longest] = 1.0,
            }
        }
        let is_padded = batch.iter().any(|tokens| tokens.ids.len() < longest);
        let mask = is_padded.then(|| Tensor::from_vec(mask, (texts, 1, 1, longest), &self.device)).transpose()?;
        let mut x = Tensor::from_vec(rows, (texts, longest, hidden), &self.device)?;
        for block in &self.layers {
            x = self.block(block, &x, mask.as_ref())?;
        }
        let share = Tensor::from_vec(share, (texts, 1, longest), &self.device)?;
        share.matmul(&x)?.squeeze(1)?.to_vec2()
    }

    fn block(&self, block: &Block, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let attended = block.attention.forward(&self.attend(block, x, mask)?)?;
        let x = block.attention_norm.forward(&(attended + x)?)?;
        let wide = block.up.forward(&x)?;
        let wide = match self.activation {
            Activation::Gelu => wide.gelu_erf()?,
            Activation::GeluTanh => wide.gelu()?,
            Activation::Relu => wide.relu()?,
        };
        block.output_norm.forward(&(block.down.forward(&wide)? + &x)?)
    }

    fn attend(&self, block: &Block, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let (texts, length, hidden) = x.dims3()?;
        let width = hidden / self.heads;
        let heads = |linear: &Linear| {
            linear.forward(x)?.reshape((texts, length, self.heads, width))?.transpose(1, 2)?.contiguous()
        };
        let scale = 1.0 / (width as f64).sqrt();
        let mut scores = (heads(&block.query)?.matmul(&heads(&block.key)?.t()?)? * scale)?;
        if let Some(mask) = mask {
            scores = scores.broadcast_add(mask)?;
        }
        let shares = candle_nn::ops::softmax(&scores, D::Minus1)?;
        shares.matmul(&heads(&block.value)?)?.transpose(1, 2)?.contiguous()?.reshape((texts, length, hidden))
    }
}

impl Block {
    fn load(layer: &weights::Layer<'_>, config: &Config, device: &Device) -> Result<Block> {
        let vector = |numbers: &Cow<'_, [f32]>| Tensor::from_slice(numbers, numbers.len(), device);
        let linear = |from: &weights::Linear<'_>| {
            let weight = Tensor::from_slice(&from.weight, (from.outputs, from.inputs), device)?;
            Ok::<_, candle_core::Error>(Linear::new(weight, Some(vector(&from.bias)?)))
        };
        let norm = |from: &weights::Norm<'_>| {
            Ok::<_, candle_core::Error>(LayerNorm::new(vector(&from.weight)?, vector(&from.bias)?, config.epsilon))
        };
        Ok(Block {
            query: linear(&layer.query)?,
            key: linear(&layer.key)?,
            value: linear(&layer.value)?,
            attention: linear(&layer.attention)?,
            attention_norm: norm(&layer.attention_norm)?,
            up: linear(&layer.up)?,
            down: linear(&layer.down)?,
            output_norm: norm(&layer.output_norm)?,
        })
    }
}

/// A graphics processor if this docent was built for one and it is there, else the processor.
pub(in crate::inference) fn device() -> Device {
    let found = if cuda_is_available() {
        Device::new_cuda(0)
    } else if metal_is_available() {
        Device::new_metal(0)
    } else {
        return Device::Cpu;
    };
    // A first small sum shows that the driver works, not only that it is there.
    let works = found.and_then(|device| {
        Tensor::ones(4, DType::F32, &device)?.sum_all()?.to_scalar::<f32>()?;
        Ok(device)
    });
    works.unwrap_or_else(|error| {
        tracing::warn!(%error, "the graphics processor cannot be used; the processor is");
        Device::Cpu
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::inference::tests::fixture::Tiny;

    #[test]
    fn what_is_filled_in_changes_nothing() {
        let written = Tiny::bert().write();
        let config = Config::read("tiny", written.path()).unwrap();
        let weights = Arc::new(Weights::open("tiny", written.path(), &config).unwrap());
        let embeddings = Embeddings::load(&config, &weights).unwrap();
        let reference = Reference::load(&config, &weights, &Device::Cpu).unwrap().unwrap();
        let texts = [vec![2, 5, 6, 3], vec![2, 3], (2..40).collect()];
        let texts = texts.map(|ids: Vec<u32>| Tokens { second: ids.len(), ids });
        let texts: Vec<&Tokens> = texts.iter().collect();
        for pooling in [Pooling::Mean, Pooling::Cls] {
            let alone = reference.pooled(&texts, pooling, &embeddings).unwrap();
            let together = reference.padded(&texts, pooling, &embeddings).unwrap();
            for (alone, together) in alone.iter().flatten().zip(together.iter().flatten()) {
                assert!((alone - together).abs() < 1e-5, "{alone} {together}");
            }
        }
    }
}
