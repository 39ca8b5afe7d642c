//! The shapes that `--json` writes: clients rely on their names. Those that the server answers with too are in [`wire`](crate::wire).

mod bench;
mod checks;
mod models;

pub(super) use crate::wire::{DemoJson, DocumentJson, ReportJson};
pub(super) use bench::{BenchJson, write_json};
pub(super) use checks::{CheckJson, DoctorJson, SettingJson};
pub(super) use models::{CheckedJson, ExportedJson, ModelJson, ModelState, PulledJson, RemovedJson, VerifiedJson};
