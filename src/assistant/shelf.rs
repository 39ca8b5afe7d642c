//! From what stands on the shelf of models to what the product works with.

use std::path::Path;
use std::sync::Arc;

use super::engines::{Choice, Engines, threads};
use super::facts::{Heads, installed};
use super::named::Beside;
use super::pool::{Found, Pool};
use crate::clock::Clock;
use crate::domain::Language;
use crate::fault::{Fault, Result};
use crate::inference::{self, EncoderSource, Generator, GeneratorSource, open_embedder, open_generator, open_reranker};
use crate::models::{Installed, Kind, Pooling, Shelf};

/// How the models that were chosen are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Whether there is to be a reranker.
    pub reranks: bool,
    /// How many tokens a generator holds at once.
    pub context: usize,
    /// How many bytes a generator may remember of what it has read.
    pub memory: u64,
}

impl Engines {
    /// Those that were chosen in this data folder. Reads what is installed; opens nothing yet. Generators keep deadlines by
    /// the clock.
    pub fn of_shelf(data_dir: &Path, wishes: Wishes, clock: &Arc<dyn Clock>) -> Engines {
        let shelf = Shelf::open(data_dir);
        let beside = Beside::on(&shelf, wishes, clock);
        // A generator that holds more is given more to read.
        let mut engines = Engines::none().with_others(beside).with_setup(format!("context {}", wishes.context));
        for kind in Kind::ALL {
            if kind == Kind::Reranker && !wishes.reranks {
                continue;
            }
            let installed = match shelf.chosen(kind) {
                Ok(Some(installed)) => installed,
                Ok(None) => continue,
                Err(error) => {
                    engines = engines.with_trouble(error.into());
                    continue;
                }
            };
            let (choice, clock) = (choice(&installed), Arc::clone(clock));
            engines = match kind {
                Kind::Embedder => engines.with_embedder(choice, move || {
                    Ok(open_embedder(encoder_source(&installed), threads(), Arc::clone(&clock))?)
                }),
                Kind::Reranker => engines.with_reranker(choice, move || {
                    Ok(open_reranker(encoder_source(&installed), threads(), Arc::clone(&clock))?)
                }),
                Kind::Generator => engines.with_generator(choice, move || open_writer(&installed, wishes, &clock)),
            };
        }
        engines
    }
}

fn open_writer(installed: &Installed, wishes: Wishes, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Generator>> {
    let source = generator_source(installed, wishes.context, wishes.memory)?;
    Ok(open_generator(source, threads(), Arc::clone(clock))?)
}

impl Beside {
    /// Those that callers ask for by name. They are looked for anew each time: one may have been brought meanwhile.
    pub(super) fn on(shelf: &Shelf, wishes: Wishes, clock: &Arc<dyn Clock>) -> Beside {
        let (to_write, to_embed) = (shelf.clone(), shelf.clone());
        let (clock, its_clock) = (Arc::clone(clock), Arc::clone(clock));
        let generators = Pool::new(move |name| {
            let (found, clock) = (whole(&to_write, name, Kind::Generator)?, Arc::clone(&clock));
            let choice = choice(&found);
            Ok(Found { choice, open: Box::new(move || open_writer(&found, wishes, &clock)) })
        });
        let embedders = Pool::new(move |name| {
            let (found, clock) = (whole(&to_embed, name, Kind::Embedder)?, Arc::clone(&its_clock));
            let choice = choice(&found);
            Ok(Found { choice, open: Box::new(move || Ok(open_embedder(encoder_source(&found), threads(), clock)?)) })
        });
        let (generators, embedders) = (Arc::new(generators), Arc::new(embedders));
        Beside { shelf: shelf.clone(), generators, embedders, heads: Heads::default() }
    }
}

fn whole(shelf: &Shelf, name: &str, kind: Kind) -> Result<Installed> {
    let found = installed(shelf, name)?;
    if found.kind != kind {
        let what = format!("{} is a {}, and a {kind} is needed here", found.name, found.kind);
        return Err(Fault::caller("wrong_kind_of_model", what).hint("`docent models list` shows those of each kind"));
    }
    found.has_its_files()?;
    Ok(found)
}

fn choice(installed: &Installed) -> Choice {
    Choice {
        name: installed.name.clone(),
        id: installed.identity.clone(),
        languages: languages(&installed.entry.languages),
    }
}

/// `multi` stands for more than anybody lists, `nb` is a Norwegian, and a country behind a tag changes nothing here.
fn languages(tags: &[String]) -> Vec<Language> {
    if tags.iter().any(|tag| tag == "multi") {
        return Language::KNOWN.to_vec();
    }
    let tag = |tag: &String| match tag.split('-').next().unwrap_or_default() {
        "nb" | "nn" => Some(Language::Norwegian),
        plain => Language::from_tag(plain),
    };
    tags.iter().filter_map(tag).collect()
}

/// Where a model's files are, and what they do not say.
pub fn encoder_source(installed: &Installed) -> EncoderSource {
    let entry = &installed.entry;
    EncoderSource {
        id: installed.identity.clone(),
        folder: installed.folder.clone(),
        max_tokens: entry.max_tokens,
        query_prefix: entry.query_prefix.clone(),
        passage_prefix: entry.passage_prefix.clone(),
        pooling: entry.pooling.map(|pooling| match pooling {
            Pooling::Mean => inference::Pooling::Mean,
            Pooling::Cls => inference::Pooling::Cls,
        }),
        normalize: entry.normalize,
    }
}

/// Where a generator's file is, and what it does not say.
pub fn generator_source(installed: &Installed, context: usize, memory: u64) -> Result<GeneratorSource> {
    let path = |wanted: &dyn Fn(&str) -> bool| {
        let file = installed.files.iter().find(|file| wanted(&file.name.to_ascii_lowercase()))?;
        Some(installed.folder.join(&file.name))
    };
    let Some(weights) = path(&|name| name.ends_with(".gguf")) else {
        let what = format!("{} has no GGUF file, and generators are run from one", installed.name);
        return Err(Fault::caller("model_unsupported", what).hint("choose another with `docent models use NAME`"));
    };
    let entry = &installed.entry;
    Ok(GeneratorSource {
        id: installed.identity.clone(),
        weights,
        tokenizer: path(&|name| name == "tokenizer.json"),
        chat_template: entry.chat_template.clone(),
        stop: entry.stop.clone(),
        context: entry.context.map_or(context, |made_for| made_for.min(context)),
        memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_models_become_languages() {
        let of = |tags: &[&str]| languages(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["en", "nb", "zh-cn", "gu"]), [Language::English, Language::Norwegian, Language::Chinese]);
        assert_eq!(of(&["multi"]), Language::KNOWN);
        assert_eq!(of(&[]), []);
    }

    fn empty(folder: &Path) -> Engines {
        let wishes = Wishes { reranks: true, context: 4096, memory: 1 << 20 };
        let clock: Arc<dyn Clock> = Arc::new(crate::clock::SystemClock);
        Engines::of_shelf(folder, wishes, &clock)
    }

    #[test]
    fn an_empty_shelf_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let engines = empty(folder.path());
        assert!(engines.embedder_choice().is_none() && engines.reranker_choice().is_none());
        assert!(engines.generator_choice().is_none());
        assert!(engines.take_troubles().is_empty());
    }
    #[test]
    fn a_name_that_is_not_on_the_shelf_is_said_with_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let engines = empty(folder.path());
        let fault = engines.lend_generator(Some("nonsense-7B")).err().unwrap();
        assert_eq!((fault.code, fault.what.as_str()), ("no_such_model", "there is no model \"nonsense-7B\""));
        assert!(fault.hint.unwrap().contains("no model is installed"));
        let fault = engines.lend_embedder(Some("all-MiniLM-L6-v2")).err().unwrap();
        assert_eq!(fault.code, "model_not_installed");
        assert!(engines.models().is_empty() && engines.opened().is_empty());
    }
}
