//! Checks and settings as `--json` writes them.

use serde::Serialize;
use serde::ser::Serializer;

use crate::settings::{Entry, Plain};

#[derive(Debug, Serialize)]
pub(in crate::cli) struct DoctorJson {
    pub ok: bool,
    pub checks: Vec<CheckJson>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct CheckJson {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
    pub hint: Option<String>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct SettingJson {
    key: &'static str,
    #[serde(serialize_with = "plain")]
    value: Plain,
    origin: String,
    help: &'static str,
    variable: String,
}

impl From<&Entry> for SettingJson {
    fn from(entry: &Entry) -> SettingJson {
        SettingJson {
            key: entry.key.name,
            value: entry.value.clone(),
            origin: entry.origin.to_string(),
            help: entry.key.help,
            variable: entry.key.variable(),
        }
    }
}

fn plain<S: Serializer>(value: &Plain, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Plain::Flag(value) => serializer.serialize_bool(*value),
        Plain::Number(value) => serializer.serialize_u64(*value),
        Plain::Text(value) => serializer.serialize_str(value),
    }
}
