//! A few rows of bytes times a spread block: the product that everything else waits for.
//!
//! Bytes are multiplied and added exactly, so every level gives the same whole numbers; what is rounded is rounded in the
//! same order for every row, whatever rows stand beside it.

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(test)]
mod fixture;
#[cfg(target_arch = "x86_64")]
mod narrow;
mod plain;
#[cfg(target_arch = "x86_64")]
mod stream;
#[cfg(target_arch = "x86_64")]
mod wide;

use super::Strip;
use super::layout::Layout;
use super::left::{Coarse, Fine, Left};
use super::unpack::{Scaling, Spread};
use crate::simd::Level;
use crate::simd::level::Kind;

/// The rows' part that meets the block.
#[derive(Clone, Copy)]
pub(super) enum Rows<'a> {
    Coarse(&'a [Coarse]),
    /// With the number of groups, which may be less than eight at the end of a row.
    Fine(&'a [Fine], usize),
}

/// What is multiplied with the rows.
#[derive(Clone, Copy)]
struct Block<'a> {
    spread: &'a Spread,
    /// What every number is too large by.
    zero: i32,
    /// Bits of a number.
    bits: usize,
    has_offsets: bool,
    /// Coarse scales for every 16 inputs.
    is_short: bool,
}

/// One row times a whole tile, where there is a faster way than spreading its blocks. `first` is the row's place in each
/// of the left side's blocks. False: there is none.
pub(super) fn single(
    level: Level,
    layout: &Layout,
    weights: &[u8],
    left: &Left,
    first: usize,
    out: &mut Strip,
) -> bool {
    #[cfg(target_arch = "x86_64")]
    if level.0 != Kind::Scalar && stream::knows(layout) {
        let row = if layout.is_coarse() {
            stream::Row::Coarse(&left.coarse[first..], left.rows())
        } else {
            stream::Row::Fine(&left.fine[first..], left.rows())
        };
        // SAFETY: a level exists only where the processor was seen to have its instructions, and all have AVX2.
        unsafe { stream::tile(layout, weights, row, out) };
        return true;
    }
    let _ = (level, layout, weights, left, first, out);
    false
}

pub(super) fn scaling(level: Level) -> Scaling {
    match level.0 {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => Scaling::Twice,
        _ => Scaling::Once,
    }
}

/// Adds to `out`, which has a strip for each row.
pub(super) fn multiply(level: Level, layout: &Layout, rows: Rows<'_>, spread: &Spread, out: &mut [Strip]) {
    let block = Block {
        spread,
        zero: layout.zero.into(),
        bits: layout.low + layout.high,
        has_offsets: layout.zero == 0,
        is_short: layout.is_short(),
    };
    match rows {
        Rows::Coarse(rows) => assert_eq!(rows.len(), out.len(), "as many rows go out as come in"),
        Rows::Fine(rows, groups) => {
            assert_eq!(rows.len(), out.len(), "as many rows go out as come in");
            assert!(groups <= 8, "a block has eight groups");
        }
    }
    let most = tallest(level);
    let pieces = out.len().div_ceil(most);
    for piece in 0..pieces {
        let here = out.len() * piece / pieces..out.len() * (piece + 1) / pieces;
        let rows = match rows {
            Rows::Coarse(rows) => Rows::Coarse(&rows[here.clone()]),
            Rows::Fine(rows, groups) => Rows::Fine(&rows[here.clone()], groups),
        };
        let out = &mut out[here];
        match out.len() {
            0 => {}
            1 => piece_of::<1>(level, block, rows, out),
            2 => piece_of::<2>(level, block, rows, out),
            3 => piece_of::<3>(level, block, rows, out),
            4 => piece_of::<4>(level, block, rows, out),
            5 => piece_of::<5>(level, block, rows, out),
            _ => piece_of::<6>(level, block, rows, out),
        }
    }
}

/// As many rows as there are registers for.
fn tallest(level: Level) -> usize {
    match level.0 {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 | Kind::AvxVnni => 4,
        _ => 6,
    }
}

fn piece_of<const R: usize>(level: Level, block: Block<'_>, rows: Rows<'_>, out: &mut [Strip]) {
    let out: &mut [Strip; R] = out.try_into().expect("as many rows go out as come in");
    match rows {
        Rows::Coarse(rows) => {
            let rows: &[Coarse; R] = rows.try_into().expect("as many rows go out as come in");
            match level.0 {
                Kind::Scalar => plain::coarse(block, rows, out),
                // SAFETY, here and below: a level exists only where the processor was seen to have its instructions.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { wide::coarse(block, rows, out) },
                #[cfg(target_arch = "x86_64")]
                Kind::AvxVnni => unsafe { narrow::vnni::coarse(block, rows, out) },
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { narrow::pairs::coarse(block, rows, out) },
                #[cfg(target_arch = "aarch64")]
                Kind::Neon => unsafe { arm::coarse(block, rows, out) },
            }
        }
        Rows::Fine(rows, groups) => {
            let rows: &[Fine; R] = rows.try_into().expect("as many rows go out as come in");
            match level.0 {
                Kind::Scalar => plain::fine(block, rows, groups, out),
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { wide::fine(block, rows, groups, out) },
                #[cfg(target_arch = "x86_64")]
                Kind::AvxVnni => unsafe { narrow::vnni::fine(block, rows, groups, out) },
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { narrow::pairs::fine(block, rows, groups, out) },
                #[cfg(target_arch = "aarch64")]
                Kind::Neon => unsafe { arm::fine(block, rows, groups, out) },
            }
        }
    }
}
