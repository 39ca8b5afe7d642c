//! The shapes that `--json` writes: clients rely on their names.

mod answers;
mod bench;
mod library;
mod models;
mod scores;

pub(super) use answers::{AnswerJson, DemoJson, PassageJson};
pub(super) use bench::{BenchJson, write_json};
pub(super) use library::{CheckJson, DoctorJson, DocumentJson, EmbedJson, ReportJson, SettingJson};
pub(super) use models::{CheckedJson, ExportedJson, ModelJson, ModelState, PulledJson, RemovedJson, VerifiedJson};
pub(super) use scores::ScoresJson;
