//! Does the fast model say what the plain one says, whatever goes through it together?

use super::super::tests::fixture::Tiny;
use super::super::tests::reference::Reference;
use super::*;
use crate::gguf::{Kind, Value};
use crate::inference::generator::config::Architecture;

fn open(tiny: &Tiny, level: Level) -> (Decoder, Reference) {
    let written = tiny.write();
    let opened = Opened::open(&written.source()).unwrap();
    let config = Config::read(&opened.contents, &opened.file).unwrap();
    let reference = Reference::open(&opened, config.clone());
    let threads = NonZeroUsize::new(2).unwrap();
    (Decoder::load(opened, config, Setup { threads, memory: 32 << 20, level }).unwrap(), reference)
}

fn tokens(count: usize, seed: u32) -> Vec<u32> {
    (0..count as u32).map(|at| (at * 67 + seed * 31 + 13) % 271).collect()
}

/// The logits of every position, in one step.
fn all_at_once(decoder: &mut Decoder, tokens: &[u32]) -> Vec<Vec<f32>> {
    let begun = decoder.begin(tokens, tokens.len()).unwrap();
    let mut logits = Vec::new();
    let piece = Piece { slot: begun.slot, tokens: &tokens[begun.reused..], wants: Wants::All };
    decoder.step(&[piece], &mut logits).unwrap();
    // Nothing is to be found by those who come later.
    assert!(decoder.roll_back(begun.slot, 0));
    decoder.end(begun.slot);
    logits.chunks(decoder.vocabulary()).map(<[f32]>::to_vec).collect()
}

/// How far the logits are apart at worst, measured by the largest.
fn apart(got: &[Vec<f32>], expected: &[Vec<f64>]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let mut worst: f64 = 0.0;
    for (got, expected) in got.iter().zip(expected) {
        let largest = expected.iter().fold(0.0, |largest: f64, logit| largest.max(logit.abs()));
        assert!(got.len() == expected.len() && largest > 0.1, "logits that say nothing: {largest}");
        for (got, expected) in got.iter().zip(expected) {
            worst = worst.max((f64::from(*got) - expected).abs() / largest);
        }
    }
    worst
}

/// Keys and values have sixteen bits; all else is f32.
const FLOATS: f64 = 2e-3;
/// Rows are rounded to bytes in front of every product.
const BYTES: f64 = 0.1;

#[test]
fn every_architecture_gives_the_plain_twins_logits() {
    for architecture in Architecture::ALL {
        for level in Level::all() {
            for seed in [1, 2] {
                let mut tiny = Tiny::new(architecture, Kind::F32);
                (tiny.seed, tiny.is_tied) = (seed, seed == 1);
                tiny.has_biases = seed == 2 && architecture != Architecture::Phi3 || tiny.has_biases;
                let (mut decoder, reference) = open(&tiny, level);
                let tokens = tokens(70, 1);
                let worst = apart(&all_at_once(&mut decoder, &tokens), &reference.logits(&tokens));
                assert!(worst < FLOATS, "{} {level:?}: {worst} apart", architecture.name());
            }
        }
    }
}

#[test]
fn every_quantization_gives_nearly_the_plain_twins_logits() {
    for architecture in [Architecture::Llama, Architecture::Qwen2, Architecture::Gemma3] {
        for kind in Kind::KNOWN {
            let (mut decoder, reference) = open(&Tiny::new(architecture, kind), Level::best());
            let tokens = tokens(40, 2);
            let worst = apart(&all_at_once(&mut decoder, &tokens), &reference.logits(&tokens));
            let is_float = matches!(kind, Kind::F32 | Kind::F16 | Kind::Bf16);
            let bound = if is_float { FLOATS } else { BYTES };
            assert!(worst < bound, "{} {kind}: {worst} apart", architecture.name());
        }
    }
}

#[test]
fn stretched_and_windowed_positions_are_those_of_the_plain_twin() {
    let factors: Vec<f32> = (0..8).map(|at| 1.0 + at as f32).collect();
    let mut stretched = Tiny::new(Architecture::Llama, Kind::F32);
    stretched.factors = vec![("rope_freqs", factors)];
    let windowed = Tiny::new(Architecture::Gemma3, Kind::F32).note("attention.sliding_window", Value::Integer(9));
    for tiny in [stretched, windowed] {
        let (mut decoder, reference) = open(&tiny, Level::best());
        let tokens = tokens(80, 3);
        let worst = apart(&all_at_once(&mut decoder, &tokens), &reference.logits(&tokens));
        assert!(worst < FLOATS, "{worst} apart");
    }
}

/// Slices of any size, other sequences in any order, and what was read before: all to the bit.
#[test]
fn company_slices_and_reuse_change_no_bit() {
    for (architecture, kind) in
        [(Architecture::Llama, Kind::Q4K), (Architecture::Qwen2, Kind::Q5_0), (Architecture::Gemma3, Kind::F16)]
    {
        for level in Level::all() {
            let (mut decoder, _) = open(&Tiny::new(architecture, kind), level);
            let prompts: Vec<Vec<u32>> = (0..5).map(|seed| tokens(90 + 7 * seed, seed as u32)).collect();
            let alone: Vec<_> = prompts.iter().map(|prompt| all_at_once(&mut decoder, prompt)).collect();
            let vocabulary = decoder.vocabulary();
            let slots: Vec<Slot> = prompts.iter().map(|p| decoder.begin(p, p.len()).unwrap().slot).collect();
            let mut read = [0; 5];
            let mut logits = Vec::new();
            for turn in 0.. {
                let mut pieces = Vec::new();
                let mut places = Vec::new();
                for (at, prompt) in prompts.iter().enumerate() {
                    // Sizes from 1 to 40, some sequences resting.
                    let size = [1, 40, 0, 3, 17, 2, 11][(turn * 3 + at * 5) % 7].min(prompt.len() - read[at]);
                    if size > 0 {
                        let tokens = &prompt[read[at]..read[at] + size];
                        pieces.push(Piece { slot: slots[at], tokens, wants: Wants::All });
                        places.push((at, read[at]..read[at] + size));
                        read[at] += size;
                    }
                }
                decoder.step(&pieces, &mut logits).unwrap();
                let mut rows = logits.chunks(vocabulary);
                for (at, positions) in places {
                    for position in positions {
                        assert!(rows.next() == Some(&alone[at][position][..]), "{kind} {level:?} {at} {position}");
                    }
                }
                if read.iter().zip(&prompts).all(|(read, prompt)| *read == prompt.len()) {
                    break;
                }
            }
            slots.into_iter().for_each(|slot| decoder.end(slot));

            // The same beginning again, and then another end, from inside a block.
            for keep in [64, 77, 5] {
                let mut prompt = prompts[4][..keep].to_vec();
                prompt.extend([3, 1, 4, 1, 5]);
                let begun = decoder.begin(&prompt, prompt.len()).unwrap();
                assert!(begun.reused >= keep.min(prompt.len() - 1) - 1, "{} of {keep} reused", begun.reused);
                let piece = Piece { slot: begun.slot, tokens: &prompt[begun.reused..], wants: Wants::Last };
                decoder.step(&[piece], &mut logits).unwrap();
                let again = logits.clone();
                decoder.end(begun.slot);
                let (mut fresh, _) = open(&Tiny::new(architecture, kind), level);
                assert!(all_at_once(&mut fresh, &prompt).last() == Some(&again), "{kind} {level:?} after {keep}");
            }
        }
    }
}

#[test]
fn what_was_rolled_back_is_forgotten() {
    let (mut decoder, _) = open(&Tiny::new(Architecture::Llama, Kind::Q8_0), Level::best());
    let prompt = tokens(50, 1);
    let expected = all_at_once(&mut decoder, &prompt);
    let begun = decoder.begin(&prompt, 200).unwrap();
    let mut logits = Vec::new();
    let mut step = |decoder: &mut Decoder, tokens: &[u32]| {
        let piece = Piece { slot: begun.slot, tokens, wants: Wants::Last };
        decoder.step(&[piece], &mut logits).unwrap();
        logits.clone()
    };
    step(&mut decoder, &prompt[..40]);
    step(&mut decoder, &tokens(60, 9));
    assert!(decoder.roll_back(begun.slot, 40));
    assert!(step(&mut decoder, &prompt[40..]) == expected[49]);
    decoder.end(begun.slot);
}

#[test]
fn what_is_not_there_is_an_error() {
    let (mut decoder, _) = open(&Tiny::new(Architecture::Llama, Kind::F32), Level::best());
    let mut logits = Vec::new();
    let mut step = |decoder: &mut Decoder, slot, tokens: &[u32]| {
        decoder.step(&[Piece { slot, tokens, wants: Wants::Last }], &mut logits).is_err()
    };
    assert!(step(&mut decoder, Slot(0), &[1]));
    let begun = decoder.begin(&[1, 2], 10).unwrap();
    assert!(step(&mut decoder, begun.slot, &[]));
    assert!(step(&mut decoder, begun.slot, &[u32::MAX]));
    assert!(step(&mut decoder, begun.slot, &tokens(100, 1)));
    assert!(!step(&mut decoder, begun.slot, &[1, 2]));
    decoder.end(begun.slot);
    assert!(step(&mut decoder, begun.slot, &[1]));
}

/// A trained model's story, as its author's own test expects it, on every path; only where the evaluation material is.
#[test]
#[expect(clippy::disallowed_methods, reason = "a variable that only tests know")]
fn a_trained_model_tells_its_story_on_every_path() {
    let Some(folder) = std::env::var_os("DOCENT_EVAL_DATA") else { return };
    let folder = std::path::PathBuf::from(folder).join("lm");
    let expected = std::fs::read_to_string(folder.join("expected_greedy_n200.txt")).unwrap();
    let mut source = Tiny::new(Architecture::Llama, Kind::F32).write().source();
    source.weights = folder.join("stories260K.gguf");
    for level in Level::all() {
        let opened = Opened::open(&source).unwrap();
        let words = super::super::words::Words::load(&opened.contents, &source).unwrap();
        let config = Config::read(&opened.contents, &opened.file).unwrap();
        let setup = Setup { threads: NonZeroUsize::new(2).unwrap(), memory: 1 << 20, level };
        let mut decoder = Decoder::load(opened, config, setup).unwrap();
        let mut tokens = words.prompt(&crate::inference::Prompt::Text(String::new())).unwrap();
        let begun = decoder.begin(&tokens, 201).unwrap();
        let (mut logits, mut told) = (Vec::new(), tokens.clone());
        while told.len() <= 200 {
            let piece = Piece { slot: begun.slot, tokens: &tokens, wants: Wants::Last };
            decoder.step(&[piece], &mut logits).unwrap();
            let likeliest = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap() as u32;
            tokens = vec![likeliest];
            told.push(likeliest);
        }
        let mut stream = super::super::words::Detokenizer::new(&words);
        let mut text: String = told[1..].iter().map(|&id| stream.push(&words, id).to_owned()).collect();
        text.push_str(stream.finish());
        assert_eq!(text.trim(), expected.trim(), "{level:?}");
    }
}
