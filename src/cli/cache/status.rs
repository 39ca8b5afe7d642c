//! `docent cache status`: how the cache is and how well it does.

use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Failure, Outcome};
use crate::cli::screen::{BOLD, DIM};
use crate::cli::show_text::{count, size};
use crate::local::CacheReportJson;
use crate::wire::CacheStatusJson;

pub(super) fn show(report: &CacheReportJson, json: bool, desk: &mut Desk<'_>) -> Outcome {
    if json {
        desk.screen.json(report)?;
        return Ok(Ending::Fine);
    }
    let CacheReportJson { status, performance, .. } = report;
    let (total, insights) = (&performance.cache_performance, &performance.performance_insights);
    desk.screen.line(&format_args!(
        "{BOLD}{:.0}%{BOLD:#} of {} were remembered: {}; {:.1} s saved",
        total.hit_rate,
        count(total.total_requests, "request"),
        insights.cache_efficiency,
        total.saved_ms / 1e3
    ))?;
    let (bytes, most) = (size(status.memory.bytes), size(status.memory.max_bytes));
    desk.screen.line(&format_args!("memory  {} with {bytes} of {most}", things(status.memory.entries)))?;
    if let Some(disk) = &status.disk {
        let (bytes, most) = (size(disk.bytes), size(disk.max_bytes));
        desk.screen.line(&format_args!("disk    {} in a file of {bytes}, {most} at most", things(disk.entries)))?;
    }
    table(status, desk)?;
    for line in &insights.recommendations {
        desk.screen.hint(line);
    }
    Ok(Ending::Fine)
}

fn things(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

fn table(status: &CacheStatusJson, desk: &mut Desk<'_>) -> Result<(), Failure> {
    desk.screen.line(&format_args!(
        "\n{DIM}{:12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}{DIM:#}",
        "NAMESPACE", "TTL", "MEMORY", "DISK", "MISSES", "RATE", "SAVED"
    ))?;
    for (name, space) in &status.namespaces {
        let ttl = space.ttl.map_or_else(|| "-".to_owned(), |ttl| format!("{ttl} s"));
        let rate = format!("{:.0}%", space.hit_rate);
        let saved = format!("{:.1} s", space.saved_ms / 1e3);
        desk.screen.line(&format_args!(
            "{name:12} {ttl:>8} {:>8} {:>8} {:>8} {rate:>8} {saved:>10}",
            space.memory_hits, space.disk_hits, space.misses
        ))?;
    }
    Ok(())
}
