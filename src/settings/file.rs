//! What does `docent.toml` say? Keys and lines only; what the values mean is checked with all the others.

use std::io;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value};

use super::error::SettingsError;
use super::keys::{KEYS, nearest};
use super::layers::{Given, Layers, Origin};

/// Says whether the file is there.
pub(super) fn put_into(layers: &mut Layers, path: &Path, must_exist: bool) -> Result<bool, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => return Ok(false),
        Err(source) => return Err(SettingsError::Unreadable { path: path.to_owned(), source }),
    };
    let file = File { path, text: &text };
    let document = Document::parse(text.as_str()).map_err(|error| SettingsError::Syntax {
        path: path.to_owned(),
        line: file.line(error.span().map_or(0, |span| span.start)),
        source: error,
    })?;
    file.walk(document.as_table(), "", layers)?;
    Ok(true)
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn walk(&self, table: &dyn TableLike, prefix: &str, layers: &mut Layers) -> Result<(), SettingsError> {
        for (name, item) in table.iter() {
            let full = format!("{prefix}{name}");
            let start = table.key(name).and_then(|key| key.span()).or_else(|| item.span()).map_or(0, |span| span.start);
            let line = self.line(start);
            let known = KEYS.iter().find(|key| key.name == full);
            match (known, item.as_table_like()) {
                (None, Some(inner)) => self.walk(inner, &format!("{full}."), layers)?,
                (None, None) => {
                    let nearest = nearest(&full, KEYS.iter().map(|key| key.name));
                    return Err(SettingsError::UnknownKey { path: self.path.to_owned(), line, key: full, nearest });
                }
                (Some(key), _) if key.name == "data_dir" => {
                    return Err(SettingsError::FolderInFile { path: self.path.to_owned(), line });
                }
                (Some(key), _) => {
                    let origin = Origin::File { path: self.path.to_owned(), line };
                    layers.put(key.name, Given { text: self.written(item).into(), origin });
                }
            }
        }
        Ok(())
    }

    /// A list or a date is nobody's value: it goes on as it was written, and its key refuses it by name.
    fn written(&self, item: &Item) -> String {
        match item {
            Item::Value(Value::String(text)) => text.value().clone(),
            Item::Value(Value::Integer(number)) => number.value().to_string(),
            item => item.span().and_then(|span| self.text.get(span)).unwrap_or_default().to_owned(),
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.text.bytes().take(byte).filter(|&byte| byte == b'\n').count() + 1
    }
}
