//! What is there to be known of the models on the shelf? Names, sizes and sums from their notes; how a generator was written
//! from the head of its file, which is read once.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::assistant::engines::Engines;
use crate::clock::Timestamp;
use crate::fault::{Fault, Result};
use crate::gguf::{self, Contents};
use crate::models::{Catalogue, Format, Installed, Kind, Shelf};

/// A model that is installed, as programs ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    pub name: String,
    pub kind: Kind,
    /// What its files take on disk.
    pub bytes: u64,
    pub installed_at: Timestamp,
    /// Of its weights, as 64 digits.
    pub sha256: String,
    pub format: Format,
    pub repo: Option<String>,
    pub licence: Option<String>,
    pub dimensions: Option<usize>,
    pub head: Head,
}

/// What the file itself says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub architecture: Option<String>,
    /// Tokens that it was made to read at once.
    pub context: Option<usize>,
    pub parameters: Option<u64>,
    /// `Q4_K_M`, `F16`.
    pub quantization: Option<String>,
    pub chat_template: Option<String>,
}

/// Heads by the model's identity, which changes with its weights.
#[derive(Debug, Default)]
pub(super) struct Heads(Mutex<HashMap<String, Head>>);

/// More models than anybody has; then it begins anew.
const MOST_HEADS: usize = 256;
const MOST_TEMPLATE: usize = 1 << 20;

impl Engines {
    /// All that are installed, by name.
    pub fn models(&self) -> Vec<ModelFacts> {
        let Some(others) = self.others() else { return Vec::new() };
        others.shelf.installed().iter().map(|installed| others.heads.facts(installed)).collect()
    }

    /// As people write it. An error names the nearest, or says how to get it.
    pub fn model(&self, name: &str) -> Result<ModelFacts> {
        match self.others() {
            Some(others) => Ok(others.heads.facts(&installed(&others.shelf, name)?)),
            None => Err(Fault::caller("no_such_model", format!("there is no model {name:?}"))),
        }
    }

    /// Takes it off the shelf. One that was chosen stays: answers are being made with it.
    pub fn remove_model(&self, name: &str) -> Result<()> {
        let Some(others) = self.others() else {
            return Err(Fault::caller("no_such_model", format!("there is no model {name:?}")));
        };
        let found = installed(&others.shelf, name)?;
        let chosen = [self.generator_choice(), self.embedder_choice(), self.reranker_choice()];
        if chosen.into_iter().flatten().any(|choice| choice.id == found.identity) {
            let what = format!("the model {} is the {} that answers are made with", found.name, found.kind);
            return Err(Fault::caller("model_in_use", what)
                .hint("choose another with `docent models use NAME` and start docent again; then it can go"));
        }
        self.close(&found.name);
        Ok(others.shelf.remove(&found)?)
    }
}

/// The catalogue is read each time: who pulls by a name of his own wants it known at once.
pub(super) fn installed(shelf: &Shelf, name: &str) -> Result<Installed> {
    let data_dir = shelf.folder().parent().map(PathBuf::from).unwrap_or_default();
    let catalogue = Catalogue::load(&data_dir).unwrap_or_else(|error| {
        tracing::warn!(%error, "the local catalogue is left out");
        Catalogue::built_in()
    });
    shelf.named(name, &catalogue).map_err(|error| {
        let fault = Fault::from(error);
        if fault.code != "no_such_model" {
            return fault;
        }
        let names: Vec<String> = shelf.installed().into_iter().map(|found| found.name).collect();
        let there = if names.is_empty() {
            "no model is installed".to_owned()
        } else {
            format!("installed: {}", names.join(", "))
        };
        let hint = fault.hint.as_ref().map_or_else(|| there.clone(), |hint| format!("{hint}; {there}"));
        fault.hint(hint)
    })
}

impl Heads {
    fn facts(&self, installed: &Installed) -> ModelFacts {
        let entry = &installed.entry;
        let ending = match entry.format {
            Format::Gguf => ".gguf",
            Format::Safetensors => ".safetensors",
        };
        let weights = installed.files.iter().find(|file| file.name.to_ascii_lowercase().ends_with(ending));
        ModelFacts {
            name: installed.name.clone(),
            kind: installed.kind,
            bytes: installed.bytes,
            installed_at: installed.installed_at,
            sha256: weights.map(|file| file.sha256.to_string()).unwrap_or_default(),
            format: entry.format,
            repo: entry.repo.clone(),
            licence: entry.licence.clone(),
            dimensions: entry.dimensions,
            head: self.head(installed, weights.map(|file| installed.folder.join(&file.name))),
        }
    }

    fn head(&self, installed: &Installed, weights: Option<PathBuf>) -> Head {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&installed.identity) {
            return known.clone();
        }
        let read = weights.filter(|_| installed.entry.format == Format::Gguf).and_then(|path| {
            let file = File::open(path).ok()?;
            let length = file.metadata().ok()?.len();
            let general = ["general.architecture", "general.file_type", "tokenizer.chat_template"];
            let wanted = |key: &str| general.contains(&key) || key.ends_with(".context_length");
            gguf::read(BufReader::new(file), length, wanted).ok()
        });
        let mut head = read.as_ref().map(Head::of).unwrap_or_default();
        let entry = &installed.entry;
        head.architecture = head.architecture.or_else(|| entry.architecture.clone());
        head.context = head.context.or(entry.context).or(entry.max_tokens);
        head.chat_template = entry.chat_template.clone().or(head.chat_template);
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heads.len() >= MOST_HEADS {
            heads.clear();
        }
        heads.insert(installed.identity.clone(), head.clone());
        head
    }
}

impl Head {
    fn of(contents: &Contents) -> Head {
        let architecture = contents.text("general.architecture").map(str::to_owned);
        let context = architecture.as_ref().and_then(|name| contents.integer(&format!("{name}.context_length")));
        let parameters = contents
            .tensors
            .iter()
            .map(|tensor| tensor.shape.iter().fold(1_u64, |all, &size| all.saturating_mul(size as u64)));
        Head {
            context: context.and_then(|tokens| usize::try_from(tokens).ok()),
            parameters: Some(parameters.fold(0, u64::saturating_add)),
            quantization: quantization(contents),
            chat_template: contents
                .text("tokenizer.chat_template")
                .filter(|template| template.len() <= MOST_TEMPLATE)
                .map(str::to_owned),
            architecture,
        }
    }
}

/// As the file calls the mixture of types it is written in; else the type that takes most of it.
fn quantization(contents: &Contents) -> Option<String> {
    const MIXTURES: [(i64, &str); 19] = [
        (0, "F32"),
        (1, "F16"),
        (2, "Q4_0"),
        (3, "Q4_1"),
        (7, "Q8_0"),
        (8, "Q5_0"),
        (9, "Q5_1"),
        (10, "Q2_K"),
        (11, "Q3_K_S"),
        (12, "Q3_K_M"),
        (13, "Q3_K_L"),
        (14, "Q4_K_S"),
        (15, "Q4_K_M"),
        (16, "Q5_K_S"),
        (17, "Q5_K_M"),
        (18, "Q6_K"),
        (21, "Q2_K_S"),
        (25, "IQ4_NL"),
        (32, "BF16"),
    ];
    if let Some(number) = contents.integer("general.file_type")
        && let Some((_, name)) = MIXTURES.iter().find(|(known, _)| *known == number)
    {
        return Some((*name).to_owned());
    }
    let mut bytes: HashMap<String, u64> = HashMap::new();
    for tensor in &contents.tensors {
        let taken = tensor.bytes.end.saturating_sub(tensor.bytes.start);
        let all = bytes.entry(tensor.kind.to_string()).or_default();
        *all = all.saturating_add(taken);
    }
    bytes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0))).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Value;
    use crate::gguf::written::Written;

    #[test]
    fn a_file_says_how_it_was_written() {
        let mut file = Written::default();
        file.note("general.architecture", Value::Text("llama".to_owned()));
        file.note("llama.context_length", Value::Integer(2048));
        file.tensor("a", &[32, 4], gguf::Kind::Q8_0, vec![0; 4 * 34]);
        file.tensor("b", &[8], gguf::Kind::F32, vec![0; 32]);
        let head = |file: &Written| {
            let bytes = file.bytes();
            Head::of(&gguf::read(bytes.as_slice(), bytes.len() as u64, |_| true).unwrap())
        };
        let found = head(&file);
        assert_eq!((found.architecture.as_deref(), found.context), (Some("llama"), Some(2048)));
        assert_eq!((found.parameters, found.quantization.as_deref()), (Some(136), Some("Q8_0")));
        file.note("general.file_type", Value::Integer(15));
        assert_eq!(head(&file).quantization.as_deref(), Some("Q4_K_M"));
        file.note("general.file_type", Value::Integer(4242));
        assert_eq!(head(&file).quantization.as_deref(), Some("Q8_0"));
    }

    #[test]
    fn without_a_shelf_there_are_no_models() {
        assert!(Engines::none().models().is_empty());
        assert_eq!(Engines::none().model("x").unwrap_err().code, "no_such_model");
        assert_eq!(Engines::none().remove_model("x").unwrap_err().code, "no_such_model");
    }
}
