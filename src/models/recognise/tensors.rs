//! Is a safetensors file whole? Its head says which bytes belong to which tensor; all of them must be there, and no more.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::Why;

/// Real heads are below 1 MB; the format allows 100.
const MOST_HEAD: u64 = 100_000_000;

#[derive(Deserialize)]
struct Tensor {
    data_offsets: Option<(u64, u64)>,
}

pub(super) fn check(mut reader: impl Read, length: u64) -> Result<(), Why> {
    let mut size = [0; 8];
    reader.read_exact(&mut size).map_err(|_| "it is cut short in its first bytes")?;
    let size = u64::from_le_bytes(size);
    if size > MOST_HEAD {
        return Err("its first bytes are not those of a safetensors file".to_owned());
    }
    if size.saturating_add(8) > length {
        return Err(format!("it is cut short: its head alone takes {size} bytes, and {length} are there"));
    }
    // The file's length was compared: what is reserved here is there to be read.
    let mut head = Vec::new();
    reader.take(size).read_to_end(&mut head).map_err(|error| super::super::error::reason(&error))?;
    let tensors: BTreeMap<String, Tensor> =
        serde_json::from_slice(&head).map_err(|_| "its head does not list tensors")?;
    let mut ends = 0;
    let mut any = false;
    for (name, tensor) in tensors.iter().filter(|(name, _)| *name != "__metadata__") {
        let (from, to) = tensor.data_offsets.ok_or_else(|| format!("its tensor {name:?} lies nowhere"))?;
        if from > to {
            return Err(format!("its tensor {name:?} ends before it begins"));
        }
        ends = ends.max(to);
        any = true;
    }
    let needed = ends.saturating_add(size).saturating_add(8);
    match needed {
        _ if !any => Err("it holds no tensors".to_owned()),
        needed if needed > length => Err(format!("it is cut short: {length} of {needed} bytes are there")),
        needed if needed < length => Err(format!("it is {length} bytes long and should be {needed}")),
        _ => Ok(()),
    }
}
