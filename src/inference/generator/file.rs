//! A model's file: mapped, its head read and found whole.

use super::GeneratorSource;
use crate::gguf::{self, BadGguf, Contents, Tensor};
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::mapped::Map;

#[derive(Debug)]
pub(in crate::inference) struct Opened {
    pub(in crate::inference) file: ModelFile,
    pub(in crate::inference) map: Map,
    pub(in crate::inference) contents: Contents,
}

impl Opened {
    pub(in crate::inference) fn open(source: &GeneratorSource) -> Result<Opened, InferenceError> {
        let file = ModelFile { model: source.id.clone(), path: source.weights.clone() };
        let map = Map::open(&file)?;
        let contents = gguf::read(&map[..], map.len() as u64, |_| true).map_err(|error| match error {
            BadGguf::Unread(error) => file.damaged_by("cannot be read", error),
            error => {
                let why = error.to_string();
                file.damaged(why.strip_prefix("it ").unwrap_or(&why))
            }
        })?;
        Ok(Opened { file, map, contents })
    }

    /// Of a tensor in it.
    pub(in crate::inference) fn bytes(&self, tensor: &Tensor) -> &[u8] {
        &self.map[tensor.bytes.start as usize..tensor.bytes.end as usize]
    }
}
