//! A vector as two planes of 8-bit numbers: `scale · (coarse + fine / 254)`.
//!
//! By their steps, the first alone is off by about 0.0004 in a cosine of 384 dimensions; both together by less than 0.000003.

use crate::simd::scan::MOST_DIMENSIONS;

/// Of one chunk: a vector for each stretch of it that fits the embedder, at least one.
pub type ChunkVectors = Vec<Vec<f32>>;

/// Steps of the second plane in one of the first.
const FINE: f32 = 254.0;

/// A document's vectors of one embedder, ready to be written, or why they cannot be.
#[derive(Clone, Debug)]
pub(in crate::library) struct Offered {
    pub embedder: String,
    pub vectors: Result<Quantized, String>,
}

/// In the order of the document's chunks.
#[derive(Clone, Debug, Default)]
pub(in crate::library) struct Quantized {
    pub dimensions: usize,
    /// Which of the document's chunks each vector stands for.
    pub chunks: Vec<u32>,
    pub scales: Vec<f32>,
    pub coarse: Vec<i8>,
    pub fine: Vec<i8>,
}

impl Offered {
    /// For a document of so many chunks.
    pub(in crate::library) fn new(embedder: &str, vectors: &[ChunkVectors], chunks: usize) -> Offered {
        let vectors = match vectors.len() {
            _ if embedder.is_empty() => Err("the embedder has no name".to_owned()),
            given if given != chunks => Err(format!("they are for {given} chunks, and the document has {chunks}")),
            _ => Quantized::new(vectors),
        };
        Offered { embedder: embedder.to_owned(), vectors }
    }

    pub(in crate::library) fn weight(&self) -> usize {
        self.vectors.as_ref().map_or(0, |vectors| vectors.coarse.len() * 2 + vectors.scales.len() * 16)
    }
}

impl Quantized {
    fn new(vectors: &[ChunkVectors]) -> Result<Quantized, String> {
        let dimensions = vectors.iter().flatten().map(Vec::len).next().unwrap_or(0);
        let mut quantized = Quantized { dimensions, ..Quantized::default() };
        for (chunk, vectors) in (0..).zip(vectors) {
            if vectors.is_empty() {
                return Err(format!("chunk {} has none", chunk + 1));
            }
            for vector in vectors {
                if vector.len() != dimensions {
                    return Err(format!("one has {} dimensions, another {dimensions}", vector.len()));
                }
                let vector = unit(vector).map_err(|why| format!("that of chunk {} {why}", chunk + 1))?;
                quantized.push(chunk, &vector);
            }
        }
        Ok(quantized)
    }

    fn push(&mut self, chunk: u32, vector: &[f32]) {
        let largest = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
        let scale = largest / 127.0;
        self.chunks.push(chunk);
        self.scales.push(scale);
        for number in vector {
            let steps = number / scale;
            let near = steps.round().clamp(-127.0, 127.0);
            self.coarse.push(near as i8);
            self.fine.push(((steps - near) * FINE).round().clamp(-127.0, 127.0) as i8);
        }
    }
}

/// The vector at length 1, or what is wrong with it.
pub(in crate::library) fn unit(vector: &[f32]) -> Result<Vec<f32>, &'static str> {
    if vector.is_empty() {
        return Err("is empty");
    }
    if vector.len() > MOST_DIMENSIONS {
        return Err("has too many dimensions");
    }
    if vector.iter().any(|number| !number.is_finite()) {
        return Err("has a number that is not finite");
    }
    let length = vector.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
    if length == 0.0 {
        return Err("is zero");
    }
    Ok(vector.iter().map(|&number| (f64::from(number) / length) as f32).collect())
}

/// The dot product of a vector with one that was quantized.
pub(super) fn dot(vector: &[f32], scale: f32, coarse: &[u8], fine: &[u8]) -> f32 {
    let number = |byte: u8| f32::from(byte as i8);
    let whole: f32 = vector.iter().zip(coarse).map(|(a, &b)| a * number(b)).sum();
    let rest: f32 = vector.iter().zip(fine).map(|(a, &b)| a * number(b)).sum();
    (whole + rest / FINE) * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_quantized_is_nearly_what_it_was() {
        let vector: Vec<f32> = (0..384).map(|at| ((at * 7919 % 1000) as f32 - 500.0) / 77.0).collect();
        let offered = Offered::new("e", &[vec![vector.clone()]], 1);
        let quantized = offered.vectors.unwrap();
        let bytes = |plane: &[i8]| plane.iter().map(|&number| number as u8).collect::<Vec<u8>>();
        let (coarse, fine) = (bytes(&quantized.coarse), bytes(&quantized.fine));
        let itself = dot(&unit(&vector).unwrap(), quantized.scales[0], &coarse, &fine);
        assert!((itself - 1.0).abs() < 3e-6, "{itself}");
        for at in 0..384 {
            let mut axis = vec![0.0; 384];
            axis[at] = 1.0;
            let number = dot(&axis, quantized.scales[0], &coarse, &fine);
            assert!((number - unit(&vector).unwrap()[at]).abs() <= quantized.scales[0] / 254.0, "{at}");
        }
    }

    #[test]
    fn what_is_no_direction_is_refused() {
        let why = |vectors: &[ChunkVectors]| Offered::new("e", vectors, 2).vectors.unwrap_err();
        let good = || vec![vec![1.0, 2.0]];
        assert_eq!(why(&[good()]), "they are for 1 chunks, and the document has 2");
        assert_eq!(why(&[good(), vec![]]), "chunk 2 has none");
        assert_eq!(why(&[good(), vec![vec![1.0]]]), "one has 1 dimensions, another 2");
        assert_eq!(why(&[good(), vec![vec![0.0, -0.0]]]), "that of chunk 2 is zero");
        assert_eq!(why(&[vec![vec![f32::NAN, 1.0]], good()]), "that of chunk 1 has a number that is not finite");
        assert_eq!(why(&[good(), vec![vec![1.0, f32::INFINITY]]]), "that of chunk 2 has a number that is not finite");
        assert_eq!(why(&[vec![vec![]], vec![vec![]]]), "that of chunk 1 is empty");
        let long = || vec![vec![1.0; MOST_DIMENSIONS + 1]];
        assert_eq!(why(&[long(), long()]), "that of chunk 1 has too many dimensions");
        assert!(Offered::new("", &[], 0).vectors.is_err());
        assert!(Offered::new("e", &[], 0).vectors.is_ok());
        for tiny in [1e-40_f32, 1e38] {
            let vector = unit(&[tiny, tiny]).unwrap();
            assert!((vector[0] - 0.5_f32.sqrt()).abs() < 1e-6, "{vector:?}");
        }
    }
}
