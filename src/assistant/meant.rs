//! Which documents does a person mean by what they typed?

use crate::domain::Document;
use crate::fault::Result;
use crate::library::Snapshot;

/// By an id, a source, one of the paths that it may stand for, or the beginning of an id; the first of these that finds
/// something.
pub fn documents_meant(snapshot: &Snapshot, typed: &str, paths: &[String]) -> Result<Vec<Document>> {
    let mut found = snapshot.find(typed)?;
    for path in paths {
        if found.is_empty() && !typed.is_empty() {
            found = snapshot.find(path)?;
        }
    }
    if found.is_empty() && !typed.is_empty() {
        found = snapshot.documents(None)?;
        found.retain(|document| document.id.as_str().starts_with(typed));
    }
    Ok(found)
}
