//! `docent cache status`: how the cache is and how well it does.

use crate::cache::{Cache, Status, performance};
use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Outcome};
use crate::cli::screen::{BOLD, DIM};
use crate::cli::show_text::{count, size};
use crate::wire::{CacheConfigJson, CacheStatusJson, PerformanceJson};

#[derive(serde::Serialize)]
struct StatusJson {
    #[serde(flatten)]
    status: CacheStatusJson,
    #[serde(flatten)]
    performance: PerformanceJson,
    config: CacheConfigJson,
}

pub(super) fn run(cache: &Cache, json: bool, desk: &mut Desk<'_>) -> Outcome {
    let status = cache.status();
    let found = performance(&status);
    if json {
        let (config, performance) = (CacheConfigJson::from(&cache.config()), PerformanceJson::from(&found));
        desk.screen.json(&StatusJson { status: CacheStatusJson::from(&status), performance, config })?;
        return Ok(Ending::Fine);
    }
    let total = found.total;
    desk.screen.line(&format_args!(
        "{BOLD}{:.0}%{BOLD:#} of {} were remembered: {}; {:.1} s saved",
        total.hit_rate,
        count(total.requests, "request"),
        found.efficiency.name(),
        total.saved.as_secs_f64()
    ))?;
    let (bytes, most) = (size(status.memory_bytes), size(status.memory_most));
    desk.screen.line(&format_args!("memory  {} with {bytes} of {most}", things(status.memory_entries)))?;
    if let Some(disk) = &status.disk {
        let (bytes, most) = (size(disk.bytes), size(disk.most));
        desk.screen.line(&format_args!("disk    {} in a file of {bytes}, {most} at most", things(disk.entries)))?;
    }
    table(&status, desk)?;
    for line in &found.recommendations {
        desk.screen.hint(line);
    }
    Ok(Ending::Fine)
}

fn things(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

fn table(status: &Status, desk: &mut Desk<'_>) -> Result<(), crate::cli::ending::Failure> {
    desk.screen.line(&format_args!(
        "\n{DIM}{:12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}{DIM:#}",
        "NAMESPACE", "TTL", "MEMORY", "DISK", "MISSES", "RATE", "SAVED"
    ))?;
    for space in &status.spaces {
        let (name, tally) = (&space.space.name, &space.tally);
        let ttl = space.space.ttl.map_or_else(|| "-".to_owned(), |ttl| format!("{} s", ttl.as_secs()));
        let rate = format!("{:.0}%", tally.hit_rate());
        let saved = format!("{:.1} s", tally.saved().as_secs_f64());
        desk.screen.line(&format_args!(
            "{name:12} {ttl:>8} {:>8} {:>8} {:>8} {rate:>8} {saved:>10}",
            tally.memory_hits, tally.disk_hits, tally.misses
        ))?;
    }
    Ok(())
}
