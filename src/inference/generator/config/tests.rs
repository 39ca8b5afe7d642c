//! Every architecture's particulars are read; what cannot be is refused in words.

use super::*;
use crate::gguf::{Kind, Value};
use crate::inference::error::InferenceError;
use crate::inference::generator::file::Opened;
use crate::inference::generator::tests::fixture::{Tiny, model};
use proptest::prelude::*;

fn read(tiny: &Tiny) -> Result<Config, InferenceError> {
    opened(&tiny.file().bytes())
}

fn opened(bytes: &[u8]) -> Result<Config, InferenceError> {
    let written = model(bytes);
    let opened = Opened::open(&written.source())?;
    Config::read(&opened.contents, &opened.file)
}

fn tiny(architecture: Architecture) -> Tiny {
    Tiny::new(architecture, Kind::F32)
}

#[track_caller]
fn refused(tiny: &Tiny, reason: &str) {
    let why = read(tiny).unwrap_err().to_string();
    assert!(why.contains(reason), "{why}");
}

#[track_caller]
fn near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() <= expected.abs() * 1e-6, "{found} is not {expected}");
    }
}

fn frequencies(config: &Config, layer: usize) -> &[f32] {
    &config.layers[layer].rope.as_ref().unwrap().frequencies
}

fn plain(base: f64, numbers: usize) -> Vec<f64> {
    (0..numbers / 2).map(|pair| base.powf(-((2 * pair) as f64) / numbers as f64)).collect()
}

#[test]
fn every_architecture_and_quantization_is_read() {
    for architecture in Architecture::ALL {
        for kind in [Kind::F32, Kind::F16, Kind::Bf16, Kind::Q8_0, Kind::Q4_0, Kind::Q4K] {
            let tiny = Tiny::new(architecture, kind);
            let config = read(&tiny).unwrap();
            assert_eq!(config.architecture, architecture);
            assert_eq!((config.hidden, config.feed_forward), (tiny.hidden, tiny.feed_forward));
            assert_eq!((config.heads, config.kv_heads, config.head), (tiny.heads, 2, tiny.head));
            assert_eq!((config.layers.len(), config.context, config.epsilon), (tiny.layers, 512, 1e-5));
            let is_gemma = architecture.is_gemma();
            assert_eq!(config.gate == Gate::Gelu, is_gemma);
            assert_eq!(config.embedding_scale, if is_gemma { (tiny.hidden as f32).sqrt() } else { 1.0 });
            assert_eq!(config.attention_scale, 1.0 / (tiny.head as f32).sqrt());
            let is_adjacent = matches!(architecture, Architecture::Llama | Architecture::SmolLm3);
            assert_eq!(config.pairs == Pairs::Adjacent, is_adjacent);
            assert_eq!(Architecture::named(architecture.name()), Some(architecture));
        }
    }
}

#[test]
fn what_a_file_does_not_say_is_as_the_format_has_it() {
    let mut tiny = tiny(Architecture::Llama);
    tiny.kv_heads = tiny.heads;
    let mut file = tiny.file();
    for name in ["attention.head_count_kv", "attention.key_length", "rope.freq_base", "rope.dimension_count"] {
        file.notes.retain(|(key, _)| *key != format!("llama.{name}"));
    }
    let config = opened(&file.bytes()).unwrap();
    assert_eq!((config.kv_heads, config.head), (6, 16));
    near(frequencies(&config, 0), &plain(10_000.0, 16));
}

#[test]
fn every_fourth_layer_of_smollm3_knows_no_positions() {
    let config = read(&tiny(Architecture::SmolLm3)).unwrap();
    let knows: Vec<bool> = config.layers.iter().map(|layer| layer.rope.is_some()).collect();
    assert_eq!(knows, [true, true, true, false, true]);
}

#[test]
fn windows_come_round() {
    let windows =
        |tiny: &Tiny| -> Vec<Option<usize>> { read(tiny).unwrap().layers.iter().map(|layer| layer.window).collect() };
    let near = Some(8);
    assert_eq!(windows(&tiny(Architecture::Gemma2)), [near, None, near]);
    assert_eq!(windows(&tiny(Architecture::Gemma3)), [near, near, near, near, near, None, near]);
    let other = tiny(Architecture::Gemma3).note("attention.sliding_window_pattern", Value::Integer(3));
    assert_eq!(windows(&other), [near, near, None, near, near, None, near]);
    let listed = vec![true, false, false, true, false, true, false];
    let other = tiny(Architecture::Gemma3).note("attention.sliding_window_pattern", Value::Bools(listed));
    assert_eq!(windows(&other), [near, None, None, near, None, near, None]);
    let short = tiny(Architecture::Gemma3).note("attention.sliding_window_pattern", Value::Bools(vec![true]));
    refused(&short, "for 1 of 7 layers");
    assert_eq!(windows(&tiny(Architecture::Llama)), [None, None]);
    let mistral = tiny(Architecture::Llama).note("attention.sliding_window", Value::Integer(20));
    assert_eq!(windows(&mistral), [Some(20), Some(20)]);
    let phi = tiny(Architecture::Phi3).note("attention.sliding_window", Value::Integer(0));
    assert_eq!(windows(&phi), [None, None]);
    // One as long as everything there can be is none.
    let qwen = tiny(Architecture::Qwen2).note("attention.sliding_window", Value::Integer(512));
    assert_eq!(windows(&qwen), [None, None]);
    assert!(read(&mistral).unwrap().limited(20).layers.iter().all(|layer| layer.window.is_none()));
    assert!(read(&mistral).unwrap().limited(21).layers.iter().all(|layer| layer.window == Some(20)));
}

#[test]
fn local_layers_of_gemma_3_turn_otherwise() {
    let gemma = tiny(Architecture::Gemma3)
        .note("rope.freq_base", Value::Float(1e6))
        .note("rope.scaling.type", Value::Text("linear".into()))
        .note("rope.scaling.factor", Value::Float(8.0));
    let config = read(&gemma).unwrap();
    near(frequencies(&config, 0), &plain(10_000.0, 40));
    let slowed: Vec<f64> = plain(1e6, 40).iter().map(|speed| speed / 8.0).collect();
    near(frequencies(&config, 5), &slowed);
    let everywhere = read(&gemma.note("attention.sliding_window", Value::Integer(0))).unwrap();
    near(frequencies(&everywhere, 0), &slowed);
}

#[test]
fn gemma_2_bends_scores() {
    let config = read(&tiny(Architecture::Gemma2)).unwrap();
    assert_eq!((config.attention_cap, config.logits_cap), (Some(50.0), Some(30.0)));
    let other = tiny(Architecture::Gemma2)
        .note("attn_logit_softcapping", Value::Float(0.0))
        .note("final_logit_softcapping", Value::Float(12.5));
    let config = read(&other).unwrap();
    assert_eq!((config.attention_cap, config.logits_cap), (None, Some(12.5)));
    let config = read(&tiny(Architecture::Gemma3)).unwrap();
    assert_eq!((config.attention_cap, config.logits_cap), (None, None));
    refused(&tiny(Architecture::Llama).note("attn_logit_softcapping", Value::Float(5.0)), "softcapping");
}

#[test]
fn the_largest_gemmas_have_another_scale() {
    let mut gemma = tiny(Architecture::Gemma2);
    gemma.layers = 46;
    assert_eq!(read(&gemma).unwrap().attention_scale, 1.0 / (96.0_f32 / 4.0).sqrt());
    let mut gemma = tiny(Architecture::Gemma3);
    gemma.layers = 62;
    assert_eq!(read(&gemma).unwrap().attention_scale, 1.0 / (96.0_f32 / 4.0).sqrt());
    let scaled = tiny(Architecture::Llama).note("attention.scale", Value::Float(0.25));
    assert_eq!(read(&scaled).unwrap().attention_scale, 0.25);
}

#[test]
fn llama_3_slows_pairs_down() {
    let mut llama = tiny(Architecture::Llama);
    let factors: Vec<f32> = (0..8).map(|pair| 1.0 + pair as f32).collect();
    llama.factors = vec![("rope_freqs", factors)];
    let llama = llama.note("rope.freq_base", Value::Float(500_000.0));
    let config = read(&llama).unwrap();
    let slowed: Vec<f64> =
        plain(500_000.0, 16).iter().enumerate().map(|(pair, speed)| speed / (1 + pair) as f64).collect();
    near(frequencies(&config, 0), &slowed);
    let mut wrong = tiny(Architecture::Llama);
    wrong.factors = vec![("rope_freqs", vec![1.0; 7])];
    refused(&wrong, "F32 for 8 pairs");
    for bad in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        wrong.factors = vec![("rope_freqs", vec![bad; 8])];
        refused(&wrong, "slows a pair down");
    }
}

#[test]
fn phi_3_turns_otherwise_in_long_contexts() {
    let mut phi = tiny(Architecture::Phi3);
    phi.factors = vec![("rope_factors_long", vec![4.0; 8]), ("rope_factors_short", vec![2.0; 8])];
    let phi = phi.note("rope.scaling.original_context_length", Value::Integer(64));
    let config = read(&phi).unwrap();
    let slowed = |by: f64| -> Vec<f64> { plain(10_000.0, 16).iter().map(|speed| speed / by).collect() };
    near(frequencies(&config, 0), &slowed(4.0));
    near(frequencies(&config.clone().limited(65), 0), &slowed(4.0));
    let short = config.clone().limited(64);
    near(frequencies(&short, 1), &slowed(2.0));
    // Three doublings over six.
    let magnitude = config.layers[0].rope.as_ref().unwrap().magnitude;
    assert!((magnitude - 1.5_f32.sqrt()).abs() < 1e-6, "{magnitude}");
    assert_eq!(short.layers[0].rope.as_ref().unwrap().magnitude, magnitude);
    let told = read(&phi.clone().note("rope.scaling.attn_factor", Value::Float(1.25))).unwrap();
    assert_eq!(told.layers[0].rope.as_ref().unwrap().magnitude, 1.25);
    let mut half = phi;
    half.factors.pop();
    refused(&half, "and not both");
}

#[test]
fn a_context_is_stretched_as_the_file_says() {
    let stretched = |kind: &str| {
        tiny(Architecture::Qwen2)
            .note("rope.scaling.type", Value::Text(kind.into()))
            .note("rope.scaling.factor", Value::Float(4.0))
            .note("rope.scaling.original_context_length", Value::Integer(32_768))
            .note("rope.freq_base", Value::Float(1e6))
    };
    let base = plain(1e6, 16);
    near(frequencies(&read(&stretched("none")).unwrap(), 0), &base);
    let slowed: Vec<f64> = base.iter().map(|speed| speed / 4.0).collect();
    near(frequencies(&read(&stretched("linear")).unwrap(), 0), &slowed);
    refused(&stretched("dynamic"), "\"dynamic\"");

    let config = read(&stretched("yarn")).unwrap();
    let turns = |pair: usize| 32_768.0 * base[pair] / std::f64::consts::TAU;
    for pair in 0..8 {
        let found = f64::from(frequencies(&config, 0)[pair]);
        // Beyond the bounds, rounded outwards, a pair is as fast as ever or slowed down wholly.
        match turns(pair) {
            turns if turns > 32.0 * 6.0 => assert!((found / base[pair] - 1.0).abs() < 1e-6, "{pair}: {found}"),
            turns if turns < 1.0 / 6.0 => assert!((found / slowed[pair] - 1.0).abs() < 1e-6, "{pair}: {found}"),
            _ => assert!(found >= slowed[pair] * 0.999 && found <= base[pair] * 1.001, "{pair}: {found}"),
        }
    }
    let magnitude = config.layers[0].rope.as_ref().unwrap().magnitude;
    assert!((f64::from(magnitude) - (0.1 * 4.0_f64.ln() + 1.0)).abs() < 1e-6);
}

/// Numbers from the formula's own script: 128 numbers a head, base 10,000, 4,096 positions made 16 times as many.
#[test]
fn yarn_keeps_fast_pairs_and_slows_slow_ones() {
    let turning = super::rope::Turning {
        base: 10_000.0,
        numbers: 128,
        factors: None,
        scaling: super::rope::Scaling::Yarn { factor: 16.0, original: 4096.0, fast: 32.0, slow: 1.0 },
        magnitude: 1.0,
    };
    let (rope, base) = (turning.rope(), plain(10_000.0, 128));
    let kept = |pair: usize| (f64::from(rope.frequencies[pair]) / base[pair] - 1.0 / 16.0) / (15.0 / 16.0);
    // 64 * ln(4096 / (32 * 2 pi)) / ln(10000) = 20.94..., and 45.03... for one turn.
    for (pair, expected) in [(0, 1.0), (20, 1.0), (33, 0.5), (46, 0.0), (63, 0.0)] {
        assert!((kept(pair) - expected).abs() < 1e-5, "{pair}: {}", kept(pair));
    }
}

#[test]
fn dimensions_that_cannot_be_are_refused() {
    let with = |name: &'static str, number: i64| tiny(Architecture::Llama).note(name, Value::Integer(number));
    for name in [
        "block_count",
        "context_length",
        "embedding_length",
        "feed_forward_length",
        "attention.head_count",
        "attention.head_count_kv",
        "attention.key_length",
        "rope.dimension_count",
    ] {
        for number in [0, -1, i64::MAX, 1 << 40] {
            refused(&with(name, number), "can be from");
        }
        refused(&tiny(Architecture::Llama).note(name, Value::Text("many".into())), "is no number");
    }
    refused(&with("attention.head_count_kv", 4), "cannot share");
    refused(&with("attention.key_length", 15), "no pairs");
    refused(&with("rope.dimension_count", 7), "cannot be paired");
    refused(&with("embedding_length", 97), "shape [96, ");
    refused(&with("feed_forward_length", 161), "shape [96, 160]");
    refused(&with("attention.head_count", 8), "instead of");
    refused(&with("block_count", 3), "no tensor blk.2.");
    refused(&with("block_count", 1), "blk.1.");
    refused(&with("attention.value_length", 8), "differs from the length of a key");
    let unequal = Value::Integers(vec![6, 3]);
    refused(&tiny(Architecture::Llama).note("attention.head_count", unequal), "from layer to layer");
    let equal = Value::Integers(vec![6, 6]);
    assert_eq!(read(&tiny(Architecture::Llama).note("attention.head_count", equal)).unwrap().heads, 6);
    for number in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        for name in ["attention.layer_norm_rms_epsilon", "rope.freq_base"] {
            refused(&tiny(Architecture::Llama).note(name, Value::Float(number)), "can be from");
        }
    }
}

#[test]
fn what_is_unknown_is_said() {
    refused(&tiny(Architecture::Llama).note("expert_count", Value::Integer(8)), "mixture of experts");
    assert!(read(&tiny(Architecture::Llama).note("expert_count", Value::Integer(0))).is_ok());
    refused(&tiny(Architecture::Llama).note("logit_scale", Value::Float(0.5)), "llama.logit_scale");
    let mut file = tiny(Architecture::Llama).file();
    file.note("general.architecture", Value::Text("hyena".into()));
    assert!(opened(&file.bytes()).unwrap_err().to_string().contains("\"hyena\""));
    let mut file = tiny(Architecture::Llama).file();
    file.tensor("blk.0.attn_sinks.weight", &[6], Kind::F32, vec![0; 24]);
    assert!(opened(&file.bytes()).unwrap_err().to_string().contains("blk.0.attn_sinks.weight"));
    let mut file = tiny(Architecture::Llama).file();
    let table = file.tensors.iter_mut().find(|tensor| tensor.0 == "blk.0.attn_q.weight").unwrap();
    table.2 = Kind::Other(20);
    assert!(opened(&file.bytes()).unwrap_err().to_string().contains("IQ4_NL"));
    let mut file = tiny(Architecture::Llama).file();
    file.note("tokenizer.ggml.tokens", Value::Texts(vec!["a".into(); 1000]));
    assert!(opened(&file.bytes()).unwrap_err().to_string().contains("1000 tokens"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_changed_head_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        which in 0..Architecture::ALL.len(),
    ) {
        let mut tiny = tiny(Architecture::ALL[which]);
        tiny.layers = 2;
        let mut bytes = tiny.file().bytes();
        // Names, numbers and shapes lie before the data.
        let head = bytes.len().min(12_000);
        for (at, byte) in changes {
            bytes[at.index(head)] = byte;
        }
        let _ = opened(&bytes);
    }
}
