//! Is every product what plain arithmetic says?

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use super::*;
use crate::gguf::Kind;
use crate::simd::Level;

const KINDS: [(Kind, GgmlDType); 13] = [
    (Kind::F32, GgmlDType::F32),
    (Kind::F16, GgmlDType::F16),
    (Kind::Bf16, GgmlDType::BF16),
    (Kind::Q4_0, GgmlDType::Q4_0),
    (Kind::Q4_1, GgmlDType::Q4_1),
    (Kind::Q5_0, GgmlDType::Q5_0),
    (Kind::Q5_1, GgmlDType::Q5_1),
    (Kind::Q8_0, GgmlDType::Q8_0),
    (Kind::Q2K, GgmlDType::Q2K),
    (Kind::Q3K, GgmlDType::Q3K),
    (Kind::Q4K, GgmlDType::Q4K),
    (Kind::Q5K, GgmlDType::Q5K),
    (Kind::Q6K, GgmlDType::Q6K),
];

/// Numbers without pattern, of either sign.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn vector(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.next()).collect()
    }
}

/// A matrix, and the weights it stands for by candle.
fn matrix(kind: (Kind, GgmlDType), inputs: usize, outputs: usize, seed: u64) -> (Matrix, Vec<f32>) {
    let weights = Numbers(seed).vector(inputs * outputs);
    let tensor = Tensor::from_vec(weights, (outputs, inputs), &Device::Cpu).unwrap();
    let quantized = QTensor::quantize(&tensor, kind.1).unwrap();
    let weights = quantized.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let data = quantized.data().unwrap();
    let packed = packed(kind.0, inputs, outputs, |shape| {
        data[shape.outputs().start * shape.source()..shape.outputs().end * shape.source()].to_vec()
    });
    (packed, weights)
}

fn packed(kind: Kind, inputs: usize, outputs: usize, source: impl Fn(TileShape) -> Vec<u8>) -> Matrix {
    let place = Place::new(kind, inputs, outputs).unwrap();
    // Not the first in its store.
    let mut store = Store::new(2 * place.bytes()).unwrap();
    store.reserve(place);
    let place = store.reserve(place);
    for (shape, tile) in store.tiles_mut(place) {
        shape.pack(Level::best(), &source(shape), tile);
    }
    Matrix::new(&Arc::new(store), place)
}

fn strips(rows: &[Vec<f32>]) -> Vec<Strip> {
    let inputs = rows[0].len();
    let mut strips = vec![[0.0; TILE]; rows.len() * inputs.div_ceil(TILE)];
    for (r, row) in rows.iter().enumerate() {
        for (at, value) in row.iter().enumerate() {
            strips[at / TILE * rows.len() + r][at % TILE] = *value;
        }
    }
    strips
}

fn product(level: Level, matrix: &Matrix, rows: &[Vec<f32>], change: Change<'_>) -> Vec<Vec<f32>> {
    let mut left = Left::default();
    left.shape(rows.len(), matrix.inputs(), [matrix]);
    left.parts().for_each(|part| part.fill(level, &strips(rows), change));
    let mut out = vec![vec![0.0; matrix.outputs()]; rows.len()];
    let mut scratch = Scratch::default();
    for tile in 0..matrix.tiles() {
        let mut strips = vec![[7.0; TILE]; rows.len()];
        matrix.multiply(level, &left, 0..rows.len(), tile, &mut strips, &mut scratch);
        for (out, strip) in out.iter_mut().zip(strips) {
            for (out, value) in out[tile * TILE..].iter_mut().zip(strip) {
                *out = value;
            }
        }
    }
    out
}

#[test]
fn rows_are_the_weights_of_the_file() {
    for kind in KINDS {
        let (matrix, weights) = matrix(kind, 512, 70, 1);
        let mut row = vec![0.0; 512];
        for output in 0..70 {
            matrix.row(output, &mut row);
            for (got, expected) in row.iter().zip(&weights[output * 512..]) {
                assert!((got - expected).abs() <= 1e-6 * expected.abs(), "{kind:?} {output}: {got} for {expected}");
            }
        }
    }
}

#[test]
fn products_are_those_of_plain_arithmetic() {
    for (at, kind) in KINDS.into_iter().enumerate() {
        let inputs = if at < 3 {
            172
        } else if at < 8 {
            896
        } else {
            768
        };
        let (matrix, weights) = matrix(kind, inputs, 70, 2);
        for rows in [1, 2, 3, 7, 13] {
            let mut numbers = Numbers(rows as u64);
            let rows: Vec<Vec<f32>> = (0..rows).map(|_| numbers.vector(inputs)).collect();
            for level in Level::all() {
                let got = product(level, &matrix, &rows, Change::Nothing);
                for (row, got) in rows.iter().zip(&got) {
                    for (output, got) in got.iter().enumerate() {
                        let weights = &weights[output * inputs..][..inputs];
                        let terms = || row.iter().zip(weights).map(|(x, w)| f64::from(*x) * f64::from(*w));
                        let size = terms().map(|term| term * term).sum::<f64>().sqrt();
                        // Bytes of one sign and 127 steps: half a step of each term, in random directions.
                        let bound = if at < 3 { 1e-5 } else { 0.06 } * size;
                        let expected: f64 = terms().sum();
                        let off = (f64::from(*got) - expected).abs();
                        assert!(off <= bound, "{kind:?} {level:?}: {got} for {expected}, off by {off}, {size}");
                    }
                }
            }
        }
    }
}

/// Not nearly: whole numbers are exact, and what is rounded is rounded in the same order. Only floats differ, where a level
/// cannot multiply and add at once.
#[test]
fn every_level_and_every_company_gives_the_same_bits() {
    for (at, kind) in KINDS.into_iter().enumerate() {
        let inputs = if at < 3 {
            172
        } else if at < 8 {
            864
        } else {
            512
        };
        let (matrix, _) = matrix(kind, inputs, 64, 3);
        let mut numbers = Numbers(9);
        let rows: Vec<Vec<f32>> = (0..17).map(|_| numbers.vector(inputs)).collect();
        let levels: Vec<_> = Level::all().into_iter().filter(|level| at >= 3 || *level != Level::scalar()).collect();
        let together: Vec<_> = levels.iter().map(|level| product(*level, &matrix, &rows, Change::Nothing)).collect();
        for (level, product_here) in levels.iter().zip(&together) {
            assert_eq!(product_here, &together[0], "{kind:?} {level:?}");
            for (at, row) in rows.iter().enumerate() {
                let alone = product(*level, &matrix, std::slice::from_ref(row), Change::Nothing);
                assert_eq!(alone[0], product_here[at], "{kind:?} {level:?} row {at}");
            }
        }
    }
}

#[test]
fn a_norm_on_the_way_in_is_the_norm_before() {
    let kind = KINDS[10];
    let (matrix, _) = matrix(kind, 512, 32, 4);
    let mut numbers = Numbers(5);
    let rows: Vec<Vec<f32>> = (0..3).map(|_| numbers.vector(512)).collect();
    let (factors, weights) = (numbers.vector(3), numbers.vector(512));
    let normed: Vec<Vec<f32>> = rows
        .iter()
        .zip(&factors)
        .map(|(row, factor)| row.iter().zip(&weights).map(|(x, w)| x * factor * w).collect())
        .collect();
    let weights = strips(&[weights]);
    for level in Level::all() {
        let change = Change::Norm { factors: &factors, weights: &weights };
        assert_eq!(product(level, &matrix, &rows, change), product(level, &matrix, &normed, Change::Nothing));
    }
}

#[test]
fn hostile_weights_give_numbers_or_what_is_none_but_no_panic() {
    for kind in KINDS {
        for fill in [0xff_u8, 0x80, 0x7f, 0] {
            let matrix = packed(kind.0, 256, 32, |shape| vec![fill; 32 * shape.source()]);
            for level in Level::all() {
                product(level, &matrix, &[vec![1.0; 256], vec![-3.4e38; 256]], Change::Nothing);
                product(level, &matrix, &[vec![f32::NAN; 256], vec![f32::INFINITY; 256]], Change::Nothing);
            }
            matrix.row(31, &mut vec![0.0; 256]);
        }
    }
}

#[test]
fn shapes_that_are_none() {
    for (kind, inputs, outputs) in [(Kind::Q4K, 128, 32), (Kind::Q4_0, 48, 32), (Kind::F32, 0, 1), (Kind::F32, 1, 0)] {
        assert!(matches!(Place::new(kind, inputs, outputs), Err(BadMatrix::Shape)));
    }
    assert!(matches!(Place::new(Kind::F32, usize::MAX / 2, 32), Err(BadMatrix::Shape)));
    assert!(matches!(Place::new(Kind::Other(19), 32, 32), Err(BadMatrix::Kind)));
}

#[test]
fn a_part_of_a_matrix_is_its_outputs() {
    let kind = KINDS[3];
    let (whole, _) = matrix(kind, 64, 96, 7);
    let place = Place::new(kind.0, 64, 96).unwrap();
    let mut store = Store::new(place.bytes()).unwrap();
    let place = store.reserve(place);
    assert!(place.part(16..64).is_none() && place.part(32..40).is_none() && place.part(64..128).is_none());
    let numbers = Numbers(1).vector(64);
    let data: Vec<u8> = {
        let weights = Numbers(7).vector(64 * 96);
        let tensor = Tensor::from_vec(weights, (96, 64), &Device::Cpu).unwrap();
        QTensor::quantize(&tensor, kind.1).unwrap().data().unwrap().into_owned()
    };
    for (shape, tile) in store.tiles_mut(place) {
        let outputs = shape.outputs();
        shape.pack(Level::best(), &data[outputs.start * shape.source()..outputs.end * shape.source()], tile);
    }
    let part = Matrix::new(&Arc::new(store), place.part(32..96).unwrap());
    let all = product(Level::best(), &whole, std::slice::from_ref(&numbers), Change::Nothing);
    assert_eq!(product(Level::best(), &part, &[numbers], Change::Nothing)[0], all[0][32..]);
}
