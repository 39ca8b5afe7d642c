//! The shapes that `--json` writes: clients rely on their names.

mod library;

pub(super) use library::{CheckJson, DoctorJson, DocumentJson, SettingJson};
