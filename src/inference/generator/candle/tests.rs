//! However the tokens come, the same numbers; nothing of one sequence in the next; what candle cannot bear never reaches it.

use super::*;
use crate::gguf::written::Written;
use crate::gguf::{Kind, Value};
use crate::inference::error::InferenceError;
use crate::inference::generator::file::Opened;
use crate::inference::generator::model::{Model, Piece, Slot, Wants};
use crate::inference::generator::tests::fixture::{self, byte_pieces, quantized};
use crate::inference::tests::fixture::Dice;

const HIDDEN: usize = 64;
const HEADS: usize = 4;
const FEED_FORWARD: usize = 128;
const VOCABULARY: usize = 300;

struct Builder {
    file: Written,
    dice: Dice,
}

impl Builder {
    fn new(name: &str, notes: &[(&str, Value)]) -> Builder {
        let mut file = Written::default();
        file.note("general.architecture", Value::Text(name.into()));
        for (key, number) in [
            ("block_count", 2),
            ("context_length", 256),
            ("embedding_length", HIDDEN),
            ("feed_forward_length", FEED_FORWARD),
            ("attention.head_count", HEADS),
            ("attention.key_length", HIDDEN / HEADS),
            ("rope.dimension_count", HIDDEN / HEADS),
        ] {
            file.note(format!("{name}.{key}"), Value::Integer(number as i64));
        }
        for (key, value) in notes {
            file.note(format!("{name}.{key}"), value.clone());
        }
        byte_pieces(&mut file);
        let mut builder = Builder { file, dice: Dice(7) };
        builder.matrix("token_embd", HIDDEN, VOCABULARY);
        builder.norm("output_norm", HIDDEN);
        builder
    }

    fn matrix(&mut self, name: &str, inputs: usize, outputs: usize) {
        let scale = 2.0 / (inputs as f32).sqrt();
        let numbers: Vec<f32> = (0..inputs * outputs).map(|_| self.dice.number() * scale).collect();
        self.file.tensor(format!("{name}.weight"), &[inputs, outputs], Kind::Q8_0, quantized(&numbers, Kind::Q8_0));
    }

    fn numbers(&mut self, name: &str, shape: &[usize], middle: f32) {
        let numbers: Vec<f32> = (0..shape.iter().product()).map(|_| middle + self.dice.number() * 0.3).collect();
        self.file.tensor(name, shape, Kind::F32, quantized(&numbers, Kind::F32));
    }

    fn norm(&mut self, name: &str, width: usize) {
        self.numbers(&format!("{name}.weight"), &[width], 1.0);
    }

    fn bias(&mut self, name: &str, width: usize) {
        self.numbers(&format!("{name}.bias"), &[width], 0.0);
    }
}

fn phi2() -> Written {
    let heads = Value::Integer(HEADS as i64);
    let notes = [("attention.head_count_kv", heads), ("attention.layer_norm_epsilon", Value::Float(1e-5))];
    let mut phi = Builder::new("phi2", &notes);
    phi.bias("output_norm", HIDDEN);
    let mut linear = vec![("output".to_owned(), HIDDEN, VOCABULARY)];
    for layer in 0..2 {
        let at = |name: &str| format!("blk.{layer}.{name}");
        phi.norm(&at("attn_norm"), HIDDEN);
        phi.bias(&at("attn_norm"), HIDDEN);
        linear.push((at("attn_qkv"), HIDDEN, 3 * HIDDEN));
        linear.push((at("attn_output"), HIDDEN, HIDDEN));
        linear.push((at("ffn_up"), HIDDEN, FEED_FORWARD));
        linear.push((at("ffn_down"), FEED_FORWARD, HIDDEN));
    }
    for (name, inputs, outputs) in linear {
        phi.matrix(&name, inputs, outputs);
        phi.bias(&name, outputs);
    }
    phi.file
}

fn glm4() -> Written {
    let notes = [
        ("attention.head_count_kv", Value::Integer(2)),
        ("attention.layer_norm_rms_epsilon", Value::Float(1e-5)),
        ("rope.freq_base", Value::Float(10_000.0)),
    ];
    let mut glm = Builder::new("glm4", &notes);
    for layer in 0..2 {
        let at = |name: &str| format!("blk.{layer}.{name}");
        for norm in ["attn_norm", "ffn_norm", "post_ffw_norm", "post_attention_norm"] {
            glm.norm(&at(norm), HIDDEN);
        }
        for (name, outputs) in [("attn_q", HIDDEN), ("attn_k", HIDDEN / 2), ("attn_v", HIDDEN / 2)] {
            glm.matrix(&at(name), HIDDEN, outputs);
            glm.bias(&at(name), outputs);
        }
        glm.matrix(&at("attn_output"), HIDDEN, HIDDEN);
        glm.matrix(&at("ffn_up"), HIDDEN, 2 * FEED_FORWARD);
        glm.matrix(&at("ffn_down"), FEED_FORWARD, HIDDEN);
    }
    glm.file
}

/// A convolution below attention.
fn lfm2() -> Written {
    let notes = [
        ("attention.head_count_kv", Value::Integers(vec![0, 2])),
        ("attention.layer_norm_rms_epsilon", Value::Float(1e-5)),
        ("shortconv.l_cache", Value::Integer(3)),
    ];
    let mut lfm = Builder::new("lfm2", &notes);
    for layer in 0..2 {
        let at = |name: &str| format!("blk.{layer}.{name}");
        lfm.norm(&at("attn_norm"), HIDDEN);
        lfm.norm(&at("ffn_norm"), HIDDEN);
        lfm.matrix(&at("ffn_gate"), HIDDEN, FEED_FORWARD);
        lfm.matrix(&at("ffn_up"), HIDDEN, FEED_FORWARD);
        lfm.matrix(&at("ffn_down"), FEED_FORWARD, HIDDEN);
    }
    lfm.matrix("blk.0.shortconv.in_proj", HIDDEN, 3 * HIDDEN);
    lfm.matrix("blk.0.shortconv.out_proj", HIDDEN, HIDDEN);
    lfm.numbers("blk.0.shortconv.conv.weight", &[3, HIDDEN], 0.5);
    lfm.matrix("blk.1.attn_q", HIDDEN, HIDDEN);
    lfm.matrix("blk.1.attn_k", HIDDEN, HIDDEN / 2);
    lfm.matrix("blk.1.attn_v", HIDDEN, HIDDEN / 2);
    lfm.matrix("blk.1.attn_output", HIDDEN, HIDDEN);
    lfm.norm("blk.1.attn_q_norm", HIDDEN / HEADS);
    lfm.norm("blk.1.attn_k_norm", HIDDEN / HEADS);
    lfm.file
}

fn all() -> [Written; 3] {
    [phi2(), glm4(), lfm2()]
}

/// With the folder that its file is in.
fn open(file: &Written) -> Result<(CandleModel, fixture::Model), InferenceError> {
    let written = fixture::model(&file.bytes());
    let model = CandleModel::open(&Opened::open(&written.source())?, 100)?;
    Ok((model, written))
}

#[track_caller]
fn refused(file: &Written, reason: &str) {
    let why = open(file).map(|_| ()).unwrap_err().to_string();
    assert!(why.contains(reason), "{why}");
}

fn tokens(count: u32) -> Vec<u32> {
    (0..count).map(|at| (at * 31 + 5) % VOCABULARY as u32).collect()
}

fn step(model: &mut CandleModel, slot: Slot, tokens: &[u32], wants: Wants) -> Vec<f32> {
    let mut logits = vec![1.0];
    model.step(&[Piece { slot, tokens, wants }], &mut logits).unwrap();
    logits
}

/// A sequence of its own, in pieces.
fn last(model: &mut CandleModel, pieces: &[&[u32]]) -> Vec<f32> {
    let begun = model.begin(pieces[0], 100).unwrap();
    assert_eq!(begun.reused, 0);
    let (end, before) = pieces.split_last().unwrap();
    for piece in before {
        assert!(step(model, begun.slot, piece, Wants::Nothing).is_empty());
    }
    let logits = step(model, begun.slot, end, Wants::Last);
    model.end(begun.slot);
    logits
}

#[track_caller]
fn near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f32, |largest, logit| largest.max(logit.abs()));
    assert!(largest > 0.1);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-4 * largest, "{found} is not {expected}");
    }
}

#[test]
fn tokens_come_together_or_apart() {
    for file in all() {
        let (mut model, _folder) = open(&file).unwrap();
        assert_eq!((model.vocabulary(), model.context()), (VOCABULARY, 100));
        let tokens = tokens(20);
        let whole = last(&mut model, &[&tokens]);
        assert_eq!(whole.len(), VOCABULARY);
        near(&last(&mut model, &[&tokens[..7], &tokens[7..19], &tokens[19..]]), &whole);
        near(&last(&mut model, &[&tokens[..1], &tokens[1..]]), &whole);
        let begun = model.begin(&tokens, 100).unwrap();
        let every = step(&mut model, begun.slot, &tokens, Wants::All);
        assert_eq!(every.len(), 20 * VOCABULARY);
        near(&every[19 * VOCABULARY..], &whole);
        model.end(begun.slot);
        near(&every[6 * VOCABULARY..7 * VOCABULARY], &last(&mut model, &[&tokens[..7]]));
    }
}

#[test]
fn one_sequence_leaves_nothing_to_the_next() {
    for file in all() {
        let (mut model, _folder) = open(&file).unwrap();
        let alone = last(&mut model, &[&tokens(9)]);
        let other = model.begin(&[3; 30], 100).unwrap().slot;
        step(&mut model, other, &[3; 30], Wants::Nothing);
        assert!(model.begin(&tokens(9), 100).is_none());
        model.end(Slot(other.0 + 1));
        assert!(model.begin(&tokens(9), 100).is_none());
        model.end(other);
        assert_eq!(last(&mut model, &[&tokens(9)]), alone);
        let error = model.step(&[Piece { slot: other, tokens: &[1], wants: Wants::Last }], &mut Vec::new());
        assert!(error.unwrap_err().to_string().contains("sequence that ended"));
    }
}

#[test]
fn what_is_rolled_back_was_never_there() {
    for file in all() {
        let (mut model, _folder) = open(&file).unwrap();
        let whole = last(&mut model, &[&tokens(12)]);
        let slot = model.begin(&tokens(8), 100).unwrap().slot;
        step(&mut model, slot, &tokens(8), Wants::Nothing);
        step(&mut model, slot, &[9, 9, 9], Wants::Last);
        model.roll_back(slot, 8);
        near(&step(&mut model, slot, &tokens(12)[8..], Wants::Last), &whole);
    }
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_more() {
    let (mut model, _folder) = open(&phi2()).unwrap();
    let slot = model.begin(&[1], 100).unwrap().slot;
    let mut ask = |tokens: &[u32]| model.step(&[Piece { slot, tokens, wants: Wants::Last }], &mut Vec::new());
    assert!(ask(&[VOCABULARY as u32]).unwrap_err().to_string().contains("could not take a step"));
    assert!(ask(&[1; 101]).unwrap_err().to_string().contains("longer than 100"));
    model.end(slot);
    assert_eq!(last(&mut model, &[&tokens(5)]).len(), VOCABULARY);
}

#[test]
fn what_candle_would_believe_is_refused_before() {
    let mut file = phi2();
    file.note("general.architecture", Value::Text("llama".into()));
    refused(&file, "\"llama\"");
    assert!(["phi2", "glm4", "lfm2"].iter().all(|name| candle_knows(name)));
    assert!(!candle_knows("llama") && !candle_knows("qwen3moe"));
    for (key, number) in [("block_count", 1 << 30), ("attention.key_length", 1 << 30), ("context_length", 1 << 40)] {
        let mut file = glm4();
        file.note(format!("glm4.{key}"), Value::Integer(number));
        refused(&file, &format!("glm4.{key} is {number}"));
    }
    for mut file in all() {
        let name = match &file.notes[0].1 {
            Value::Text(name) => name.clone(),
            _ => unreachable!("the first note is the architecture"),
        };
        let whole = file.clone();
        file.tensors.retain(|tensor| !tensor.0.contains("blk.1.attn_output"));
        refused(&file, &format!("lacks something that a {name} has"));
        let mut file = whole.clone();
        file.note(format!("{name}.attention.head_count"), Value::Integer(0));
        refused(&file, "head_count is 0");
        let mut file = whole.clone();
        file.tensors[2].2 = Kind::Other(20);
        refused(&file, "IQ4_NL");
        let mut file = whole;
        file.notes.retain(|note| !note.0.ends_with("context_length"));
        refused(&file, "context_length");
    }
}
