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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Kind;
    use crate::inference::generator::config::Architecture;
    use crate::inference::generator::tests::fixture::{Tiny, model};

    #[test]
    fn pages_that_were_given_back_come_again() {
        let written = Tiny::new(Architecture::Llama, Kind::Q8_0).write();
        let opened = Opened::open(&written.source()).unwrap();
        let tensor = opened.contents.tensor("blk.1.ffn_down.weight").unwrap();
        assert_eq!(opened.bytes(tensor).len(), 160 / 32 * 34 * 96);
        let before = opened.map.to_vec();
        let beyond = before.len()..usize::MAX;
        for bytes in [tensor.bytes.start as usize..tensor.bytes.end as usize, 0..usize::MAX, 1..2, beyond] {
            opened.map.release(bytes);
            assert!(opened.map[..] == before);
        }
    }

    #[test]
    fn what_is_no_model_is_said() {
        let whole = Tiny::new(Architecture::Llama, Kind::F32).file().bytes();
        let why = |bytes: &[u8]| Opened::open(&model(bytes).source()).unwrap_err().to_string();
        assert!(why(b"<html>log in</html>").ends_with("its first bytes are not those of a GGUF file"));
        assert!(why(&whole[..whole.len() - 1]).contains("tiny.gguf: is cut short: "));
        assert!(why(b"").contains("is cut short in its head"));
        let mut gone = model(&whole).source();
        gone.weights.set_extension("gone");
        assert!(Opened::open(&gone).unwrap_err().to_string().contains("tiny.gone: cannot be opened"));
    }
}
