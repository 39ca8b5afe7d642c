//! How do 32 columns of weights lie in memory? Exactly in the bytes they have in the file, in another order.
//!
//! A block has 32 or 256 inputs of 32 outputs. First come the scales, output by output; then, for every 32 inputs, one or
//! two planes of bits. Spread over bytes, a plane's vectors have 64 bytes each: four inputs of sixteen outputs, the first
//! sixteen outputs and the other sixteen in turn. A plane of `b` bits holds 8/b consecutive vectors in the same 64 bytes. So
//! whoever goes through a block goes through memory in its order.

use super::TILE;
use crate::gguf::Kind;

/// Bytes of a vector.
pub(super) const VECTOR: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub kind: Kind,
    /// Inputs of a block.
    pub inputs: usize,
    /// Bytes of one output's block in the file.
    pub source: usize,
    /// Bits of the first plane: 8, 4 or 2.
    pub low: usize,
    /// Bits of the second plane, which stand above those of the first: 0, 1 or 2.
    pub high: usize,
    /// What a number has to be reduced by.
    pub zero: i16,
    pub scales: Scales,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scales {
    /// A half for every 32 inputs.
    Half,
    /// Scale and offset, a half each.
    HalfAndOffset,
    /// For every 32 inputs scale and offset of 6 bits; one half each for all.
    Sixes,
    /// For every 16 inputs a signed byte; one half for all.
    Bytes,
    /// For every 16 inputs 6 bits, 32 too large; one half for all.
    ShortSixes,
    /// For every 16 inputs scale and offset of 4 bits; one half each for all.
    Fours,
}

impl Layout {
    pub(super) fn of(kind: Kind) -> Option<Layout> {
        let (inputs, source, low, high, zero, scales) = match kind {
            Kind::Q4_0 => (32, 18, 4, 0, 8, Scales::Half),
            Kind::Q4_1 => (32, 20, 4, 0, 0, Scales::HalfAndOffset),
            Kind::Q5_0 => (32, 22, 4, 1, 16, Scales::Half),
            Kind::Q5_1 => (32, 24, 4, 1, 0, Scales::HalfAndOffset),
            Kind::Q8_0 => (32, 34, 8, 0, 128, Scales::Half),
            Kind::Q2K => (256, 84, 2, 0, 0, Scales::Fours),
            Kind::Q3K => (256, 110, 2, 1, 4, Scales::ShortSixes),
            Kind::Q4K => (256, 144, 4, 0, 0, Scales::Sixes),
            Kind::Q5K => (256, 176, 4, 1, 0, Scales::Sixes),
            Kind::Q6K => (256, 210, 4, 2, 32, Scales::Bytes),
            Kind::F32 | Kind::F16 | Kind::Bf16 | Kind::Other(_) => return None,
        };
        Some(Layout { kind, inputs, source, low, high, zero, scales })
    }

    /// Bytes of a block.
    pub(super) fn bytes(&self) -> usize {
        TILE * self.source
    }

    /// Bytes of 32 inputs' first plane.
    pub(super) fn low_bytes(&self) -> usize {
        4 * TILE * self.low
    }

    /// Bytes of 32 inputs' planes.
    pub(super) fn plane_bytes(&self) -> usize {
        4 * TILE * (self.low + self.high)
    }

    /// Where the planes begin.
    pub(super) fn scale_bytes(&self) -> usize {
        self.bytes() - self.inputs / 32 * self.plane_bytes()
    }

    /// Whether activations share one scale over 256 inputs, or have one for every 32. As in llama.cpp, so that the same
    /// file gives the same text.
    pub(super) fn is_coarse(&self) -> bool {
        self.inputs == 256
    }

    /// Scales for every 16 inputs, not 32.
    pub(super) fn is_short(&self) -> bool {
        matches!(self.scales, Scales::Bytes | Scales::ShortSixes | Scales::Fours)
    }
}

/// Where 6 bits of four groups lie in three bytes: the fourth group's are spread over the upper bits of the others'.
pub(super) fn put_sixes(to: &mut [u8], at: usize, six: [u8; 4]) {
    for (i, value) in six[..3].iter().enumerate() {
        to[TILE * i + at] = value | ((six[3] >> (2 * i)) & 3) << 6;
    }
}

/// One of the four, 0 to 3.
#[inline(always)]
pub(super) fn six(from: &[[u8; TILE]; 3], at: usize, which: usize) -> u8 {
    if which < 3 { from[which][at] & 63 } else { from[0][at] >> 6 | from[1][at] >> 6 << 2 | from[2][at] >> 6 << 4 }
}
