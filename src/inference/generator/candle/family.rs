//! Which architectures does candle-transformers read from GGUF files, and how is each loaded and taken forward?

use std::fmt;
use std::io::Cursor;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{DType, Device, Tensor};
use candle_transformers::models::{quantized_glm4, quantized_lfm2, quantized_phi};

/// Those that docent does not run itself, and that run on every machine.
pub(in crate::inference::generator) fn candle_knows(architecture: &str) -> bool {
    Family::named(architecture).is_some()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Phi2,
    Glm4,
    Lfm2,
}

impl Family {
    const ALL: [Family; 3] = [Family::Phi2, Family::Glm4, Family::Lfm2];

    pub(super) fn named(architecture: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.name() == architecture)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Family::Phi2 => "phi2",
            Family::Glm4 => "glm4",
            Family::Lfm2 => "lfm2",
        }
    }

    /// How many positions candle has tables for, whatever the file says.
    pub(super) fn most_context(self) -> usize {
        match self {
            Family::Phi2 => quantized_phi::MAX_SEQ_LEN,
            Family::Glm4 | Family::Lfm2 => 1 << 16,
        }
    }

    /// Whether more than one token can follow what was read. Where that is not so the convolutions forget what was before.
    pub(super) fn goes_on_in_slices(self) -> bool {
        self != Family::Lfm2
    }

    /// Tables are made for `context` positions instead of those that the file names.
    pub(super) fn load(self, bytes: &[u8], context: usize) -> candle_core::Result<Loaded> {
        let mut reader = Cursor::new(bytes);
        let mut content = Content::read(&mut reader)?;
        let context = u32::try_from(context).unwrap_or(u32::MAX);
        content.metadata.insert(format!("{}.context_length", self.name()), Value::U32(context));
        let cpu = Device::Cpu;
        Ok(match self {
            Family::Phi2 => Loaded::Phi2(quantized_phi::ModelWeights::from_gguf(content, &mut reader, &cpu)?),
            Family::Glm4 => {
                Loaded::Glm4(quantized_glm4::ModelWeights::from_gguf(content, &mut reader, &cpu, DType::F32)?)
            }
            Family::Lfm2 => Loaded::Lfm2(quantized_lfm2::ModelWeights::from_gguf(content, &mut reader, &cpu)?),
        })
    }
}

pub(super) enum Loaded {
    Phi2(quantized_phi::ModelWeights),
    Glm4(quantized_glm4::ModelWeights),
    Lfm2(quantized_lfm2::ModelWeights),
}

impl Loaded {
    /// With the same weights, which are shared, and what was read by it until now. `None`: candle has no copies of it.
    pub(super) fn copy(&self) -> Option<Loaded> {
        match self {
            Loaded::Phi2(model) => Some(Loaded::Phi2(model.clone())),
            Loaded::Glm4(model) => Some(Loaded::Glm4(model.clone())),
            Loaded::Lfm2(_) => None,
        }
    }

    /// The last token's logits; `position` is the first one's.
    pub(super) fn forward(&mut self, tokens: &[u32], position: usize) -> candle_core::Result<Vec<f32>> {
        let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let logits = match self {
            Loaded::Phi2(model) => model.forward(&input, position),
            Loaded::Glm4(model) => model.forward(&input, position),
            Loaded::Lfm2(model) => model.forward(&input, position),
        }?;
        logits.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a model of candle's")
    }
}
