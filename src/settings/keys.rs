//! Which settings are there? One table: from it come the typed values, the variables' names and `docent config show`.

use std::path::PathBuf;
use std::time::Duration;

use super::error::SettingsError;
use super::lasting::Lasting;
use super::layers::{Layers, Origin, Setting};
use super::text::{Secret, Text};
use super::value::{Bytes, Count, LogLevel, Plain, Temperature, Value, Within};
use crate::assistant::{Mode, Schedule, TIMEOUT};
use crate::cache::{Setup, Space};
use crate::domain::CollectionName;
use crate::prompt::Budget;
use crate::rank::CERTAINTY;
use crate::read::Limits;
use crate::text::Cut;

/// A key that may be set.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub help: &'static str,
}

impl Key {
    /// `search.k` is `DOCENT_SEARCH_K`; the log's is short because it is typed by hand.
    pub fn variable(&self) -> String {
        let name = if self.name == "log.level" { "log" } else { self.name };
        format!("DOCENT_{}", name.replace('.', "_").to_ascii_uppercase())
    }
}

/// One line of `docent config show`.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: &'static Key,
    pub value: Plain,
    pub origin: Origin,
}

macro_rules! settings {
    (data_dir: $folder_help:literal; $(#[doc = $help:literal] $field:ident: $type:ty = $name:literal, $default:expr;)*) => {
        /// Everything that can be set, checked.
        #[derive(Clone, Debug)]
        pub struct Settings {
            #[doc = $folder_help]
            pub data_dir: Setting<PathBuf>,
            $(#[doc = $help] pub $field: Setting<$type>,)*
            /// Where settings are looked for, and whether the file is there.
            pub file: (PathBuf, bool),
        }

        pub const KEYS: &[Key] = &[
            Key { name: "data_dir", help: $folder_help },
            $(Key { name: $name, help: $help },)*
        ];

        impl Settings {
            pub(super) fn resolve(
                layers: &mut Layers,
                data_dir: Setting<PathBuf>,
                file: PathBuf,
                is_there: bool,
            ) -> Result<Settings, SettingsError> {
                Ok(Settings { data_dir, $($field: layers.take($name, || Some($default))?,)* file: (file, is_there) })
            }

            /// In the order of [`KEYS`].
            pub fn entries(&self) -> Vec<Entry> {
                let shown = [
                    (self.data_dir.value.plain(), &self.data_dir.origin),
                    $((self.$field.value.plain(), &self.$field.origin),)*
                ];
                KEYS.iter().zip(shown).map(|(key, (value, origin))| Entry { key, value, origin: origin.clone() }).collect()
            }
        }
    };
}

settings! {
    data_dir: "The folder that holds the library";
    /// Opens no connection to anything but this machine
    offline: bool = "offline", false;
    /// What is logged to stderr
    log_level: LogLevel = "log.level", LogLevel::Warn;
    /// Where documents go when no collection is named
    add_collection: CollectionName = "add.collection", CollectionName::default();
    /// Files larger than this are refused
    read_max_file_bytes: Bytes = "read.max_file_bytes", Bytes(Limits::default().file_bytes);
    /// Words in a passage, at most
    chunk_words: Count<20, 2000> = "chunk.words", Count::nearest(Cut::default().limit);
    /// Words that neighbouring passages share, at most
    chunk_overlap: Count<0, 1000> = "chunk.overlap", Count::nearest(Cut::default().overlap);
    /// How many passages are found for a query or a question
    search_k: Count<1, 100> = "search.k", Count::nearest(5);
    /// How they are found: by words, by meaning (needs an embedder), or by both as far as they are there
    search_mode: Mode = "search.mode", Mode::Hybrid;
    /// Whether the best passages are read again by the reranker, where one was chosen
    search_rerank: bool = "search.rerank", true;
    /// How much of what was found, answered or embedded is remembered in memory
    cache_memory: Bytes = "cache.memory", Bytes(Setup::MEMORY);
    /// How much of it is remembered on disk, in cache.redb in the data folder
    cache_disk: Bytes = "cache.disk", Bytes(Setup::DISK);
    /// How long a search is remembered, as long as the documents stay the same; 0s never
    cache_search: Lasting = "cache.search", Lasting::of(Space::SEARCH);
    /// How long a context is remembered
    cache_context: Lasting = "cache.context", Lasting::of(Space::CONTEXT);
    /// How long an answer is remembered, and what a model wrote
    cache_answer: Lasting = "cache.answer", Lasting::of(Space::ANSWER);
    /// From which likeness on, in percent, a question in other words gets the answer to one that asks the same; 0 never
    cache_likeness: Count<0, 100> = "cache.likeness", Count::nearest(0);
    /// When a running server makes all topics ready by itself: off, 30m, or daily 06:30 (in UTC)
    prefetch_schedule: Schedule = "prefetch.schedule", Schedule::Never;
    /// How many of the most asked questions a running server makes ready again after the documents changed
    prefetch_popular: Count<0, 500> = "prefetch.popular", Count::nearest(20);
    /// How sure docent must be that the documents answer, in percent; below it says that nothing answers
    ask_certainty: Count<0, 100> = "ask.certainty", Count::nearest((CERTAINTY * 100.0) as usize);
    /// When an answer has to be there, whoever makes it
    ask_timeout: Within<1, 600> = "ask.timeout", Within::nearest(TIMEOUT);
    /// How long an answer may be that a model writes, in tokens
    ask_max_tokens: Count<1, 8192> = "ask.max_tokens", Count::nearest(Budget::ANSWER);
    /// How freely a model chooses its words, from 0 to 2; 0 always writes the same
    ask_temperature: Temperature = "ask.temperature", Temperature::default();
    /// How much a model is given to read, in tokens: more takes longer before the first word
    ask_prompt_tokens: Count<256, 65536> = "ask.prompt_tokens", Count::nearest(Budget::AIM);
    /// How many tokens a generator holds at once, prompt and answer together
    generator_context: Count<512, 131072> = "generator.context", Count::nearest(4096);
    /// How much memory a generator may use to remember what it has read
    generator_memory: Bytes = "generator.memory", Bytes(512 << 20);
    /// Where models are pulled from: the hub, or a mirror of it [also: HF_ENDPOINT]
    models_endpoint: Text = "models.endpoint", Text::new("https://huggingface.co");
    /// A token for models whose licence has to be accepted first [also: HF_TOKEN]
    models_token: Secret = "models.token", Secret::default();
    /// The proxy for https addresses [also: HTTPS_PROXY, ALL_PROXY]
    models_https_proxy: Text = "models.https_proxy", Text::default();
    /// The proxy for http addresses [also: HTTP_PROXY, ALL_PROXY]
    models_http_proxy: Text = "models.http_proxy", Text::default();
    /// Hosts that are reached without a proxy, with commas between [also: NO_PROXY]
    models_no_proxy: Text = "models.no_proxy", Text::default();
    /// How long a connection may say nothing; a slow one may take as long as it needs
    models_timeout: Duration = "models.timeout", Duration::from_secs(30);
    /// How often a failed connection is tried again
    models_retries: Count<0, 100> = "models.retries", Count::nearest(5);
    /// Where the server listens
    server_addr: Text = "server.addr", Text::new("127.0.0.1:7700");
    /// What clients of the server have to show, or its BLAKE3 as "blake3:HEX"; without one, whoever is on this machine may ask
    server_token: Secret = "server.token", Secret::default();
    /// What its administrators have to show, in the same forms
    server_admin_token: Secret = "server.admin_token", Secret::default();
    /// Names under which it is reached, with commas between; addresses and localhost always serve
    server_hosts: Text = "server.hosts", Text::default();
    /// Web pages of these origins may call it, with commas between
    server_origins: Text = "server.origins", Text::default();
    /// Reverse proxies whose X-Forwarded-For is believed: addresses, with commas between
    server_proxies: Text = "server.proxies", Text::default();
    /// How many answers a client may have generated in a minute; 0: as many as it likes
    server_rate: Count<0, 1000000> = "server.rate", Count::nearest(10);
    /// Uploads larger than this are refused
    server_upload: Bytes = "server.upload", Bytes(64 << 20);
    /// How many questions are worked at, at once
    server_asks: Count<1, 1000> = "server.asks", Count::nearest(32);
    /// How many may wait for that; more are told to come back later
    server_waiting: Count<0, 10000> = "server.waiting", Count::nearest(64);
    /// How many connections are open at once
    server_connections: Count<1, 100000> = "server.connections", Count::nearest(1024);
    /// The certificates (a PEM file) with which it speaks TLS
    server_tls_cert: Text = "server.tls_cert", Text::default();
    /// The private key that belongs to them
    server_tls_key: Text = "server.tls_key", Text::default();
    /// Whether it logs a line for every call
    server_access_log: bool = "server.access_log", false;
    /// How long answers may go on after it was told to end
    server_shutdown: Duration = "server.shutdown", Duration::from_secs(20);
}

/// The key that a typing error probably meant.
pub(super) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::normalized_damerau_levenshtein(typed, name), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_variables_are_unique() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        names.extend(KEYS.iter().map(Key::variable));
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn typing_errors_find_their_key_and_nonsense_finds_none() {
        let names = || KEYS.iter().map(|key| key.name);
        assert_eq!(nearest("chunk.word", names()), Some("chunk.words"));
        assert_eq!(nearest("add.colection", names()), Some("add.collection"));
        assert_eq!(nearest("colour", names()), None);
    }
}
