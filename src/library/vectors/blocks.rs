//! How vectors are written down: some of a document's in one row, so that a row fills a page of redb's and no more.
//!
//! `collection u32, count u32, first chunk u64`, then for each vector its chunk's distance from the first `u32`, its scale
//! `f32`, and its first plane; the second plane stands in a row of the same key in another table. Little-endian.

use super::quantize::Quantized;

const HEAD: usize = 16;
/// A page of 4096 less what redb keeps with a row: one byte more, and a row takes two pages.
const PAGE: usize = 4040;

/// Vectors in a full row.
pub(super) fn capacity(dimensions: usize) -> usize {
    ((PAGE - HEAD) / (dimensions + 8)).max(1)
}

/// Some of a document's vectors, as they stand in redb.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub collection: u32,
    first_chunk: u64,
    chunks: &'a [u8],
    scales: &'a [u8],
    planes: &'a [u8],
    dimensions: usize,
}

impl<'a> Block<'a> {
    /// Checks every length: a row may be damaged.
    pub(super) fn read(bytes: &'a [u8], dimensions: usize) -> Result<Block<'a>, redb::Error> {
        Block::parse(bytes, dimensions).ok_or_else(|| redb::Error::Corrupted("a row of vectors cannot be read".into()))
    }

    fn parse(bytes: &'a [u8], dimensions: usize) -> Option<Block<'a>> {
        let (collection, rest) = bytes.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (first_chunk, rest) = rest.split_first_chunk()?;
        let count = u32::from_le_bytes(*count) as usize;
        let first_chunk = u64::from_le_bytes(*first_chunk);
        if count == 0 || count > capacity(dimensions) || rest.len() != count * (8 + dimensions) {
            return None;
        }
        first_chunk.checked_add(u64::from(u32::MAX))?;
        let (chunks, rest) = rest.split_at(count * 4);
        let (scales, planes) = rest.split_at(count * 4);
        let block =
            Block { collection: u32::from_le_bytes(*collection), first_chunk, chunks, scales, planes, dimensions };
        (0..count).all(|at| block.scale(at).is_normal() && block.scale(at) > 0.0).then_some(block)
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.len() / 4
    }

    pub(super) fn chunk(&self, at: usize) -> u64 {
        self.first_chunk + u64::from(u32::from_le_bytes(four(self.chunks, at)))
    }

    pub(super) fn scale(&self, at: usize) -> f32 {
        f32::from_le_bytes(four(self.scales, at))
    }

    pub(super) fn coarse(&self, at: usize) -> &'a [u8] {
        &self.planes[at * self.dimensions..][..self.dimensions]
    }
}

fn four(bytes: &[u8], at: usize) -> [u8; 4] {
    *bytes[at * 4..].first_chunk().expect("a block's columns have four bytes for each vector")
}

/// How many vectors a row has, from its head alone.
pub(super) fn count(bytes: &[u8]) -> u64 {
    bytes.get(4..8).map_or(0, |count| u64::from(u32::from_le_bytes(four(count, 0))))
}

/// The rows of a document's vectors: first plane and what goes with it, second plane.
pub(super) fn rows(
    vectors: &Quantized,
    collection: u32,
    first_chunk: u64,
) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
    let capacity = capacity(vectors.dimensions);
    let bytes = |plane: &[i8]| plane.iter().map(|&number| number as u8).collect::<Vec<u8>>();
    (0..vectors.scales.len()).step_by(capacity).map(move |start| {
        let end = (start + capacity).min(vectors.scales.len());
        let numbers = start * vectors.dimensions..end * vectors.dimensions;
        let mut row = Vec::with_capacity(HEAD + (end - start) * (8 + vectors.dimensions));
        row.extend(collection.to_le_bytes());
        row.extend(((end - start) as u32).to_le_bytes());
        row.extend(first_chunk.to_le_bytes());
        row.extend(vectors.chunks[start..end].iter().flat_map(|chunk| chunk.to_le_bytes()));
        row.extend(vectors.scales[start..end].iter().flat_map(|scale| scale.to_le_bytes()));
        row.extend(bytes(&vectors.coarse[numbers.clone()]));
        (row, bytes(&vectors.fine[numbers]))
    })
}

#[cfg(test)]
mod tests {
    use super::super::quantize::Offered;
    use super::*;

    fn written() -> Vec<(Vec<u8>, Vec<u8>)> {
        let chunks: Vec<_> = (0..30).map(|n| vec![vec![1.0, n as f32, -2.0]; n % 3 + 1]).collect();
        let vectors = Offered::new("e", &chunks, 30).vectors.unwrap();
        assert_eq!(vectors.scales.len(), 60);
        rows(&vectors, 7, 1000).collect()
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        let rows = written();
        assert_eq!(rows.len(), 1);
        let (row, fine) = &rows[0];
        let block = Block::read(row, 3).unwrap();
        assert_eq!((block.collection, block.len(), count(row), fine.len()), (7, 60, 60, 180));
        assert_eq!((block.chunk(0), block.chunk(1), block.chunk(2), block.chunk(59)), (1000, 1001, 1001, 1029));
        assert_eq!(block.coarse(59)[1] as i8, 127);
    }

    #[test]
    fn a_full_row_fits_a_page_and_a_long_document_has_several() {
        for dimensions in [1, 64, 384, 768, 1024, 4096] {
            let chunks = vec![vec![vec![1.0; dimensions]]; 1000];
            let vectors = Offered::new("e", &chunks, 1000).vectors.unwrap();
            let rows: Vec<_> = rows(&vectors, 0, 1).collect();
            assert_eq!(rows.len(), 1000_usize.div_ceil(capacity(dimensions)));
            assert!(
                rows.iter().all(|(row, fine)| row.len() <= PAGE.max(HEAD + 8 + dimensions) && fine.len() < row.len())
            );
            let read: usize = rows.iter().map(|(row, _)| Block::read(row, dimensions).unwrap().len()).sum();
            assert_eq!(read, 1000);
        }
    }

    #[test]
    fn damaged_rows_are_refused() {
        let (row, _) = written().remove(0);
        for cut in 0..row.len() {
            assert!(Block::read(&row[..cut], 3).is_err(), "{cut}");
        }
        let with = |at: usize, bytes: &[u8]| {
            let mut row = row.clone();
            row[at..at + bytes.len()].copy_from_slice(bytes);
            row
        };
        assert!(Block::read(&with(4, &u32::MAX.to_le_bytes()), 3).is_err(), "count");
        assert!(Block::read(&with(4, &0_u32.to_le_bytes()), 3).is_err(), "nothing");
        assert!(Block::read(&with(8, &u64::MAX.to_le_bytes()), 3).is_err(), "chunk");
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(Block::read(&with(HEAD + 60 * 4, &scale.to_le_bytes()), 3).is_err(), "{scale}");
        }
        assert!(Block::read(&row, 4).is_err(), "dimensions");
        assert!(Block::read(&row, 0).is_err(), "no dimensions");
    }
}
