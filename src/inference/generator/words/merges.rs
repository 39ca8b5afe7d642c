//! Which two tokens become one, and which pair goes first?

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::bytes::Writing;
use super::pieces::Pieces;

#[derive(Debug, Default)]
pub(super) struct Merges {
    /// What stands where in the list says how good it is.
    rows: Vec<Row>,
    /// Numbers of rows, or `EMPTY`; at most half full.
    table: Vec<u32>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    left: u32,
    right: u32,
    joined: u32,
}

const EMPTY: u32 = u32::MAX;

impl Merges {
    /// Each is written as two tokens with a space between them; Those whose
    /// tokens are not in the vocabulary can never be met.
    pub(super) fn new(lines: &[String], pieces: &Pieces, writing: Writing) -> Merges {
        let size = (lines.len() * 2).next_power_of_two().max(2);
        let mut merges =
            Merges { rows: Vec::with_capacity(lines.len()), table: vec![EMPTY; size], ..Merges::default() };
        let mut bytes = Vec::new();
        for line in lines {
            // A token may itself begin with a space.
            let Some(at) = line.bytes().skip(1).position(|byte| byte == b' ') else { continue };
            let (left, right) = (&line[..at + 1], &line[at + 2..]);
            bytes.clear();
            writing.read(left, &mut bytes);
            let middle = bytes.len();
            writing.read(right, &mut bytes);
            let ids = (pieces.find(&bytes[..middle]), pieces.find(&bytes[middle..]), pieces.find(&bytes));
            if let (Some(left), Some(right), Some(joined)) = ids {
                merges.insert(Row { left, right, joined });
            }
        }
        merges.rows.shrink_to_fit();
        merges
    }

    fn insert(&mut self, row: Row) {
        if let Err(free) = self.seek(row.left, row.right) {
            self.table[free] = self.rows.len() as u32;
            self.rows.push(row);
        }
    }

    /// The place of a pair in the list, and what it becomes.
    pub(super) fn find(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        if self.table.is_empty() {
            return None;
        }
        let at = self.seek(left, right).ok()?;
        Some((at, self.rows[at as usize].joined))
    }

    fn seek(&self, left: u32, right: u32) -> Result<u32, usize> {
        let last = self.table.len() - 1;
        let mut at = self.hasher.hash_one(u64::from(left) << 32 | u64::from(right)) as usize & last;
        loop {
            match self.table[at] {
                EMPTY => return Err(at),
                row if (self.rows[row as usize].left, self.rows[row as usize].right) == (left, right) => {
                    return Ok(row);
                }
                _ => at = (at + 1) & last,
            }
        }
    }
}
