//! From what stands on the shelf of models to what the product works with.

use std::path::Path;

use super::engines::{Choice, Engines, threads};
use crate::domain::Language;
use crate::inference::{self, EncoderSource, open_embedder, open_reranker};
use crate::models::{Installed, Kind, Pooling, Shelf};

/// Whether a reranker that was chosen is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerank {
    On,
    Off,
}

impl Engines {
    /// Those that were chosen in this data folder. Reads what is installed; opens nothing yet.
    pub fn of_shelf(data_dir: &Path, rerank: Rerank) -> Engines {
        let shelf = Shelf::open(data_dir);
        let mut engines = Engines::none();
        match shelf.chosen(Kind::Embedder) {
            Ok(Some(installed)) => {
                let choice = choice(&installed);
                engines =
                    engines.with_embedder(choice, move || Ok(open_embedder(encoder_source(&installed), threads())?));
            }
            Ok(None) => {}
            Err(error) => engines = engines.with_trouble(error.into()),
        }
        if rerank == Rerank::Off {
            return engines;
        }
        match shelf.chosen(Kind::Reranker) {
            Ok(Some(installed)) => {
                let choice = choice(&installed);
                engines.with_reranker(choice, move || Ok(open_reranker(encoder_source(&installed), threads())?))
            }
            Ok(None) => engines,
            Err(error) => engines.with_trouble(error.into()),
        }
    }
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

    #[test]
    fn an_empty_shelf_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let engines = Engines::of_shelf(folder.path(), Rerank::On);
        assert!(engines.embedder_choice().is_none() && engines.reranker_choice().is_none());
        assert!(engines.take_troubles().is_empty());
    }
}
