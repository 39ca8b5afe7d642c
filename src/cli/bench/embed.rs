//! How fast are texts embedded: many at once, and one after the other?

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::samples::Measured;
use crate::assistant::encoder_source;
use crate::cli::desk::Desk;
use crate::cli::ending::Failure;
use crate::cli::json::write_json;
use crate::clock::SystemClock;
use crate::fault::Fault;
use crate::inference::{EncoderSource, Role, Urgency, open_embedder};
use crate::machine;
use crate::models::{Catalogue, Kind, Shelf};

const SUITE: &str = "embed";
/// Rounds over all texts; fewer only when a round takes long, and then at least the least.
const ROUNDS: usize = 20;
const LEAST_ROUNDS: usize = 3;
const LONG: Duration = Duration::from_secs(10);
/// Texts that are embedded one by one in a round.
const SINGLES: usize = 200;

/// What is embedded, with what.
pub(super) struct Job<'a> {
    /// By its name on the shelf, or its folder.
    pub model: Option<&'a str>,
    pub texts: &'a [String],
    pub threads: NonZeroUsize,
    /// Where the vectors are kept, for whoever wants to compare them.
    pub vectors: Option<&'a Path>,
}

pub(super) fn run(job: &Job<'_>, desk: &Desk<'_>) -> Result<Vec<Measured>, Failure> {
    let Job { texts, threads, .. } = *job;
    let source = source(job.model, desk)?;
    let clock = desk.clock;
    let before = machine::resident();
    let began = clock.instant();
    let embedder = open_embedder(source, threads, Arc::new(SystemClock)).map_err(Fault::from)?;
    let loaded = clock.instant() - began;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if let Some(path) = job.vectors {
        let vectors = embedder.embed(&texts, Role::Passage, Urgency::Ask).map_err(Fault::from)?;
        write_json(path, &vectors)?;
    }
    let embed = |texts: &[&str], role| -> Result<Duration, Failure> {
        let began = clock.instant();
        embedder.embed(texts, role, Urgency::Ask).map_err(Fault::from)?;
        Ok(clock.instant() - began)
    };
    // What is made on first use is not what is measured.
    embed(&texts[..texts.len().min(8)], Role::Passage)?;
    let mut rates = Vec::new();
    let began = clock.instant();
    while rates.len() < LEAST_ROUNDS || (rates.len() < ROUNDS && clock.instant() - began < LONG) {
        rates.push(texts.len() as f64 / embed(&texts, Role::Passage)?.as_secs_f64());
    }
    let mut singles = Vec::new();
    let began = clock.instant();
    while singles.is_empty() || (singles.len() < 5 * SINGLES && clock.instant() - began < LONG / 2) {
        for text in texts.iter().take(SINGLES) {
            singles.push(embed(&[text], Role::Question)?.as_secs_f64() * 1e3);
        }
    }
    let mut measured = vec![
        Measured::of(SUITE, "embed_batch", "texts/s", &rates),
        Measured::of(SUITE, "embed_one", "ms", &singles),
        Measured::of(SUITE, "embed_load", "ms", &[loaded.as_secs_f64() * 1e3]),
    ];
    if let (Some(before), Some(after)) = (before, machine::resident()) {
        let grown = after.saturating_sub(before) as f64 / f64::from(1 << 20);
        measured.push(Measured::of(SUITE, "embed_memory", "MiB", &[grown]));
    }
    Ok(measured)
}

fn source(model: Option<&str>, desk: &Desk<'_>) -> Result<EncoderSource, Fault> {
    let data_dir = &desk.settings.data_dir.value;
    let shelf = Shelf::open(data_dir);
    let Some(model) = model else {
        let chosen = shelf.chosen(Kind::Embedder)?;
        return chosen.map(|installed| encoder_source(&installed)).ok_or_else(|| {
            Fault::caller("no_embedder", "no embedder is installed, so there is nothing to measure")
                .hint("`docent models pull` brings one; `--model FOLDER` measures one that lies elsewhere")
        });
    };
    let folder = Path::new(model);
    if folder.join("config.json").is_file() {
        return Ok(EncoderSource {
            id: model.to_owned(),
            folder: folder.to_owned(),
            max_tokens: None,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            pooling: None,
            normalize: true,
        });
    }
    let installed = shelf.named(model, &Catalogue::load(data_dir)?)?;
    if installed.kind != Kind::Embedder {
        let what = format!("{} is a {}, and embedders are measured here", installed.name, installed.kind.name());
        return Err(Fault::caller("not_an_embedder", what).hint("`docent models list` tells which are embedders"));
    }
    Ok(encoder_source(&installed))
}
