//! The plain twin gives the numbers of candle-transformers' models, wherever those know the particular.

use std::collections::HashMap;
use std::io::Cursor;

use candle_core::quantized::gguf_file::Content;
use candle_core::{DType, Device, Tensor};
use candle_nn::{Activation, VarBuilder};
use candle_transformers::models::{gemma2, gemma3, quantized_llama, quantized_phi3, quantized_qwen2, quantized_qwen3};

use super::fixture::Tiny;
use super::reference::Reference;
use crate::gguf::{Kind, Value};
use crate::inference::generator::config::{Architecture, Config, Rope};
use crate::inference::generator::file::Opened;

const CPU: Device = Device::Cpu;

fn reference(tiny: &Tiny) -> Reference {
    let written = tiny.write();
    let opened = Opened::open(&written.source()).unwrap();
    let config = Config::read(&opened.contents, &opened.file).unwrap();
    Reference::open(&opened, config)
}

/// As many as are asked for, the same every time.
fn tokens(count: usize) -> Vec<u32> {
    (0..count as u32).map(|at| (at * 67 + 13) % 271).collect()
}

/// How far candle's logits are from ours, measured by the largest of them, after beginnings of several lengths.
fn apart(reference: &Reference, mut candle: impl FnMut(&Tensor) -> candle_core::Result<Tensor>) -> f64 {
    let tokens = tokens(40);
    let all = reference.logits(&tokens);
    let mut worst: f64 = 0.0;
    for length in [1, 2, 9, 17, 40] {
        let input = Tensor::new(&tokens[..length], &CPU).unwrap().unsqueeze(0).unwrap();
        let theirs: Vec<f32> = candle(&input).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        let ours = &all[length - 1];
        assert_eq!(ours.len(), theirs.len());
        let largest = ours.iter().fold(0.0, |largest: f64, logit| largest.max(logit.abs()));
        assert!(largest > 0.1, "logits that say nothing: {largest}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            worst = worst.max((ours - f64::from(theirs)).abs() / largest);
        }
    }
    worst
}

/// What f32 arithmetic may lose.
const EXACT: f64 = 2e-5;

/// With candle's model of the same architecture.
fn with_candle(tiny: &Tiny, reference: &Reference) -> f64 {
    let mut file = tiny.file();
    // Candle's Qwen 3 turns in half precision unless it is told.
    file.note("general.dtype", Value::Integer(0));
    let mut reader = Cursor::new(file.bytes());
    let content = Content::read(&mut reader).unwrap();
    match tiny.architecture {
        Architecture::Llama => {
            let mut model = quantized_llama::ModelWeights::from_gguf(content, &mut reader, &CPU).unwrap();
            apart(reference, |input| model.forward(input, 0))
        }
        Architecture::Qwen2 => {
            let mut model = quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &CPU).unwrap();
            apart(reference, |input| model.forward(input, 0))
        }
        Architecture::Qwen3 => {
            let mut model = quantized_qwen3::ModelWeights::from_gguf(content, &mut reader, &CPU).unwrap();
            apart(reference, |input| {
                model.clear_kv_cache();
                model.forward(input, 0)
            })
        }
        Architecture::Phi3 => {
            let mut model = quantized_phi3::ModelWeights::from_gguf(false, content, &mut reader, &CPU).unwrap();
            apart(reference, |input| model.forward(input, 0))
        }
        other => panic!("candle has no quantized model for {}", other.name()),
    }
}

#[test]
fn llama_and_qwen_and_phi_give_candles_numbers() {
    for architecture in [Architecture::Llama, Architecture::Qwen2, Architecture::Qwen3, Architecture::Phi3] {
        for seed in [1, 2] {
            let mut tiny = Tiny::new(architecture, Kind::F32);
            tiny.seed = seed;
            // Candle's Phi wants an output of its own.
            tiny.is_tied = seed == 2 && architecture != Architecture::Phi3;
            let worst = with_candle(&tiny, &reference(&tiny));
            assert!(worst < EXACT, "{}: {worst} apart", architecture.name());
        }
    }
}

/// Candle multiplies with rows rounded to 8 bits, so its numbers are near and no more.
#[test]
fn every_quantization_gives_nearly_candles_numbers() {
    for kind in Kind::KNOWN {
        let mut tiny = Tiny::new(Architecture::Llama, kind);
        if kind.block().unwrap().0 == 32 {
            // Candle takes blocks of 32 by twos.
            (tiny.hidden, tiny.heads, tiny.head, tiny.feed_forward) = (128, 4, 32, 192);
        }
        let worst = with_candle(&tiny, &reference(&tiny));
        let bound = if matches!(kind, Kind::F32) { EXACT } else { 0.1 };
        assert!(worst < bound, "{kind}: {worst} apart");
    }
}

/// By the names of the original files, norms without the one that GGUF files have in them.
fn original_names(reference: &Reference) -> VarBuilder<'static> {
    let parts = HashMap::from([
        ("attn_q", "self_attn.q_proj"),
        ("attn_k", "self_attn.k_proj"),
        ("attn_v", "self_attn.v_proj"),
        ("attn_output", "self_attn.o_proj"),
        ("attn_q_norm", "self_attn.q_norm"),
        ("attn_k_norm", "self_attn.k_norm"),
        ("attn_norm", "input_layernorm"),
        ("post_attention_norm", "post_attention_layernorm"),
        ("ffn_norm", "pre_feedforward_layernorm"),
        ("post_ffw_norm", "post_feedforward_layernorm"),
        ("ffn_gate", "mlp.gate_proj"),
        ("ffn_up", "mlp.up_proj"),
        ("ffn_down", "mlp.down_proj"),
    ]);
    let mut tensors = HashMap::new();
    for (name, numbers) in &reference.tables {
        let part = name.strip_suffix(".weight").unwrap();
        let name = match part.split('.').collect::<Vec<_>>()[..] {
            ["token_embd"] => "model.embed_tokens".to_owned(),
            ["output_norm"] => "model.norm".to_owned(),
            ["blk", layer, part] => format!("model.layers.{layer}.{}", parts[part]),
            _ => panic!("{name} has no other name"),
        };
        let tensor = if part.ends_with("norm") {
            let numbers: Vec<f32> = numbers.iter().map(|number| number - 1.0).collect();
            Tensor::new(numbers, &CPU)
        } else {
            let Config { hidden, heads, head, feed_forward, .. } = reference.config;
            let inputs = match part.rsplit('.').next() {
                Some("attn_output") => heads * head,
                Some("ffn_down") => feed_forward,
                _ => hidden,
            };
            Tensor::from_slice(numbers, (numbers.len() / inputs, inputs), &CPU)
        };
        tensors.insert(format!("{name}.weight"), tensor.unwrap());
    }
    VarBuilder::from_tensors(tensors, DType::F32, &CPU)
}

/// Candle's Gemma 2 knows no windows, so there is none here that matters.
#[test]
fn gemma_2_gives_candles_numbers() {
    let tiny = Tiny::new(Architecture::Gemma2, Kind::F32)
        .note("attention.sliding_window", Value::Integer(64))
        .note("attn_logit_softcapping", Value::Float(2.0))
        .note("final_logit_softcapping", Value::Float(3.0));
    let twin = reference(&tiny);
    let config = gemma2::Config {
        attention_bias: false,
        head_dim: tiny.head,
        hidden_activation: Activation::GeluPytorchTanh,
        hidden_size: tiny.hidden,
        intermediate_size: tiny.feed_forward,
        num_attention_heads: tiny.heads,
        num_hidden_layers: tiny.layers,
        num_key_value_heads: tiny.kv_heads,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        vocab_size: twin.config.vocabulary,
        final_logit_softcapping: Some(3.0),
        attn_logit_softcapping: Some(2.0),
        query_pre_attn_scalar: tiny.head,
        sliding_window: None,
        max_position_embeddings: 512,
    };
    let mut model = gemma2::Model::new(false, &config, original_names(&twin)).unwrap();
    let worst = apart(&twin, |input| {
        model.clear_kv_cache();
        model.forward(input, 0)
    });
    assert!(worst < EXACT, "{worst} apart");
}

/// With windows that hide most of what is before them.
#[test]
fn gemma_3_gives_candles_numbers() {
    let tiny = Tiny::new(Architecture::Gemma3, Kind::F32)
        .note("attention.sliding_window", Value::Integer(8))
        .note("rope.freq_base", Value::Float(1e6));
    let twin = reference(&tiny);
    let config = gemma3::Config {
        attention_bias: false,
        head_dim: tiny.head,
        hidden_activation: Activation::GeluPytorchTanh,
        hidden_size: tiny.hidden,
        intermediate_size: tiny.feed_forward,
        num_attention_heads: tiny.heads,
        num_hidden_layers: tiny.layers,
        num_key_value_heads: tiny.kv_heads,
        rms_norm_eps: 1e-5,
        rope_theta: 1e6,
        rope_local_base_freq: 10_000.0,
        vocab_size: twin.config.vocabulary,
        final_logit_softcapping: None,
        attn_logit_softcapping: None,
        query_pre_attn_scalar: tiny.head,
        sliding_window: 8,
        sliding_window_pattern: 6,
        max_position_embeddings: 512,
    };
    let mut model = gemma3::Model::new(false, &config, original_names(&twin)).unwrap();
    // Its windows take one token at a time.
    let worst = apart(&twin, |input| {
        model.clear_kv_cache();
        let tokens = 0..input.dim(1)?;
        tokens.map(|at| model.forward(&input.narrow(1, at, 1)?, at)).last().expect("there is at least one token")
    });
    assert!(worst < EXACT, "{worst} apart");
}

/// With every position turned by nothing, a layer that knows positions is one that does not: so SmolLM3 is a llama then.
#[test]
fn layers_without_positions_are_layers_that_never_turn() {
    let smol = Tiny::new(Architecture::SmolLm3, Kind::F32);
    let twin = reference(&smol);
    let mut still = reference(&smol);
    for layer in &mut still.config.layers {
        let rope = layer.rope.take().unwrap_or_else(|| {
            let frequencies = vec![0.0; smol.head / 2].into();
            Rope { frequencies, magnitude: 1.0 }
        });
        layer.rope = Some(rope);
    }
    assert_eq!(twin.logits(&tokens(9)), still.logits(&tokens(9)));
    let mut turning = reference(&smol);
    turning.config.layers[3].rope = turning.config.layers[0].rope.clone();
    assert_ne!(twin.logits(&tokens(9)), turning.logits(&tokens(9)));
}

/// A window hides what is before it, and nothing else.
#[test]
fn a_window_is_as_wide_as_it_says() {
    let mut tiny = Tiny::new(Architecture::Llama, Kind::F32).note("attention.sliding_window", Value::Integer(4));
    tiny.layers = 1;
    let twin = reference(&tiny);
    let (mut one, mut other) = (tokens(9), tokens(9));
    one[4] = 200;
    other[4] = 201;
    let (one, other) = (twin.logits(&one), twin.logits(&other));
    let differs: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one != other).collect();
    assert_eq!(differs, [false, false, false, false, true, true, true, true, false]);
}

/// A real trained model's greedy text, as its author's own test has it. Runs where `DOCENT_EVAL_DATA` names the folder.
#[test]
#[expect(clippy::disallowed_methods, reason = "the material lies outside of the project, where its runner says")]
fn a_trained_model_tells_its_story() {
    let Some(folder) = std::env::var_os("DOCENT_EVAL_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: DOCENT_EVAL_DATA names no folder");
        return;
    };
    let mut source = Tiny::new(Architecture::Llama, Kind::F32).write().source();
    source.weights = folder.join("lm").join("stories260K.gguf");
    let opened = Opened::open(&source).unwrap();
    let config = Config::read(&opened.contents, &opened.file).unwrap();
    let pieces = opened.contents.texts("tokenizer.ggml.tokens").unwrap();
    let text: String = Reference::open(&opened, config)
        .greedy(&[1], 200)
        .into_iter()
        .map(|id| pieces[id as usize].replace('▁', " ").replace("<0x0A>", "\n"))
        .collect();
    let expected = std::fs::read_to_string(folder.join("lm").join("expected_greedy_n200.txt")).unwrap();
    assert_eq!(text.trim(), expected.trim());
}
