//! What is remembered, looked at and thrown away by whoever has the cache open.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::{Holder, Line, Needs, Task, Tell};
use crate::assistant;
use crate::cache::{Cache, Clear, Pattern, performance};
use crate::fault::{Fault, Result};
use crate::wire::{CacheConfigJson, CacheEntryJson, CacheStatusJson, ClearedJson, PerformanceJson};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheStatus {}

/// How it is, how well it does, and how it is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheReportJson {
    #[serde(flatten)]
    pub status: CacheStatusJson,
    #[serde(flatten)]
    pub performance: PerformanceJson,
    config: CacheConfigJson,
}

impl Task for CacheStatus {
    const NAME: &'static str = "cache-status";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = CacheReportJson;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<CacheReportJson> {
        let cache = of(holder)?;
        let status = cache.status();
        Ok(CacheReportJson {
            performance: PerformanceJson::from(&performance(&status)),
            status: CacheStatusJson::from(&status),
            config: CacheConfigJson::from(&cache.config()),
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheEntries {
    pub pattern: String,
    /// How many at most.
    pub most: usize,
}

impl Task for CacheEntries {
    const NAME: &'static str = "cache-entries";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Vec<CacheEntryJson>;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Vec<CacheEntryJson>> {
        let entries = of(holder)?.entries(&Pattern::new(&self.pattern), self.most);
        Ok(entries.iter().map(|entry| CacheEntryJson::new(entry, None)).collect())
    }
}

/// By its name, or the end of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheGet {
    pub key: String,
}

impl Task for CacheGet {
    const NAME: &'static str = "cache-get";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = CacheEntryJson;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<CacheEntryJson> {
        let Some((entry, bytes)) = of(holder)?.find(&self.key) else {
            let fault = Fault::caller("unknown_entry", format!("the cache has no entry {:?}", self.key));
            return Err(fault.hint("`docent cache entries` lists what there is"));
        };
        Ok(CacheEntryJson::new(&entry, assistant::remembered_text(&entry.space, &bytes)))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheClear {
    /// Everything where nothing is said.
    pub pattern: Option<String>,
    /// Only what is too old.
    pub expired_only: bool,
}

impl Task for CacheClear {
    const NAME: &'static str = "cache-clear";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = ClearedJson;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<ClearedJson> {
        let pattern = self.pattern.as_deref().map_or_else(Pattern::everything, Pattern::new);
        let what = Clear { pattern, space: None, expired_only: self.expired_only };
        Ok(ClearedJson::from(of(holder)?.clear(&what)))
    }
}

/// What is wrong with it, if anything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CacheTrouble {}

impl Task for CacheTrouble {
    const NAME: &'static str = "cache-trouble";
    const LINE: Line = Line::Quick;
    type Told = ();
    type Done = Option<String>;

    fn needs(&self) -> Needs {
        Needs::Folder
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<Option<String>> {
        Ok(of(holder)?.trouble())
    }
}

fn of(holder: &Holder<'_>) -> Result<Cache> {
    holder.engines().cache().cloned().ok_or_else(|| Fault::bug("no_cache", "there is no cache"))
}
