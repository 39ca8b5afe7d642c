//! Which tensors lie in a weights file? Maps it read-only and, of safetensors, checks its table of contents before anything
//! is read.
//!
//! Knows names, shapes and bytes; not what they are for. The only file of this room with unsafe code.

#![expect(unsafe_code, reason = "a map of a file, and numbers seen where they lie instead of copied")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::ops::{Deref, Range};

use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};

use super::contain::contained;
use super::error::{InferenceError, ModelFile};

/// All bytes of a file, read from it when they are looked at.
#[derive(Debug)]
pub(super) struct Map(Mmap);

impl Map {
    pub(super) fn open(file: &ModelFile) -> Result<Map, InferenceError> {
        let opened = File::open(&file.path).map_err(|error| file.damaged_by("cannot be opened", error))?;
        // SAFETY: the map is only read. The shelf puts models in place by renaming and never writes into one, so nobody
        // who keeps to docent's commands shortens the file while it is mapped.
        let map = unsafe { Mmap::map(&opened) }.map_err(|error| file.damaged_by("cannot be mapped", error))?;
        Ok(Map(map))
    }

    /// Gives the pages of these bytes back to the system; they are read again from the file when they are needed.
    pub(super) fn release(&self, bytes: Range<usize>) {
        let bytes = bytes.start.min(self.len())..bytes.end.min(self.len());
        #[cfg(target_os = "linux")]
        if !bytes.is_empty() {
            let given = memmap2::UncheckedAdvice::DontNeed;
            // SAFETY: the map is of a file and never written to, so dropped pages come back with the same content.
            // That it may fail does not matter: it is advice.
            let _ = unsafe { self.0.unchecked_advise_range(given, bytes.start, bytes.len()) };
        }
        #[cfg(not(target_os = "linux"))]
        drop(bytes);
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A weights file whose every tensor is known to lie inside of it.
#[derive(Debug)]
pub(super) struct Mapped {
    map: Map,
    tensors: HashMap<String, Tensor>,
}

#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    kind: Dtype,
    bytes: Range<usize>,
}

/// The eight bytes before the table of contents say how long it is.
const LENGTH: usize = 8;

impl Mapped {
    pub(super) fn open(file: &ModelFile) -> Result<Mapped, InferenceError> {
        let map = Map::open(file)?;
        if let Some(what) = something_else(&map) {
            return Err(file.damaged(format!("is {what}, where safetensors was expected")));
        }
        let tensors = contents(&map, file)?;
        Ok(Mapped { map, tensors })
    }

    pub(super) fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// All numbers of a tensor: where they lie if they lie there as f32, else converted.
    pub(super) fn numbers(&self, tensor: &Tensor) -> Cow<'_, [f32]> {
        let bytes = &self.map[tensor.bytes.clone()];
        if tensor.kind == Dtype::F32 && cfg!(target_endian = "little") {
            // SAFETY: every bit pattern is an f32, and `align_to` gives only what is aligned.
            let (before, numbers, after) = unsafe { bytes.align_to::<f32>() };
            if before.is_empty() && after.is_empty() {
                return Cow::Borrowed(numbers);
            }
        }
        let mut numbers = vec![0.0; bytes.len() / tensor.width()];
        convert(bytes, tensor.kind, &mut numbers);
        Cow::Owned(numbers)
    }

    /// One row of a tensor of two dimensions. `row` is within its shape, `out` as long as a row.
    pub(super) fn row(&self, tensor: &Tensor, row: usize, out: &mut [f32]) {
        let wide = out.len() * tensor.width();
        let from = row * wide;
        convert(&self.map[tensor.bytes.clone()][from..from + wide], tensor.kind, out);
    }

    /// Gives the pages that were read back to the system.
    pub(super) fn release(&self) {
        self.map.release(0..self.map.len());
    }
}

impl Tensor {
    /// Whether these are numbers that an encoder can be made of.
    pub(super) fn is_float(&self) -> bool {
        matches!(self.kind, Dtype::F32 | Dtype::F16 | Dtype::BF16)
    }

    pub(super) fn kind(&self) -> String {
        format!("{:?}", self.kind)
    }

    fn width(&self) -> usize {
        if self.kind == Dtype::F32 { 4 } else { 2 }
    }
}

fn convert(bytes: &[u8], kind: Dtype, out: &mut [f32]) {
    match kind {
        Dtype::F32 => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *out = f32::from_le_bytes(*bytes);
            }
        }
        Dtype::F16 => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *out = f16::from_le_bytes(*bytes).to_f32();
            }
        }
        _ => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *out = bf16::from_le_bytes(*bytes).to_f32();
            }
        }
    }
}

/// What people put in the place of a weights file.
fn something_else(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"GGUF", "a GGUF file"),
        (b"PK\x03\x04", "a PyTorch file"),
        (b"version https://git-lfs", "a pointer to a file that was not fetched"),
        (b"<!DOCTYPE", "a web page"),
        (b"<html", "a web page"),
    ];
    known.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}

fn contents(bytes: &[u8], file: &ModelFile) -> Result<HashMap<String, Tensor>, InferenceError> {
    // Offsets near the end of the number range overflow in the crate's last sum, which panics in builds that check it.
    let read = contained(|| SafeTensors::read_metadata(bytes))
        .map_err(|_| file.damaged("its table of contents holds impossible numbers"))?;
    let (header, metadata) =
        read.map_err(|error| file.damaged_by("is cut short, or its table of contents is damaged", error))?;
    let start = LENGTH + header;
    let mut tensors = HashMap::new();
    for (name, info) in metadata.tensors() {
        let (from, to) = info.data_offsets;
        let inside = (from <= to && to <= bytes.len() - start).then(|| start + from..start + to);
        let inside = inside.ok_or_else(|| file.damaged(format!("the tensor {name} lies outside of it")))?;
        tensors.insert(name, Tensor { shape: info.shape.clone(), kind: info.dtype, bytes: inside });
    }
    Ok(tensors)
}
