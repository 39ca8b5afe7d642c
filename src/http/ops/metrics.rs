//! `GET /metrics`: everything that is counted, as Prometheus reads it.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::assistant::Pulses;
use crate::cache::{SpaceStatus, Status};
use crate::fault::Result;
use crate::http::app::App;
use crate::http::meters::head;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::inference::Pulse;
use crate::machine;

/// Everything that is counted
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus' text format")))]
pub(in crate::http) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let inner = app.clone();
    let text = app.worker.run(Lane::Quick, move || Ok(tell(&inner))).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn tell(app: &App) -> String {
    let mut out = String::new();
    app.meters.tell(&mut out);
    // Writing to a string cannot fail.
    let _ = gauges(app, &mut out);
    if let Some(cache) = app.engines.cache() {
        let _ = cache_metrics(&cache.status(), &mut out);
    }
    out
}

fn gauges(app: &App, out: &mut String) -> std::fmt::Result {
    head(out, "docent_lane_busy", "gauge", "Calls that are worked at.")?;
    for (lane, name) in Lane::ALL {
        writeln!(out, "docent_lane_busy{{lane=\"{name}\"}} {}", app.worker.load(lane).work)?;
    }
    head(out, "docent_lane_waiting", "gauge", "Calls that wait for a place.")?;
    for (lane, name) in Lane::ALL {
        writeln!(out, "docent_lane_waiting{{lane=\"{name}\"}} {}", app.worker.load(lane).wait)?;
    }
    let Pulses { embedder, reranker, generator } = app.engines.pulses();
    let pulses = [("embedder", embedder), ("reranker", reranker), ("generator", generator)];
    type Told = fn(&Pulse) -> f64;
    let told: [(&str, &str, Told); 3] = [
        ("docent_model_step_seconds_ago", "Since the thread of a model got on.", |pulse| pulse.since.as_secs_f64()),
        ("docent_model_wanted", "Whether it has something to get on with.", |pulse| f64::from(pulse.is_wanted)),
        ("docent_model_alive", "Whether there is such a thread.", |pulse| f64::from(!pulse.is_gone)),
    ];
    for (name, help, of) in told {
        head(out, name, "gauge", help)?;
        for (model, pulse) in pulses {
            if let Some(pulse) = pulse {
                writeln!(out, "{name}{{model=\"{model}\"}} {}", of(&pulse))?;
            }
        }
    }
    let snapshot = app.library.snapshot();
    for (name, help, value) in [
        ("docent_documents", "Documents in the library.", snapshot.document_count().ok()),
        ("docent_passages", "Passages that can be found.", Some(snapshot.chunk_count())),
        ("docent_library_revision", "Counts up with every change.", Some(snapshot.revision())),
        ("docent_resident_bytes", "What the server has in memory.", machine::resident()),
        ("docent_free_disk_bytes", "Free where the data folder lies.", machine::free_disk(app.library.folder())),
        ("docent_uptime_seconds", "Since the server began.", Some(app.uptime().as_secs())),
    ] {
        if let Some(value) = value {
            head(out, name, "gauge", help)?;
            writeln!(out, "{name} {value}")?;
        }
    }
    Ok(())
}

/// By tier and namespace.
pub(in crate::http) fn cache_metrics(status: &Status, out: &mut String) -> std::fmt::Result {
    type Count = fn(&SpaceStatus) -> u64;
    let counts: [(&str, &str, &str, Count); 7] = [
        ("docent_cache_memory_hits_total", "counter", "Found in memory.", |of| of.tally.memory_hits),
        ("docent_cache_disk_hits_total", "counter", "Found on disk.", |of| of.tally.disk_hits),
        ("docent_cache_misses_total", "counter", "Not found.", |of| of.tally.misses),
        ("docent_cache_puts_total", "counter", "Put in.", |of| of.tally.puts),
        ("docent_cache_saved_microseconds_total", "counter", "What the hits would have cost.", |of| of.tally.saved),
        ("docent_cache_entries", "gauge", "Entries in memory.", |of| of.entries),
        ("docent_cache_bytes", "gauge", "Their size.", |of| of.memory_bytes),
    ];
    for (name, kind, help, count) in counts {
        head(out, name, kind, help)?;
        for space in &status.spaces {
            let label = space.space.name.replace(['\\', '"', '\n'], "_");
            writeln!(out, "{name}{{namespace=\"{label}\"}} {}", count(space))?;
        }
    }
    if let Some(disk) = &status.disk {
        head(out, "docent_cache_disk_bytes", "gauge", "Size of the cache's file.")?;
        writeln!(out, "docent_cache_disk_bytes {}", disk.bytes)?;
    }
    Ok(())
}
