//! From the file's order to a tile's, and back to single columns.

use super::TILE;
use super::layout::{Layout, Scales, VECTOR, put_sixes, six};
use super::source::Column;

/// Writes a block of all 32 outputs.
#[inline(always)]
pub(super) fn put(layout: &Layout, block: &mut [u8], columns: &[Column; TILE]) {
    let (scales, planes) = block.split_at_mut(layout.scale_bytes());
    for (group, planes) in planes.chunks_exact_mut(layout.plane_bytes()).enumerate() {
        let (low, high) = planes.split_at_mut(layout.low_bytes());
        match layout.low {
            8 => put_plane::<8>(low, columns, 8 * group, 0),
            4 => put_plane::<4>(low, columns, 8 * group, 0),
            _ => put_plane::<2>(low, columns, 8 * group, 0),
        }
        match layout.high {
            0 => {}
            1 => put_plane::<1>(high, columns, 8 * group, layout.low),
            _ => put_plane::<2>(high, columns, 8 * group, layout.low),
        }
    }
    for (output, column) in columns.iter().enumerate() {
        put_scales(layout, scales, output, column);
    }
}

#[inline(always)]
fn put_plane<const BITS: usize>(plane: &mut [u8], columns: &[Column; TILE], first: usize, from: usize) {
    let mask = 0x0101_0101 * ((1_u32 << BITS.min(7) << (BITS / 8)) - 1);
    let share = 8 / BITS;
    for (at, vector) in plane.as_chunks_mut::<VECTOR>().0.iter_mut().enumerate() {
        for (lane, to) in vector.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let mut word = 0;
            for part in 0..share {
                let vector = at * share + part;
                let quads = &columns[16 * (vector % 2) + lane].numbers.as_chunks::<4>().0[first..first + 8];
                word |= (u32::from_le_bytes(quads[vector / 2]) >> from & mask) << (BITS * part);
            }
            *to = word.to_le_bytes();
        }
    }
}

#[inline(always)]
fn put_scales(layout: &Layout, scales: &mut [u8], output: usize, column: &Column) {
    let put_half = |scales: &mut [u8], at: usize, half: u16| {
        scales[at..at + 2].copy_from_slice(&half.to_le_bytes());
    };
    let groups = layout.inputs / if layout.is_short() { 16 } else { 32 };
    match layout.scales {
        Scales::Half => put_half(scales, 2 * output, column.scale),
        Scales::HalfAndOffset => {
            put_half(scales, 2 * output, column.scale);
            put_half(scales, 2 * (TILE + output), column.offset);
        }
        Scales::Sixes => {
            for (quad, values) in [&column.scales, &column.offsets].into_iter().enumerate() {
                for part in 0..2 {
                    let sixes = values[4 * part..4 * part + 4].try_into().expect("four of eight");
                    put_sixes(&mut scales[3 * TILE * (2 * quad + part)..], output, sixes);
                }
            }
            put_half(scales, 12 * TILE + 2 * output, column.scale);
            put_half(scales, 14 * TILE + 2 * output, column.offset);
        }
        Scales::Bytes => {
            for group in 0..groups {
                scales[TILE * group + output] = column.scales[group];
            }
            put_half(scales, 16 * TILE + 2 * output, column.scale);
        }
        Scales::ShortSixes => {
            for part in 0..4 {
                let sixes = column.scales[4 * part..4 * part + 4].try_into().expect("four of sixteen");
                put_sixes(&mut scales[3 * TILE * part..], output, sixes);
            }
            put_half(scales, 12 * TILE + 2 * output, column.scale);
        }
        Scales::Fours => {
            for group in 0..groups {
                scales[TILE * group + output] = column.scales[group] | column.offsets[group] << 4;
            }
            put_half(scales, 16 * TILE + 2 * output, column.scale);
            put_half(scales, 18 * TILE + 2 * output, column.offset);
        }
    }
}

/// What [`put`] wrote.
pub(super) fn get(layout: &Layout, block: &[u8], output: usize) -> Column {
    let (scales, planes) = block.split_at(layout.scale_bytes());
    let mut column = Column::default();
    let bits = |plane: &[u8], bits: usize, at: usize| {
        let vector = at / 4 * 2 + output / 16;
        let byte = plane[VECTOR * (vector * bits / 8) + 4 * (output % 16) + at % 4];
        byte >> (bits * (vector % (8 / bits))) & ((1_u16 << bits) - 1) as u8
    };
    for (numbers, planes) in column.numbers.chunks_exact_mut(32).zip(planes.chunks_exact(layout.plane_bytes())) {
        let (low, high) = planes.split_at(layout.low_bytes());
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = bits(low, layout.low, at);
            if layout.high > 0 {
                *number |= bits(high, layout.high, at) << layout.low;
            }
        }
    }
    let half = |at: usize| u16::from_le_bytes([scales[at], scales[at + 1]]);
    let get_six = |quad: usize, which: usize| {
        let rows = scales[3 * TILE * quad..3 * TILE * (quad + 1)].as_chunks::<TILE>().0;
        six(rows.try_into().expect("three rows"), output, which)
    };
    match layout.scales {
        Scales::Half => column.scale = half(2 * output),
        Scales::HalfAndOffset => (column.scale, column.offset) = (half(2 * output), half(2 * (TILE + output))),
        Scales::Sixes => {
            for i in 0..8 {
                column.scales[i] = get_six(i / 4, i % 4);
                column.offsets[i] = get_six(2 + i / 4, i % 4);
            }
            (column.scale, column.offset) = (half(12 * TILE + 2 * output), half(14 * TILE + 2 * output));
        }
        Scales::Bytes => {
            column.scales = std::array::from_fn(|group| scales[TILE * group + output]);
            column.scale = half(16 * TILE + 2 * output);
        }
        Scales::ShortSixes => {
            column.scales = std::array::from_fn(|i| get_six(i / 4, i % 4));
            column.scale = half(12 * TILE + 2 * output);
        }
        Scales::Fours => {
            column.scales = std::array::from_fn(|group| scales[TILE * group + output] & 15);
            column.offsets = std::array::from_fn(|group| scales[TILE * group + output] >> 4);
            (column.scale, column.offset) = (half(16 * TILE + 2 * output), half(18 * TILE + 2 * output));
        }
    }
    column
}
