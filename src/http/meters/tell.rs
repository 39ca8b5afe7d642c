//! What was measured, in the form that Prometheus reads and in the form of `/stats`.

use std::fmt::Write;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::histogram::BOUNDS;
use super::{Meters, ORIGINS, Stage};
use crate::wire::millis;

impl Meters {
    /// Prometheus' text format.
    pub(in crate::http) fn tell(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = self.write(out);
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
        head(out, "docent_requests_total", "counter", "Calls by address, method and status.")?;
        let calls = self.calls.read().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<(String, u64, f64)> = Vec::new();
        for (route, calls) in calls.iter() {
            for calls in calls {
                let (method, status) = (&calls.method, calls.status.as_u16());
                let route = if route.is_empty() { "none" } else { route };
                let labels = format!("{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}");
                lines.push((labels, load(&calls.count), load(&calls.micros) as f64 / 1e6));
            }
        }
        drop(calls);
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        for (labels, count, _) in &lines {
            writeln!(out, "docent_requests_total{labels} {count}")?;
        }
        head(out, "docent_request_seconds_total", "counter", "Time until the head of the answer was sent.")?;
        for (labels, _, seconds) in &lines {
            writeln!(out, "docent_request_seconds_total{labels} {seconds}")?;
        }
        head(out, "docent_stage_seconds", "histogram", "How long journeys and their stages take.")?;
        for (stage, name) in Stage::ALL {
            let spread = self.stages[stage as usize].spread();
            let mut below = 0;
            for (bound, count) in BOUNDS.iter().zip(spread.buckets) {
                below += count;
                let bound = *bound as f64 / 1e6;
                writeln!(out, "docent_stage_seconds_bucket{{stage=\"{name}\",le=\"{bound}\"}} {below}")?;
            }
            let count = spread.count();
            writeln!(out, "docent_stage_seconds_bucket{{stage=\"{name}\",le=\"+Inf\"}} {count}")?;
            writeln!(out, "docent_stage_seconds_sum{{stage=\"{name}\"}} {}", spread.sum.as_secs_f64())?;
            writeln!(out, "docent_stage_seconds_count{{stage=\"{name}\"}} {count}")?;
        }
        head(out, "docent_answers_total", "counter", "Answers by where they came from.")?;
        for (origin, count) in ORIGINS.iter().zip(&self.answers) {
            writeln!(out, "docent_answers_total{{origin=\"{origin}\"}} {}", load(count))?;
        }
        for (name, help, value) in [
            (
                "docent_prompt_tokens_total",
                "Tokens that generators were given to read.",
                load(&self.prompt_tokens) as f64,
            ),
            ("docent_generated_tokens_total", "Tokens that generators wrote.", load(&self.generated_tokens) as f64),
            (
                "docent_generating_seconds_total",
                "Time from first tokens to last ones; with the tokens it gives tokens per second.",
                load(&self.writing) as f64 / 1e6,
            ),
            ("docent_rate_limited_total", "Calls that were told to come back later.", load(&self.rate_limited) as f64),
        ] {
            head(out, name, "counter", help)?;
            writeln!(out, "{name} {value}")?;
        }
        Ok(())
    }

    /// Latencies by journey, in milliseconds.
    pub(in crate::http) fn latencies(&self) -> Value {
        let mut journeys = serde_json::Map::new();
        for (stage, name) in Stage::ALL {
            let spread = self.stages[stage as usize].spread();
            let count = spread.count();
            if count > 0 {
                let of = |percent| spread.percentile(percent).map(millis);
                let mean = spread.mean().map(millis);
                let told =
                    json!({"count": count, "mean_ms": mean, "p50_ms": of(50), "p95_ms": of(95), "p99_ms": of(99)});
                journeys.insert(name.to_owned(), told);
            }
        }
        Value::Object(journeys)
    }
}

pub(in crate::http) fn head(out: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{Method, StatusCode};

    use super::*;

    #[test]
    fn every_line_is_one_that_prometheus_reads() {
        let meters = Meters::default();
        for _ in 0..3 {
            meters.called(&Method::GET, "/health", StatusCode::OK, Duration::from_micros(150));
        }
        meters.called(&Method::from_bytes(b"BREW").unwrap(), "", StatusCode::NOT_FOUND, Duration::ZERO);
        meters.took(Stage::Search, Duration::from_millis(3));
        let mut out = String::new();
        meters.tell(&mut out);
        assert!(out.contains("docent_requests_total{route=\"/health\",method=\"GET\",status=\"200\"} 3\n"), "{out}");
        assert!(out.contains("docent_stage_seconds_bucket{stage=\"search\",le=\"0.005\"} 1\n"), "{out}");
        for line in out.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok() && name.starts_with("docent_"), "{line}");
        }
        assert_eq!(meters.latencies()["search"]["count"], 1);
    }
}
