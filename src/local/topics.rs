//! Names for what will be asked.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::documents::named;
use super::{Holder, Line, Needs, Task, Tell};
use crate::assistant::Topic;
use crate::fault::Result;
use crate::wire::TopicJson;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TopicSet {
    pub name: String,
    pub query: String,
    pub collection: Option<String>,
    pub k: Option<usize>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenJson {
    pub topic: TopicJson,
    pub is_new: bool,
}

impl Task for TopicSet {
    const NAME: &'static str = "topic-set";
    const LINE: Line = Line::Change;
    type Told = ();
    type Done = WrittenJson;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<WrittenJson> {
        let collection = self.collection.as_deref().map(named).transpose()?;
        let topic = Topic { name: self.name, query: self.query, collection, k: self.k };
        let told = TopicJson::from(&topic);
        Ok(WrittenJson { topic: told, is_new: holder.topics.set(topic)? })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TopicsList {}

impl Task for TopicsList {
    const NAME: &'static str = "topics-list";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Vec<TopicJson>;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Vec<TopicJson>> {
        Ok(holder.topics.list()?.iter().map(TopicJson::from).collect())
    }
}

/// All of them or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TopicsRemove {
    pub names: Vec<String>,
}

impl Task for TopicsRemove {
    const NAME: &'static str = "topics-remove";
    const LINE: Line = Line::Change;
    type Told = ();
    type Done = ();

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<()> {
        self.names.iter().try_for_each(|name| holder.topics.get(name).map(drop))?;
        self.names.iter().try_for_each(|name| holder.topics.remove(name))
    }
}
