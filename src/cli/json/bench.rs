//! What a benchmark measured, as `--json` and `--out` write it and `--compare` reads it.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cli::bench::Measured;
use crate::fault::Fault;
use crate::machine;

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct BenchJson {
    machine: MachineJson,
    results: Vec<MeasuredJson>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MachineJson {
    os: String,
    arch: String,
    /// Null where it cannot be known.
    processor: Option<String>,
    cores: usize,
    /// Which kernels are used.
    kernels: String,
    memory_bytes: Option<u64>,
    threads: usize,
    docent: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct MeasuredJson {
    suite: String,
    name: String,
    unit: String,
    n: usize,
    min: f64,
    median: f64,
    mean: f64,
    p95: f64,
    p99: f64,
    max: f64,
    deviation: f64,
}

impl BenchJson {
    pub(in crate::cli) fn new(threads: NonZeroUsize, measured: &[Measured]) -> BenchJson {
        let machine = MachineJson {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            processor: machine::processor_name(),
            cores: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            kernels: crate::simd::Level::best().name().to_owned(),
            memory_bytes: machine::memory().map(|memory| memory.total),
            threads: threads.get(),
            docent: env!("CARGO_PKG_VERSION").to_owned(),
        };
        BenchJson { machine, results: measured.iter().map(MeasuredJson::from).collect() }
    }

    pub(in crate::cli) fn read(path: &Path) -> Result<BenchJson, Fault> {
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| unusable(format!("cannot read {name}: {}", error.kind())).because_of(error))?;
        serde_json::from_str(&text)
            .map_err(|error| unusable(format!("{name} holds no figures of docent bench")).because_of(error))
    }

    pub(in crate::cli) fn write(&self, path: &Path) -> Result<(), Fault> {
        write_json(path, self)
    }

    pub(in crate::cli) fn median(&self, name: &str) -> Option<f64> {
        self.results.iter().find(|result| result.name == name).map(|result| result.median)
    }
}

/// Writes a file that holds one JSON value.
pub(in crate::cli) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Fault> {
    let mut text = serde_json::to_vec_pretty(value).expect("figures are plain data");
    text.push(b'\n');
    fs::write(path, text).map_err(|error| {
        Fault::machine("file_unwritable", format!("cannot write {}: {}", path.display(), error.kind()))
            .hint("choose another file")
            .because_of(error)
    })
}

fn unusable(what: String) -> Fault {
    Fault::caller("bad_comparison", what).hint("give a file that `docent bench --out` wrote")
}

impl From<&Measured> for MeasuredJson {
    fn from(measured: &Measured) -> MeasuredJson {
        let Measured { suite, name, unit, n, min, median, mean, p95, p99, max, deviation } = measured.clone();
        let (suite, unit) = (suite.to_owned(), unit.to_owned());
        MeasuredJson { suite, name, unit, n, min, median, mean, p95, p99, max, deviation }
    }
}
