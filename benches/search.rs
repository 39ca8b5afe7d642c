//! How fast, how exactly and in how much memory are vectors found? Prints JSON.
//!
//! - `search`: 20,000 vectors of its own, in a folder that goes away
//! - `search build FOLDER VECTORS DIMENSIONS [EACH]`: a library of a file of vectors (f32, little-endian), EACH of them in a
//!   document (10 when not given)
//! - `search ask FOLDER QUESTIONS DIMENSIONS`: opens that library and asks; `found` numbers the file's vectors from 0

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it stands")]
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use docent::clock::Timestamp;
use docent::domain::{BlockKind, Chunk, CollectionName, ContentHash, Format, Language, Part, Place};
use docent::library::{Content, Draft, Library, SourceFile, VectorQuery};
use docent::text::Analyser;
use serde_json::{Value, json};

const EMBEDDER: &str = "bench@0";
const LIMIT: usize = 10;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let report = match words.as_slice() {
        [] => own(),
        ["build", folder, vectors, dimensions] => build_file(folder, vectors, dimensions, "10"),
        ["build", folder, vectors, dimensions, each] => build_file(folder, vectors, dimensions, each),
        ["ask", folder, questions, dimensions] => {
            let dimensions = dimensions.parse().unwrap();
            ask(Path::new(folder), &Vectors::of(questions, dimensions).collect::<Vec<_>>())
        }
        _ => panic!("build FOLDER VECTORS DIMENSIONS [EACH], or ask FOLDER QUESTIONS DIMENSIONS"),
    };
    println!("{report}");
}

fn own() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 1_u64;
    let mut number = move || {
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        uniform() + uniform() + uniform()
    };
    let mut vector = || (0..384).map(|_| number()).collect::<Vec<f32>>();
    let questions: Vec<_> = (0..100).map(|_| vector()).collect();
    let vectors: Vec<_> = (0..20_000).map(|_| vector()).collect();
    let built = build(folder.path(), vectors.iter().cloned(), 10);
    let mut asked = ask(folder.path(), &questions);
    let found = asked["found"].take();
    let right: usize = questions
        .iter()
        .enumerate()
        .map(|(at, question)| {
            let mut order: Vec<(f32, u64)> =
                (0..).zip(&vectors).map(|(at, vector)| (-cosine(vector, question), at)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let found: Vec<u64> = found[at].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect();
            order[..LIMIT].iter().filter(|(_, best)| found.contains(best)).count()
        })
        .sum();
    json!({"build": built, "ask": asked, "recall": right as f64 / (questions.len() * LIMIT) as f64})
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The vectors of a file, one after the other.
struct Vectors {
    file: BufReader<File>,
    dimensions: usize,
}

impl Vectors {
    fn of(path: &str, dimensions: usize) -> Vectors {
        Vectors { file: BufReader::with_capacity(1 << 20, File::open(path).unwrap()), dimensions }
    }
}

impl Iterator for Vectors {
    type Item = Vec<f32>;

    fn next(&mut self) -> Option<Vec<f32>> {
        let mut bytes = vec![0; self.dimensions * 4];
        self.file.read_exact(&mut bytes).ok()?;
        Some(bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect())
    }
}

fn build_file(folder: &str, vectors: &str, dimensions: &str, each: &str) -> Value {
    build(Path::new(folder), Vectors::of(vectors, dimensions.parse().unwrap()), each.parse().unwrap())
}

/// Documents with so many chunks each, of a vector each: numbered in the order in which they come.
fn build(folder: &Path, mut vectors: impl Iterator<Item = Vec<f32>>, each: usize) -> Value {
    let began = now();
    let library = Library::open(folder).unwrap();
    let mut writer = library.begin().unwrap();
    let mut analyser = Analyser::new(Language::English);
    let mut count = 0;
    loop {
        let some: Vec<_> = vectors.by_ref().take(each).map(|vector| vec![vector]).collect();
        if some.is_empty() {
            break;
        }
        count += some.len();
        let draft = draft(count, some.len(), &mut analyser).with_vectors(EMBEDDER, some);
        writer.put(draft, Timestamp(1)).unwrap();
        if writer.uncommitted() > 64 << 20 {
            writer.commit().unwrap();
        }
    }
    writer.publish().unwrap();
    drop(writer);
    library.close().unwrap();
    let bytes = std::fs::metadata(folder.join("library.redb")).unwrap().len();
    json!({"vectors": count, "seconds": seconds(now() - began), "file_bytes": bytes})
}

fn draft(name: usize, chunks: usize, analyser: &mut Analyser) -> Draft {
    let text = format!("{name:>8} ").repeat(chunks);
    let chunk = |at: usize| {
        let range = at * 9..at * 9 + 8;
        let part = Part { range: range.clone(), kind: BlockKind::Paragraph, place: Place::line(at as u32 + 1) };
        Chunk { range, place: part.place.clone(), headings: Vec::new(), parts: vec![part] }
    };
    let file = SourceFile {
        collection: CollectionName::default(),
        source: format!("/{name}"),
        hash: ContentHash::of(text.as_bytes()),
        bytes: text.len() as u64,
    };
    let chunks = (0..chunks).map(chunk).collect();
    let content = Content { title: None, format: Format::Text, language: Language::English, text, chunks };
    Draft::new(file, content, analyser)
}

fn ask(folder: &Path, questions: &[Vec<f32>]) -> Value {
    let began = now();
    let library = Library::open_to_read(folder).unwrap();
    let opened = now() - began;
    let snapshot = library.snapshot();
    let mut found = Vec::new();
    let mut first = None;
    let mut times: Vec<Duration> = Vec::new();
    // The first answer is timed by itself, and every question three times over.
    for round in 0..4 {
        for question in questions {
            let start = now();
            let query = VectorQuery { embedder: EMBEDDER, vector: question, collection: None };
            let hits = snapshot.nearest(&query, LIMIT).unwrap();
            let end = now();
            if round == 0 {
                first.get_or_insert(end - began);
                found.push(hits.iter().map(|hit| hit.chunk.0 - 1).collect::<Vec<_>>());
            } else {
                times.push(end - start);
            }
        }
    }
    times.sort();
    let at = |part: f64| times.get(((times.len() - 1) as f64 * part) as usize).map(|time| seconds(*time) * 1e3);
    json!({
        "open_seconds": seconds(opened), "open_to_first_answer_seconds": first.map(seconds),
        "p50_ms": at(0.5), "p95_ms": at(0.95), "min_ms": at(0.0), "resident_bytes": resident(), "found": found,
    })
}

/// Of this process, where the system tells; what of it is its own rather than a file's, too.
fn resident() -> Value {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    };
    json!({"now": of("VmRSS:"), "most": of("VmHWM:"), "own": of("RssAnon:")})
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "what is measured is time itself")]
fn now() -> Instant {
    Instant::now()
}
