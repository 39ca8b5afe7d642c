//! Documents on their way in: written to disk while they come, under names of ours, never under one that a client gave.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::assistant::{Sending, Sent};
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::http::body::{late, too_large};

use super::words::{collection, source};

/// What came in one call. The files go when this does.
#[derive(Debug)]
pub(super) struct Upload {
    pub sent: Vec<Sent>,
    pub collection: Option<CollectionName>,
    pub bytes: u64,
    _folder: TempDir,
}

/// In the data folder; what a killed server left is cleared away by the next.
pub(in crate::http) const PREFIX: &str = ".upload-";
const MOST_FILES: usize = 1000;
/// Of a field that is no file.
const LONGEST_WORD: usize = 1024;
/// Nothing comes for so long: the client is gone.
const SILENCE: Duration = Duration::from_secs(30);
/// Of all together.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// `largest` is how many bytes all files may have together.
pub(super) async fn receive(form: Multipart, data: &Path, largest: u64) -> Result<Upload> {
    timeout(LONGEST, take(form, data, largest)).await.unwrap_or_else(|_| Err(late()))
}

async fn take(mut form: Multipart, data: &Path, largest: u64) -> Result<Upload> {
    let refused = |error| unwritable(data, error);
    let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(data).map_err(refused)?;
    let mut upload = Upload { sent: Vec::new(), collection: None, bytes: 0, _folder: folder };
    let mut title = None;
    while let Some(field) = within(form.next_field()).await? {
        match field.name().unwrap_or_default() {
            "file" | "files" | "file[]" | "files[]" => {
                if upload.sent.len() >= MOST_FILES {
                    return Err(Fault::caller("too_many_files", format!("more than {MOST_FILES} files in one call"))
                        .hint("send them in several calls"));
                }
                let name = source(field.file_name().unwrap_or_default());
                let path = upload._folder.path().join(upload.sent.len().to_string());
                upload.bytes += write(field, &path, largest - upload.bytes, largest).await?;
                upload.sent.push(Sent { source: name, title: None, content: Sending::File(path) });
            }
            "collection" => upload.collection = collection(Some(&word(field).await?))?,
            "title" => title = Some(word(field).await?),
            // Forms hold other things too.
            _ => drop(word(field).await?),
        }
    }
    if let [only] = upload.sent.as_mut_slice() {
        only.title = title.filter(|title| !title.trim().is_empty());
    }
    if upload.sent.is_empty() {
        return Err(Fault::caller("no_file", "no file was sent").hint("send it in a field called `file`"));
    }
    Ok(upload)
}

async fn write(mut field: Field<'_>, path: &PathBuf, room: u64, largest: u64) -> Result<u64> {
    let refused = |error| unwritable(path, error);
    let mut file = tokio::fs::File::create_new(path).await.map_err(refused)?;
    let mut bytes = 0;
    while let Some(piece) = within(field.chunk()).await? {
        bytes += piece.len() as u64;
        if bytes > room {
            return Err(too_large(usize::try_from(largest).unwrap_or(usize::MAX)));
        }
        file.write_all(&piece).await.map_err(refused)?;
    }
    file.flush().await.map_err(refused)?;
    Ok(bytes)
}

async fn word(mut field: Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = within(field.chunk()).await? {
        if bytes.len() + piece.len() > LONGEST_WORD {
            return Err(Fault::caller("field_too_long", format!("a field has more than {LONGEST_WORD} bytes"))
                .hint("files are sent in a field called `file`"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|error| {
        Fault::caller("bad_field", "a field is not UTF-8").hint("send names and titles in UTF-8").because_of(error)
    })
}

async fn within<T>(coming: impl Future<Output = Result<T, MultipartError>>) -> Result<T> {
    match timeout(SILENCE, coming).await {
        Ok(came) => came.map_err(|error| {
            let fault = Fault::caller("body_broken", "the form broke off, or the head of a field is damaged");
            fault.hint("send it again").because_of(error)
        }),
        Err(_) => Err(late()),
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Fault {
    let (code, why) = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ("disk_full", ": the disk is full"),
        _ => ("upload_unwritable", ""),
    };
    Fault::machine(code, format!("what was sent cannot be written in {}{why}", path.display()))
        .hint("whoever runs the server has to make room")
        .because_of(error)
}
