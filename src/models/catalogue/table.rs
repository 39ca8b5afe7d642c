//! One table of a catalogue becomes an [`Entry`], or an error that names the line.

use std::ops::Range;
use std::path::Path;

use toml_edit::{Item, TableLike, Value};

use super::nearest;
use crate::models::error::{ModelsError, Result};
use crate::models::files::{is_inside, is_model_name};
use crate::models::{Entry, FileFact, Format, Kind, Pooling, Sum};

const KEYS: [&str; 17] = [
    "kind",
    "default",
    "repo",
    "revision",
    "files",
    "licence",
    "languages",
    "context",
    "format",
    "dimensions",
    "pooling",
    "normalize",
    "max_tokens",
    "query_prefix",
    "passage_prefix",
    "architecture",
    "chat_template",
];
const STOP: &str = "stop";

/// A catalogue's file, to say on which line something stands.
pub(super) struct Text<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Text<'_> {
    pub(super) fn wrong(&self, byte: usize, why: impl Into<String>) -> ModelsError {
        let line = self.text.bytes().take(byte).filter(|&byte| byte == b'\n').count() + 1;
        ModelsError::Catalogue { path: self.path.to_owned(), line, why: why.into() }
    }

    pub(super) fn entry(&self, name: &str, item: &Item, at: usize) -> Result<Entry> {
        if !is_model_name(name) {
            return Err(self.wrong(at, format!("{name:?} cannot be a model's name")));
        }
        let Some(table) = item.as_table_like() else {
            return Err(self.wrong(at, format!("{name} is no table; a model begins with [\"{name}\"]")));
        };
        let table = Table { text: self, name, table, at };
        table.knows_its_keys()?;
        let kind = table.kind()?;
        let mut entry = Entry::new(name, kind);
        entry.format = table.choice("format", &FORMATS)?.unwrap_or(entry.format);
        entry.is_default = table.flag("default")?.unwrap_or(false);
        entry.repo = table.checked("repo", is_repo, "a repository, such as \"owner/name\"")?;
        entry.revision = table.checked("revision", is_commit, "a commit, 40 hexadecimal digits")?;
        entry.licence = table.text("licence")?;
        entry.languages = table.texts("languages")?;
        entry.context = table.number("context")?;
        entry.max_tokens = table.number("max_tokens")?;
        entry.dimensions = table.number("dimensions")?;
        entry.pooling = table.choice("pooling", &POOLINGS)?;
        entry.normalize = table.flag("normalize")?.unwrap_or(true);
        entry.query_prefix = table.text("query_prefix")?.unwrap_or_default();
        entry.passage_prefix = table.text("passage_prefix")?.unwrap_or_default();
        entry.architecture = table.text("architecture")?;
        entry.chat_template = table.text("chat_template")?;
        entry.stop = table.texts(STOP)?;
        entry.files = table.files(kind)?;
        table.fits(&entry)?;
        Ok(entry)
    }
}

const KINDS: [(&str, Kind); 3] =
    [("embedder", Kind::Embedder), ("reranker", Kind::Reranker), ("generator", Kind::Generator)];
const FORMATS: [(&str, Format); 2] = [("safetensors", Format::Safetensors), ("gguf", Format::Gguf)];
const POOLINGS: [(&str, Pooling); 2] = [("mean", Pooling::Mean), ("cls", Pooling::Cls)];

/// `owner/name` as hubs write it.
fn is_repo(text: &str) -> bool {
    text.split('/').count() == 2 && text.split('/').all(is_model_name)
}

pub(in crate::models) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

struct Table<'a> {
    text: &'a Text<'a>,
    name: &'a str,
    table: &'a dyn TableLike,
    at: usize,
}

impl Table<'_> {
    fn wrong(&self, span: Option<Range<usize>>, why: String) -> ModelsError {
        self.text.wrong(span.map_or(self.at, |span| span.start), why)
    }

    fn knows_its_keys(&self) -> Result<()> {
        for (key, item) in self.table.iter() {
            if !KEYS.contains(&key) && key != STOP {
                let at = self.table.key(key).and_then(|key| key.span()).or_else(|| item.span());
                let nearest = nearest(key, KEYS.iter().copied().chain([STOP]));
                let meant = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
                return Err(self.wrong(at, format!("a model has no {key:?}{meant}")));
            }
        }
        Ok(())
    }

    /// The value under `key`, read by `read`.
    fn get<T>(&self, key: &str, expects: &str, read: impl FnOnce(&Item) -> Option<T>) -> Result<Option<T>> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        match read(item) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(item.span(), format!("{key} of {} must be {expects}", self.name))),
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>> {
        self.get(key, "a text in quotes", |item| item.as_str().map(str::to_owned))
    }

    fn checked(&self, key: &str, holds: fn(&str) -> bool, expects: &str) -> Result<Option<String>> {
        self.get(key, expects, |item| item.as_str().filter(|text| holds(text)).map(str::to_owned))
    }

    fn texts(&self, key: &str) -> Result<Vec<String>> {
        let read = |item: &Item| {
            item.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        Ok(self.get(key, "a list of texts", read)?.unwrap_or_default())
    }

    fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.get(key, "true or false", Item::as_bool)
    }

    fn number(&self, key: &str) -> Result<Option<usize>> {
        let read = |item: &Item| item.as_integer().and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
        self.get(key, "a whole number above 0", read)
    }

    fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let read = |item: &Item| {
            let text = item.as_str()?;
            choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
        };
        self.get(key, &format!("one of {}", names.join(", ")), read)
    }

    fn kind(&self) -> Result<Kind> {
        self.choice("kind", &KINDS)?.ok_or_else(|| self.wrong(None, format!("{} has no kind", self.name)))
    }

    fn files(&self, kind: Kind) -> Result<Vec<FileFact>> {
        let Some(item) = self.table.get("files") else {
            let files = if kind == Kind::Generator { Vec::new() } else { Entry::encoder_files(kind) };
            return Ok(files);
        };
        let Some(list) = item.as_array() else {
            return Err(self.wrong(item.span(), format!("files of {} must be a list", self.name)));
        };
        list.iter().map(|value| self.file(value)).collect()
    }

    fn file(&self, value: &Value) -> Result<FileFact> {
        let wrong = |why: &str| self.wrong(value.span(), format!("a file of {} {why}", self.name));
        let Some(table) = value.as_inline_table() else {
            return Err(wrong("must be written { name = \"…\", bytes = …, sha256 = \"…\" }"));
        };
        if let Some((key, _)) = table.iter().find(|(key, _)| !["name", "bytes", "sha256", "optional"].contains(key)) {
            return Err(wrong(&format!("has no {key:?}")));
        }
        let name = table.get("name").and_then(Value::as_str).filter(|name| is_inside(name));
        let name = name.ok_or_else(|| wrong("needs a name that stays in the model's folder"))?;
        let mut file = FileFact::named(name, false);
        if let Some(bytes) = table.get("bytes") {
            let bytes = bytes.as_integer().and_then(|bytes| u64::try_from(bytes).ok());
            file.bytes = Some(bytes.ok_or_else(|| wrong("has bytes that are no whole number"))?);
        }
        if let Some(sum) = table.get("sha256") {
            let sum = sum.as_str().and_then(Sum::parse);
            file.sha256 = Some(sum.ok_or_else(|| wrong("has a sha256 that is not 64 hexadecimal digits"))?);
        }
        if let Some(optional) = table.get("optional") {
            file.optional = optional.as_bool().ok_or_else(|| wrong("has optional that is not true or false"))?;
        }
        Ok(file)
    }

    /// What no single value can know.
    fn fits(&self, entry: &Entry) -> Result<()> {
        let needed = |name: &str| entry.files.iter().any(|file| file.name == name && !file.optional);
        let (format, name) = (entry.format.name(), self.name);
        match (entry.kind, entry.format) {
            (Kind::Generator, Format::Gguf) => {
                let weights = entry.files.iter().filter(|file| file.name.ends_with(".gguf") && !file.optional).count();
                if weights != 1 {
                    return Err(self.wrong(None, format!("{name} needs exactly one file that ends in .gguf")));
                }
            }
            (Kind::Embedder | Kind::Reranker, Format::Safetensors) => {
                for file in ["config.json", "tokenizer.json", "model.safetensors"] {
                    if !needed(file) {
                        return Err(self.wrong(None, format!("{name} needs the file {file}")));
                    }
                }
            }
            (kind, _) => return Err(self.wrong(None, format!("{name}: no {kind} is kept as {format}"))),
        }
        let mut names: Vec<String> = entry.files.iter().map(|file| file.name.to_ascii_lowercase()).collect();
        names.sort();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.wrong(None, format!("{name} names the file {} twice", pair[0]))),
            None => Ok(()),
        }
    }
}
