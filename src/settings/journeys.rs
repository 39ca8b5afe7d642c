//! Journeys as the settings have them; whoever starts one changes what the asker said.

use std::sync::Arc;

use super::Settings;
use crate::assistant::{AddOptions, Depth, Engines, Query, Question, Wishes, Writing};
use crate::cache::Cache;
use crate::clock::Clock;
use crate::domain::CollectionName;
use crate::models::Network;
use crate::read::Limits;
use crate::text::Cut;

impl Settings {
    pub fn question(&self, text: String) -> Question {
        Question {
            k: self.search_k.value.get(),
            mode: self.search_mode.value,
            certainty: self.certainty(),
            timeout: self.ask_timeout.value.get(),
            writing: Some(Writing {
                prompt_tokens: self.ask_prompt_tokens.value.get(),
                max_tokens: self.ask_max_tokens.value.get(),
                temperature: self.ask_temperature.value.get(),
                ..Writing::default()
            }),
            ..Question::new(text)
        }
    }

    pub fn query(&self, text: String) -> Query {
        Query { text, collection: None, k: self.search_k.value.get(), mode: self.search_mode.value }
    }

    /// A share where the setting is in percent.
    pub fn certainty(&self) -> f32 {
        self.ask_certainty.value.get() as f32 / 100.0
    }

    pub fn adding(&self, collection: Option<CollectionName>, engines: Engines) -> AddOptions {
        AddOptions {
            collection: collection.unwrap_or_else(|| self.add_collection.value.clone()),
            depth: Depth::Direct,
            limits: self.limits(),
            cut: self.cut(),
            engines,
        }
    }

    pub fn limits(&self) -> Limits {
        Limits { file_bytes: self.read_max_file_bytes.value.0, ..Limits::default() }
    }

    pub fn cut(&self) -> Cut {
        Cut { limit: self.chunk_words.value.get(), overlap: self.chunk_overlap.value.get() }
    }

    /// How models are brought.
    pub fn network(&self) -> Network {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Network {
            offline: self.offline.value,
            endpoint: self.models_endpoint.value.get().unwrap_or_default().to_owned(),
            token: text(self.models_token.value.get()),
            http_proxy: text(self.models_http_proxy.value.get()),
            https_proxy: text(self.models_https_proxy.value.get()),
            no_proxy: text(self.models_no_proxy.value.get()),
            timeout: self.models_timeout.value,
            retries: u32::try_from(self.models_retries.value.get()).unwrap_or(u32::MAX),
        }
    }

    /// The models that were chosen in the data folder, and what is remembered there.
    pub fn engines(&self, clock: &Arc<dyn Clock>) -> Engines {
        self.engines_with(Cache::open(self.cache_setup(), Arc::clone(clock)), clock)
    }

    /// The same models with another cache.
    pub fn engines_with(&self, cache: Cache, clock: &Arc<dyn Clock>) -> Engines {
        let wishes = Wishes {
            reranks: self.search_rerank.value,
            context: self.generator_context.value.get(),
            memory: self.generator_memory.value.0,
        };
        Engines::of_shelf(&self.data_dir.value, wishes, clock).with_cache(cache).with_likeness(self.likeness())
    }
}
