//! Documents from those who have no file here: bytes or text under a name of their own. Durable when it is said.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::add::{AddOptions, Outcome};
use super::prepare::{Desk, Incoming, Prepared};
use super::stage::{Embedded, Load, Stage};
use crate::clock::Clock;
use crate::domain::DocumentId;
use crate::fault::{Fault, Result};
use crate::library::{Draft, Library, Put};
use crate::text::Analysers;

/// A document that somebody sends.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What it is called from now on; the same source again updates it.
    pub source: String,
    /// `None`: its own title, or its name.
    pub title: Option<String>,
    pub content: Sending,
}

#[derive(Clone, Debug)]
pub enum Sending {
    Text(String),
    /// Where its bytes lie for now.
    File(PathBuf),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: DocumentId,
    pub outcome: Outcome,
}

/// What is written together.
const GROUP_BYTES: usize = 8 << 20;

/// In the order in which they were sent. `progress` is told how many are through; those behind a stop are not there.
pub fn put(
    library: &Library,
    sent: Vec<Sent>,
    options: &AddOptions,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(u64),
    stop: &AtomicBool,
) -> Result<Vec<Result<Kept>>> {
    let mut analysers = Analysers::default();
    let stage = Stage::new(&options.engines, stop);
    let mut kept: Vec<Result<Kept>> = Vec::new();
    let mut group: Vec<(usize, Draft)> = Vec::new();
    for one in sent {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let desk = Desk {
            collection: &options.collection,
            limits: &options.limits,
            cut: &options.cut,
            snapshot: library.snapshot(),
            claimed: Mutex::new(HashSet::new()),
        };
        match prepare(one, &desk, &stage, &mut analysers) {
            Ok(Ready::Known(id)) => kept.push(Ok(Kept { id, outcome: Outcome::Unchanged })),
            Ok(Ready::New(draft)) => {
                group.push((kept.len(), *draft));
                kept.push(Err(unwritten()));
            }
            Err(fault) => kept.push(Err(fault)),
        }
        if group.iter().map(|(_, draft)| draft.weight()).sum::<usize>() >= GROUP_BYTES {
            write(library, &mut group, &mut kept, clock)?;
        }
        progress(kept.len() as u64);
    }
    write(library, &mut group, &mut kept, clock)?;
    Ok(kept)
}

enum Ready {
    Known(DocumentId),
    New(Box<Draft>),
}

fn prepare(sent: Sent, desk: &Desk<'_>, stage: &Stage<'_>, analysers: &mut Analysers) -> Result<Ready> {
    let Sent { source, title, content } = sent;
    let (bytes, is_text) = match content {
        Sending::Text(text) => (text.into_bytes(), true),
        Sending::File(path) => {
            let bytes = fs::read(&path).map_err(|error| {
                Fault::machine("file_unreadable", format!("what was sent as {source} cannot be read again"))
                    .hint("check the disk, and send it again")
                    .because_of(error)
            })?;
            (bytes, false)
        }
    };
    let incoming = Incoming { source: &source, title: title.as_deref(), is_text };
    let hash = incoming.hash(&bytes);
    if let Some(known) = desk.snapshot.known(desk.collection, &source)?
        && known.hash == hash
    {
        return Ok(Ready::Known(known.id));
    }
    let Prepared::Put(draft, language) = desk.receive(&incoming, bytes, analysers)? else {
        return Err(unwritten());
    };
    let stretches = stage.stretches(draft.chunk_texts().into_iter(), language);
    let vectors = stage.embed(vec![Load { item: (), stretches }]).into_iter().flatten().next();
    let draft = match (stage.engines.embedder_choice(), vectors) {
        (Some(choice), Some(Embedded { vectors: Some(vectors), .. })) => {
            Box::new(draft.with_vectors(&choice.id, vectors))
        }
        _ => draft,
    };
    Ok(Ready::New(draft))
}

fn write(
    library: &Library,
    group: &mut Vec<(usize, Draft)>,
    kept: &mut [Result<Kept>],
    clock: &dyn Clock,
) -> Result<()> {
    if group.is_empty() {
        return Ok(());
    }
    let mut writer = library.begin()?;
    let mut put = Vec::new();
    for (at, draft) in group.drain(..) {
        put.push((at, writer.put(draft, clock.now())?));
    }
    writer.publish()?;
    for (at, put) in put {
        let outcome = match &put {
            Put::Added(_) => Outcome::Added,
            Put::Updated(_) => Outcome::Updated,
            Put::Unchanged(_) => Outcome::Unchanged,
        };
        kept[at] = Ok(Kept { id: put.id().clone(), outcome });
    }
    Ok(())
}

fn unwritten() -> Fault {
    Fault::bug("document_unwritten", "the document was not written").hint("send it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::domain::Format;

    fn send(library: &Library, sent: &[(&str, Option<&str>, Sending)]) -> Vec<Result<Kept>> {
        let sent = sent.iter().map(|(source, title, content)| Sent {
            source: (*source).to_owned(),
            title: title.map(str::to_owned),
            content: content.clone(),
        });
        let options = AddOptions::default();
        put(library, sent.collect(), &options, &SystemClock, &mut |_| {}, &AtomicBool::new(false)).unwrap()
    }

    fn text(text: &str) -> Sending {
        Sending::Text(text.to_owned())
    }

    #[test]
    fn the_same_source_is_one_document() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(folder.path()).unwrap();
        let outcome = |content, title| {
            let kept = send(&library, &[("kite", title, text(content))]).remove(0).unwrap();
            (kept.outcome, library.snapshot().document(&kept.id).unwrap().unwrap())
        };
        let (first, document) = outcome("The red kite nests in old oak trees.", None);
        assert_eq!((first, document.title.as_str()), (Outcome::Added, "kite"));
        assert_eq!(outcome("The red kite nests in old oak trees.", None).0, Outcome::Unchanged);
        let (renamed, document) = outcome("The red kite nests in old oak trees.", Some("Kites"));
        assert_eq!((renamed, document.title.as_str()), (Outcome::Updated, "Kites"));
        assert_eq!(outcome("The red kite lays three eggs.", Some("Kites")).0, Outcome::Updated);
        assert_eq!(library.snapshot().document_count().unwrap(), 1);
    }

    #[test]
    fn what_cannot_be_read_costs_itself_only() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(folder.path()).unwrap();
        let file = folder.path().join("bytes");
        fs::write(&file, b"\x89PNG\r\n\x1a\nnot a text").unwrap();
        let sent =
            [("a.txt", None, text("One.")), ("b.pdf", None, Sending::File(file)), ("c.pdf", None, text("Three."))];
        let kept = send(&library, &sent);
        assert_eq!(kept[1].as_ref().unwrap_err().code, "format_unsupported");
        assert!(kept[1].as_ref().unwrap_err().what.contains("b.pdf"));
        // Text is text, whatever it was taken from.
        let document = library.snapshot().document(&kept[2].as_ref().unwrap().id).unwrap().unwrap();
        assert_eq!((document.source.as_str(), document.format), ("c.pdf", Format::Text));
        assert_eq!(library.snapshot().document_count().unwrap(), 2);
    }
}
