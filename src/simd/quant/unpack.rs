//! A tile's block spread over bytes and plain scales, so that one kernel multiplies every kind of weights.

use super::half::from_half;
use super::layout::{Layout, Scales, VECTOR, six};
use super::{BLOCK, Strip, TILE};
use crate::simd::Level;
use crate::simd::lanes::Lanes;
use crate::simd::level::kernel;

/// 256 inputs of 32 outputs, in the order of [`layout`](super::layout).
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Spread {
    pub numbers: [[u8; VECTOR]; 2 * BLOCK / 4],
    /// For every 32 inputs.
    pub scales: [Strip; 8],
    pub offsets: [Strip; 8],
    pub coarse: CoarseScales,
}

/// Scales of kinds that have one float for 256 inputs and whole numbers below it.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct CoarseScales {
    /// For every 32 or 16 inputs. See [`Scaling`].
    pub scales: [[u32; TILE]; 16],
    /// Two consecutive groups' offsets beside each other.
    pub offsets: [[[i16; 2]; TILE]; 8],
    pub scale: Strip,
    pub offset: Strip,
}

/// How a kernel wants whole scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scaling {
    /// As a number of 32 bits.
    Once,
    /// Twice, in 16 bits each.
    Twice,
}

impl Spread {
    pub(super) fn new() -> Box<Spread> {
        Box::new(Spread {
            numbers: [[0; VECTOR]; 2 * BLOCK / 4],
            scales: [[0.0; TILE]; 8],
            offsets: [[0.0; TILE]; 8],
            coarse: CoarseScales {
                scales: [[0; TILE]; 16],
                offsets: [[[0; 2]; TILE]; 8],
                scale: [0.0; TILE],
                offset: [0.0; TILE],
            },
        })
    }
}

/// `blocks` are consecutive blocks of a tile, of 256 inputs at most.
pub(super) fn spread(level: Level, layout: &Layout, blocks: &[u8], scaling: Scaling, to: &mut Spread) {
    for (at, block) in blocks.chunks_exact(layout.bytes()).enumerate() {
        let vectors = 2 * layout.inputs / 4;
        let numbers = &mut to.numbers[at * vectors..(at + 1) * vectors];
        let (scales, planes) = block.split_at(layout.scale_bytes());
        match (layout.low, layout.high) {
            (4, 0) => spread_4(level, planes.as_chunks().0, numbers),
            (4, 1) => spread_4_1(level, planes.as_chunks().0, numbers),
            (4, 2) => spread_4_2(level, planes.as_chunks().0, numbers),
            (2, 0) => spread_2(level, planes.as_chunks().0, numbers),
            (2, 1) => spread_2_1(level, planes.as_chunks().0, numbers),
            _ => numbers.copy_from_slice(planes.as_chunks().0),
        }
        match layout.scales {
            Scales::Half => halves(level, scales, &mut to.scales[at]),
            Scales::HalfAndOffset => {
                halves(level, scales, &mut to.scales[at]);
                halves(level, &scales[2 * TILE..], &mut to.offsets[at]);
            }
            _ => coarse(level, layout.scales, layout.zero, scales, scaling, &mut to.coarse),
        }
    }
}

type Vector = [u8; VECTOR];

kernel! { fn spread_4(low: &[Vector], to: &mut [Vector]); spread_4_body }
kernel! { fn spread_4_1(planes: &[Vector], to: &mut [Vector]); spread_4_1_body }
kernel! { fn spread_4_2(planes: &[Vector], to: &mut [Vector]); spread_4_2_body }
kernel! { fn spread_2(low: &[Vector], to: &mut [Vector]); spread_2_body }
kernel! { fn spread_2_1(planes: &[Vector], to: &mut [Vector]); spread_2_1_body }

#[inline(always)]
fn spread_4_body<L: Lanes>(low: &[Vector], to: &mut [Vector]) {
    for (low, to) in low.iter().zip(to.as_chunks_mut::<2>().0) {
        for i in 0..VECTOR {
            to[0][i] = low[i] & 15;
            to[1][i] = low[i] >> 4;
        }
    }
}

#[inline(always)]
fn spread_4_1_body<L: Lanes>(planes: &[Vector], to: &mut [Vector]) {
    for (at, to) in to.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        // Ten vectors of 32 inputs, which become twice eight.
        let planes = &planes[10 * (at / 2)..10 * (at / 2) + 10];
        let (low, high) = (&planes[4 * (at % 2)..4 * (at % 2) + 4], &planes[8 + at % 2]);
        for part in 0..4 {
            for i in 0..VECTOR {
                to[2 * part][i] = low[part][i] & 15 | (high[i] >> (2 * part) & 1) << 4;
                to[2 * part + 1][i] = low[part][i] >> 4 | (high[i] >> (2 * part + 1) & 1) << 4;
            }
        }
    }
}

#[inline(always)]
fn spread_4_2_body<L: Lanes>(planes: &[Vector], to: &mut [Vector]) {
    for (at, to) in to.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        // Twelve vectors of 32 inputs, which become four times four.
        let planes = &planes[12 * (at / 4)..12 * (at / 4) + 12];
        let (low, high) = (&planes[2 * (at % 4)..2 * (at % 4) + 2], &planes[8 + at % 4]);
        for part in 0..2 {
            for i in 0..VECTOR {
                to[2 * part][i] = low[part][i] & 15 | (high[i] >> (4 * part) & 3) << 4;
                to[2 * part + 1][i] = low[part][i] >> 4 | (high[i] >> (4 * part + 2) & 3) << 4;
            }
        }
    }
}

#[inline(always)]
fn spread_2_body<L: Lanes>(low: &[Vector], to: &mut [Vector]) {
    for (low, to) in low.iter().zip(to.as_chunks_mut::<4>().0) {
        for part in 0..4 {
            for i in 0..VECTOR {
                to[part][i] = low[i] >> (2 * part) & 3;
            }
        }
    }
}

#[inline(always)]
fn spread_2_1_body<L: Lanes>(planes: &[Vector], to: &mut [Vector]) {
    for (at, to) in to.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        // Six vectors of 32 inputs, which become twice eight.
        let planes = &planes[6 * (at / 2)..6 * (at / 2) + 6];
        let (low, high) = (&planes[2 * (at % 2)..2 * (at % 2) + 2], &planes[4 + at % 2]);
        for part in 0..8 {
            for i in 0..VECTOR {
                to[part][i] = low[part / 4][i] >> (2 * (part % 4)) & 3 | (high[i] >> part & 1) << 2;
            }
        }
    }
}

kernel! { fn halves(from: &[u8], to: &mut Strip); halves_body }

#[inline(always)]
fn halves_body<L: Lanes>(from: &[u8], to: &mut Strip) {
    let from: &[[u8; 2]; TILE] = from.as_chunks::<2>().0[..TILE].try_into().expect("32 halves");
    for i in 0..TILE {
        to[i] = from_half(u16::from_le_bytes(from[i]));
    }
}

kernel! {
    fn coarse(kind: Scales, zero: i16, from: &[u8], scaling: Scaling, to: &mut CoarseScales); coarse_body
}

#[inline(always)]
fn coarse_body<L: Lanes>(kind: Scales, zero: i16, from: &[u8], scaling: Scaling, to: &mut CoarseScales) {
    let rows = from.as_chunks::<TILE>().0;
    let mut scales = [[0_i16; TILE]; 16];
    let mut offsets = [[0_i16; TILE]; 16];
    let (groups, halves_at) = match kind {
        Scales::Sixes => {
            for quad in 0..2 {
                sixes(&rows[3 * quad..], 0, &mut scales[4 * quad..]);
                sixes(&rows[6 + 3 * quad..], 0, &mut offsets[4 * quad..]);
            }
            (8, 12)
        }
        Scales::Bytes => {
            for (scales, row) in scales.iter_mut().zip(rows) {
                for i in 0..TILE {
                    scales[i] = i16::from(row[i] as i8);
                }
            }
            (16, 16)
        }
        Scales::ShortSixes => {
            for quad in 0..4 {
                sixes(&rows[3 * quad..], 32, &mut scales[4 * quad..]);
            }
            (16, 12)
        }
        _ => {
            for ((scales, offsets), row) in scales.iter_mut().zip(&mut offsets).zip(rows) {
                for i in 0..TILE {
                    scales[i] = i16::from(row[i] & 15);
                    offsets[i] = i16::from(row[i] >> 4);
                }
            }
            (16, 16)
        }
    };
    halves_body::<L>(&from[TILE * halves_at..], &mut to.scale);
    if zero == 0 {
        halves_body::<L>(&from[TILE * (halves_at + 2)..], &mut to.offset);
    } else {
        for (offsets, scales) in offsets.iter_mut().zip(&scales) {
            for i in 0..TILE {
                offsets[i] = scales[i] * zero;
            }
        }
    }
    for (to, scales) in to.scales[..groups].iter_mut().zip(&scales) {
        for i in 0..TILE {
            to[i] = match scaling {
                Scaling::Once => i32::from(scales[i]) as u32,
                Scaling::Twice => u32::from(scales[i] as u16) * 0x1_0001,
            };
        }
    }
    for (to, pair) in to.offsets[..groups / 2].iter_mut().zip(offsets.as_chunks::<2>().0) {
        for i in 0..TILE {
            to[i] = [pair[0][i], pair[1][i]];
        }
    }
}

#[inline(always)]
fn sixes(rows: &[[u8; TILE]], less: i16, to: &mut [[i16; TILE]]) {
    let rows: &[[u8; TILE]; 3] = rows[..3].try_into().expect("three rows");
    for (which, to) in to[..4].iter_mut().enumerate() {
        for i in 0..TILE {
            to[i] = i16::from(six(rows, i, which)) - less;
        }
    }
}
