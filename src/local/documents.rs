//! What is in the library, and what goes.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::{Holder, Line, Needs, Task, Tell};
use crate::assistant;
use crate::domain::{CollectionName, DocumentId};
use crate::fault::{Fault, Result};
use crate::library::Snapshot;
use crate::wire::DocumentJson;

/// Those of a collection that is there, or all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Documents {
    pub collection: Option<String>,
}

impl Task for Documents {
    const NAME: &'static str = "documents";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Vec<DocumentJson>;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Vec<DocumentJson>> {
        let snapshot = holder.library()?.snapshot();
        let collection = self.collection.as_deref().map(named).transpose()?;
        if let Some(collection) = &collection {
            must_exist(&snapshot, collection)?;
        }
        Ok(snapshot.documents(collection.as_ref())?.iter().map(DocumentJson::from).collect())
    }
}

/// What somebody means by what they typed: an id, the beginning of one, a source, or one of these paths.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Find {
    pub typed: String,
    /// Absolute.
    pub paths: Vec<String>,
}

impl Task for Find {
    const NAME: &'static str = "find";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Vec<DocumentJson>;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Vec<DocumentJson>> {
        let found = assistant::documents_meant(&holder.library()?.snapshot(), &self.typed, &self.paths)?;
        Ok(found.iter().map(DocumentJson::from).collect())
    }
}

/// A document's whole text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Text {
    pub id: String,
}

impl Task for Text {
    const NAME: &'static str = "text";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = String;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<String> {
        Ok(holder.library()?.snapshot().text(&DocumentId::new(self.id))?.unwrap_or_default())
    }
}

/// A collection's name that was typed wrong would otherwise look like an empty collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HasCollection {
    pub name: String,
}

impl Task for HasCollection {
    const NAME: &'static str = "has-collection";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = ();

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<()> {
        must_exist(&holder.library()?.snapshot(), &named(&self.name)?)
    }
}

/// All of them or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remove {
    pub ids: Vec<String>,
    /// A collection with everything in it.
    pub collection: Option<String>,
}

impl Task for Remove {
    const NAME: &'static str = "remove";
    const LINE: Line = Line::Change;
    type Told = ();
    type Done = ();

    fn needs(&self) -> Needs {
        Needs::ToWrite
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<()> {
        let collection = self.collection.as_deref().map(named).transpose()?;
        let mut writer = holder.library()?.begin()?;
        if let Some(collection) = &collection {
            writer.remove_collection(collection)?;
        }
        for id in self.ids {
            writer.remove(&DocumentId::new(id))?;
        }
        Ok(writer.publish()?)
    }
}

pub(super) fn named(name: &str) -> Result<CollectionName> {
    CollectionName::new(name).map_err(|bad| Fault::caller("usage", bad.to_string()))
}

fn must_exist(snapshot: &Snapshot, collection: &CollectionName) -> Result<()> {
    if snapshot.has_collection(collection) {
        return Ok(());
    }
    let names: Vec<String> = snapshot.collections()?.into_iter().map(|found| found.name.to_string()).collect();
    let hint = if names.is_empty() {
        "there are no documents yet; `docent add PATH --collection NAME` makes a collection".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Err(Fault::caller("no_such_collection", format!("there is no collection {collection}")).hint(hint))
}
