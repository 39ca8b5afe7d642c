//! Does the fast path give the reference's vectors, at every level, whatever goes through the layers beside a text?

use std::fs;
use std::sync::Arc;

use candle_core::Device;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::super::config::Family;
use super::super::reference::Reference;
use super::*;
use crate::inference::tests::fixture::Dice;

const VOCABULARY: usize = 97;

fn config(hidden: usize, heads: usize) -> Config {
    Config {
        family: Family::Bert,
        hidden,
        layers: 3,
        heads,
        intermediate: 192,
        vocabulary: VOCABULARY,
        positions: 160,
        first_position: 0,
        types: 2,
        padding: 0,
        epsilon: 1e-12,
        activation: Activation::Gelu,
    }
}

/// A model with a few columns much larger than the others, as trained ones have them.
fn model(config: &Config, folder: &std::path::Path) -> Arc<Weights> {
    let mut dice = Dice(0xFA57);
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut put = |name: String, shape: Vec<usize>, numbers: Vec<f32>| {
        tensors.push((name, shape, numbers.iter().flat_map(|number| number.to_le_bytes()).collect()));
    };
    let Config { hidden, intermediate, .. } = *config;
    for (name, rows) in [("word", VOCABULARY), ("position", config.positions), ("token_type", config.types)] {
        let numbers = (0..rows * hidden).map(|_| dice.number()).collect();
        put(format!("embeddings.{name}_embeddings.weight"), vec![rows, hidden], numbers);
    }
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..config.layers {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for (part, inputs, outputs) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", hidden, intermediate),
            ("output.dense", intermediate, hidden),
        ] {
            let scale = 1.5 / (inputs as f32).sqrt();
            let weights = (0..inputs * outputs).map(|_| dice.number() * scale).collect();
            put(format!("{}.weight", name(part)), vec![outputs, inputs], weights);
            put(format!("{}.bias", name(part)), vec![outputs], (0..outputs).map(|_| dice.number() * 0.1).collect());
        }
        norms.extend([name("attention.output.LayerNorm"), name("output.LayerNorm")]);
    }
    for name in norms {
        let large = |column: usize| if column % 31 == 7 { 4.0 } else { 1.0 };
        let weights = (0..hidden).map(|column| large(column) * (1.0 + dice.number() * 0.2)).collect();
        put(format!("{name}.weight"), vec![hidden], weights);
        put(format!("{name}.bias"), vec![hidden], (0..hidden).map(|_| dice.number() * 0.3).collect());
    }
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    fs::write(folder.join("model.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
    Arc::new(Weights::open("fast", folder, config).unwrap())
}

fn texts(lengths: &[usize]) -> Vec<Tokens> {
    let mut dice = Dice(5);
    let mut text = |length: usize| Tokens {
        ids: (0..length).map(|_| (dice.next() % VOCABULARY as u64) as u32).collect(),
        second: length / 2,
    };
    lengths.iter().map(|&length| text(length)).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_are_the_references() {
    let folder = tempfile::tempdir().unwrap();
    for (hidden, heads) in [(128, 4), (128, 2), (64, 1)] {
        let config = config(hidden, heads);
        let weights = model(&config, folder.path());
        let embeddings = Embeddings::load(&config, &weights).unwrap();
        let reference = Reference::load(&config, &weights, &Device::Cpu).unwrap().unwrap();
        let texts = texts(&[1, 2, 3, 5, 6, 7, 16, 17, 60, 100, 128, 131, 4, 40]);
        let batch: Vec<&Tokens> = texts.iter().collect();
        for pooling in [Pooling::Mean, Pooling::Cls] {
            let expected = reference.pooled(&batch, pooling, &embeddings).unwrap();
            for level in Level::all() {
                let fast = Fast::load(&config, &weights, level).unwrap().unwrap();
                for (at, (got, expected)) in fast.pooled(&batch, pooling, &embeddings).iter().zip(&expected).enumerate()
                {
                    let likeness = cosine(got, expected);
                    let least = if pooling == Pooling::Mean { 0.9995 } else { 0.999 };
                    assert!(likeness > least, "{level:?} {pooling:?} {hidden} {heads} text {at}: {likeness}");
                }
            }
        }
    }
}

#[test]
fn a_vector_does_not_depend_on_what_runs_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(128, 4);
    let weights = model(&config, folder.path());
    let embeddings = Embeddings::load(&config, &weights).unwrap();
    let texts = texts(&[9, 30, 1, 64, 130, 12, 77, 8, 8]);
    let batch: Vec<&Tokens> = texts.iter().collect();
    for level in Level::all() {
        let fast = Fast::load(&config, &weights, level).unwrap().unwrap();
        let together = fast.pooled(&batch, Pooling::Mean, &embeddings);
        for (text, vector) in batch.iter().zip(&together) {
            assert_eq!(&fast.pooled(&[text], Pooling::Mean, &embeddings)[0], vector, "{level:?}");
        }
        assert!(fast.pooled(&[], Pooling::Mean, &embeddings).is_empty());
    }
}

#[test]
fn other_shapes_are_left_to_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let shapes = [config(96, 3), config(128, 8), Config { activation: Activation::Relu, ..config(128, 4) }];
    for config in shapes {
        let weights = model(&config, folder.path());
        assert!(Fast::load(&config, &weights, Level::best()).unwrap().is_none(), "{config:?}");
    }
}
