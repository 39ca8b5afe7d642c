//! What one file takes before the writer's turn: read it, see whether it is known, parse, cut, and find its terms.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::walk::Found;
use crate::domain::{CollectionName, ContentHash, DocumentId, Format, Language, Manuscript};
use crate::fault::{Fault, Result};
use crate::library::{Content, Draft, Snapshot, SourceFile};
use crate::read;
use crate::text::{self, Analysers};

/// What the writer is to do with a file.
pub(super) enum Prepared {
    Put(Box<Draft>, Language),
    /// The same content stood under a source whose file is gone.
    Rename {
        id: DocumentId,
        hash: ContentHash,
    },
    Unchanged,
}

/// What all the reading threads share.
pub(super) struct Desk<'a> {
    pub collection: &'a CollectionName,
    pub limits: &'a read::Limits,
    pub cut: &'a text::Cut,
    pub snapshot: Arc<Snapshot>,
    /// Documents that a file of this run has been recognised as: a second one with the same content is a copy.
    pub claimed: Mutex<HashSet<DocumentId>>,
}

/// What came without a file.
pub(super) struct Incoming<'a> {
    pub source: &'a str,
    pub title: Option<&'a str>,
    /// Whether it was sent as text, whatever its name says.
    pub is_text: bool,
}

impl Incoming<'_> {
    /// Another title makes another document of the same bytes.
    pub(super) fn hash(&self, bytes: &[u8]) -> ContentHash {
        match self.title {
            None => ContentHash::of(bytes),
            Some(title) => ContentHash::of(&[&ContentHash::of(bytes).0, title.as_bytes()].concat()),
        }
    }

    /// What the reader is to take it for.
    fn name(&self, bytes: &[u8]) -> &str {
        match read::detect(self.source, bytes) {
            Err(_) | Ok(Format::Pdf | Format::Docx) if self.is_text => "text.txt",
            _ => self.source,
        }
    }
}

impl Desk<'_> {
    pub(super) fn prepare(&self, found: &Found, analysers: &mut Analysers) -> Result<Prepared> {
        let work = |analysers: &mut Analysers| self.prepare_file(found, analysers);
        contained(&found.path.display().to_string(), analysers, work)
    }

    pub(super) fn receive(
        &self,
        incoming: &Incoming<'_>,
        bytes: Vec<u8>,
        analysers: &mut Analysers,
    ) -> Result<Prepared> {
        let file = SourceFile {
            collection: self.collection.clone(),
            source: incoming.source.to_owned(),
            hash: incoming.hash(&bytes),
            bytes: bytes.len() as u64,
        };
        contained(incoming.source, analysers, |analysers| {
            let mut manuscript = read::parse(incoming.name(&bytes), &bytes, self.limits)?;
            if let Some(title) = incoming.title {
                manuscript.title = Some(title.to_owned());
            }
            Ok(self.draft(file, manuscript, analysers))
        })
    }

    fn prepare_file(&self, found: &Found, analysers: &mut Analysers) -> Result<Prepared> {
        let bytes = read::load(&found.path, self.limits)?;
        let hash = ContentHash::of(&bytes);
        match self.snapshot.known(self.collection, &found.source)? {
            Some(known) if known.hash == hash => return Ok(Prepared::Unchanged),
            Some(_) => {}
            None => {
                if let Some(id) = self.renamed(&hash)? {
                    return Ok(Prepared::Rename { id, hash });
                }
            }
        }
        let file = SourceFile {
            collection: self.collection.clone(),
            source: found.source.clone(),
            hash,
            bytes: bytes.len() as u64,
        };
        let manuscript = read::parse(&file.source, &bytes, self.limits)?;
        drop(bytes);
        Ok(self.draft(file, manuscript, analysers))
    }

    fn draft(&self, file: SourceFile, manuscript: Manuscript, analysers: &mut Analysers) -> Prepared {
        let language = text::detect_language(&manuscript.text);
        let chunks = text::cut(&manuscript, language, self.cut, &text::count_words);
        let content =
            Content { title: manuscript.title, format: manuscript.format, language, text: manuscript.text, chunks };
        let analyser = analysers.of(language);
        Prepared::Put(Box::new(Draft::new(file, content, analyser)), language)
    }

    /// The document with this content whose file is gone, if no other file was recognised as it.
    fn renamed(&self, hash: &ContentHash) -> Result<Option<DocumentId>> {
        for known in self.snapshot.with_content(self.collection, hash)? {
            if is_gone(Path::new(&known.source)) {
                let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
                if claimed.insert(known.id.clone()) {
                    return Ok(Some(known.id));
                }
            }
        }
        Ok(None)
    }
}

/// A panic in here costs one file.
fn contained<T>(name: &str, analysers: &mut Analysers, work: impl FnOnce(&mut Analysers) -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(|| work(analysers))) {
        Ok(outcome) => outcome,
        Err(_) => {
            // What the panic left half done may be anywhere in it.
            *analysers = Analysers::default();
            let what = format!("cannot read {name}: docent failed on it");
            Err(Fault::bug("reader_failed", what).hint("please report it, with the file if you can"))
        }
    }
}

/// Whether a source was a file, and is no more. One that cannot be looked at is not gone.
pub(super) fn is_gone(source: &Path) -> bool {
    source.is_absolute() && matches!(source.try_exists(), Ok(false))
}
