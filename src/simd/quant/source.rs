//! One output's block as the file has it: numbers, and what scales them.

use super::half::{from_bf16, from_half};
use super::layout::Layout;
use crate::gguf::Kind;

/// Numbers as they lie in a file, whole blocks of them. Those of a kind that nobody knows stay as they are.
pub fn decode(kind: Kind, bytes: &[u8], to: &mut [f32]) {
    match (Layout::of(kind), kind) {
        (Some(layout), _) => {
            let mut column = Column::default();
            for (block, to) in bytes.chunks_exact(layout.source).zip(to.chunks_mut(layout.inputs)) {
                read(kind, block, &mut column);
                to.iter_mut().enumerate().for_each(|(at, to)| *to = weight(kind, &column, at));
            }
        }
        (None, Kind::F32) => bytes.chunks_exact(4).zip(to).for_each(|(bytes, to)| *to = float(kind, bytes)),
        (None, Kind::F16 | Kind::Bf16) => {
            bytes.chunks_exact(2).zip(to).for_each(|(bytes, to)| *to = float(kind, bytes));
        }
        (None, _) => {}
    }
}

/// Numbers without sign, and scales as the file has them; their meaning is the layout's.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub numbers: [u8; 256],
    /// For every 32 or 16 inputs.
    pub scales: [u8; 16],
    pub offsets: [u8; 16],
    /// A half each.
    pub scale: u16,
    pub offset: u16,
}

impl Default for Column {
    fn default() -> Column {
        Column { numbers: [0; 256], scales: [0; 16], offsets: [0; 16], scale: 0, offset: 0 }
    }
}

/// `block` is as long as the kind's blocks are.
#[inline(always)]
pub(super) fn read(kind: Kind, block: &[u8], to: &mut Column) {
    let half = |at: usize| u16::from_le_bytes([block[at], block[at + 1]]);
    match kind {
        Kind::Q4_0 => {
            to.scale = half(0);
            nibbles(&block[2..18], &mut to.numbers[..32]);
        }
        Kind::Q4_1 => {
            (to.scale, to.offset) = (half(0), half(2));
            nibbles(&block[4..20], &mut to.numbers[..32]);
        }
        Kind::Q5_0 => {
            to.scale = half(0);
            nibbles(&block[6..22], &mut to.numbers[..32]);
            fifth_bits(&block[2..6], &mut to.numbers[..32]);
        }
        Kind::Q5_1 => {
            (to.scale, to.offset) = (half(0), half(2));
            nibbles(&block[8..24], &mut to.numbers[..32]);
            fifth_bits(&block[4..8], &mut to.numbers[..32]);
        }
        Kind::Q8_0 => {
            to.scale = half(0);
            for (to, from) in to.numbers[..32].iter_mut().zip(&block[2..34]) {
                *to = from ^ 0x80;
            }
        }
        Kind::Q2K => {
            for (i, byte) in block[..16].iter().enumerate() {
                (to.scales[i], to.offsets[i]) = (byte & 15, byte >> 4);
            }
            quarters(&block[16..80], &mut to.numbers);
            (to.scale, to.offset) = (half(80), half(82));
        }
        Kind::Q3K => {
            quarters(&block[32..96], &mut to.numbers);
            for (part, numbers) in to.numbers.chunks_exact_mut(32).enumerate() {
                for (number, mask) in numbers.iter_mut().zip(&block[..32]) {
                    *number |= (mask >> part & 1) << 2;
                }
            }
            let packed = &block[96..108];
            for i in 0..16 {
                let low = packed[i % 8] >> (4 * (i / 8)) & 15;
                to.scales[i] = low | (packed[8 + i % 4] >> (2 * (i / 4)) & 3) << 4;
            }
            to.scale = half(108);
        }
        Kind::Q4K | Kind::Q5K => {
            (to.scale, to.offset) = (half(0), half(2));
            let packed = &block[4..16];
            for i in 0..4 {
                to.scales[i] = packed[i] & 63;
                to.offsets[i] = packed[i + 4] & 63;
                to.scales[i + 4] = packed[i + 8] & 15 | packed[i] >> 6 << 4;
                to.offsets[i + 4] = packed[i + 8] >> 4 | packed[i + 4] >> 6 << 4;
            }
            let low = if kind == Kind::Q4K { &block[16..144] } else { &block[48..176] };
            for (numbers, low) in to.numbers.chunks_exact_mut(64).zip(low.chunks_exact(32)) {
                let (first, second) = numbers.split_at_mut(32);
                for ((first, second), low) in first.iter_mut().zip(second).zip(low) {
                    (*first, *second) = (low & 15, low >> 4);
                }
            }
            if kind == Kind::Q5K {
                for (part, numbers) in to.numbers.chunks_exact_mut(32).enumerate() {
                    for (number, mask) in numbers.iter_mut().zip(&block[16..48]) {
                        *number |= (mask >> part & 1) << 4;
                    }
                }
            }
        }
        Kind::Q6K => {
            for (half, numbers) in to.numbers.chunks_exact_mut(128).enumerate() {
                let (low, high) = (&block[64 * half..64 * half + 64], &block[128 + 32 * half..160 + 32 * half]);
                for (part, numbers) in numbers.chunks_exact_mut(32).enumerate() {
                    let low = &low[32 * (part % 2)..32 * (part % 2) + 32];
                    for ((number, low), high) in numbers.iter_mut().zip(low).zip(high) {
                        *number = low >> (4 * (part / 2)) & 15 | (high >> (2 * part) & 3) << 4;
                    }
                }
            }
            to.scales.copy_from_slice(&block[192..208]);
            to.scale = half(208);
        }
        Kind::F32 | Kind::F16 | Kind::Bf16 | Kind::Other(_) => unreachable!("only kinds with a layout are read"),
    }
}

/// The lower halves of the bytes, then the upper.
#[inline(always)]
fn nibbles(from: &[u8], to: &mut [u8]) {
    let (low, high) = to.split_at_mut(16);
    for ((low, high), from) in low.iter_mut().zip(high).zip(from) {
        (*low, *high) = (from & 15, from >> 4);
    }
}

#[inline(always)]
fn fifth_bits(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.chunks_exact_mut(8).zip(from) {
        for (i, to) in to.iter_mut().enumerate() {
            *to |= (from >> i & 1) << 4;
        }
    }
}

/// Of 32 bytes the lowest two bits, then the next.
#[inline(always)]
fn quarters(from: &[u8], to: &mut [u8; 256]) {
    for (from, to) in from.chunks_exact(32).zip(to.chunks_exact_mut(128)) {
        for (part, to) in to.chunks_exact_mut(32).enumerate() {
            for (to, from) in to.iter_mut().zip(from) {
                *to = from >> (2 * part) & 3;
            }
        }
    }
}

/// What input `at` of the block weighs.
pub(super) fn weight(kind: Kind, column: &Column, at: usize) -> f32 {
    let number = f32::from(column.numbers[at]);
    let (scale, offset) = (from_half(column.scale), from_half(column.offset));
    let (short, long) = (at / 16, at / 32);
    match kind {
        Kind::Q4_0 => (number - 8.0) * scale,
        Kind::Q5_0 => (number - 16.0) * scale,
        Kind::Q8_0 => (number - 128.0) * scale,
        Kind::Q4_1 | Kind::Q5_1 => number * scale + offset,
        Kind::Q2K => number * (scale * f32::from(column.scales[short])) - offset * f32::from(column.offsets[short]),
        Kind::Q3K => (number - 4.0) * (scale * (f32::from(column.scales[short]) - 32.0)),
        Kind::Q4K | Kind::Q5K => {
            number * (scale * f32::from(column.scales[long])) - offset * f32::from(column.offsets[long])
        }
        Kind::Q6K => (number - 32.0) * (scale * f32::from(column.scales[short] as i8)),
        Kind::F32 | Kind::F16 | Kind::Bf16 | Kind::Other(_) => unreachable!("only kinds with a layout are read"),
    }
}

/// The number that begins the bytes.
pub(super) fn float(kind: Kind, bytes: &[u8]) -> f32 {
    match kind {
        Kind::F32 => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        Kind::F16 => from_half(u16::from_le_bytes([bytes[0], bytes[1]])),
        _ => from_bf16(u16::from_le_bytes([bytes[0], bytes[1]])),
    }
}
