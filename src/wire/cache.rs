//! The cache: how it is, how well it does, what is in it.

use super::millis;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cache::{Cleared, Config, DiskStatus, Histogram, Listed, Performance, Rates, SpaceStatus, Status, Tally};
use crate::domain::{Answer, Because, Origin, Remembered, Tier};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CacheStatusJson {
    /// When this process opened it.
    since: String,
    pub memory: MemoryJson,
    pub disk: Option<DiskJson>,
    pub namespaces: BTreeMap<String, NamespaceJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemoryJson {
    pub entries: u64,
    pub bytes: u64,
    pub max_bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DiskJson {
    pub entries: u64,
    pub bytes: u64,
    pub max_bytes: u64,
    /// Why nothing is kept on disk, where nothing is.
    trouble: Option<String>,
    dropped: u64,
    healed: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NamespaceJson {
    /// In seconds; null: for ever.
    pub ttl: Option<u64>,
    memory_entries: u64,
    memory_bytes: u64,
    pub hit_rate: f64,
    hits: u64,
    pub memory_hits: u64,
    pub disk_hits: u64,
    stale_hits: u64,
    negative_hits: u64,
    shared: u64,
    pub misses: u64,
    expired: u64,
    driven_out: u64,
    outdated: u64,
    puts: u64,
    refused: u64,
    memory_evictions: u64,
    disk_evictions: u64,
    expirations: u64,
    pub saved_ms: f64,
    memory_hit: LatencyJson,
    disk_hit: LatencyJson,
    miss: LatencyJson,
}

/// Upper bounds of the buckets that these shares of all fall into.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct LatencyJson {
    count: u64,
    mean_us: f64,
    p50_us: f64,
    p95_us: f64,
    p99_us: f64,
}

impl From<&Status> for CacheStatusJson {
    fn from(status: &Status) -> CacheStatusJson {
        let (entries, bytes, max_bytes) = (status.memory_entries, status.memory_bytes, status.memory_most);
        CacheStatusJson {
            since: status.began.to_string(),
            memory: MemoryJson { entries, bytes, max_bytes },
            disk: status.disk.as_ref().map(DiskJson::of),
            namespaces: status
                .spaces
                .iter()
                .map(|space| (space.space.name.clone(), NamespaceJson::of(space)))
                .collect(),
        }
    }
}

impl DiskJson {
    fn of(disk: &DiskStatus) -> DiskJson {
        let DiskStatus { entries, bytes, most, trouble, dropped, healed, is_locked: _ } = disk.clone();
        DiskJson { entries, bytes, max_bytes: most, trouble, dropped, healed }
    }
}

impl NamespaceJson {
    fn of(status: &SpaceStatus) -> NamespaceJson {
        let SpaceStatus { space, tally, entries, memory_bytes } = status;
        let counted: &Tally = tally;
        NamespaceJson {
            ttl: space.ttl.map(|ttl| ttl.as_secs()),
            memory_entries: *entries,
            memory_bytes: *memory_bytes,
            hit_rate: rounded(counted.hit_rate()),
            hits: counted.hits(),
            memory_hits: counted.memory_hits,
            disk_hits: counted.disk_hits,
            stale_hits: counted.stale_hits,
            negative_hits: counted.negative_hits,
            shared: counted.shared,
            misses: counted.misses,
            expired: counted.expired,
            driven_out: counted.driven_out,
            outdated: counted.outdated,
            puts: counted.puts,
            refused: counted.refused,
            memory_evictions: counted.memory_evictions,
            disk_evictions: counted.disk_evictions,
            expirations: counted.expirations,
            saved_ms: millis(counted.saved()),
            memory_hit: LatencyJson::of(&counted.memory_took),
            disk_hit: LatencyJson::of(&counted.disk_took),
            miss: LatencyJson::of(&counted.made),
        }
    }
}

impl LatencyJson {
    fn of(took: &Histogram) -> LatencyJson {
        let micros = |time: Duration| rounded(time.as_secs_f64() * 1e6);
        LatencyJson {
            count: took.count(),
            mean_us: micros(took.mean()),
            p50_us: micros(took.quantile(0.5)),
            p95_us: micros(took.quantile(0.95)),
            p99_us: micros(took.quantile(0.99)),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PerformanceJson {
    pub cache_performance: TotalJson,
    by_namespace: BTreeMap<String, RatesJson>,
    by_tier: TiersJson,
    pub performance_insights: InsightsJson,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TotalJson {
    /// In percent.
    pub hit_rate: f64,
    pub total_requests: u64,
    cache_hits: u64,
    cache_misses: u64,
    memory_bytes: u64,
    disk_bytes: u64,
    pub saved_ms: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct RatesJson {
    pub hit_rate: f64,
    requests: u64,
    hits: u64,
    pub misses: u64,
    pub saved_ms: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct TiersJson {
    memory: TierJson,
    disk: TierJson,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct TierJson {
    hits: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InsightsJson {
    pub cache_efficiency: String,
    pub recommendations: Vec<String>,
}

impl From<&Performance> for PerformanceJson {
    fn from(found: &Performance) -> PerformanceJson {
        let Rates { hit_rate, requests, hits, misses, saved } = found.total;
        let rates = |rates: &Rates| RatesJson {
            hit_rate: rounded(rates.hit_rate),
            requests: rates.requests,
            hits: rates.hits,
            misses: rates.misses,
            saved_ms: millis(rates.saved),
        };
        PerformanceJson {
            cache_performance: TotalJson {
                hit_rate: rounded(hit_rate),
                total_requests: requests,
                cache_hits: hits,
                cache_misses: misses,
                memory_bytes: found.memory_bytes,
                disk_bytes: found.disk_bytes,
                saved_ms: millis(saved),
            },
            by_namespace: found.by_space.iter().map(|(name, of)| (name.clone(), rates(of))).collect(),
            by_tier: TiersJson {
                memory: TierJson { hits: found.memory_hits, bytes: found.memory_bytes },
                disk: TierJson { hits: found.disk_hits, bytes: found.disk_bytes },
            },
            performance_insights: InsightsJson {
                cache_efficiency: found.efficiency.name().to_owned(),
                recommendations: found.recommendations.clone(),
            },
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CacheEntryJson {
    pub key: String,
    namespace: String,
    tiers: Vec<String>,
    pub bytes: u64,
    pub made: String,
    /// Null: never.
    pub expires: Option<String>,
    pub expired: bool,
    negative: bool,
    cost_ms: f64,
    uses: u32,
    /// What it says, where that can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl CacheEntryJson {
    pub fn new(listed: &Listed, content: Option<String>) -> CacheEntryJson {
        let tiers = [("memory", listed.in_memory), ("disk", listed.on_disk)];
        CacheEntryJson {
            key: listed.name.clone(),
            namespace: listed.space.clone(),
            tiers: tiers.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name.to_owned()).collect(),
            bytes: listed.bytes,
            made: listed.made.to_string(),
            expires: listed.expires.map(|at| at.to_string()),
            expired: listed.is_expired,
            negative: listed.is_negative,
            cost_ms: millis(listed.cost),
            uses: listed.uses,
            content,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClearedJson {
    /// Entries, by tier; what was in both is counted in both.
    memory: u64,
    pub disk: u64,
}

impl From<Cleared> for ClearedJson {
    fn from(Cleared { memory, disk }: Cleared) -> ClearedJson {
        ClearedJson { memory, disk }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CacheConfigJson {
    /// In seconds by namespace; null: for ever.
    ttl: BTreeMap<String, Option<u64>>,
    memory_bytes: u64,
    disk_bytes: u64,
}

impl From<&Config> for CacheConfigJson {
    fn from(config: &Config) -> CacheConfigJson {
        let ttl = |space: &crate::cache::Space| (space.name.clone(), space.ttl.map(|ttl| ttl.as_secs()));
        CacheConfigJson {
            ttl: config.spaces.iter().map(ttl).collect(),
            memory_bytes: config.memory,
            disk_bytes: config.disk,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CacheHealthJson {
    /// `healthy`, or `degraded` where something is wrong: nothing that is asked fails for that.
    status: String,
    detail: Option<String>,
}

impl CacheHealthJson {
    pub fn new(trouble: Option<String>) -> CacheHealthJson {
        let status = if trouble.is_some() { "degraded" } else { "healthy" };
        CacheHealthJson { status: status.to_owned(), detail: trouble }
    }
}

/// How a remembered answer came to be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RememberedJson {
    /// `memory` or `disk`.
    tier: String,
    /// `generated` or `extracted`.
    made: String,
    at: String,
    /// The question it was made for, where that is another than was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<String>,
}

impl RememberedJson {
    /// Nothing where the answer was made now.
    pub fn of(answer: &Answer) -> Option<RememberedJson> {
        let (Origin::Remembered(tier), Some(remembered)) = (answer.origin, &answer.remembered) else { return None };
        Some(RememberedJson {
            tier: tier.name().to_owned(),
            made: if remembered.because.is_some() { "extracted" } else { "generated" }.to_owned(),
            at: remembered.at.to_string(),
            question: remembered.question.clone(),
        })
    }

    pub(super) fn read(self, because: Option<Because>) -> (Tier, Remembered) {
        let tier = if self.tier == Tier::Disk.name() { Tier::Disk } else { Tier::Memory };
        let because = because.filter(|_| self.made == "extracted");
        (tier, Remembered { because, at: self.at.parse().unwrap_or_default(), question: self.question })
    }
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
