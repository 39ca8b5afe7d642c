//! How much memory does the multilingual MiniLM take, everything loaded? Its exact shape, with random weights and pieces.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fixture::{Dice, THREADS, unigram};
use crate::clock::{Clock, SystemClock};
use crate::inference::{EncoderSource, Role, Urgency, open_embedder};

const HIDDEN: usize = 384;
const WORDS: usize = 250_037;
const MOST: u64 = 260_000_000;

/// A word in one of three scripts: pieces share their beginnings about as much as those of real languages do.
fn word(dice: &mut Dice) -> String {
    let scripts = [(0x61, 26), (0x61, 26), (0x61, 26), (0x430, 32), (0x4E00, 3000)];
    let (first, letters) = scripts[dice.next() as usize % scripts.len()];
    let length = if letters > 100 { 1 + dice.next() % 3 } else { 2 + dice.next() % 7 };
    let letter = |dice: &mut Dice| (dice.next() % letters) * (dice.next() % letters) / letters;
    (0..length).map(|_| char::from_u32(first + letter(dice) as u32).unwrap()).collect()
}

fn pieces(count: usize) -> Vec<(String, f64)> {
    let mut dice = Dice(31);
    let mut pieces = BTreeSet::new();
    while pieces.len() < count {
        let start = if dice.next().is_multiple_of(2) { "▁" } else { "" };
        pieces.insert(format!("{start}{}", word(&mut dice)));
    }
    pieces.into_iter().map(|piece| (piece, -8.0 - f64::from(dice.number()) * 4.0)).collect()
}

fn shapes() -> Vec<(String, Vec<usize>)> {
    let table = |name: &str, rows| (format!("embeddings.{name}.weight"), vec![rows, HIDDEN]);
    let mut shapes =
        vec![table("word_embeddings", WORDS), table("position_embeddings", 512), table("token_type_embeddings", 2)];
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..12 {
        let at = format!("encoder.layer.{layer}");
        norms.extend([format!("{at}.attention.output.LayerNorm"), format!("{at}.output.LayerNorm")]);
        for (name, inputs, outputs) in [
            ("attention.self.query", 1, 1),
            ("attention.self.key", 1, 1),
            ("attention.self.value", 1, 1),
            ("attention.output.dense", 1, 1),
            ("intermediate.dense", 1, 4),
            ("output.dense", 4, 1),
        ] {
            shapes.push((format!("{at}.{name}.weight"), vec![outputs * HIDDEN, inputs * HIDDEN]));
            shapes.push((format!("{at}.{name}.bias"), vec![outputs * HIDDEN]));
        }
    }
    for norm in norms {
        shapes.extend([(format!("{norm}.weight"), vec![HIDDEN]), (format!("{norm}.bias"), vec![HIDDEN])]);
    }
    shapes
}

/// Written as it is made, so that making it leaves no memory behind.
fn write_model(folder: &Path) {
    let shapes = shapes();
    let (mut header, mut end) = (serde_json::Map::new(), 0);
    for (name, shape) in &shapes {
        let from = end;
        end += shape.iter().product::<usize>() * 4;
        header.insert(name.clone(), json!({"dtype": "F32", "shape": shape, "data_offsets": [from, end]}));
    }
    let mut header = Value::from(header).to_string();
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    let mut file = BufWriter::new(File::create(folder.join("model.safetensors")).unwrap());
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    let mut dice = Dice(7);
    for (name, shape) in shapes {
        let middle = if name.ends_with("LayerNorm.weight") { 1.0 } else { 0.0 };
        for _ in 0..shape.iter().product::<usize>() {
            file.write_all(&(middle + dice.number() * 0.05).to_le_bytes()).unwrap();
        }
    }
    file.flush().unwrap();
    let config = json!({
        "model_type": "bert", "hidden_size": HIDDEN, "num_hidden_layers": 12, "num_attention_heads": 12,
        "intermediate_size": 4 * HIDDEN, "vocab_size": WORDS, "max_position_embeddings": 512, "type_vocab_size": 2,
        "pad_token_id": 0, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
    });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let tokenizer = serde_json::to_string_pretty(&unigram(&pieces(249_997))).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer).unwrap();
}

fn resident(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    println!(
        "{what}: {} MB resident (own {} MB, of files {} MB)",
        line("VmRSS") / 1_000_000,
        line("RssAnon") / 1_000_000,
        line("RssFile") / 1_000_000
    );
    line("VmRSS")
}

/// About as long as the model reads at once.
fn text(dice: &mut Dice) -> String {
    (0..60).map(|_| word(dice) + " ").collect()
}

/// In a process of its own, with no other test's memory in it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the process that measures is told so by the one that starts it")]
fn the_multilingual_model_takes_little_memory() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return measure(folder.into());
    }
    let folder = TempDir::new().unwrap();
    write_model(folder.path());
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inference::tests::memory::the_multilingual_model_takes_little_memory", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout);
    println!("{told}");
    assert!(ran.status.success() && told.contains("running: "), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// Set, it names the model's folder.
const FOLDER: &str = "DOCENT_TEST_SHAPE";

fn measure(folder: PathBuf) {
    resident("before");
    let source = EncoderSource {
        id: "shape".to_owned(),
        folder,
        max_tokens: Some(128),
        query_prefix: String::new(),
        passage_prefix: String::new(),
        pooling: None,
        normalize: true,
    };
    let clock = SystemClock;
    let start = clock.instant();
    let embedder = open_embedder(source, THREADS, super::fixture::clock()).unwrap();
    println!("opened in {:?}", clock.instant() - start);
    resident("loaded");
    let mut dice = Dice(3);
    let mut worst = 0;
    for _ in 0..8 {
        let texts: Vec<String> = (0..16).map(|_| text(&mut dice)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let start = clock.instant();
        embedder.embed(&texts, Role::Passage, Urgency::Add).unwrap();
        println!(
            "{} tokens in {:?}",
            texts.iter().map(|text| embedder.count_tokens(text)).sum::<usize>(),
            clock.instant() - start
        );
        worst = worst.max(resident("running"));
    }
    assert!(worst <= MOST, "{worst} bytes were resident, and {MOST} were promised");
}
