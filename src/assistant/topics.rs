//! The topics of a course: names for what will be asked, kept in the data folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::CollectionName;
use crate::fault::{Fault, Result};

/// Counts up when the file is written in another way.
const FILE: &str = "topics-1.json";
/// More are a mistake of a program.
const MOST: usize = 10_000;
const LONGEST_QUERY: usize = 4_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub name: String,
    /// What is found, made ready and answered for it.
    pub query: String,
    pub collection: Option<CollectionName>,
    /// How many passages, where it is not as whoever prefetches says.
    pub k: Option<usize>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    query: String,
    collection: Option<String>,
    k: Option<usize>,
}

/// Those of one data folder.
#[derive(Debug)]
pub struct Topics {
    path: PathBuf,
    /// One change at a time.
    changing: Mutex<()>,
}

impl Topics {
    pub fn of(folder: &Path) -> Topics {
        Topics { path: folder.join(FILE), changing: Mutex::default() }
    }

    /// In the order in which they were first set, which is a course's.
    pub fn list(&self) -> Result<Vec<Topic>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.refused("read", error)),
        };
        let rows: Vec<Row> = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("{}:{}: these are no topics", self.path.display(), error.line());
            Fault::machine("topics_damaged", what)
                .hint("put the file right, or delete it and set the topics again")
                .because_of(error)
        })?;
        let topic = |row: Row| Topic {
            collection: row.collection.and_then(|name| CollectionName::new(&name).ok()),
            name: row.name,
            query: row.query,
            k: row.k,
        };
        Ok(rows.into_iter().map(topic).collect())
    }

    pub fn get(&self, name: &str) -> Result<Topic> {
        let topics = self.list()?;
        topics.iter().find(|topic| topic.name == name).cloned().ok_or_else(|| unknown(name, &topics))
    }

    /// Whether it is a new one.
    pub fn set(&self, topic: Topic) -> Result<bool> {
        check(&topic)?;
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topics = self.list()?;
        let known = topics.iter().position(|known| known.name == topic.name);
        let is_new = known.is_none();
        match known {
            Some(place) => topics[place] = topic,
            None if topics.len() >= MOST => {
                let what = format!("there are {MOST} topics already, which is as many as there can be");
                return Err(Fault::caller("too_many_topics", what).hint("remove some first"));
            }
            None => topics.push(topic),
        }
        self.save(topics)?;
        Ok(is_new)
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topics = self.list()?;
        let before = topics.len();
        topics.retain(|topic| topic.name != name);
        if topics.len() == before {
            return Err(unknown(name, &topics));
        }
        self.save(topics)
    }

    fn save(&self, topics: Vec<Topic>) -> Result<()> {
        let row = |topic: Topic| Row {
            name: topic.name,
            query: topic.query,
            collection: topic.collection.map(|name| name.to_string()),
            k: topic.k,
        };
        let rows: Vec<Row> = topics.into_iter().map(row).collect();
        let text = serde_json::to_vec_pretty(&rows).expect("names and texts can always be written");
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let write = || -> io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&text)?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| self.refused("write", error))
    }

    fn refused(&self, what: &str, error: io::Error) -> Fault {
        Fault::machine("topics_unusable", format!("cannot {what} {}: {}", self.path.display(), error.kind()))
            .hint("check who owns the data folder and whether the disk is full")
            .because_of(error)
    }
}

fn check(topic: &Topic) -> Result<()> {
    // A topic is named in paths and in keys, as a collection is.
    if CollectionName::new(&topic.name).is_err() {
        let what =
            format!("{:?} is no name for a topic: it takes 1 to 64 letters, digits, '-', '_' or '.'", topic.name);
        return Err(Fault::caller("bad_topic", what).hint("a short name such as `derivatives`"));
    }
    if topic.query.trim().is_empty() || topic.query.chars().count() > LONGEST_QUERY {
        let what = format!("the query of {} is empty or longer than {LONGEST_QUERY} characters", topic.name);
        return Err(Fault::caller("bad_topic", what).hint("a question, or the words that belong to the topic"));
    }
    if topic.k.is_some_and(|k| !(1..=super::query::MOST_PASSAGES).contains(&k)) {
        let what = format!("{} asks for {} passages, 1 to 100 can be had", topic.name, topic.k.unwrap_or_default());
        return Err(Fault::caller("bad_topic", what));
    }
    Ok(())
}

fn unknown(name: &str, topics: &[Topic]) -> Fault {
    let fault = Fault::caller("unknown_topic", format!("there is no topic {name:?}"));
    let names: Vec<&str> = topics.iter().take(20).map(|topic| topic.name.as_str()).collect();
    match names.as_slice() {
        [] => fault.hint("there are none yet; `docent topics set NAME --query \"…\"` makes one"),
        names => fault.hint(format!("there is: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str, query: &str) -> Topic {
        Topic { name: name.to_owned(), query: query.to_owned(), collection: None, k: None }
    }

    #[test]
    fn topics_are_kept_in_their_order_and_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let topics = Topics::of(folder.path());
        assert!(topics.list().unwrap().is_empty());
        let math = CollectionName::new("math").unwrap();
        let limits = Topic { collection: Some(math), k: Some(4), ..topic("limits", "what is a limit?") };
        assert!(topics.set(limits.clone()).unwrap());
        assert!(topics.set(topic("derivadas", "¿qué es una derivada?")).unwrap());
        assert!(!topics.set(topic("limits", "another query")).unwrap());
        let again = Topics::of(folder.path());
        assert_eq!(
            again.list().unwrap(),
            [topic("limits", "another query"), topic("derivadas", "¿qué es una derivada?")]
        );
        assert!(!again.set(limits.clone()).unwrap());
        assert_eq!(topics.get("limits").unwrap(), limits);
        topics.remove("limits").unwrap();
        assert_eq!(topics.remove("limits").unwrap_err().code, "unknown_topic");
        assert_eq!(topics.get("limit").unwrap_err().hint.unwrap(), "there is: derivadas");
    }

    #[test]
    fn what_cannot_be_a_topic_is_refused_and_a_damaged_file_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let topics = Topics::of(&folder.path().join("made/when/needed"));
        for bad in [topic("", "q"), topic("a/b", "q"), topic("a", "  "), topic("a", &"x".repeat(4001))] {
            assert_eq!(topics.set(bad).unwrap_err().code, "bad_topic");
        }
        assert_eq!(topics.set(Topic { k: Some(0), ..topic("a", "q") }).unwrap_err().code, "bad_topic");
        topics.set(topic("a", "q")).unwrap();
        fs::write(&topics.path, "[{").unwrap();
        let fault = topics.set(topic("b", "q")).unwrap_err();
        assert!(fault.code == "topics_damaged" && fault.what.contains("topics-1.json:1"), "{fault}");
        assert_eq!(fs::read_to_string(&topics.path).unwrap(), "[{", "nothing is written over it");
    }
}
